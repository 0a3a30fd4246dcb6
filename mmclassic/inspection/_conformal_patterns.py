"""One threshold of conformity for each pattern of missing modalities."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mmclassic.fusion._patterns import Pattern, patterns_to_fit, rows_with
from mmclassic.fusion._scores import present
from mmclassic.inspection._conformity import conformal_quantile, rows_needed
from mmclassic.inspection._subsets import Fuse, keep_modalities

# What a pattern's threshold was calibrated on.
OWN_ROWS, MASKED_ROWS, ALL_ROWS = "own", "masked", "all"


class PatternThreshold(NamedTuple):
    """The threshold of one pattern, from how many rows, of which kind."""

    pattern: Pattern
    threshold: float
    n_rows: int
    source: str


def calibrate_patterns(
    scores: np.ndarray,
    codes: np.ndarray,
    fuse: Fuse,
    conformity: Callable[[np.ndarray], np.ndarray],
    coverage: float,
    min_rows: int,
) -> tuple[list[PatternThreshold], float]:
    """Thresholds for every pattern of present modalities, and the one of all rows together.

    A pattern with ``min_rows`` rows of its own is calibrated on them (Mondrian: the promise then
    holds however rows come to lack modalities). A rarer one is calibrated on all rows that have at
    least its modalities, the others taken from them: the promise holds if modalities are missing
    at random. Where even these are too few for the coverage, on all rows as they are.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
        Of rows that ``fuse`` was not fitted on.
    codes : ndarray of shape (n_samples,), int
    fuse : callable
        From a table with these rows, in their order, to probabilities (n_samples, n_classes).
    conformity : callable
        From probabilities to a score for each class; small suits.
    coverage : float
    min_rows : int

    Returns
    -------
    thresholds : list of PatternThreshold
        All patterns of up to six modalities, beyond that those that occur; the last is the pattern
        in which nothing is present.
    marginal : float
        For other patterns.
    """
    available = present(scores)
    own_class = np.arange(len(codes)), codes
    marginal_scores = conformity(fuse(scores))[own_class]
    marginal = conformal_quantile(marginal_scores, coverage)
    nothing = (False,) * scores.shape[1]
    found = []
    for pattern in [*patterns_to_fit(available), nothing]:
        rows, source = np.flatnonzero((available == pattern).all(axis=1)), OWN_ROWS
        values = marginal_scores
        if len(rows) < max(min_rows, rows_needed(coverage)):
            rows, source = rows_with(available, pattern), MASKED_ROWS
            if len(rows) >= rows_needed(coverage):
                values = conformity(fuse(keep_modalities(scores, pattern)))[own_class]
            else:
                rows, source = np.arange(len(codes)), ALL_ROWS
        threshold = conformal_quantile(values[rows], coverage)
        found.append(PatternThreshold(pattern, threshold, len(rows), source))
    return found, marginal
