"""LogPool: the weighted product of the modalities' probabilities, weights by maximum likelihood."""

from __future__ import annotations

from numbers import Real

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.utils._param_validation import Interval

from mmclassic.fusion._head import FusionHead
from mmclassic.fusion._patterns import Pattern, patterns_to_fit, pool_by_pattern, rows_with
from mmclassic.fusion._scores import log_scores, present


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
    logits = np.einsum("nmk,m->nk", log_scores(scores), weights)
    return softmax(logits if intercepts is None else logits + intercepts, axis=1)


def fit_log_pool(
    logs: np.ndarray,
    y: np.ndarray,
    sample_weight: np.ndarray,
    centre: tuple[np.ndarray, np.ndarray],
    l2: float,
    intercepts: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Weights and intercepts with the least log-loss plus ``l2`` × squared distance to a centre.

    The problem is convex; it is solved by L-BFGS-B with the analytic gradient and w ≥ 0.

    Parameters
    ----------
    logs : ndarray of shape (n_samples, n_modalities, n_classes)
        Logarithms of the scores.
    y : ndarray of shape (n_samples,), int
    sample_weight : ndarray of shape (n_samples,)
    centre : (ndarray of shape (n_modalities,), ndarray of shape (n_classes,))
        Weights and intercepts to shrink towards.
    l2 : float
    intercepts : bool, default=True
        False keeps the intercepts at the centre.

    Returns
    -------
    weights : ndarray of shape (n_modalities,)
    intercepts : ndarray of shape (n_classes,)
    """
    n_modalities = logs.shape[1]
    rows = np.arange(len(y))
    share = sample_weight / sample_weight.sum()
    start = np.concatenate(centre)

    def loss(point):
        logits = np.einsum("nmk,m->nk", logs, point[:n_modalities]) + point[n_modalities:]
        log_proba = log_softmax(logits, axis=1)
        residual = np.exp(log_proba)
        residual[rows, y] -= 1
        residual *= share[:, None]
        shift = point - start
        gradient = np.concatenate([np.einsum("nmk,nk->m", logs, residual), residual.sum(axis=0)])
        return -share @ log_proba[rows, y] + l2 * shift @ shift, gradient + 2 * l2 * shift

    free = (None, None)
    bounds: list = [(0, None)] * n_modalities
    bounds += [free if intercepts else (b, b) for b in centre[1]]
    point = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return point[:n_modalities], point[n_modalities:]


class LogPool(FusionHead):
    """Logarithmic opinion pool, p(k) ∝ exp(b_k + Σ_m w_m log p_m(k)), weights learned by log-loss.

    A weight is an inverse temperature, so the pool calibrates by itself; intercepts correct the
    prior that every modality brings again. For each pattern of missing modalities the rule is
    fitted anew, from the same table, on all rows that have at least those modalities.

    Parameters
    ----------
    intercepts : bool, default=True
        Whether each class gets an intercept.
    l2 : float, default=0.01
        Strength of the pull towards equal weights 1 / n_modalities and no intercepts, beside
        the mean log-loss.

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

    def _fit(self, scores, y, sample_weight):
        available = present(scores)
        sample_weight = np.ones(len(y)) if sample_weight is None else sample_weight
        logs = np.where(available[:, :, None], log_scores(scores), 0.0)
        self._fit_common_rule(logs, available, y, sample_weight)
        patterns = patterns_to_fit(available)
        rules = [self._fit_rule(p, logs, available, y, sample_weight) for p in patterns]
        self.patterns_ = np.array(patterns, dtype=bool)
        self.pattern_weights_ = np.array([weights for weights, _ in rules])
        self.pattern_intercepts_ = np.array([intercepts for _, intercepts in rules])
        self.weights_, self.intercepts_ = self._rule((True,) * scores.shape[1])

    def _fit_common_rule(self, logs, available, y, sample_weight):
        """One rule from all rows, whatever they have: those with few modalities weigh them up."""
        n_modalities, n_classes = logs.shape[1:]
        usable = available.any(axis=1)
        centre = np.full(n_modalities, 1 / n_modalities), np.zeros(n_classes)
        if usable.any() and sample_weight[usable].sum() > 0:
            scale = n_modalities / available[usable].sum(axis=1)
            logs = logs[usable] * scale[:, None, None]
            centre = fit_log_pool(
                logs, y[usable], sample_weight[usable], centre, self.l2, self.intercepts
            )
        self.common_weights_, self.common_intercepts_ = centre

    def _common_rule(self, pattern: Pattern):
        scale = len(pattern) / sum(pattern)
        return self.common_weights_ * np.array(pattern) * scale, self.common_intercepts_

    def _fit_rule(self, pattern: Pattern, logs, available, y, sample_weight):
        """The rule of one pattern, pulled the more to the common rule the fewer rows it has."""
        weights, intercepts = self._common_rule(pattern)
        rows = rows_with(available, pattern)
        share = sample_weight[rows].sum() / sample_weight.sum()
        if share == 0 or (available.all() and all(pattern)):
            return weights, intercepts
        members = np.array(pattern)
        if available.all():
            # No row lacks anything: the common rule says nothing of this pattern.
            weights = members / members.sum()
            intercepts = np.zeros_like(intercepts)
        weights = weights.copy()
        weights[members], intercepts = fit_log_pool(
            logs[rows][:, members],
            y[rows],
            sample_weight[rows],
            (weights[members], intercepts),
            self.l2 / share,
            self.intercepts,
        )
        return weights, intercepts

    def _rule(self, pattern: Pattern):
        """Weights and intercepts for the rows of one pattern."""
        known = np.flatnonzero((self.patterns_ == pattern).all(axis=1))
        if not len(known):
            return self._common_rule(pattern)
        return self.pattern_weights_[known[0]], self.pattern_intercepts_[known[0]]

    def _pool(self, scores):
        def pool(part, pattern):
            weights, intercepts = self._rule(pattern)
            if not weights.any():
                return np.nan
            return pool_log(part, weights[np.array(pattern)], intercepts)

        return pool_by_pattern(scores, present(scores), pool)
