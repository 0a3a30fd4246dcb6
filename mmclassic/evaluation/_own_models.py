"""The user's own estimators, judged on the outer folds of a benchmark."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from joblib import delayed
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from mmclassic._parallel import run_all
from mmclassic._threads import one_thread
from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome
from mmclassic.evaluation._plan import Plan
from mmclassic.evaluation._task import Task
from mmclassic.fusion import LateFusionClassifier, LateFusionRegressor
from mmclassic.modalities._modality import take_rows


def check_models(models: Any, taken: Collection[str], task: Task) -> dict[str, Any]:
    """The user's estimators by name, refused before any work where they cannot be judged.

    Parameters
    ----------
    models : mapping from name to estimator, or None
    taken : collection of str
        Names of the benchmark's other models.
    task : Task

    Raises
    ------
    ValueError
        If it is no mapping, a name is taken, or an estimator gives no probabilities (numbers).
    """
    if models is None:
        return {}
    if not isinstance(models, Mapping):
        raise ValueError(f"models takes a dict from name to estimator, got {type(models)}.")
    for name, model in models.items():
        if not isinstance(name, str) or not name.strip() or name in taken:
            raise ValueError(
                f"models: {name!r} is no name, or that of another model; choose a name that is "
                f"none of {', '.join(taken)}."
            )
        task.check_own(name, model)
    return dict(models)


def judge_own(
    models: Mapping[str, Any],
    table: Any,
    task: Task,
    plans: Sequence[Plan],
    *,
    groups: np.ndarray | None = None,
    n_jobs: int | None = None,
) -> list[ModelOutcome]:
    """Each estimator cloned and fitted on the training rows of every outer fold.

    Parameters
    ----------
    models : mapping from name to estimator
    table : frame of n_rows rows
        Handed on as it is, some rows at a time.
    task : Task
    plans : sequence of Plan
        One for each repeat.
    groups : ndarray of shape (n_rows,), optional
        Handed to those whose ``fit`` takes groups.
    n_jobs : int, optional

    Returns
    -------
    outcomes : list of ModelOutcome
    """
    folds = [(plan.train[fold.fit], fold.test) for plan in plans for fold in plan.folds]
    jobs = [(name, k) for name in models for k in range(len(folds))]
    tasks = (
        delayed(_judge)(name, models[name], table, task, (k, *folds[k]), groups) for name, k in jobs
    )
    by_job = dict(zip(jobs, run_all(tasks, n_jobs), strict=True))
    return [
        ModelOutcome(name, "own", False, tuple(by_job[name, k] for k in range(len(folds))))
        for name in models
    ]


def fit_own(model: Any, table: Any, task: Task, rows: np.ndarray, groups: Any = None):
    """A clone of a user's estimator, fitted on some rows of the table."""
    given = {}
    if groups is not None and (
        isinstance(model, LateFusionClassifier | LateFusionRegressor)
        or has_fit_parameter(model, "groups")
    ):
        given["groups"] = groups[rows]
    with one_thread():  # as the fits that it is compared with
        return clone(model).fit(take_rows(table, rows), task.own_target(rows), **given)


def _judge(name, model, table, task: Task, fold: tuple, groups) -> FoldOutcome:
    """One estimator on one fold: its number, training rows and test rows."""
    k, train, test = fold
    start = time.perf_counter()
    try:
        fitted = fit_own(model, table, task, train, groups)
        middle = time.perf_counter()
        with one_thread():
            outputs = task.own_outputs(name, fitted, take_rows(table, test), train)
    except Exception as error:
        error.add_note(f"This is models[{name!r}], on fold {k} of the benchmark.")
        raise
    return FoldOutcome(k, test, outputs, middle - start, time.perf_counter() - middle)
