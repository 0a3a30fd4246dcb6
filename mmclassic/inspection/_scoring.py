"""Any scikit-learn metric on what a fusion gives, without the model that gave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_regressor
from sklearn.metrics import get_scorer

from mmclassic.fusion import negative_log_loss

Metric = Callable[[np.ndarray, np.ndarray], np.ndarray]

CLASSIFIER_SCORES = ("accuracy", "neg_log_loss")
REGRESSOR_SCORES = ("r2", "neg_root_mean_squared_error")


class FusedProbabilities(ClassifierMixin, BaseEstimator):
    """A classifier whose input is its own answer, so that scorers can judge fused probabilities.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    multilabel : bool, default=False
        Whether each column is the probability of a label of its own.

    Examples
    --------
    >>> judge = FusedProbabilities(np.array(["no", "yes"]))
    >>> judge.predict([[0.2, 0.8], [0.9, 0.1]])
    array(['yes', 'no'], dtype='<U3')
    """

    def __init__(self, classes, *, multilabel=False):
        self.classes = classes
        self.multilabel = multilabel

    def __sklearn_is_fitted__(self):
        return True

    @property
    def classes_(self):
        """The classes; for labels, those of each column, as scikit-learn has it."""
        if self.multilabel:
            return [np.array([0, 1])] * len(self.classes)
        return np.asarray(self.classes)

    def predict_proba(self, X):
        """The probabilities as given."""
        return np.asarray(X)

    def predict(self, X):
        """Most probable classes, or the labels above one half."""
        if self.multilabel:
            return (np.asarray(X) > 0.5).astype(int)
        return np.asarray(self.classes)[np.asarray(X).argmax(axis=1)]


class FusedPredictions(RegressorMixin, BaseEstimator):
    """A regressor whose input is its own answer."""

    def __sklearn_is_fitted__(self):
        return True

    def predict(self, X):
        """The predictions as given."""
        return np.asarray(X)


def label_log_loss(estimator: Any, X: Any, y: Any) -> float:
    """Scorer for labels: minus the mean log-loss over rows and labels.

    Examples
    --------
    >>> judge = FusedProbabilities([0, 1], multilabel=True)
    >>> round(label_log_loss(judge, [[0.5, 0.5]], [[0, 1]]), 3)
    -0.693
    """
    probabilities = estimator.predict_proba(X)
    own = np.where(np.asarray(y) > 0, probabilities, 1 - probabilities)
    return float(np.log(np.maximum(own, np.finfo(np.float64).eps)).mean())


def make_metric(model: Any, scoring: Any = None) -> tuple[list[str], Metric]:
    """Names of scores, and the function from labels and fused answers to them.

    Parameters
    ----------
    model : LateFusionClassifier or LateFusionRegressor, fitted
    scoring : None, str, callable, sequence of str, or dict from name to str or callable
        As in scikit-learn. None: accuracy and log-loss; of a regressor R² and the error.
        "neg_log_loss" also takes rows that lack some of the classes.

    Returns
    -------
    names : list of str
    metric : callable
        ``metric(y, fused)`` is an array of shape (n_scores,).

    Raises
    ------
    ValueError
        If a name is unknown to scikit-learn.
    """
    multilabel = hasattr(model, "label_models_")
    regressor = is_regressor(model)
    judge = FusedPredictions() if regressor else _judge_of(model, multilabel)
    scorers = {name: _scorer(one, multilabel) for name, one in _by_name(scoring, regressor).items()}

    def metric(y: np.ndarray, fused: np.ndarray) -> np.ndarray:
        return np.array([scorer(judge, fused, y) for scorer in scorers.values()], dtype=np.float64)

    return list(scorers), metric


def _judge_of(model: Any, multilabel: bool) -> FusedProbabilities:
    return FusedProbabilities(model.classes_, multilabel=multilabel)


def _by_name(scoring: Any, regressor: bool) -> dict[str, Any]:
    if scoring is None:
        scoring = REGRESSOR_SCORES if regressor else CLASSIFIER_SCORES
    if isinstance(scoring, Mapping):
        return dict(scoring)
    if isinstance(scoring, Sequence) and not isinstance(scoring, str):
        return {str(name): name for name in scoring}
    if isinstance(scoring, str):
        return {scoring: scoring}
    if callable(scoring):
        function = getattr(scoring, "_score_func", scoring)
        return {getattr(function, "__name__", "score"): scoring}
    raise ValueError(f"scoring={scoring!r} is no scorer, name of one, list or dict of them.")


def _scorer(one: Any, multilabel: bool) -> Callable:
    if one == "neg_log_loss":
        return label_log_loss if multilabel else negative_log_loss
    return get_scorer(one)
