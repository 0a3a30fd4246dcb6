"""LogPool: the weighted product of the modalities' probabilities, weights by maximum likelihood."""

from __future__ import annotations

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval

from mmclassic.fusion._log_rule import LogRuleHead, pool_terms
from mmclassic.fusion._scores import log_scores


def pool_log(
    scores: np.ndarray, weights: np.ndarray, intercepts: np.ndarray | None = None
) -> np.ndarray:
    """p(k) ∝ exp(b_k + Σ_m w_m log p_m(k)).

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
        Without NaN.
    weights : ndarray of shape (n_modalities,)
    intercepts : ndarray of shape (n_classes,), optional

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)

    Examples
    --------
    >>> pool_log(np.array([[[0.8, 0.2], [0.5, 0.5]]]), np.array([1.0, 1.0]))
    array([[0.8, 0.2]])
    """
    zeros = np.zeros(scores.shape[2])
    return pool_terms(log_scores(scores), weights, zeros if intercepts is None else intercepts)


class LogPool(LogRuleHead):
    """Logarithmic opinion pool, p(k) ∝ exp(b_k + Σ_m w_m log p_m(k)), weights learned by log-loss.

    A weight is an inverse temperature, so the pool calibrates by itself; intercepts correct the
    prior that every modality brings again. For each pattern of missing modalities the rule is
    fitted anew, from the same table, on all rows that have at least those modalities.

    Parameters
    ----------
    intercepts : bool, default=True
        Whether each class gets an intercept.
    l2 : float, default=0.01
        Strength of the pull towards equal weights and no intercepts, beside the mean log-loss.
        Equal means 1 / n_modalities, and for an overconfident modality that divided by its
        temperature.

    Attributes
    ----------
    weights_ : ndarray of shape (n_modalities,)
        Weights of the rule for rows that have all modalities.
    intercepts_ : ndarray of shape (n_classes,)
    patterns_ : ndarray of shape (n_patterns, n_modalities), bool
        Which modalities are present, for each pattern that has a rule.
    pattern_weights_ : ndarray of shape (n_patterns, n_modalities)
        Weights of each rule, zero where the modality is absent.
    pattern_intercepts_ : ndarray of shape (n_patterns, n_classes)
    common_weights_, common_intercepts_ : ndarray
        The rule fitted on all rows at once, for patterns without a rule of their own.
    floors_ : ndarray of shape (n_modalities,)
        What a modality's probabilities, times n_classes, are raised to before the logarithm, so
        that one confident mistake is no veto: 1e-3, or another where its own log-loss gains 2 %.
    class_prior_ : ndarray of shape (n_classes,)
    modality_names_ : list of str
    classes_ : ndarray of shape (n_classes,), int

    See Also
    --------
    WeightedSum : The linear pool.
    Stacking : Any classifier on the scores.

    References
    ----------
    T. Heskes: Selecting weighting factors in logarithmic opinion pools. NIPS 1997.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic import LogPool
    >>> good, noise = [[0.9, 0.1], [0.2, 0.8]] * 20, [[0.4, 0.6], [0.4, 0.6]] * 20
    >>> head = LogPool().fit(np.stack([good, noise], axis=1), [0, 1] * 20)
    >>> bool(head.weights_[0] > head.weights_[1])
    True
    """

    _parameter_constraints: dict = {
        "intercepts": ["boolean"],
        "l2": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, *, intercepts=True, l2=0.01):
        self.intercepts = intercepts
        self.l2 = l2

    def _terms(self, scores, logs):
        return logs

    def _centre(self, n_modalities):
        return np.full(n_modalities, 1 / n_modalities)
