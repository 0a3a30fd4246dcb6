"""Heads as one matrix product on scores or on their logarithms, one rule for each pattern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from mmclassic.fusion._log_pool import LogPool
from mmclassic.fusion._patterns import Pattern
from mmclassic.fusion._scores import FLOOR
from mmclassic.fusion._stacking import Stacking
from mmclassic.fusion._voting import Voting
from mmclassic.fusion._weighted_sum import WeightedSum


def softmax_in_place(values: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, in the memory of the argument.

    Examples
    --------
    >>> softmax_in_place(np.log([[0.2, 0.6]])).round(2)
    array([[0.25, 0.75]])
    """
    values -= np.maximum.reduce(values, axis=-1, keepdims=True)
    np.exp(values, out=values)
    values /= np.add.reduce(values, axis=-1, keepdims=True)
    return values


@dataclass(frozen=True)
class Rule:
    """Fused probabilities of rows that have the same modalities.

    Attributes
    ----------
    matrix : ndarray of shape (n_present * n_classes, n_classes)
    bias : ndarray of shape (n_classes,)
    floors : ndarray of shape (n_present, 1), or None
        What scores are raised to before the logarithm; None for a rule on the scores themselves.
    """

    matrix: np.ndarray
    bias: np.ndarray
    floors: np.ndarray | None

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Fuse scores of shape (n_samples, n_present, n_classes)."""
        flat = len(scores), len(self.matrix)
        if self.floors is None:
            return scores.reshape(flat) @ self.matrix + self.bias
        logs = np.maximum(scores, self.floors)
        np.log(logs, out=logs)
        values = logs.reshape(flat) @ self.matrix
        values += self.bias
        return softmax_in_place(values)


def rule_of(head: Any, pattern: Pattern) -> Rule | None:
    """The rule of a fitted head for rows with one pattern of modalities; None if it has none.

    Parameters
    ----------
    head : FusionHead
    pattern : tuple of bool
        At least one is True.

    Examples
    --------
    >>> scores = np.array([[[0.8, 0.2], [0.6, 0.4]]])
    >>> rule_of(WeightedSum(weights=[3, 1]).fit(scores, [0]), (True, True))(scores)
    array([[0.75, 0.25]])
    """
    find = _RULES.get(type(head))
    return None if find is None else find(head, pattern)


def _log_pool_rule(head: Any, pattern: Pattern) -> Rule:
    weights, intercepts = head._rule(pattern)
    if not weights.any():
        return _prior_rule(head, pattern)
    kept = np.array(pattern)
    n_classes = len(head.classes_)
    return Rule(
        _spread(weights[kept], n_classes), intercepts, _floors(head.floors_[kept], n_classes)
    )


def _weighted_sum_rule(head: Any, pattern: Pattern) -> Rule:
    known = np.flatnonzero((head.patterns_ == pattern).all(axis=1))
    weights = head.pattern_weights_[known[0]] if len(known) else head.weights_
    return _mean_rule(head, pattern, weights[np.array(pattern)])


def _voting_rule(head: Any, pattern: Pattern) -> Rule | None:
    return _mean_rule(head, pattern, np.ones(sum(pattern))) if head.rule == "soft" else None


def _stacking_rule(head: Any, pattern: Pattern) -> Rule | None:
    n_classes = len(head.classes_)
    known = np.flatnonzero((head.patterns_ == pattern).all(axis=1))
    if not len(known):
        return _mean_rule(head, pattern, np.ones(sum(pattern)))
    final = head.estimators_[known[0]]
    is_linear = type(final) is LogisticRegression and head.logarithms
    if not is_linear or len(final.classes_) != n_classes:
        return None
    matrix, bias = final.coef_.T, final.intercept_
    if n_classes == 2:
        matrix, bias = np.hstack([0 * matrix, matrix]), np.array([0.0, bias[0]])
    return Rule(matrix, bias, _floors(np.full(sum(pattern), FLOOR), n_classes))


def _mean_rule(head: Any, pattern: Pattern, weights: np.ndarray) -> Rule:
    total = weights.sum()
    if not total > 0:
        return _prior_rule(head, pattern)
    n_classes = len(head.classes_)
    return Rule(_spread(weights / total, n_classes), np.zeros(n_classes), None)


def _prior_rule(head: Any, pattern: Pattern) -> Rule:
    """Where nothing that is present has a weight, the class prior."""
    zeros = np.zeros(sum(pattern))
    return Rule(_spread(zeros, len(head.classes_)), head.class_prior_, None)


def _spread(weights: np.ndarray, n_classes: int) -> np.ndarray:
    """One weight per modality as a matrix: every class hears its own scores only."""
    return np.kron(weights[:, None], np.eye(n_classes))


def _floors(floors: np.ndarray, n_classes: int) -> np.ndarray:
    return floors[:, None] / n_classes


_RULES: dict[type, Callable[[Any, Pattern], Rule | None]] = {
    LogPool: _log_pool_rule,
    WeightedSum: _weighted_sum_rule,
    Voting: _voting_rule,
    Stacking: _stacking_rule,
}
