"""The user's own estimators, judged on the outer folds of a benchmark."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from joblib import delayed
from sklearn.base import clone, is_classifier
from sklearn.utils.validation import has_fit_parameter

from mmclassic._parallel import run_all
from mmclassic._threads import one_thread
from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome
from mmclassic.evaluation._plan import Plan
from mmclassic.fusion import LateFusionClassifier
from mmclassic.fusion._cross_fit import fold_prior, to_scores
from mmclassic.modalities._modality import take_rows


def check_models(models: Any, taken: Collection[str]) -> dict[str, Any]:
    """The user's estimators by name, refused before any work where they cannot be judged.

    Parameters
    ----------
    models : mapping from name to classifier, or None
    taken : collection of str
        Names of the benchmark's other models.

    Raises
    ------
    ValueError
        If it is no mapping, a name is taken, or an estimator gives no probabilities.
    """
    if models is None:
        return {}
    if not isinstance(models, Mapping):
        raise ValueError(f"models takes a dict from name to classifier, got {type(models)}.")
    for name, model in models.items():
        if not isinstance(name, str) or not name.strip() or name in taken:
            raise ValueError(
                f"models: {name!r} is no name, or that of another model; choose a name that is "
                f"none of {', '.join(taken)}."
            )
        if not hasattr(model, "fit") or not is_classifier(model):
            raise ValueError(f"models[{name!r}] is no classifier: {model!r}.")
        if not hasattr(model, "predict_proba"):
            raise ValueError(
                f"models[{name!r}] lacks predict_proba: {type(model).__name__} gives no "
                "probabilities. Wrap it in sklearn.calibration.CalibratedClassifierCV."
            )
    return dict(models)


def judge_own(
    models: Mapping[str, Any],
    table: Any,
    codes: np.ndarray,
    classes: np.ndarray,
    plans: Sequence[Plan],
    *,
    groups: np.ndarray | None = None,
    n_jobs: int | None = None,
) -> list[ModelOutcome]:
    """Each estimator cloned and fitted on the training rows of every outer fold.

    Parameters
    ----------
    models : mapping from name to classifier
    table : frame of n_rows rows
        Handed on as it is, some rows at a time.
    codes : ndarray of shape (n_rows,), int
    classes : ndarray of shape (n_classes,)
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
        delayed(_judge)(name, models[name], table, codes, classes, (k, *folds[k]), groups)
        for name, k in jobs
    )
    by_job = dict(zip(jobs, run_all(tasks, n_jobs), strict=True))
    return [
        ModelOutcome(name, "own", False, tuple(by_job[name, k] for k in range(len(folds))))
        for name in models
    ]


def fit_own(model: Any, table: Any, labels: np.ndarray, rows: np.ndarray, groups: Any = None):
    """A clone of a user's estimator, fitted on some rows of the table."""
    given = {}
    if groups is not None and (
        isinstance(model, LateFusionClassifier) or has_fit_parameter(model, "groups")
    ):
        given["groups"] = groups[rows]
    with one_thread():  # as the fits that it is compared with
        return clone(model).fit(take_rows(table, rows), labels[rows], **given)


def _judge(name, model, table, codes, classes, fold: tuple, groups) -> FoldOutcome:
    """One estimator on one fold: its number, training rows and test rows."""
    k, train, test = fold
    start = time.perf_counter()
    try:
        fitted = fit_own(model, table, classes[codes], train, groups)
        middle = time.perf_counter()
        with one_thread():
            raw = np.asarray(fitted.predict_proba(take_rows(table, test)), dtype=np.float64)
    except Exception as error:
        error.add_note(f"This is models[{name!r}], on fold {k} of the benchmark.")
        raise
    end = time.perf_counter()
    columns = np.searchsorted(classes, fitted.classes_)
    if raw.shape != (len(test), len(columns)) or not np.isfinite(raw).all():
        raise ValueError(
            f"models[{name!r}] gives probabilities of shape {raw.shape} with "
            f"{(~np.isfinite(raw)).sum()} that are not finite, for {len(test)} rows and "
            f"{len(columns)} classes."
        )
    # A class that the training rows lack gets its prior, as for every other model.
    values = np.full((len(test), 1, len(classes)), np.nan)
    values[:, 0, columns] = raw
    priors = np.tile(fold_prior(codes, train, len(classes)), (len(test), 1))
    scores = to_scores(values, priors, np.array([np.nan]))[:, 0]
    return FoldOutcome(k, test, scores, middle - start, end - middle)
