"""One base model of a fusion: fitted on rows of the table, scored on others."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_memory, has_fit_parameter

from mmclassic._errors import UnreadableCellsError, renumber
from mmclassic._threads import one_thread
from mmclassic.fusion._precomputed import Precomputed, classes_of_columns
from mmclassic.modalities._modality import Modality


def gives_probabilities(estimator: Any) -> bool:
    """Whether a classifier has predict_proba; else its decision function is softened.

    Raises
    ------
    ValueError
        If it has neither.
    """
    if hasattr(estimator, "predict_proba"):
        return True
    if hasattr(estimator, "decision_function"):
        return False
    raise ValueError(
        f"{type(estimator).__name__} has neither predict_proba nor decision_function, so it gives "
        "no scores to fuse."
    )


def fit_member(
    modality: Modality,
    labels: np.ndarray,
    rows: np.ndarray,
    classes: np.ndarray,
    fit_params: dict | None = None,
    fit: Any = None,
) -> Any:
    """Fit a clone of a modality's estimator on those of some rows that have it.

    Rows of weight zero are as if they were not there: some classifiers count their classes, and
    give no scores for them.

    Parameters
    ----------
    modality : Modality
    labels : ndarray of shape (n_samples,)
    rows : ndarray of int
    classes : ndarray of shape (n_classes,)
        All classes, for Precomputed, whose columns are all there in every fold.
    fit_params : dict, optional
        Arrays of n_samples values, such as sample_weight.
    fit : callable, optional
        ``fit_estimator``, or a cached form of it.

    Returns
    -------
    fitted : estimator or None
        None if the rows that have the modality show fewer than two classes.

    Raises
    ------
    UnreadableCellsError
        Numbered by the rows of the table.
    """
    data, rows = modality.take(rows_that_count(rows, fit_params))
    if len(np.unique(labels[rows])) < 2:
        return None
    estimator = clone(modality.estimator)
    if isinstance(estimator, Precomputed) and estimator.classes is None:
        estimator.set_params(classes=classes_of_columns(data, classes))
    params = {key: np.asarray(value)[rows] for key, value in (fit_params or {}).items()}
    try:
        return (fit or fit_estimator)(estimator, data, labels[rows], params)
    except UnreadableCellsError as error:
        raise UnreadableCellsError(renumber(error.errors, rows), error.n_cells) from error


def rows_that_count(rows: np.ndarray, fit_params: dict | None) -> np.ndarray:
    """Those among some rows whose weights are not zero.

    Examples
    --------
    >>> rows_that_count(np.array([0, 2]), {"sample_weight": np.array([1.0, 1.0, 0.0])})
    array([0])
    """
    for key, value in (fit_params or {}).items():
        if key.split("__")[-1] == "sample_weight":
            rows = rows[np.asarray(value)[rows] != 0]
    return rows


def fit_estimator(estimator: Any, data: Any, labels: np.ndarray, params: dict) -> Any:
    """The fit itself; a function of its own, so that joblib.Memory can cache it.

    In one thread: ``n_jobs`` runs whole fits side by side.
    """
    with one_thread():
        return estimator.fit(data, labels, **params)


def cached_fit(memory: Any) -> Any:
    """``fit_estimator``, cached by a joblib.Memory (or in a folder) where there is one."""
    return fit_estimator if memory is None else check_memory(memory).cache(fit_estimator)


def score_member(
    fitted: Any, modality: Modality, rows: np.ndarray, classes: np.ndarray
) -> np.ndarray:
    """Class probabilities, or decision values, of some rows.

    Parameters
    ----------
    fitted : estimator or None
    modality : Modality
    rows : ndarray of shape (n_rows,), int
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    values : ndarray of shape (n_rows, n_classes), float64
        NaN for classes that the model did not see, and across rows without the modality.
    """
    values = np.full((len(rows), len(classes)), np.nan)
    if fitted is None:
        return values
    there = modality.present[rows]
    if not there.any():
        return values
    data, kept = modality.take(rows)
    try:
        with one_thread():
            raw = (
                fitted.predict_proba(data)
                if gives_probabilities(fitted)
                else decision_margins(fitted, data)
            )
    except UnreadableCellsError as error:
        raise UnreadableCellsError(renumber(error.errors, kept), error.n_cells) from error
    columns = np.searchsorted(classes, fitted.classes_)
    if (columns >= len(classes)).any() or (classes[columns] != fitted.classes_).any():
        raise ValueError(
            f"Modality {modality.name!r} knows the classes {fitted.classes_}, y has {classes}."
        )
    # Three classes have three pairs: the shape alone does not tell.
    of_pairs = len(columns) > 2 and not gives_probabilities(fitted) and _scores_pairs(fitted)
    if np.shape(raw) != (len(kept), len(columns)) or of_pairs:
        advice = (
            ', one per pair of classes: use decision_function_shape="ovr"'
            if of_pairs
            else ": it must give one score per class and row"
        )
        raise ValueError(
            f"Modality {modality.name!r}: {type(fitted).__name__} gives scores of the shape "
            f"{np.shape(raw)} for {len(kept)} rows and the {len(columns)} classes {fitted.classes_}"
            f"{advice}."
        )
    values[np.ix_(np.flatnonzero(there), columns)] = raw
    return values


def decision_margins(fitted: Any, data: Any) -> np.ndarray:
    """Decision values, one column per class; their softmax is the sigmoid for two classes."""
    margins = np.asarray(fitted.decision_function(data), dtype=np.float64)
    return np.column_stack([-margins / 2, margins / 2]) if margins.ndim == 1 else margins


def _scores_pairs(fitted: Any) -> bool:
    """Whether it is a classifier of the libsvm kind that scores pairs of classes."""
    last = fitted.steps[-1][1] if isinstance(fitted, Pipeline) else fitted
    return getattr(last, "decision_function_shape", None) == "ovo"


def weight_params(estimator: Any, name: str, sample_weight: np.ndarray) -> dict:
    """``sample_weight`` under the name that an estimator, or a pipeline's last step, takes.

    Raises
    ------
    ValueError
        If it takes none.
    """
    if isinstance(estimator, FrozenEstimator):
        return {}  # it is not fitted again, whatever the weights
    if isinstance(estimator, Pipeline):
        last, step = estimator.steps[-1]
        inner = weight_params(step, name, sample_weight)
        return {f"{last}__{key}": value for key, value in inner.items()}
    if not _takes_weight(estimator):
        raise ValueError(f"Modality {name!r}: {type(estimator).__name__} takes no sample_weight.")
    return {"sample_weight": sample_weight}


def _takes_weight(estimator: Any) -> bool:
    """Whether ``fit`` takes weights; scikit-learn's voting and stacking do if all members do."""
    from sklearn import ensemble  # an import of its own: only models with weights need it

    stacking = (ensemble.StackingClassifier, ensemble.StackingRegressor)
    if not isinstance(estimator, (*stacking, ensemble.VotingClassifier, ensemble.VotingRegressor)):
        return has_fit_parameter(estimator, "sample_weight")
    members = [member for _, member in estimator.estimators if not isinstance(member, str)]
    if isinstance(estimator, stacking) and estimator.final_estimator is not None:
        members.append(estimator.final_estimator)
    return all(_takes_weight(member) for member in members)
