"""Log-loss of a head over all classes, for searches over heads."""

from __future__ import annotations

import numpy as np


def negative_log_loss(head, scores, y) -> float:
    """Scorer: minus the mean log-loss, also where a fold lacks a class.

    Parameters
    ----------
    head : fitted head
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
    y : ndarray of shape (n_samples,), int
        Encoded 0 … n_classes - 1.

    Returns
    -------
    score : float

    Examples
    --------
    >>> from mmclassic.fusion import WeightedSum
    >>> scores = np.array([[[0.5, 0.5]], [[0.5, 0.5]]])
    >>> round(negative_log_loss(WeightedSum().fit(scores, [0, 1]), scores, np.array([0, 1])), 3)
    -0.693
    """
    own = head.predict_proba(scores)[np.arange(len(y)), y]
    return float(np.log(np.maximum(own, np.finfo(np.float64).eps)).mean())
