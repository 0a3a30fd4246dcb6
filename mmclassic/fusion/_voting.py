"""Voting: fixed rules that combine the modalities' probabilities or their votes."""

from __future__ import annotations

import numpy as np
from scipy.special import entr
from sklearn.utils._param_validation import StrOptions

from mmclassic.fusion._head import FusionHead
from mmclassic.fusion._scores import log_scores, present

# An entropy in nats below which one modality is not surer than another.
MOST_CERTAIN = 1e-6


def vote(scores: np.ndarray, rule: str, prior: np.ndarray) -> np.ndarray:
    """Combine score tables by a fixed rule; rows need not sum to one.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
        NaN across a modality that a row does not have.
    rule : {"soft", "hard", "max", "min", "median", "product", "entropy"}
    prior : ndarray of shape (n_classes,)
        For the product rule, which divides out the prior that each modality brings again.

    Returns
    -------
    pooled : ndarray of shape (n_samples, n_classes)
        Zeros for rows that have no modality.

    Examples
    --------
    >>> scores = np.array([[[0.8, 0.2], [0.4, 0.6]]])
    >>> vote(scores, "max", np.array([0.5, 0.5]))
    array([[0.8, 0.6]])
    >>> vote(scores, "hard", np.array([0.5, 0.5]))
    array([[0.5, 0.5]])
    """
    available = present(scores)
    there = available[:, :, None]
    if rule == "max":
        return np.where(there, scores, 0).max(axis=1)
    if rule == "min":
        return np.where(there, scores, 1).min(axis=1) * available.any(axis=1, keepdims=True)
    if rule == "median":
        return _median(scores, available)
    if rule == "product":
        return _product(scores, available, prior)
    if rule == "hard":
        winners = np.nan_to_num(scores).argmax(axis=2)
        scores = np.eye(scores.shape[2])[winners]
    # Both are 0 where a modality is absent.
    weights = _inverse_entropies(scores) if rule == "entropy" else available.astype(np.float64)
    total = np.maximum(weights.sum(axis=1), MOST_CERTAIN)[:, None]
    return (np.nan_to_num(scores) * weights[:, :, None]).sum(axis=1) / total


def _inverse_entropies(scores: np.ndarray) -> np.ndarray:
    """How sure each modality is of each row, (n_samples, n_modalities); 0 where it is absent."""
    entropies = np.nan_to_num(entr(scores).sum(axis=2), nan=np.inf)
    return 1 / np.maximum(entropies, MOST_CERTAIN)


def _median(scores: np.ndarray, available: np.ndarray) -> np.ndarray:
    pooled = np.zeros((scores.shape[0], scores.shape[2]))
    rows = available.any(axis=1)
    pooled[rows] = np.nanmedian(scores[rows], axis=1)
    return pooled


def _product(scores: np.ndarray, available: np.ndarray, prior: np.ndarray) -> np.ndarray:
    logs = np.where(available[:, :, None], log_scores(scores), 0).sum(axis=1)
    log_prior = log_scores(prior[None, None, :])[0, 0]
    logs -= np.maximum(available.sum(axis=1) - 1, 0)[:, None] * log_prior
    return np.exp(logs - logs.max(axis=1, keepdims=True)) * available.any(axis=1, keepdims=True)


class Voting(FusionHead):
    """Fixed combination rules: votes, mean, maximum, minimum, median, product, inverse entropy.

    The max, min, product and entropy rules take the modalities' confidence at its word, so they
    want calibrated probabilities.

    Parameters
    ----------
    rule : {"soft", "hard", "max", "min", "median", "product", "entropy"}, default="soft"
        "soft" is the mean; "hard" gives the share of votes as probabilities; "product" is
        p(k) ∝ P(k)^(1 - R) Π_m p_m(k) over the R modalities that a row has; "entropy" is the mean
        with weights 1 / H(p_m), the inverse entropy of each modality's probabilities.

    Attributes
    ----------
    class_prior_ : ndarray of shape (n_classes,)
    modality_names_ : list of str
    classes_ : ndarray of shape (n_classes,), int

    See Also
    --------
    WeightedSum : The mean with weights.

    References
    ----------
    J. Kittler, M. Hatef, R. Duin, J. Matas: On combining classifiers. IEEE TPAMI 20(3), 1998.

    H. Misra, H. Bourlard, V. Tyagi: New entropy based combination rules in HMM/ANN multi-stream
    ASR. ICASSP 2003 (inverse entropy).

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic import Voting
    >>> scores = np.array([[[0.9, 0.1], [0.4, 0.6], [0.4, 0.6]]])
    >>> Voting(rule="hard").fit(scores, [0]).predict(scores)
    array([1])
    >>> Voting(rule="soft").fit(scores, [0]).predict(scores)
    array([0])
    """

    _parameter_constraints: dict = {
        "rule": [StrOptions({"soft", "hard", "max", "min", "median", "product", "entropy"})]
    }

    _learns_from_scores = False

    def __init__(self, *, rule="soft"):
        self.rule = rule

    def _fit(self, scores, y, sample_weight):
        """Nothing to learn beside the class prior."""

    def _pool(self, scores):
        return vote(scores, self.rule, self.class_prior_)
