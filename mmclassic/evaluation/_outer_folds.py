"""The outer folds of a benchmark, and what may be no outer folds."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from mmclassic.evaluation._plan import Plan, plan_holdout, plan_partition
from mmclassic.fusion._folds import split_rows, splitter_for


def plan_repeats(
    codes: np.ndarray,
    classes: np.ndarray,
    groups: np.ndarray | None,
    *,
    cv: Any,
    n_repeats: int,
    random_state: int | None,
) -> tuple[list[Plan], Any]:
    """One plan for each repeat of the cross-validation, and the splitter of the first.

    The first repeat is what a single one would be; the others are shuffled by seeds drawn from
    ``random_state``.

    Parameters
    ----------
    codes : ndarray of shape (n_rows,), int
    classes : ndarray of shape (n_classes,)
    groups : ndarray of shape (n_rows,), optional
    cv : int, splitter or iterable
    n_repeats : int
    random_state : int, optional

    Raises
    ------
    ValueError
        If the folds are no partition or fewer than 3, or ``n_repeats`` has no int ``cv``.
    """
    if not isinstance(n_repeats, Integral) or n_repeats < 1:
        raise ValueError(f"n_repeats must be an int of at least 1, got {n_repeats!r}.")
    if n_repeats > 1 and not isinstance(cv, Integral):
        raise ValueError(
            "n_repeats shuffles the folds of an int cv; a splitter or folds that are given stay "
            "the same each time."
        )
    seeds = np.random.SeedSequence(random_state or 0).generate_state(n_repeats - 1).tolist()
    first, plans = None, []
    for seed in [random_state, *seeds]:
        # The first may have been reduced to fewer folds, with a warning: say that once.
        number = cv if first is None or n_repeats == 1 else first.n_splits
        options = {"classes": classes.tolist(), "random_state": seed}
        splitter = splitter_for(number, codes, groups, **options)
        splits = split_rows(splitter, codes, groups)
        _check_partition(splits, len(codes))
        plans.append(plan_partition([test for _, test in splits], len(codes)))
        first = splitter if first is None else first
    return plans, first


def plan_split(
    codes: np.ndarray,
    classes: np.ndarray,
    groups: np.ndarray | None,
    split: Any,
    *,
    cv: Any,
    n_repeats: int,
    random_state: int | None,
) -> tuple[list[Plan], Any]:
    """The plan of one official split, and the splitter of its training rows."""
    if not isinstance(cv, Integral):
        raise ValueError("With split=, cv is the number of folds within the training rows.")
    if n_repeats != 1:
        raise ValueError("n_repeats repeats a cross-validation: an official split= is only one.")
    train, test = _official_split(split)
    missing = np.setdiff1d(codes, codes[train])
    if len(missing):
        raise ValueError(
            f"The training rows of the split lack the classes {classes[missing].tolist()}."
        )
    inner_groups = None if groups is None else groups[train]
    options = {"classes": classes.tolist(), "random_state": random_state}
    splitter = splitter_for(cv, codes[train], inner_groups, **options)
    inner = split_rows(splitter, codes[train], inner_groups)
    return [plan_holdout(train, test, [train[rows] for _, rows in inner])], splitter


def _check_partition(splits: list[tuple], n_rows: int) -> None:
    """Each row tested once, all others trained on; and folds left to fit heads within."""
    n_tested = sum(len(test) for _, test in splits)
    if n_tested < n_rows or any(len(train) + len(test) != n_rows for train, test in splits):
        raise ValueError(
            "cv must be a partition (each row tested once, all others trained on), as "
            "StratifiedKFold gives it; for one official split pass split=."
        )
    if len(splits) < 3:
        raise ValueError(
            f"A benchmark needs at least 3 folds, got {len(splits)}: fusions are fitted on the "
            "folds that are not tested. Every class needs 3 rows, and groups 3 different values."
        )


def _official_split(values: Any) -> tuple[np.ndarray, np.ndarray]:
    words = np.array([str(value).strip().lower() for value in values])
    found = sorted(set(words.tolist()))
    if found != ["test", "train"]:
        raise ValueError(
            f'split must say "train" or "test" for each row, and both must occur; got {found[:10]}.'
        )
    return np.flatnonzero(words == "train"), np.flatnonzero(words == "test")
