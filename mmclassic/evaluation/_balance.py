"""How even the classes are, in words."""

from __future__ import annotations

import numpy as np

# Above this share of the largest class and the smallest, classes are called uneven.
UNEVEN = 10.0


def class_balance(y: np.ndarray, classes: np.ndarray) -> tuple:
    """Check, modality (None), rows of the smallest class, severity, and words.

    Parameters
    ----------
    y : ndarray of int of shape (n_rows,)
    classes : ndarray of shape (n_classes,)

    Examples
    --------
    >>> class_balance(np.array([0, 0, 1]), np.array(["no", "yes"]))[2:]
    (1, 'note', 'From 1 rows (yes) to 2 (no).')
    """
    counts = np.bincount(y, minlength=len(classes))
    small, large = int(counts.argmin()), int(counts.argmax())
    if counts[small] == counts[large]:
        return "class balance", None, 0, "ok", f"Every class has {counts[small]:,} rows."
    uneven = counts[large] > UNEVEN * counts[small]
    detail = (
        f"From {counts[small]:,} rows ({classes[small]}) to {counts[large]:,} ({classes[large]})."
    )
    if uneven:
        detail += " Read balanced accuracy beside accuracy."
    return "class balance", None, int(counts[small]), "warning" if uneven else "note", detail
