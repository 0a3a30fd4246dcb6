"""Conformity scores of classes and their quantile: the arithmetic of prediction sets."""

from __future__ import annotations

import numpy as np


def lac_scores(probabilities: np.ndarray) -> np.ndarray:
    """One minus the probability of each class: the least ambiguous sets.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)

    Returns
    -------
    scores : ndarray of shape (n_samples, n_classes)
        Small for classes that suit the row.

    References
    ----------
    M. Sadinle, J. Lei, L. Wasserman: Least ambiguous set-valued classifiers with bounded error
    levels. JASA 114(525), 2019.

    Examples
    --------
    >>> lac_scores(np.array([[0.75, 0.25]]))
    array([[0.25, 0.75]])
    """
    return 1 - probabilities


def aps_scores(probabilities: np.ndarray, uniform: np.ndarray | None = None) -> np.ndarray:
    """Probability of all classes that are more likely, and a share of its own: adaptive sets.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
    uniform : ndarray of shape (n_samples,), optional
        In [0, 1): the share of its own probability that a class counts. None counts nothing of
        it, so that a set is never empty: it goes on until its probability reaches the threshold.

    Returns
    -------
    scores : ndarray of shape (n_samples, n_classes)

    References
    ----------
    Y. Romano, M. Sesia, E. Candès: Classification with valid and adaptive coverage. NeurIPS 2020.

    Examples
    --------
    >>> aps_scores(np.array([[0.25, 0.75]]))
    array([[0.75, 0.  ]])
    >>> aps_scores(np.array([[0.25, 0.75]]), np.array([0.5]))
    array([[0.875, 0.375]])
    """
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ranked = np.take_along_axis(probabilities, order, axis=1)
    before = np.zeros_like(ranked)
    np.cumsum(ranked[:, :-1], axis=1, out=before[:, 1:])
    own = 0.0 if uniform is None else uniform[:, None] * ranked
    scores = np.empty_like(ranked)
    np.put_along_axis(scores, order, before + own, axis=1)
    return scores


def rows_needed(coverage: float) -> int:
    """Fewest rows from which a coverage can be promised at all.

    Examples
    --------
    >>> rows_needed(0.9), rows_needed(0.5)
    (9, 1)
    """
    # The rounding keeps 1 / (1 - 0.9) = 10.000000000000002 at ten.
    return int(np.ceil(round(1 / (1 - coverage), 9))) - 1


def conformal_quantile(scores: np.ndarray, coverage: float) -> float:
    """The ⌈(n + 1) · coverage⌉-th smallest score.

    A new score, exchangeable with these, is at most as large with probability ``coverage`` or
    more.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)
        Of the true classes.
    coverage : float in (0, 1)

    Returns
    -------
    threshold : float
        Infinite where there are too few scores for the promise.

    Examples
    --------
    >>> conformal_quantile(np.arange(1.0, 11.0), 0.9)
    10.0
    >>> conformal_quantile(np.arange(1.0, 4.0), 0.9)
    inf
    """
    rank = int(np.ceil(round((len(scores) + 1) * coverage, 9)))
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else np.inf


def row_uniforms(probabilities: np.ndarray, seed: int) -> np.ndarray:
    """A number in [0, 1) for each row that looks random and depends on nothing but the row.

    The same row gets the same set in whatever batch it comes. Coverage needs no more: a score
    that is a fixed function of the row and its class keeps rows exchangeable.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, n_classes)
    seed : int

    Returns
    -------
    uniform : ndarray of shape (n_samples,)

    References
    ----------
    G. Steele, D. Lea, C. Flood: Fast splittable pseudorandom number generators (its mixing of 64
    bits). OOPSLA 2014.

    Examples
    --------
    >>> first, second = row_uniforms(np.array([[0.2, 0.8], [0.8, 0.2]]), seed=0)
    >>> bool(first != second)
    True
    """
    # Rounded, so that the last bits of a sum, which differ between machines, hardly matter.
    cells = np.round(probabilities * 2**32).astype(np.uint64)
    state = np.full(len(cells), seed % 2**63, dtype=np.uint64)
    for column in cells.T:
        state = _mix(state + column + np.uint64(0x9E3779B97F4A7C15))
    return (state >> np.uint64(11)) * 2.0**-53


def _mix(state: np.ndarray) -> np.ndarray:
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
