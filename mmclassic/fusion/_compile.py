"""compile_model: a fitted fusion of linear models as one matrix product and a short rule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import product
from typing import Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils._indexing import _get_column_indices
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion._compiled import (
    CompiledEarlyFusion,
    CompiledLateFusion,
    CompiledModel,
    CompiledRegressor,
)
from mmclassic.fusion._compiled_block import Block, FoldError, fold_step
from mmclassic.fusion._compiled_linear import NEVER, Linear, fold_classifier, fold_regressor
from mmclassic.fusion._compiled_links import make_links
from mmclassic.fusion._compiled_rule import rule_of
from mmclassic.fusion._compiled_table import Folded, make_table
from mmclassic.fusion._early import EarlyFusionClassifier
from mmclassic.fusion._late import LateFusionClassifier
from mmclassic.fusion._late_regressor import LateFusionRegressor
from mmclassic.fusion._patterns import MAX_MODALITIES
from mmclassic.fusion._scores import FLOOR
from mmclassic.fusion._weighted_sum_regressor import WeightedSumRegressor

FOLDABLE = (
    "What can be folded: standard, min-max, max-abs, robust and block scalers, SimpleImputer, "
    "selectors of columns, PCA and TruncatedSVD, before a linear model."
)


def compile_model(model: Any) -> CompiledModel:
    """Fold a fitted fusion of linear models, to answer single rows in microseconds.

    Scalers, projections, coefficients and temperatures of all modalities become one matrix
    product. The heads LogPool, WeightedSum, Voting("soft") and Stacking of a LogisticRegression
    become another, one for each pattern of missing modalities; any other head runs as it is.
    The answers equal the model's within 1e-9, also for missing modalities. The columns must be
    numbers: cells of text, pictures or sound are turned into features before.

    Parameters
    ----------
    model : LateFusionClassifier, LateFusionRegressor or EarlyFusionClassifier
        Fitted. Its modalities are linear models, alone or behind linear steps: StandardScaler,
        MinMaxScaler, MaxAbsScaler, RobustScaler, BlockScaler, SimpleImputer, selectors of columns,
        PCA and TruncatedSVD.

    Returns
    -------
    compiled : object
        With ``predict``, for a classifier ``predict_proba`` and ``classes_``,
        ``n_features_in_`` and, where the model was fitted on a frame, ``feature_names_in_``. It
        takes float arrays of shape (n_samples, n_features_in_), in the order of the columns that
        the model was fitted on, and, slower, frames. It is immutable, can be pickled, and knows
        nothing of later fits of the model. Save the model, not this.

    Raises
    ------
    TypeError
        If it is no fusion.
    ValueError
        Naming the modality and the step that cannot be folded.

    Notes
    -----
    Everything is computed in double precision. A model that gets float32 rows rounds them on the
    way, so the two then agree to about 1e-6.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from mmclassic import LateFusionClassifier, compile_model
    >>> X, y = load_iris(return_X_y=True)
    >>> member = make_pipeline(StandardScaler(), LogisticRegression())
    >>> model = LateFusionClassifier([("sepal", member, [0, 1]), ("petal", member, [2, 3])])
    >>> quick = compile_model(model.fit(X, y))
    >>> quick.predict(X[:2])
    array([0, 0])
    >>> bool(abs(quick.predict_proba(X) - model.predict_proba(X)).max() < 1e-9)
    True
    """
    for kind, compile_kind in _KINDS.items():
        if isinstance(model, kind):
            check_is_fitted(model)
            return compile_kind(model)
    raise TypeError(
        f"compile_model takes a fitted {', '.join(kind.__name__ for kind in _KINDS)}, got "
        f"{type(model).__name__}."
    )


def _compile_late(model: Any) -> CompiledLateFusion:
    if hasattr(model, "label_models_"):
        raise ValueError("A fusion of several labels cannot be folded: fit one model per label.")
    folded, columns, linear, seen = [], [], [], []
    for (name, estimator, spec), temperature in zip(
        model.modalities_, model.temperatures_, strict=True
    ):
        columns.append(_columns_of(model, name, spec))
        block, label, last = _fold_steps(name, estimator, len(columns[-1]))
        seen.append(np.searchsorted(model.classes_, last.classes_))
        with _naming(name, label, last):
            linear.append(fold_classifier(last, seen[-1], len(model.classes_), temperature))
        folded.append(_behind(name, block, linear[-1].coefficients, linear[-1].intercepts))
    head = deepcopy(_chosen(model.fusion_))
    n_modalities, n_classes = len(folded), len(model.classes_)
    patterns = (
        product((True, False), repeat=n_modalities)
        if n_modalities <= MAX_MODALITIES
        else [(True,) * n_modalities]
    )
    calibration = model.calibration_
    return CompiledLateFusion(
        table=make_table(model, folded, columns),
        classes_=model.classes_.copy(),
        class_prior_=model.class_prior_.copy(),
        links=make_links(linear, seen, model.class_prior_),
        calibration=None if calibration is None else calibration.temperatures_[:, None].copy(),
        floor=FLOOR / n_classes,
        missing=model.missing,
        head=head,
        rules={pattern: rule_of(head, pattern) for pattern in patterns if any(pattern)},
    )


def _compile_early(model: Any) -> CompiledEarlyFusion:
    n_classes = len(model.classes_)
    seen = np.searchsorted(model.classes_, model.classifier_.classes_)
    linear = fold_classifier(model.classifier_, seen, n_classes, np.nan)
    # Two classes seen: the softmax of (0, d) is their sigmoid, at any temperature.
    linear = Linear(
        linear.coefficients / model.temperature_,
        np.where(linear.intercepts == NEVER, NEVER, linear.intercepts / model.temperature_),
        "softmax",
    )
    folded, columns, absent, start = [], [], [], 0
    for (name, transformer, spec), mean in zip(model.modalities_, model._means, strict=True):
        columns.append(_columns_of(model, name, spec))
        block = _fold_transformer(name, transformer, len(columns[-1]), mean)
        coefficients = linear.coefficients[start : start + len(mean)]
        folded.append(_behind(name, block, coefficients, np.zeros(n_classes)))
        absent.append(mean @ coefficients)
        start += len(mean)
    return CompiledEarlyFusion(
        table=make_table(model, folded, columns),
        classes_=model.classes_.copy(),
        class_prior_=model.class_prior_.copy(),
        absent=np.array(absent),
        intercepts=linear.intercepts,
        links=make_links([linear], [seen], model.class_prior_),
    )


def _compile_regressor(model: Any) -> CompiledRegressor:
    folded, columns = [], []
    for name, estimator, spec in model.modalities_:
        columns.append(_columns_of(model, name, spec))
        block, label, last = _fold_steps(name, estimator, len(columns[-1]))
        with _naming(name, label, last):
            folded.append(_behind(name, block, *fold_regressor(last)))
    head = deepcopy(_chosen(model.fusion_))
    weights, intercept = _regression_rule(head)
    return CompiledRegressor(
        table=make_table(model, folded, columns),
        missing=model.missing,
        head=head,
        weights=weights,
        intercept=intercept,
        target_mean_=float(model.target_mean_),
    )


_KINDS: dict[type, Any] = {
    LateFusionClassifier: _compile_late,
    LateFusionRegressor: _compile_regressor,
    EarlyFusionClassifier: _compile_early,
}


def _regression_rule(head: Any) -> tuple[np.ndarray | None, float]:
    """Weights and intercept for rows that have everything; None where only the head knows."""
    if type(head) is not WeightedSumRegressor or not head.weights_.sum() > 0:
        return None, 0.0
    known = head.patterns_.all(axis=1).any()
    if head._learns_from_scores and not known:
        return None, 0.0
    total = 1.0 if head._learns_from_scores else head.weights_.sum()
    return head.weights_ / total, float(head.intercept_)


def _columns_of(model: Any, name: str, columns: Any) -> np.ndarray:
    """Positions of a modality's columns in the table that the model was fitted on."""
    if callable(columns):
        raise ValueError(
            f"Modality {name!r} chooses its columns by a function of the table: a compiled model "
            "needs names or positions."
        )
    table: Any = np.empty((0, model.n_features_in_))
    if hasattr(model, "feature_names_in_"):
        import pandas as pd

        table = pd.DataFrame(table, columns=model.feature_names_in_)
    return np.asarray(_get_column_indices(table, columns), dtype=int)


def _fold_steps(name: str, estimator: Any, n_columns: int) -> tuple[Block, str, Any]:
    """The block before the last step, the last step's name, and the last step."""
    *steps, (label, last) = _steps_of(estimator, type(estimator).__name__.lower())
    block = Block.identity(n_columns)
    for step_label, step in steps:
        with _naming(name, step_label, step):
            block = fold_step(block, step)
    return block, label, last


def _fold_transformer(name: str, transformer: Any, n_columns: int, mean: np.ndarray) -> Block:
    """All steps of a block of early fusion, where a feature that is NaN counts as its mean."""
    block, label, last = _fold_steps(name, transformer, n_columns)
    with _naming(name, label, last):
        block = fold_step(block, last)
    takes_nan = all(get_tags(step).input_tags.allow_nan for _, step in _steps_of(transformer, name))
    return block.imputed(mean) if takes_nan and block.matrix is None else block


def _steps_of(estimator: Any, label: str) -> list[tuple[str, Any]]:
    """The steps in order, pipelines within pipelines laid open."""
    if isinstance(estimator, FrozenEstimator):
        return _steps_of(estimator.estimator, label)
    if isinstance(estimator, Pipeline):
        return [one for name, step in estimator.steps for one in _steps_of(step, name)]
    return [] if estimator is None or isinstance(estimator, str) else [(label, estimator)]


@contextmanager
def _naming(name: str, label: str, step: Any) -> Iterator[None]:
    """Say which modality and which step it is that cannot be folded."""
    try:
        yield
    except FoldError as error:
        raise ValueError(
            f"Modality {name!r} cannot be folded: step {label!r}, {type(step).__name__}: {error}. "
            f"{FOLDABLE}"
        ) from None


def _behind(name: str, block: Block, coefficients: np.ndarray, intercepts: np.ndarray) -> Folded:
    """A modality whose features are weighed; its columns in the table come later."""
    return Folded(name, np.empty(0, dtype=int), block.projected(coefficients, intercepts))


def _chosen(head: Any) -> Any:
    """The head inside searches."""
    while hasattr(head, "best_estimator_"):
        head = head.best_estimator_
    return head
