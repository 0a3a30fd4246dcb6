"""How well confidence tracks accuracy, in bins of equally many rows."""

from __future__ import annotations

import numpy as np
from sklearn.calibration import calibration_curve

from mmclassic.inspection._labels import codes_of
from mmclassic.inspection._selective import _checked


def reliability_curve(y, probabilities, *, classes=None, n_bins=10):
    """Accuracy against confidence of the predicted class, by scikit-learn's calibration_curve.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
    probabilities : array-like of shape (n_samples, n_classes)
        Before or after the fusion, or a calibration: call it for each and compare.
    classes : array-like of shape (n_classes,), default=None
        Labels of the columns. None: y holds positions 0 … n_classes - 1.
    n_bins : int, default=10
        Bins of equally many rows; fewer where confidences are equal.

    Returns
    -------
    frame : pandas.DataFrame
        One row for each bin that has rows: ``confidence`` (mean), ``accuracy``, ``n_rows``. A
        calibrated model has the same in both.

    Raises
    ------
    ValueError
        If lengths differ, or y has other labels.

    See Also
    --------
    sklearn.calibration.CalibratedClassifierCV : Around ``FrozenEstimator(model)`` it calibrates a
        fitted fusion on held-out rows.

    Examples
    --------
    >>> from mmclassic import reliability_curve
    >>> probabilities = [[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]]
    >>> reliability_curve([0, 0, 1, 0], probabilities, n_bins=2)
       confidence  accuracy  n_rows
    0         0.6       0.5       2
    1         0.9       1.0       2
    """
    import pandas as pd

    probabilities = _checked(probabilities)
    codes = codes_of(y, np.arange(probabilities.shape[1]) if classes is None else classes)
    if len(codes) != len(probabilities):
        raise ValueError(f"y has {len(codes)} labels for {len(probabilities)} rows.")
    confidence = np.minimum(probabilities.max(axis=1), 1.0)
    right = probabilities.argmax(axis=1) == codes
    # Some bins come without rows where many rows are equally sure; scikit-learn leaves them out.
    accuracy, mean = calibration_curve(
        right, confidence, n_bins=n_bins, strategy="quantile", pos_label=True
    )
    edges = np.percentile(confidence, np.linspace(0, 1, n_bins + 1) * 100)
    counts = np.bincount(np.searchsorted(edges[1:-1], confidence), minlength=n_bins)
    return pd.DataFrame({"confidence": mean, "accuracy": accuracy, "n_rows": counts[counts > 0]})
