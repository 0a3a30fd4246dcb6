"""What each subset of modalities reaches: ablation and Shapley values, from one score table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from math import factorial
from typing import Any, NamedTuple

import numpy as np

Subset = tuple[bool, ...]
Fuse = Callable[[np.ndarray], np.ndarray]


class Ablation(NamedTuple):
    """Values of a metric: an array of several metrics has one more axis, the last."""

    everything: Any
    without: np.ndarray  # (n_modalities, …)
    alone: np.ndarray  # (n_modalities, …)
    nothing: Any


def keep_modalities(scores: np.ndarray, kept: Subset | np.ndarray) -> np.ndarray:
    """A score table in which only some modalities are left; the others are NaN.

    Examples
    --------
    >>> keep_modalities(np.array([[[0.2, 0.8], [0.6, 0.4]]]), (False, True))
    array([[[nan, nan],
            [0.6, 0.4]]])
    """
    return np.where(np.asarray(kept, dtype=bool)[:, None], scores, np.nan)


def ablate(scores: np.ndarray, y: np.ndarray, fuse: Fuse, metric: Callable) -> Ablation:
    """A metric with each modality removed, and with each alone.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
        Of rows that neither ``fuse`` nor the base models were fitted on.
    y : array-like of shape (n_samples,)
    fuse : callable
        From a score table with all rows, in their order, to fused answers.
    metric : callable
        ``metric(y, fused)`` is a number, or an array of several.

    Returns
    -------
    ablation : Ablation

    Examples
    --------
    >>> scores = np.array([[[0.9, 0.1], [0.4, 0.6]], [[0.2, 0.8], [0.3, 0.7]]])
    >>> fuse = lambda scores: np.nan_to_num(np.nanmean(scores, axis=1), nan=0.5)
    >>> accuracy = lambda y, fused: float(np.mean(fused.argmax(axis=1) == y))
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")  # nanmean of nothing
    ...     found = ablate(scores, np.array([0, 1]), fuse, accuracy)
    >>> found.everything, found.without, found.alone
    (1.0, array([0.5, 1. ]), array([1. , 0.5]))
    """
    n_modalities = scores.shape[1]
    single = np.eye(n_modalities, dtype=bool)

    def value(kept: np.ndarray) -> Any:
        return metric(y, fuse(keep_modalities(scores, kept)))

    return Ablation(
        value(np.ones(n_modalities, dtype=bool)),
        np.array([value(~one) for one in single]),
        np.array([value(one) for one in single]),
        value(np.zeros(n_modalities, dtype=bool)),
    )


def values_by_subset(
    scores: np.ndarray, y: np.ndarray, fuse: Fuse, metric: Callable
) -> dict[Subset, Any]:
    """A metric for each of the 2^n subsets of the modalities; arguments as in :func:`ablate`.

    Examples
    --------
    >>> scores = np.array([[[0.9, 0.1]], [[0.2, 0.8]]])
    >>> fuse = lambda scores: np.where(np.isnan(scores), 0.5, scores)[:, 0]
    >>> accuracy = lambda y, fused: float(np.mean(fused.argmax(axis=1) == y))
    >>> values_by_subset(scores, np.array([0, 1]), fuse, accuracy)
    {(False,): 0.5, (True,): 1.0}
    """
    subsets = product((False, True), repeat=scores.shape[1])
    return {kept: metric(y, fuse(keep_modalities(scores, kept))) for kept in subsets}


def shapley(values: Mapping[Subset, Any]) -> np.ndarray:
    """Exact Shapley values: each modality's mean gain over all orders of joining.

    Parameters
    ----------
    values : mapping from subset to a number, or to an array of several metrics
        All 2^n subsets, as :func:`values_by_subset` gives them.

    Returns
    -------
    shares : ndarray of shape (n_modalities, …)
        They sum to the value of all modalities less that of none.

    References
    ----------
    L. Shapley: A value for n-person games. Contributions to the Theory of Games 2, 1953.

    Examples
    --------
    The second modality brings 2 whenever it joins; the first 1, if it is not late:

    >>> shapley({(False, False): 0, (True, False): 1, (False, True): 2, (True, True): 2})
    array([0.5, 1.5])
    """
    n = len(next(iter(values)))
    if len(values) != 2**n:
        raise ValueError(f"{n} modalities have {2**n} subsets, got values for {len(values)}.")
    table = {subset: np.asarray(value, dtype=np.float64) for subset, value in values.items()}
    shares = np.zeros((n, *next(iter(table.values())).shape))
    for subset, value in table.items():
        size = sum(subset)
        for modality in range(n):
            if subset[modality]:  # the last of `size` to join
                shares[modality] += value * (factorial(size - 1) * factorial(n - size))
            else:  # about to join
                shares[modality] -= value * (factorial(size) * factorial(n - size - 1))
    return shares / factorial(n)
