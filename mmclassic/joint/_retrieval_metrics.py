"""How good a ranking is: recall at k, mean reciprocal rank, mean average precision."""

from __future__ import annotations

from typing import Any

import numpy as np


def recall_at_k(scores: Any, relevant: Any, k: int) -> float:
    """Share of the queries that have a relevant item among the k best.

    The usual measure of cross-modal retrieval, where each query has one partner.

    Parameters
    ----------
    scores : array-like of shape (n_queries, n_items)
        The larger, the more similar. Of equal scores a relevant item is taken for the last.
    relevant : array-like of shape (n_queries, n_items), bool
        Queries without a relevant item are left out.
    k : int
        At least 1.

    Returns
    -------
    recall : float

    Raises
    ------
    ValueError
        If shapes differ, a score is NaN, k is below 1, or no query has a relevant item.

    Examples
    --------
    >>> from mmclassic import recall_at_k
    >>> recall_at_k([[0.9, 0.1, 0.5], [0.2, 0.3, 0.4]], [[0, 0, 1], [0, 0, 1]], k=1)
    0.5
    """
    if k < 1:
        raise ValueError(f"k must be 1 or more, got {k!r}.")
    return mean_over_queries(best_ranks(*_check(scores, relevant)) <= k, relevant)


def mean_reciprocal_rank(scores: Any, relevant: Any) -> float:
    """Mean over the queries of 1 / rank of the first relevant item.

    Parameters
    ----------
    scores : array-like of shape (n_queries, n_items)
        The larger, the more similar. Of equal scores a relevant item is taken for the last.
    relevant : array-like of shape (n_queries, n_items), bool
        Queries without a relevant item are left out.

    Returns
    -------
    mrr : float

    Raises
    ------
    ValueError
        If shapes differ, a score is NaN, or no query has a relevant item.

    Examples
    --------
    >>> from mmclassic import mean_reciprocal_rank
    >>> mean_reciprocal_rank([[0.9, 0.1, 0.5], [0.2, 0.3, 0.4]], [[0, 0, 1], [0, 0, 1]])
    0.75
    """
    return mean_over_queries(1 / best_ranks(*_check(scores, relevant)), relevant)


def mean_average_precision(scores: Any, relevant: Any) -> float:
    """Mean over the queries of the average precision of the whole ranking.

    Parameters
    ----------
    scores : array-like of shape (n_queries, n_items)
        The larger, the more similar. Items of equal score enter together, as in scikit-learn's
        ``average_precision_score``, to which this is equal, query by query.
    relevant : array-like of shape (n_queries, n_items), bool
        Queries without a relevant item are left out.

    Returns
    -------
    map : float

    Raises
    ------
    ValueError
        If shapes differ, a score is NaN, or no query has a relevant item.

    Examples
    --------
    Relevant items at ranks 1 and 3: the mean of 1 / 1 and 2 / 3.

    >>> from mmclassic import mean_average_precision
    >>> round(mean_average_precision([[0.9, 0.5, 0.1]], [[1, 0, 1]]), 3)
    0.833
    """
    return mean_over_queries(average_precisions(*_check(scores, relevant)), relevant)


def best_ranks(scores: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """Rank, from 1, of the best relevant item of each query; infinite where there is none.

    Examples
    --------
    >>> best_ranks(np.array([[0.9, 0.5, 0.5]]), np.array([[False, True, False]]))
    array([3.])
    """
    best = np.where(relevant, scores, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
    ranks = (scores >= best).sum(axis=1).astype(np.float64)
    return np.where(relevant.any(axis=1), ranks, np.inf)


def average_precisions(scores: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """Average precision of each query; 0 where nothing is relevant."""
    n_items = scores.shape[1]
    if not n_items:
        return np.zeros(len(scores))
    order = np.argsort(-scores, axis=1, kind="stable")
    scores = np.take_along_axis(scores, order, axis=1)
    hits = np.take_along_axis(relevant, order, axis=1)
    # Where the run of equal scores ends to which an item belongs.
    ends = np.where(scores[:, 1:] != scores[:, :-1], np.arange(n_items - 1), n_items - 1)
    ends = np.hstack([ends, np.full((len(scores), 1), n_items - 1)])
    ends = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    precision = np.take_along_axis(np.cumsum(hits, axis=1), ends, axis=1) / (ends + 1)
    return (precision * hits).sum(axis=1) / np.maximum(hits.sum(axis=1), 1)


def mean_over_queries(values: np.ndarray, relevant: Any) -> float:
    """Mean over the queries that have a relevant item."""
    asked = np.asarray(relevant, dtype=bool).any(axis=1)
    if not asked.any():
        raise ValueError("No query has a relevant item, so there is nothing to measure.")
    return float(np.mean(values[asked]))


def _check(scores: Any, relevant: Any) -> tuple[np.ndarray, np.ndarray]:
    scores = np.asarray(scores, dtype=np.float64)
    relevant = np.asarray(relevant, dtype=bool)
    if scores.ndim != 2 or scores.shape != relevant.shape:
        raise ValueError(
            "scores and relevant take one row per query and one column per item, got the shapes "
            f"{scores.shape} and {relevant.shape}."
        )
    if np.isnan(scores).any():
        row = int(np.flatnonzero(np.isnan(scores).any(axis=1))[0])
        raise ValueError(f"scores is NaN, first in row {row}: leave such queries or items out.")
    return scores, relevant
