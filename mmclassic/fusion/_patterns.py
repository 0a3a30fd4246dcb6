"""Which modalities a row has: patterns, and how to fit and apply a rule for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

# With up to this many modalities a rule is fitted for every pattern, seen or not, so that
# any row of a service is met; beyond it (2^7 fits and more) for the patterns that were seen.
MAX_MODALITIES = 6

Pattern = tuple[bool, ...]


def patterns_to_fit(available: np.ndarray) -> list[Pattern]:
    """Patterns of present modalities that deserve a rule of their own.

    Parameters
    ----------
    available : ndarray of shape (n_samples, n_modalities), bool

    Returns
    -------
    patterns : list of tuple of bool
        Without the one in which nothing is present.

    Examples
    --------
    >>> patterns_to_fit(np.array([[True, True]]))
    [(False, True), (True, False), (True, True)]
    """
    n_modalities = available.shape[1]
    if n_modalities <= MAX_MODALITIES:
        return [p for p in product((False, True), repeat=n_modalities) if any(p)]
    seen = np.unique(available, axis=0)
    return [tuple(map(bool, row)) for row in seen if row.any()]


def rows_by_pattern(available: np.ndarray) -> Iterator[tuple[Pattern, np.ndarray]]:
    """Each pattern that occurs, with the rows that have exactly it.

    Examples
    --------
    >>> available = np.array([[True, False], [True, True], [True, False]])
    >>> for pattern, rows in rows_by_pattern(available):
    ...     print(pattern, rows)
    (True, False) [0 2]
    (True, True) [1]
    """
    n_modalities = available.shape[1]
    if n_modalities > 62:  # more than an integer has bits
        patterns, codes = np.unique(available, axis=0, return_inverse=True)
        codes = codes.ravel()
    else:
        codes = available @ (1 << np.arange(n_modalities))
        kinds = np.unique(codes)
        patterns = (kinds[:, None] >> np.arange(n_modalities)) & 1 == 1
        patterns = patterns[np.lexsort(patterns.T[::-1])]
    for index, pattern in enumerate(patterns):
        code = index if n_modalities > 62 else pattern @ (1 << np.arange(n_modalities))
        yield tuple(map(bool, pattern)), np.flatnonzero(codes == code)


def rows_with(available: np.ndarray, pattern: Pattern) -> np.ndarray:
    """Rows that have at least the modalities of a pattern: they can train its rule.

    Examples
    --------
    >>> rows_with(np.array([[True, False], [True, True]]), (True, False))
    array([0, 1])
    """
    return np.flatnonzero(available[:, np.array(pattern)].all(axis=1))


def pool_by_pattern(
    scores: np.ndarray, available: np.ndarray, pool: Callable[[np.ndarray, Pattern], np.ndarray]
) -> np.ndarray:
    """Apply a rule to the rows of each pattern.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
    available : ndarray of shape (n_samples, n_modalities), bool
    pool : callable
        From the scores of the present modalities, shape (n_rows, n_present, n_classes), and the
        pattern, to class probabilities of shape (n_rows, n_classes).

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)
        NaN for rows that have no modality.
    """
    pooled = np.full((scores.shape[0], scores.shape[2]), np.nan)
    for pattern, rows in rows_by_pattern(available):
        if all(pattern) and len(rows) == len(scores):
            return np.broadcast_to(pool(scores, pattern), pooled.shape)
        if any(pattern):
            pooled[rows] = pool(scores[np.ix_(rows, np.flatnonzero(pattern))], pattern)
    return pooled
