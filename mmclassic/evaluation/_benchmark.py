"""benchmark: every modality alone, every fusion, on the same folds, strictly nested."""

from __future__ import annotations

import time
from inspect import signature
from typing import Any

from mmclassic.evaluation._about import describe
from mmclassic.evaluation._costs import model_bytes, peak_megabytes
from mmclassic.evaluation._joint_models import make_joint_models
from mmclassic.evaluation._judge import CHOICE
from mmclassic.evaluation._leaks import refuse_leaks
from mmclassic.evaluation._learning_curve import check_shares
from mmclassic.evaluation._noting import Noting
from mmclassic.evaluation._outer_folds import plan_folds
from mmclassic.evaluation._own_models import check_models
from mmclassic.evaluation._progress import ProgressBar
from mmclassic.evaluation._reproduce import call_text
from mmclassic.evaluation._result import BenchmarkResult
from mmclassic.evaluation._scoring import make_scoring
from mmclassic.evaluation._sources import Sources
from mmclassic.evaluation._target import column_of, make_task, target_in_words
from mmclassic.evaluation._task import Task
from mmclassic.evaluation._work import EARLY, fit_and_judge
from mmclassic.media._progress import progress_to
from mmclassic.modalities._labels import check_groups
from mmclassic.modalities._modality import Modality, read_modalities, settle_unreadable
from mmclassic.modalities._table import check_modalities, check_table


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
    n_repeats=1,
    task="auto",
    metric=None,
    scoring=None,
    models=None,
    families=("late", "early"),
    class_weight=None,
    learning_curve=None,
    robustness=False,
    costs=False,
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
    target : str, list of str, or array-like of shape (n_rows,) or (n_rows, n_labels)
        What to predict, or the column that holds it. Several columns of 0 and 1, or an indicator:
        several labels for each row, each fused by itself.
    text, image, audio, numeric, categorical : str or sequence of str, optional
        Columns, as in :func:`make_late_fusion`.
    groups : str or array-like of shape (n_rows,), optional
        Rows of one group (a speaker, a patient) share a fold.
    split : str or array-like of shape (n_rows,), optional
        "train" or "test" for each row: one official split instead of cross-validation.
    cv : int, splitter or iterable, default=5
        Outer folds: a partition of the rows into at least 3. With ``split``, an int: the folds
        within the training rows.
    n_repeats : int, default=1
        How often to cross-validate, with folds shuffled anew by seeds from ``random_state``;
        models are then compared by the corrected resampled t-test. Needs an int ``cv``.
    task : {"auto", "classification", "regression"}, default="auto"
        "auto": several columns are labels, numbers with decimal places are a regression, anything
        else is classes. "regression" predicts whole numbers as numbers.
    metric : str, optional
        What ranks the models. Of classes: accuracy (default), balanced_accuracy, precision_macro,
        recall_macro, f1_macro, roc_auc_ovr, average_precision, log_loss, brier, calibration_error.
        Of numbers: r2 (default), mean_absolute_error, median_absolute_error,
        root_mean_squared_error. Of several labels: subset_accuracy (default), f1_micro, f1_macro,
        roc_auc_macro, average_precision, ranking_average_precision, hamming_loss, log_loss. Or a
        name of ``scoring``.
    scoring : str, callable, list or dict, optional
        scikit-learn's scorers as further columns. They see predictions only; NaN where a fold
        lacks a class that they need.
    models : dict from name to estimator, optional
        Your own, classifiers with predict_proba or regressors: cloned and fitted on the rows of the
        table as they are, on the same folds. Groups go to those whose ``fit`` takes them.
    families : sequence of str, default=("late", "early")
        With "joint" also one network for all modalities (:class:`JointClassifier`), the code of
        :class:`MultimodalAutoencoder` and :class:`FeaturePooling`, each with a logistic regression;
        for a classification of one label.
    class_weight : {None, "balanced"}, default=None
        "balanced": rare classes count as much as frequent ones in every classifier and head that
        learns. Not in ``models``, nor where a grid of weights is judged; metrics stay as they are.
    learning_curve : sequence of float, optional
        Shares of the training rows, such as ``(0.1, 0.3, 1.0)``, to fit the default fusion, early
        fusion and the best modality on: of each class, or whole groups. Each costs about as much
        as the benchmark; 1.0 costs nothing.
    robustness : bool, default=False
        Damage test rows of the first fold, medium by medium and step by step, and judge the default
        fusion, fitted without them, on what is left (``robustness_curve``).
    costs : bool, default=False
        Fit and save every model for a column ``model_bytes``, and note in ``about`` the most memory
        that the process held. (There is no peak for each model: they share fits in one process.)
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
        If a column is absent, targets are missing, of one class or do not fit ``task``, folds are
        no partition or fewer than 3, a metric is unknown, or a model gives no probabilities.
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
    call = _call(locals())
    columns = {"text": text, "image": image, "audio": audio, "numeric": numeric}
    columns["categorical"] = categorical
    refuse_leaks(columns, target, groups, split)
    about_target = make_task(table, target, task=task, class_weight=class_weight)
    groups = None if groups is None else check_groups(column_of(table, groups, "groups"))
    judge = make_scoring(scoring, about_target.classes, about_target.metrics)
    metric = about_target.metrics.default if metric is None else metric
    judge.check(metric)
    shares = check_shares(learning_curve)
    shared = {"backbone": backbone, "cache": cache, "cv": cv, "on_unreadable": on_unreadable}
    shared |= {"random_state": random_state, "n_jobs": n_jobs}
    rate = {"max_error_rate": max_error_rate}
    late = about_target.make_late(**columns, **shared).set_params(**rate)
    early = about_target.make_early(**columns, **shared).set_params(**rate)
    settings = {"class_weight": class_weight, "random_state": random_state}
    joint = make_joint_models(families, early.modalities, about_target.kind, **settings)
    own = check_models(models, [*_names(late, about_target), *joint], about_target)
    notes: list[str] = []
    with Noting(notes):
        folds = {"cv": cv, "n_repeats": n_repeats, "random_state": random_state}
        parts = None if split is None else column_of(table, split, "split")
        plans, splitter = plan_folds(about_target, groups, parts, **folds)
    start = time.perf_counter()
    with Noting(notes):
        data = _read(late, table, verbose)
    reading_seconds = time.perf_counter() - start
    work = fit_and_judge(
        table, data, about_target, plans, (late, early), joint, own, groups, metric, judge,
        shares=shares, robustness=robustness, seed=random_state or 0, notes=notes,
        n_jobs=n_jobs, verbose=verbose,
    )  # fmt: skip
    damage, names = work.robustness, [outcome.name for outcome in work.outcomes]
    about = {
        "target": target_in_words(table, target, about_target.kind),
        **describe(data, about_target, plans, groups, splitter),
        "seconds of reading": round(reading_seconds, 1),
        **({"robustness rows": damage.n_rows} if damage else {}),
        **({"peak memory of the process (MB)": round(peak_megabytes(), 0)} if costs else {}),
        "reproduce": call,
    }
    return BenchmarkResult(
        work.outcomes,
        about_target.y,
        about_target.classes,
        task=about_target.kind,
        metric=metric,
        groups=groups,
        about=about,
        notes=notes,
        best_model=work.final.fit,
        evidence=work.evidence,
        sources=Sources(table, about["columns"], {m.name: m.errors for m in data}),
        scoring=judge,
        learning_curve=work.learning_curve,
        robustness=damage.frame if damage else None,
        model_bytes=model_bytes(work.final.fit, names) if costs else None,
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


def _names(late, task: Task) -> list[str]:
    """Names of the models that every benchmark of these modalities has."""
    modalities = [name for name, _, _ in late.modalities]
    return [task.prior_name, *modalities, CHOICE, EARLY, *task.heads(len(modalities))]


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
