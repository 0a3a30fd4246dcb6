"""The outer folds of a benchmark, and what may be no outer folds."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np

from mmclassic.evaluation._plan import Plan, plan_holdout, plan_partition
from mmclassic.evaluation._task import Task
from mmclassic.fusion._folds import split_rows


def plan_folds(
    task: Task, groups: np.ndarray | None, split: Any, **folds: Any
) -> tuple[list[Plan], Any]:
    """The plans of a benchmark, and the splitter behind them, with an official split or without."""
    if split is None:
        return plan_repeats(task, groups, **folds)
    return plan_split(task, groups, split, **folds)


def plan_repeats(
    task: Task,
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
    task : Task
        Says how its rows are folded.
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
        splitter = task.splitter(number, groups, seed)
        splits = split_rows(splitter, task.y, groups)
        _check_partition(splits, len(task.y))
        plans.append(plan_partition([test for _, test in splits], len(task.y)))
        if task.kind == "multilabel":  # classes may be absent from a fit, labels may not
            for rows in plans[-1].train:
                task.check_training(rows, "The rows outside of two folds")
        first = splitter if first is None else first
    return plans, first


def plan_split(
    task: Task,
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
    task.check_training(train, "The training rows of the split")
    inner_groups = None if groups is None else groups[train]
    splitter = task.splitter(cv, inner_groups, random_state, rows=train)
    inner = split_rows(splitter, task.y[train], inner_groups)
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
