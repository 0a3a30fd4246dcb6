"""benchmark: every modality alone, every fusion, on the same folds, strictly nested."""

from __future__ import annotations

import time
import warnings
from inspect import signature
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils.validation import _num_samples

from mmclassic._errors import DataQualityWarning
from mmclassic._threads import one_thread
from mmclassic.evaluation._final_model import FinalModel
from mmclassic.evaluation._judge import judge_models
from mmclassic.evaluation._leaks import refuse_leaks
from mmclassic.evaluation._metrics import GREATER_IS_BETTER
from mmclassic.evaluation._plan import Plan, plan_holdout, plan_partition
from mmclassic.evaluation._progress import ProgressBar
from mmclassic.evaluation._reproduce import call_text
from mmclassic.evaluation._result import BenchmarkResult
from mmclassic.evaluation._shared_fits import Member, SharedFits
from mmclassic.evaluation._sources import Sources
from mmclassic.fusion._folds import split_rows, splitter_for
from mmclassic.fusion._labels import check_groups, encode_labels
from mmclassic.fusion._modality import Modality, read_modalities, settle_unreadable
from mmclassic.fusion._table import check_modalities, check_table
from mmclassic.media._progress import progress_to
from mmclassic.recipes import make_early_fusion, make_late_fusion

EARLY = "early fusion"


def benchmark(
    table,
    target,
    *,
    text=None,
    image=None,
    audio=None,
    numeric=None,
    categorical=None,
    groups=None,
    split=None,
    cv=5,
    metric="accuracy",
    backbone=None,
    cache=None,
    on_unreadable="raise",
    max_error_rate=0.05,
    random_state=None,
    n_jobs=None,
    verbose=0,
) -> BenchmarkResult:
    """How good each modality is alone, and how good every fusion of them is.

    All models are scored on the same outer folds. Weights, heads, temperatures and C are chosen
    inside the training folds. Files are read once; each base model is fitted once per set of
    left-out folds: K(K+1)/2 fits per modality for K folds.

    Parameters
    ----------
    table : frame of n_rows rows
    target : str or array-like of shape (n_rows,)
        The labels, or the column that holds them.
    text, image, audio, numeric, categorical : str or sequence of str, optional
        Columns, as in :func:`make_late_fusion`.
    groups : str or array-like of shape (n_rows,), optional
        Rows of one group (a speaker, a patient) share a fold.
    split : str or array-like of shape (n_rows,), optional
        "train" or "test" for each row: one official split instead of cross-validation.
    cv : int, splitter or iterable, default=5
        Outer folds: a partition of the rows into at least 3. With ``split``, an int: the folds
        within the training rows.
    metric : str, default="accuracy"
        What ranks the models: accuracy, balanced_accuracy, precision_macro, recall_macro, f1_macro,
        roc_auc_ovr, average_precision, log_loss, brier or calibration_error.
    backbone : path or bytes, optional
        An ONNX file for the pictures' features.
    cache : path, optional
        The store of features of pictures and recordings.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the benchmark, or count as missing with one warning.
    max_error_rate : float, default=0.05
        Share of unreadable cells of a modality above which "missing" raises.
    random_state : int, optional
        Seeds the models and shuffles the folds; None keeps the order of the table, as
        scikit-learn's ``cv=5``.
    n_jobs : int, optional
        Fits in parallel.
    verbose : int, default=0
        Above 0, progress with the time left is shown on the standard error stream.

    Returns
    -------
    result : BenchmarkResult

    Raises
    ------
    ValueError
        If a column is absent, labels are missing or of one class, folds are no partition or fewer
        than 3, or the metric is unknown.
    UnreadableCellsError
        After all cells were tried.

    References
    ----------
    S. Varma, R. Simon: Bias in error estimation when using cross-validation for model selection.
    BMC Bioinformatics 7:91, 2006.

    Examples
    --------
    >>> from mmclassic import benchmark, load_demo
    >>> result = benchmark(load_demo(n_samples=100), "label", text="text", audio="audio", cv=3)
    >>> result.frame["model"].isin(["text", "audio", "early fusion", "log_pool"]).sum()
    np.int64(4)
    """
    if metric not in GREATER_IS_BETTER:
        raise ValueError(
            f"metric={metric!r} is unknown: use one of {', '.join(GREATER_IS_BETTER)}."
        )
    call = _call(locals())
    columns = {"text": text, "image": image, "audio": audio, "numeric": numeric}
    columns["categorical"] = categorical
    refuse_leaks(columns, target, groups, split)
    labels = _column_of(table, target, "target")
    classes, codes = encode_labels(labels)
    groups = None if groups is None else check_groups(_column_of(table, groups, "groups"))
    notes: list[str] = []
    with _Noting(notes):
        plan, splitter = _plan(codes, classes, groups, split, table, cv, random_state)
    shared = {"backbone": backbone, "cache": cache, "cv": cv, "on_unreadable": on_unreadable}
    shared |= {"random_state": random_state, "n_jobs": n_jobs}
    late = make_late_fusion(**columns, **shared).set_params(max_error_rate=max_error_rate)
    early = make_early_fusion(**columns, **shared).set_params(max_error_rate=max_error_rate)
    start = time.perf_counter()
    with _Noting(notes):
        data = _read(late, table, verbose)
    reading_seconds = time.perf_counter() - start
    blocks = [
        modality.behind(estimator)
        for modality, (_, estimator, _) in zip(data, early.modalities, strict=True)
    ]
    members = [Member(modality.name, [modality]) for modality in data]
    members.append(Member(EARLY, blocks, early.Cs))
    fits = SharedFits(plan, members, codes, classes, n_jobs=n_jobs, verbose=verbose)
    with one_thread():  # heads are small: threads would wait for each other
        outcomes, evidence = judge_models(fits, groups, metric)
    final = FinalModel(table, late, early, fits, data, blocks, groups, metric)
    about = {
        "target": target if isinstance(target, str) else "labels",
        **_describe(data, columns, codes, plan, groups, splitter),
        "seconds of reading": round(reading_seconds, 1),
        "reproduce": call,
    }
    return BenchmarkResult(
        outcomes,
        codes,
        classes,
        metric=metric,
        groups=groups,
        about=about,
        notes=notes,
        best_model=final.fit,
        evidence=evidence,
        sources=Sources(table, about["columns"], {m.name: m.errors for m in data}),
    )


def _call(arguments: dict[str, Any]) -> str:
    """The call of benchmark that has these arguments, as code."""
    parameters = signature(benchmark).parameters.values()
    defaults = {
        p.name: p.default
        for p in parameters
        if p.default is not p.empty and p.name not in ("n_jobs", "verbose", "cache")
    }
    return call_text(arguments["target"], {name: arguments[name] for name in defaults}, defaults)


def _column_of(table: Any, column: Any, what: str) -> Any:
    """A column of the table by its name, or values as they are."""
    n_rows = _num_samples(table)
    if isinstance(column, str):
        if column not in table.columns:
            names = ", ".join(str(name) for name in list(table.columns)[:20])
            raise ValueError(f"{what}: the table has no column {column!r}; it has: {names}.")
        return table[column].to_list()
    if len(column) != n_rows:
        raise ValueError(f"{what} has {len(column)} values, the table has {n_rows} rows.")
    return column


def _plan(codes, classes, groups, split, table, cv, random_state) -> tuple[Plan, Any]:
    """The fits, and the splitter of the final model."""
    options = {"classes": classes.tolist(), "random_state": random_state}
    if split is None:
        splitter = splitter_for(cv, codes, groups, **options)
        splits = split_rows(splitter, codes, groups)
        _check_partition(splits, len(codes))
        return plan_partition([test for _, test in splits], len(codes)), splitter
    if not isinstance(cv, Integral):
        raise ValueError("With split=, cv is the number of folds within the training rows.")
    train, test = _official_split(_column_of(table, split, "split"))
    missing = np.setdiff1d(codes, codes[train])
    if len(missing):
        raise ValueError(
            f"The training rows of the split lack the classes {classes[missing].tolist()}."
        )
    inner_groups = None if groups is None else groups[train]
    splitter = splitter_for(cv, codes[train], inner_groups, **options)
    inner = split_rows(splitter, codes[train], inner_groups)
    return plan_holdout(train, test, [train[rows] for _, rows in inner]), splitter


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


def _read(late, table, verbose: int) -> list[Modality]:
    """Every modality, read once."""
    late._validate_params()
    active = check_modalities(late.modalities)
    with progress_to(ProgressBar() if verbose else None):
        data = read_modalities(active, check_table(late, table, reset=True))
    settle_unreadable(data, late.on_unreadable, late.max_error_rate)
    for modality in data:
        if not modality.present.any():
            raise ValueError(
                f"Modality {modality.name!r} has no cell that could be read: leave it out."
            )
    return data


class _Noting(warnings.catch_warnings):
    """Keep what data-quality warnings say for the report; show them all the same."""

    def __init__(self, notes: list[str]):
        super().__init__(record=True)
        self._notes = notes

    def __enter__(self):
        self._caught = super().__enter__()
        warnings.simplefilter("always", DataQualityWarning)
        return self

    def __exit__(self, *details):
        super().__exit__(*details)
        for caught in self._caught:
            if issubclass(caught.category, DataQualityWarning):
                self._notes.append(str(caught.message))
            warnings.warn(caught.message, caught.category, stacklevel=3)


def _describe(data, columns, codes, plan, groups, splitter) -> dict:
    """What the report says about the data and the folds."""
    if len(plan.folds) == 1:
        fold = plan.folds[0]
        how = f"one official split: {len(fold.train)} training rows, {len(fold.test)} test rows"
    else:
        kind = "grouped, stratified" if groups is not None else "stratified"
        how = f"{len(plan.folds)} folds ({kind if hasattr(splitter, 'n_splits') else 'given'})"
    return {
        "n_rows": len(codes),
        "modalities": [modality.name for modality in data],
        "columns": {
            m.name: [m.columns] if isinstance(m.columns, str) else list(m.columns) for m in data
        },
        "splitter": how,
        "missing": {m.name: int((~m.present).sum()) - len(m.errors) for m in data},
        "unreadable": {m.name: len(m.errors) for m in data},
        "base fits per modality": len(plan.train) + (len(plan.folds) > 1),
    }
