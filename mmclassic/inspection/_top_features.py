"""top_features: the words, or columns, that speak loudest for each class."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion import BlockScaler
from mmclassic.inspection._labels import modality_names


def top_features(model, modality, *, n=10):
    """The features of a modality with the greatest coefficients, for each class.

    Parameters
    ----------
    model : LateFusionClassifier or LateFusionRegressor, fitted
    modality : str
        Its estimator ends in a linear model (with ``coef_``), and what comes before it names its
        features (``get_feature_names_out``).
    n : int, default=10
        How many features of each class.

    Returns
    -------
    frame : pandas.DataFrame
        Columns: ``class``, ``feature``, ``coefficient`` and ``per_unit``, sorted within each class.
        ``coefficient`` is that of the linear model, for features as they reach it: on one scale
        after a scaler, so that they compare. ``per_unit`` is folded back through the scalers
        before the model: the effect of one unit of the feature as it was. Without a scaler they
        are equal. With two classes, the second has the signs of the model, the first the others.
        Of a regressor, ``class`` is None and the greatest absolute coefficients are shown.

    Raises
    ------
    ValueError
        If there is no such modality, its model is not linear, or its features have no names.

    Warns
    -----
    UserWarning
        If its terms are hashed: there are columns and coefficients, but no words to show.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from mmclassic import BagOfWordsVectorizer, LateFusionClassifier, top_features
    >>> table = pd.DataFrame({"text": ["good film", "bad film", "good plot", "bad plot"] * 3})
    >>> words = BagOfWordsVectorizer(words=(1, 1), characters=None)
    >>> model = LateFusionClassifier(
    ...     [("text", make_pipeline(words, LogisticRegression()), "text")]
    ... ).fit(table, ["yes", "no", "yes", "no"] * 3)
    >>> top_features(model, "text", n=1)[["class", "feature"]]
      class     feature
    0    no   word__bad
    1   yes  word__good
    """
    import pandas as pd

    check_is_fitted(model)
    if not hasattr(model, "named_modalities_"):
        raise ValueError(
            f"{type(model).__name__} has no classifier per modality: pass a fitted late "
            "fusion, or one of its label_models_."
        )
    if modality not in modality_names(model):
        raise ValueError(f"There is no modality {modality!r}: it has {modality_names(model)}.")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n!r}.")
    steps = _steps_of(model.named_modalities_[modality])
    coefficients, classes = class_coefficients(steps[-1], modality)
    names = _feature_names(steps, coefficients.shape[1], modality)
    units = per_unit(steps[:-1], coefficients.shape[1])
    rows = []
    for label, row in zip(classes, coefficients, strict=True):
        size = np.abs(row) if is_regressor(model) else row
        best = np.argsort(-size, kind="stable")[:n]
        rows += [(label, names[i], row[i], row[i] * units[i]) for i in best]
    return pd.DataFrame(rows, columns=["class", "feature", "coefficient", "per_unit"])


def class_coefficients(linear: Any, modality: str) -> tuple[np.ndarray, list]:
    """Coefficients of a linear model with a row for each class, and the classes.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> model = LogisticRegression().fit([[-1.0], [1.0]], ["no", "yes"])
    >>> coefficients, classes = class_coefficients(model, "text")
    >>> classes, (np.sign(coefficients)).tolist()
    (['no', 'yes'], [[-1.0], [1.0]])
    """
    linear = getattr(linear, "best_estimator_", linear)
    coefficients = getattr(linear, "coef_", None)
    if coefficients is None:
        raise ValueError(
            f"The model of {modality!r}, {type(linear).__name__}, has no coef_: top_features needs "
            "a linear one, such as LogisticRegression, LinearSVC or Ridge."
        )
    if hasattr(coefficients, "toarray"):
        coefficients = coefficients.toarray()
    coefficients = np.atleast_2d(coefficients)
    classes = list(np.asarray(getattr(linear, "classes_", [None])).tolist())
    if len(classes) == 2 and len(coefficients) == 1:
        coefficients = np.vstack([-coefficients, coefficients])
    if len(coefficients) != len(classes):
        raise ValueError(
            f"The model of {modality!r}, {type(linear).__name__}, has {len(coefficients)} rows of "
            f"coefficients for {len(classes)} classes: top_features needs one row for each class."
        )
    return coefficients, classes


def per_unit(steps: list, n_features: int) -> np.ndarray:
    """Factor from each coefficient to that of the feature before the scalers at the end of steps.

    Examples
    --------
    >>> scaler = StandardScaler().fit([[0.0], [4.0]])
    >>> per_unit([scaler, MaxAbsScaler().fit([[0.5], [1.0]])], 1)
    array([0.5])
    """
    factor = np.ones(n_features)
    for step in reversed(steps):
        if isinstance(step, MinMaxScaler):
            factor = factor * step.scale_
        elif isinstance(step, StandardScaler | BlockScaler | MaxAbsScaler | RobustScaler):
            factor = factor / (1.0 if step.scale_ is None else step.scale_)
        elif not _keeps_units(step, n_features):
            break  # what comes before has other features
    return factor


def _keeps_units(step: Any, n_features: int) -> bool:
    """Whether a step leaves the values that are there as they are."""
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return True
    return isinstance(step, SimpleImputer) and len(step.statistics_) == n_features


def _steps_of(estimator: Any) -> list:
    """The steps of pipelines, also nested and searched ones."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    if isinstance(estimator, Pipeline):
        return [part for _, step in estimator.steps for part in _steps_of(step)]
    return [estimator]


def _feature_names(steps: list, n_features: int, modality: str) -> np.ndarray:
    """Names of what reaches the last step."""
    names = getattr(steps[0], "feature_names_in_", None)
    for step in steps[:-1]:
        if isinstance(step, str) or step is None:
            continue
        if getattr(step, "hashed", False):
            warnings.warn(
                f"The terms of modality {modality!r} are hashed: its features are columns, and the "
                "model does not hold their words. Fit it with hashed=False to see words.",
                UserWarning,
                stacklevel=3,
            )
        if not hasattr(step, "get_feature_names_out"):
            raise ValueError(
                f"{type(step).__name__} of modality {modality!r} has no get_feature_names_out, so "
                "its features have no names."
            )
        names = _names_through(step, names)
    if names is None:  # nothing before the model, and an array in ``fit``
        names = [f"x{place}" for place in range(n_features)]
    if len(names) != n_features:
        raise ValueError(
            f"Modality {modality!r} has {len(names)} names for {n_features} coefficients."
        )
    return np.asarray(names, dtype=object)


def _names_through(step: Any, names: Any) -> Any:
    """Names after a step; a vectorizer of one column does not ask for those before it."""
    own = getattr(step, "feature_names_in_", None)
    one_column = getattr(step, "n_features_in_", None) == 1 and (own is None or len(own) == 1)
    if names is None or one_column:
        return step.get_feature_names_out()
    return step.get_feature_names_out(names)
