"""From which similarity on two cells belong together."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_curve

# Strangers that each row is held against.
N_STRANGERS = 10


def strangers(n_rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a first and of a second modality that are no pairs: up to ten for each row.

    Parameters
    ----------
    n_rows : int
    rng : numpy Generator

    Returns
    -------
    first, second : ndarray of int
        Never the same row twice.

    Examples
    --------
    >>> first, second = strangers(4, np.random.default_rng(0))
    >>> len(first), bool((first == second).any())
    (12, False)
    """
    order = rng.permutation(n_rows)
    shifts = range(1, min(N_STRANGERS + 1, n_rows))
    first = [order for _ in shifts]
    second = [np.roll(order, shift) for shift in shifts]
    empty = np.zeros(0, dtype=int)
    return np.concatenate([empty, *first]), np.concatenate([empty, *second])


def match_threshold(pairs: np.ndarray, others: np.ndarray) -> tuple[float, float]:
    """The threshold with the largest balanced accuracy in telling pairs from strangers.

    Parameters
    ----------
    pairs : ndarray of shape (n_pairs,)
        Similarities of cells that belong together.
    others : ndarray of shape (n_others,)
        Similarities of cells that do not.

    Returns
    -------
    threshold : float
        Half way between two similarities; NaN where one of the two is empty.
    balanced_accuracy : float
        Mean of the shares of pairs at or above it and of the others below it; NaN likewise.

    Examples
    --------
    >>> match_threshold(np.array([0.9, 0.8, 0.2]), np.array([0.1, 0.4]))
    (0.6000000000000001, 0.8333333333333333)
    """
    if not len(pairs) or not len(others):
        return float("nan"), float("nan")
    values = np.concatenate([pairs, others])
    is_pair = np.arange(len(values)) < len(pairs)
    false, true, thresholds = roc_curve(is_pair, values, drop_intermediate=False)
    best = int(np.argmax(true - false))
    threshold = thresholds[best]
    below = values[values < threshold]
    if not np.isfinite(threshold):  # nothing is better than to match none
        threshold = np.nextafter(values.max(), np.inf)
    elif len(below):
        threshold = (threshold + below.max()) / 2
    return float(threshold), float((1 + true[best] - false[best]) / 2)
