"""Linear models as coefficients, and how their values become class probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import (
    ElasticNet,
    ElasticNetCV,
    HuberRegressor,
    Lasso,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    Perceptron,
    Ridge,
    RidgeClassifier,
    RidgeClassifierCV,
    RidgeCV,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC

from mmclassic.fusion._compiled_block import FoldError

# Stands for minus infinity: its exponential is zero, and times zero it is no NaN.
NEVER = -1e30

_PROBABILITIES = (LogisticRegression, LogisticRegressionCV, LinearDiscriminantAnalysis)
_MARGINS = (RidgeClassifier, RidgeClassifierCV, LinearSVC, Perceptron)
_KERNELS = (SVC, NuSVC)
_REGRESSORS = (
    LinearRegression, Ridge, RidgeCV, Lasso, LassoCV, ElasticNet, ElasticNetCV, HuberRegressor,
    SGDRegressor, LinearSVR,
)  # fmt: skip


@dataclass(frozen=True)
class Linear:
    """Values ``features @ coefficients + intercepts``, one per class, and what they mean.

    Attributes
    ----------
    coefficients : ndarray of shape (n_features, n_classes)
    intercepts : ndarray of shape (n_classes,)
        ``NEVER`` for classes that the model did not see.
    link : {"softmax", "sigmoid", "ovr"}
        "sigmoid" stands for a value of the second class seen; "ovr" for one sigmoid per class.
    """

    coefficients: np.ndarray
    intercepts: np.ndarray
    link: str


def fold_classifier(
    classifier: Any, seen: np.ndarray, n_classes: int, temperature: float
) -> Linear:
    """A fitted linear classifier, its classes at their places among all classes.

    Parameters
    ----------
    classifier : estimator
    seen : ndarray of shape (n_seen,), int
        Place of each of its classes.
    n_classes : int
    temperature : float
        What decision values are divided by; NaN where it gives probabilities.

    Raises
    ------
    FoldError
        If it is not linear, or not known to be.
    """
    link = _link_of(classifier)
    rows, intercept = _coefficients(classifier)
    if len(rows) == 1 and link == "margins":
        rows, intercept = np.stack([-rows[0], rows[0]]) / 2, np.array([-0.5, 0.5]) * intercept[0]
    elif len(rows) == 1:
        rows, intercept = np.stack([0 * rows[0], rows[0]]), np.array([0.0, intercept[0]])
        link = "sigmoid"
    if link == "margins":
        rows, intercept, link = rows / temperature, intercept / temperature, "softmax"
    coefficients = np.zeros((rows.shape[1], n_classes))
    intercepts = np.full(n_classes, NEVER)
    coefficients[:, seen], intercepts[seen] = rows.T, intercept
    return Linear(coefficients, intercepts, link)


def fold_regressor(regressor: Any) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of shape (n_features, 1) and intercept of shape (1,) of a linear regressor."""
    is_linear_svr = type(regressor) is SVR and regressor.kernel == "linear"
    if type(regressor) not in _REGRESSORS and not is_linear_svr:
        raise FoldError("it is not one of the linear models")
    rows, intercept = _coefficients(regressor)
    return rows.T, intercept


def _link_of(classifier: Any) -> str:
    """What the values of a classifier are: as ``Linear.link``, or "margins"."""
    kind = type(classifier)
    if kind in _PROBABILITIES:
        return "softmax"
    if kind in _MARGINS:
        return "margins"
    if kind is SGDClassifier:
        if classifier.loss == "modified_huber":
            raise FoldError('loss="modified_huber" gives clipped probabilities: use "log_loss"')
        return "ovr" if classifier.loss == "log_loss" else "margins"
    if kind in _KERNELS:
        if classifier.kernel != "linear" or len(classifier.classes_) > 2:
            raise FoldError(
                'only kernel="linear" with two classes is linear: use LinearSVC for more'
            )
        if hasattr(classifier, "predict_proba"):
            raise FoldError("probability=True fits a curve of its own: leave it out")
        return "margins"
    raise FoldError("it is not one of the linear models")


def _coefficients(model: Any) -> tuple[np.ndarray, np.ndarray]:
    coefficients = model.coef_.toarray() if sparse.issparse(model.coef_) else model.coef_
    coefficients = np.atleast_2d(np.asarray(coefficients, dtype=np.float64))
    intercept = np.asarray(model.intercept_, dtype=np.float64)
    return coefficients, np.broadcast_to(intercept.ravel(), len(coefficients))
