"""Fitting a retriever: the space on all rows, its threshold and its C from folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils.validation import _num_samples

from mmclassic.joint._code_space import (
    METHODS,
    SEMANTIC,
    Classes,
    CodeSpace,
    Settings,
    complete_rows,
    fit_code_space,
)
from mmclassic.joint._cross_fit import cross_fit
from mmclassic.joint._match_threshold import match_threshold
from mmclassic.joint._pair_folds import pair_splits
from mmclassic.modalities import Modality, check_blocks, check_groups, encode_labels


@dataclass(frozen=True)
class PairFit:
    """What fitting found.

    Attributes
    ----------
    space : CodeSpace
        On all rows, one map per modality.
    threshold : float
        Of a match; NaN where there were too few pairs.
    match_accuracy : float
    inverse_penalties : list of two float, or of none
        The chosen C of the semantic methods.
    """

    space: CodeSpace
    threshold: float
    match_accuracy: float
    inverse_penalties: list[float]


def fit_pairs(
    data: Sequence[Modality],
    settings: Settings,
    classes: Classes | None,
    inverse_penalties: Sequence[float],
    folds: dict[str, Any],
    n_jobs: int | None = None,
) -> PairFit:
    """Fit a space, choose its C, and find the threshold of a match.

    Parameters
    ----------
    data : sequence of two Modality
    settings : Settings
    classes : Classes, optional
        Needed by the semantic methods.
    inverse_penalties : sequence of float
        Candidates for C.
    folds : dict with "cv", "groups" and "random_state"
        As :func:`pair_splits` takes them.
    n_jobs : int, optional

    Returns
    -------
    found : PairFit
    """
    rows = np.arange(len(data[0].position))
    rows = rows if settings.semantic else complete_rows(data, rows)
    splits = pair_splits(rows, codes=None if classes is None else classes.codes, **folds)
    found = cross_fit(
        data,
        splits,
        settings,
        classes,
        inverse_penalties,
        random_state=folds["random_state"],
        n_jobs=n_jobs,
    )
    chosen = [float(inverse_penalties[choice]) for choice in found.choices]
    space = fit_code_space(data, rows, settings, classes, [[one] for one in chosen])
    threshold, accuracy = match_threshold(found.pairs, found.others)
    return PairFit(space, threshold, accuracy, chosen if settings.semantic else [])


def check_two_blocks(retriever: Any) -> list[tuple]:
    """The two blocks of a retriever, after checks.

    Raises
    ------
    ValueError
        If there are more or fewer, a name is that of a parameter, or a C is not positive.
    """
    active = check_blocks(retriever.modalities)
    names = [name for name, _, _ in active]
    if len(active) != 2:
        raise ValueError(
            f"{type(retriever).__name__} takes two modalities, got {len(active)}: "
            f"{', '.join(names)}."
        )
    taken = sorted(set(names) & set(retriever.get_params(deep=False)))
    if taken:
        raise ValueError(f"A modality cannot be called {taken[0]!r}: it is a parameter's name.")
    if not len(retriever.Cs) or min(retriever.Cs) <= 0:
        raise ValueError(f"Cs must be one positive number or more, got {retriever.Cs!r}.")
    return active


def read_labels(n_samples: int, y: Any, method: str) -> tuple[np.ndarray, Classes] | None:
    """Class names and the classes of the rows; None where the method needs no labels.

    Raises
    ------
    ValueError
        If y is not as long as X, or there is none and the method needs it.
    """
    if y is not None and _num_samples(y) != n_samples:
        raise ValueError(f"X has {n_samples} rows, y has {_num_samples(y)}.")
    if method not in SEMANTIC:
        return None
    if y is None:
        others = ", ".join(f'"{name}"' for name in METHODS if name not in SEMANTIC)
        raise ValueError(
            f'method="{method}" requires y to be passed, but the target y is None: pass the '
            f"classes to fit, or use a method that needs none ({others})."
        )
    names, codes = encode_labels(y)
    return names, Classes(codes, len(names))


def check_fit_groups(n_samples: int, groups: Any) -> np.ndarray | None:
    """Groups as an array, if there are any.

    Raises
    ------
    ValueError
        If they are not as many as rows.
    """
    groups = None if groups is None else check_groups(groups)
    if groups is not None and len(groups) != n_samples:
        raise ValueError(f"X has {n_samples} rows, groups has {len(groups)}.")
    return groups
