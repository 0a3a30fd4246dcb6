"""Class probabilities of a model that did not see every class."""

from __future__ import annotations

import numpy as np


def align_classes(probabilities: np.ndarray, seen: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Columns for all classes; an unseen class gets its prior, then rows sum to one.

    A zero would be a veto in the logarithmic and the product pool.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_seen)
    seen : ndarray of shape (n_seen,), int
        Position of each column among all classes.
    prior : ndarray of shape (n_classes,)
        Share of each class in the training rows.

    Returns
    -------
    aligned : ndarray of shape (n_samples, n_classes), float64

    Examples
    --------
    >>> align_classes(np.array([[0.5, 0.5]]), np.array([0, 2]), np.array([0.5, 0.25, 0.25]))
    array([[0.4, 0.2, 0.4]])
    """
    aligned = np.tile(np.asarray(prior, dtype=np.float64), (len(probabilities), 1))
    aligned[:, seen] = probabilities
    return aligned / aligned.sum(axis=1, keepdims=True)
