"""WeightedSum: the linear opinion pool."""

from __future__ import annotations

import numpy as np

from mmclassic.fusion._head import FusionHead
from mmclassic.fusion._scores import present
from mmclassic.fusion._weights import check_weights


def pool_linear(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Σ_m w_m p_m over the modalities that a row has, their weights scaled to sum to one.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
        NaN across a modality that a row does not have.
    weights : ndarray of shape (n_modalities,)

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)
        Zeros where all present weights are zero.

    Examples
    --------
    >>> pool_linear(np.array([[[0.8, 0.2], [0.6, 0.4]]]), np.array([0.5, 0.5]))
    array([[0.7, 0.3]])
    """
    share = present(scores) * weights
    total = share.sum(axis=1, keepdims=True)
    share = share / np.where(total > 0, total, 1)
    return np.einsum("nmk,nm->nk", np.nan_to_num(scores), share)


class WeightedSum(FusionHead):
    """Linear opinion pool, p(k) = Σ_m w_m p_m(k).

    Where a row lacks modalities, the weights of the others are scaled to sum to one.

    Parameters
    ----------
    weights : None, array-like of shape (n_modalities,) or dict, default=None
        One weight per modality, by position or by name; scaled to sum to one. None means equal.

    Attributes
    ----------
    weights_ : ndarray of shape (n_modalities,)
    class_prior_ : ndarray of shape (n_classes,)
    modality_names_ : list of str
    classes_ : ndarray of shape (n_classes,), int

    See Also
    --------
    simplex_grid : Weights for ``GridSearchCV(WeightedSum(), {"weights": simplex_grid(3)})``.
    LogPool : The logarithmic pool, with learned weights.

    References
    ----------
    M. Stone: The opinion pool. Annals of Mathematical Statistics 32, 1961.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic import WeightedSum
    >>> scores = np.array([[[0.8, 0.2], [0.6, 0.4]]])
    >>> WeightedSum(weights=[3, 1]).fit(scores, [0]).predict_proba(scores)
    array([[0.75, 0.25]])
    """

    _parameter_constraints: dict = {"weights": ["array-like", dict, None]}

    _learns_from_scores = False

    def __init__(self, weights=None):
        self.weights = weights

    def _fit(self, scores, y, sample_weight):
        self.weights_ = check_weights(self.weights, self.modality_names_)

    def _pool(self, scores):
        return pool_linear(scores, self.weights_)
