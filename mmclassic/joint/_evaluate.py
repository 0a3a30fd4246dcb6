"""Retrieval measured in both directions, without a matrix of all queries and all items."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from mmclassic.joint._retrieval_metrics import average_precisions, best_ranks
from mmclassic.joint._search import blocks_of


def check_ks(ks: Any) -> list[int]:
    """Numbers of best items for recall at k, as a list.

    Parameters
    ----------
    ks : int or sequence of int

    Raises
    ------
    ValueError
        Naming the first that is no whole number from 1.

    Examples
    --------
    >>> check_ks(5), check_ks((1, 5))
    ([5], [1, 5])
    """
    several = [ks] if np.ndim(ks) == 0 else list(ks)
    for k in several:
        if not isinstance(k, Integral) or isinstance(k, bool) or k < 1:
            raise ValueError(
                f"ks must be whole numbers from 1, such as (1, 5, 10); there is {k!r} in {ks!r}."
            )
    return [int(k) for k in several]


def measure_direction(
    queries: np.ndarray,
    items: np.ndarray,
    query_labels: np.ndarray,
    item_labels: np.ndarray,
    ks: Sequence[int] = (),
) -> dict[str, float]:
    """Recall, mean reciprocal rank and mean average precision of one direction.

    Parameters
    ----------
    queries : ndarray of shape (n_queries, n_components)
    items : ndarray of shape (n_items, n_components)
    query_labels : ndarray of shape (n_queries,)
        Items of the same label are relevant; queries without one are left out.
    item_labels : ndarray of shape (n_items,)
    ks : sequence of int

    Returns
    -------
    measures : dict of float
        "n_queries", "n_items", "recall@k" for each k, "mrr" and "map"; NaN without a query.

    Examples
    --------
    >>> found = measure_direction(np.eye(2), np.eye(2), np.arange(2), np.arange(2), ks=[1])
    >>> found["recall@1"], found["mrr"], found["map"]
    (1.0, 1.0, 1.0)
    """
    ranks, precisions = [np.zeros(0)], [np.zeros(0)]
    asked = np.flatnonzero(np.isin(query_labels, item_labels))
    for block in blocks_of(len(asked)):
        rows = asked[block]
        scores = queries[rows] @ items.T
        relevant = query_labels[rows][:, None] == item_labels
        ranks.append(best_ranks(scores, relevant))
        precisions.append(average_precisions(scores, relevant))
    rank, precision = np.concatenate(ranks), np.concatenate(precisions)
    measures: dict[str, float] = {"n_queries": len(rank), "n_items": len(items)}
    for k in ks:
        measures[f"recall@{k}"] = _mean(rank <= k)
    measures["mrr"] = _mean(1 / rank)
    measures["map"] = _mean(precision)
    return measures


def measure_both(
    sides: Sequence[tuple[str, np.ndarray, np.ndarray]],
    n_samples: int,
    y: Any = None,
    ks: Sequence[int] = (),
) -> dict[str, dict[str, float]]:
    """Measures of both directions, by names such as "text -> image".

    Parameters
    ----------
    sides : two tuples of name, codes, rows
        The codes of the rows that have the modality, and which these are.
    n_samples : int
    y : array-like of shape (n_samples,), optional
        Rows of the same class are relevant; default the very partner.
    ks : sequence of int

    Raises
    ------
    ValueError
        If y is not one label per row.
    """
    labels = np.arange(n_samples) if y is None else np.asarray(y)
    if labels.shape != (n_samples,):
        raise ValueError(f"X has {n_samples} rows, y has the shape {labels.shape}.")
    return {
        f"{name} -> {other}": measure_direction(codes, items, labels[rows], labels[others], ks)
        for (name, codes, rows), (other, items, others) in (sides, sides[::-1])
    }


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else float("nan")
