"""Rules linear in log-probabilities: the convex fit, and one rule per pattern of modalities."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion._head import FusionHead
from mmclassic.fusion._log_scale import fit_log_scale
from mmclassic.fusion._patterns import (
    Pattern,
    patterns_to_fit,
    pool_by_pattern,
    rows_by_pattern,
    rows_with,
)
from mmclassic.fusion._scores import check_scores, log_scores, present


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


def weigh(terms: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Σ_m w_m t_m, shape (n_samples, n_classes): long loops, where einsum has short ones.

    Examples
    --------
    >>> weigh(np.array([[[1.0, 2.0], [3.0, 4.0]]]), np.array([1.0, 0.5]))
    array([[2.5, 4. ]])
    """
    total = terms[:, 0] * weights[0]
    for index in range(1, len(weights)):
        total += terms[:, index] * weights[index]
    return total


def pool_terms(terms: np.ndarray, weights: np.ndarray, intercepts: np.ndarray) -> np.ndarray:
    """p(k) ∝ exp(b_k + Σ_m w_m t_mk), shape (n_samples, n_classes).

    Examples
    --------
    >>> pool_terms(np.log([[[0.8, 0.2]]]), np.array([1.0]), np.zeros(2))
    array([[0.8, 0.2]])
    """
    return softmax(weigh(terms, weights) + intercepts, axis=1)


class LogRuleHead(FusionHead):
    """A head whose rule is linear in terms made of log-probabilities, some for each modality.

    For each pattern of missing modalities the rule is fitted anew, from the same table, on all rows
    that have at least those modalities. Subclasses have the parameters ``intercepts`` and ``l2``.
    """

    # Terms of one modality.
    _n_terms = 1

    def _terms(self, scores: np.ndarray, logs: np.ndarray) -> np.ndarray:
        """What is weighed, (n_samples, n_modalities * n_terms, n_classes); NaN where absent.

        ``logs`` are the logarithms of ``scores``.
        """
        raise NotImplementedError

    def _centre(self, n_modalities: int) -> np.ndarray:
        """Weights that the fit is pulled to, shape (n_modalities * n_terms,)."""
        raise NotImplementedError

    def _fit(self, scores, y, sample_weight):
        available = present(scores)
        sample_weight = np.ones(len(y)) if sample_weight is None else sample_weight
        self.floors_, temperatures = fit_log_scale(scores, y, sample_weight)
        # The fit sees overconfident modalities at their temperatures; the weights, in the end,
        # are for the logarithms as they are.
        scale = np.repeat(temperatures, self._n_terms)
        terms = np.nan_to_num(self._terms(scores, log_scores(scores, self.floors_)))
        terms /= scale[:, None]
        self._fit_common_rule(terms, available, y, sample_weight)
        patterns = patterns_to_fit(available)
        rules = [self._fit_rule(p, terms, available, y, sample_weight) for p in patterns]
        self.patterns_ = np.array(patterns, dtype=bool)
        self.pattern_weights_ = np.array([weights for weights, _ in rules]) / scale
        self.common_weights_ = self.common_weights_ / scale
        self.pattern_intercepts_ = np.array([intercepts for _, intercepts in rules])
        self.weights_, self.intercepts_ = self._rule((True,) * scores.shape[1])

    def _fit_common_rule(self, terms, available, y, sample_weight):
        """One rule from all rows, whatever they have: those with few modalities weigh them up."""
        n_modalities = available.shape[1]
        usable = available.any(axis=1)
        centre = self._centre(n_modalities), np.zeros(terms.shape[2])
        if usable.any() and sample_weight[usable].sum() > 0:
            scale = n_modalities / available[usable].sum(axis=1)
            terms = terms[usable] * scale[:, None, None]
            centre = fit_log_pool(
                terms, y[usable], sample_weight[usable], centre, self.l2, self.intercepts
            )
        self.common_weights_, self.common_intercepts_ = centre

    def _members(self, pattern: Pattern) -> np.ndarray:
        """Which terms belong to the modalities of a pattern."""
        return np.repeat(np.array(pattern), self._n_terms)

    def _common_rule(self, pattern: Pattern):
        scale = len(pattern) / sum(pattern)
        return self.common_weights_ * self._members(pattern) * scale, self.common_intercepts_

    def _fit_rule(self, pattern: Pattern, terms, available, y, sample_weight):
        """The rule of one pattern, pulled the more to the common rule the fewer rows it has."""
        weights, intercepts = self._common_rule(pattern)
        rows = rows_with(available, pattern)
        share = sample_weight[rows].sum() / sample_weight.sum()
        if share == 0 or (available.all() and all(pattern)):
            return weights, intercepts
        members = self._members(pattern)
        centre = weights[members], intercepts
        if available.all():
            # No row lacks anything: the common rule says nothing of this pattern.
            centre = self._centre(sum(pattern)), np.zeros_like(intercepts)
        weights = np.zeros_like(weights)
        weights[members], intercepts = fit_log_pool(
            terms[rows][:, members],
            y[rows],
            sample_weight[rows],
            centre,
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
            members = self._members(pattern)
            logs = log_scores(part, self.floors_[np.array(pattern)])
            return pool_terms(self._terms(part, logs), weights[members], intercepts)

        return pool_by_pattern(scores, present(scores), pool)

    def contributions(self, scores):
        """The summands of each row's log-probabilities: one for each modality and an intercept.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, n_classes)

        Returns
        -------
        parts : ndarray of shape (n_samples, n_modalities + 1, n_classes)
            The softmax of their sum is ``predict_proba(scores)``. Each part has the mean 0 over the
            classes. The last is the intercept: the log of the prior for rows that have nothing.
        """
        check_is_fitted(self)
        scores = check_scores(scores, n_modalities=len(self.modality_names_))
        parts = np.zeros((len(scores), scores.shape[1] + 1, scores.shape[2]))
        for pattern, rows in rows_by_pattern(present(scores)):
            weights, intercepts = self._rule(pattern) if any(pattern) else (np.zeros(1), None)
            if not weights.any():
                prior = np.maximum(self.class_prior_, np.finfo(np.float64).tiny)
                parts[rows, -1] = np.log(prior)
                continue
            there = np.flatnonzero(pattern)
            part = scores[np.ix_(rows, there)]
            terms = self._terms(part, log_scores(part, self.floors_[there]))
            terms = terms * weights[self._members(pattern)][:, None]
            parts[np.ix_(rows, there)] = terms.reshape(
                len(rows), len(there), self._n_terms, -1
            ).sum(axis=2)
            parts[rows, -1] = intercepts
        return parts - parts.mean(axis=2, keepdims=True)
