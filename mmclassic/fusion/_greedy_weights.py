"""Weights of a linear pool by greedy selection with replacement."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mmclassic.fusion._scores import present


def select_greedily(
    scores: np.ndarray, score: Callable[[np.ndarray], float], n_rounds: int
) -> np.ndarray:
    """Add the modality that helps most, again and again; the best prefix counts.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
        NaN across a modality that a row does not have.
    score : callable
        From pooled probabilities of shape (n_samples, n_classes) to a number; greater is better.
    n_rounds : int
        How many modalities are added.

    Returns
    -------
    weights : ndarray of shape (n_modalities,)
        How often each was added, as shares.

    References
    ----------
    R. Caruana, A. Niculescu-Mizil, G. Crew, A. Ksikes: Ensemble selection from libraries of models.
    ICML 2004.

    Examples
    --------
    >>> scores = np.array([[[0.9, 0.1], [0.5, 0.5]]])
    >>> select_greedily(scores, lambda pooled: pooled[0, 0], n_rounds=3)
    array([1., 0.])
    """
    available = present(scores)
    filled = np.nan_to_num(scores)
    n_modalities = scores.shape[1]
    counts = np.zeros(n_modalities)
    sums = np.zeros((scores.shape[0], scores.shape[2]))
    totals = np.zeros(scores.shape[0])
    best_score, best_counts = -np.inf, np.ones(n_modalities)
    for _ in range(n_rounds):
        trials = [
            score(_pooled(sums + filled[:, m], totals + available[:, m]))
            for m in range(n_modalities)
        ]
        chosen = int(np.argmax(trials))
        counts[chosen] += 1
        sums += filled[:, chosen]
        totals += available[:, chosen]
        if trials[chosen] > best_score:
            best_score, best_counts = trials[chosen], counts.copy()
    return best_counts / best_counts.sum()


def _pooled(sums: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Means; uniform where nothing was added yet."""
    n_classes = sums.shape[1]
    empty = totals == 0
    pooled = np.where(empty[:, None], 1 / n_classes, sums)
    return pooled / np.where(empty, 1, totals)[:, None]
