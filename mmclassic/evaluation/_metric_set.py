"""All that a benchmark knows about the scores of one kind of target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Part = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class MetricSet:
    """The built-in scores of one kind of target.

    Attributes
    ----------
    names : tuple of str
        In the order in which they are shown.
    scores : callable
        From true values and a model's outputs for the same rows to all scores by name.
    parts : mapping from name to callable
        Scores that are means over rows: from true values and outputs to each row's part of the
        score, whose mean is the score. Where a score is no plain mean, its parts are the
        linearised ones (its influence function), so that the bootstrap of rows can resample it.
    default : str
        What ranks the models unless the user says otherwise.
    tie_breaker : str
    insights : tuple of two str
        Of which contributions are told; both have parts.
    right_or_wrong : str
        The score whose parts are 0 or 1: McNemar's test compares those. "" for none.
    paired : frozenset of str
        Scores whose parts of independent rows are compared by a paired t-test.
    """

    names: tuple[str, ...]
    scores: Callable[[np.ndarray, np.ndarray], dict[str, float]]
    parts: Mapping[str, Part]
    default: str
    tie_breaker: str
    insights: tuple[str, str]
    right_or_wrong: str = ""
    paired: frozenset[str] = frozenset()
