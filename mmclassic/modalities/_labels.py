"""Labels: checked before anything is decoded, and encoded 0 … K - 1."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight

from mmclassic._cells import missing_mask, object_column


def encode_labels(y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Classes in sorted order, and the position of each label among them.

    Parameters
    ----------
    y : array-like of shape (n_samples,)

    Returns
    -------
    classes : ndarray of shape (n_classes,)
    codes : ndarray of shape (n_samples,), int

    Raises
    ------
    ValueError
        Naming the rows, if labels are missing, of mixed types, or all the same.

    Examples
    --------
    >>> encode_labels(["no", "yes", "no"])
    (array(['no', 'yes'], dtype='<U3'), array([0, 1, 0]))
    """
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    # As objects: arrays of text would turn a missing label into the text "nan".
    if isinstance(y, list | tuple) or hasattr(y, "to_list"):
        y = object_column(y.to_list() if hasattr(y, "to_list") else y)
    labels = column_or_1d(y, warn=True)
    if not len(labels):
        raise ValueError("y holds no labels: a classifier needs rows of at least two classes.")
    if labels.dtype.kind in "OUf":
        _refuse_missing(labels)
    if labels.dtype.kind == "f" and np.isinf(labels).any():
        raise ValueError(
            f"Input y contains infinity, first in row {int(np.isinf(labels).argmax())}."
        )
    if labels.dtype.kind == "O":
        _refuse_mixed(labels)
        # scikit-learn takes no objects that are numbers, as a column of a frame may hold them.
        labels = labels.astype(str) if isinstance(labels[0], str) else np.array(labels.tolist())
    check_classification_targets(labels)
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"A classifier needs at least two classes; y holds one class only: "
            f"{classes.tolist()[0]!r}."
        )
    return classes, codes


def checksum_of(codes: np.ndarray) -> int:
    """A number that tells encoded labels, in their order, from others.

    Examples
    --------
    >>> checksum_of(np.array([0, 1, 1])) == checksum_of(np.array([1, 0, 1]))
    False
    """
    return crc32(np.asarray(codes, dtype=np.int64).tobytes())


def check_groups(groups: Any) -> np.ndarray:
    """Groups as an array of shape (n_samples,), none missing.

    Raises
    ------
    ValueError
        Naming the rows without a group: together they would be one group.

    Examples
    --------
    >>> check_groups(["ann", "bob", "ann"])
    array(['ann', 'bob', 'ann'], dtype='<U3')
    """
    cells = groups.to_list() if hasattr(groups, "to_list") else np.asarray(groups, dtype=object)
    rows = np.flatnonzero(missing_mask(list(cells)))
    if len(rows):
        raise ValueError(
            f"groups is missing in {len(rows)} rows, the first: {rows[:10].tolist()}. Give each "
            "row a group, or leave these rows out."
        )
    values = np.asarray(groups if not hasattr(groups, "to_list") else list(cells))
    return values.astype(str) if values.dtype.kind == "O" else values


def check_weight(sample_weight: Any, n_samples: int) -> np.ndarray | None:
    """Sample weights as float64 of shape (n_samples,), not negative and not all zero."""
    if sample_weight is None:
        return None
    weight = _check_sample_weight(
        sample_weight, np.empty((n_samples, 1)), dtype=np.float64, ensure_non_negative=True
    )
    if not weight.any():
        raise ValueError("All sample weights are zero.")
    return weight


def _refuse_missing(labels: np.ndarray) -> None:
    rows = np.flatnonzero(missing_mask(labels.tolist()))
    if len(rows):
        raise ValueError(
            f"y is missing (NaN, None or blank) in {len(rows)} rows, the first: "
            f"{rows[:10].tolist()}. Leave these rows out, or give them a label."
        )


def _refuse_mixed(labels: np.ndarray) -> None:
    is_text = np.array([isinstance(label, str) for label in labels])
    if is_text.any() and not is_text.all():
        first: dict[str, str] = {}
        for row, label in enumerate(labels.tolist()):
            kind = type(label).__name__
            first.setdefault(kind, f"row {row} holds {label!r} ({kind})")
        raise ValueError(
            f"y mixes text and other types: {', '.join(first.values())}. Convert all labels to one "
            "type."
        )
