"""All scores of a set of predictions: the built-in ones, and any of scikit-learn's scorers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import get_scorer

from mmclassic.evaluation._metric_names import LOSSES
from mmclassic.evaluation._metric_set import MetricSet
from mmclassic.evaluation._metrics import CLASS_METRICS
from mmclassic.evaluation._number_metrics import NUMBER_METRICS
from mmclassic.fusion import negative_log_loss
from mmclassic.inspection._scoring import FusedPredictions, FusedProbabilities

# Columns that a score would take the place of.
TAKEN = {"model", "family", "default", "fold", "n_test", "fit_seconds", "predict_seconds"}


@dataclass(frozen=True, eq=False)
class Scoring:
    """From true values and outputs to every score, by name.

    Attributes
    ----------
    scorers : mapping from name to scorer
        Called with an estimator that gives the outputs, these as ``X``, and the true values.
    classes : ndarray
        Of classes, the labels behind the codes; the names of labels; empty for numbers.
    metrics : MetricSet
        The built-in scores.

    Examples
    --------
    >>> scoring = make_scoring("matthews_corrcoef", np.array(["no", "yes"]))
    >>> scores = scoring(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    >>> scores["accuracy"], round(scores["matthews_corrcoef"], 3)
    (1.0, 1.0)
    """

    scorers: Mapping[str, Callable]
    classes: np.ndarray
    metrics: MetricSet = CLASS_METRICS

    @property
    def names(self) -> list[str]:
        """Names of all scores, the built-in ones first."""
        return [*self.metrics.names, *self.scorers]

    def __call__(self, y: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
        """Scores by name; NaN where one is undefined because the rows lack a class.

        Parameters
        ----------
        y : array of shape (n_rows,), or (n_rows, n_labels)
            Codes of classes, numbers, or an indicator.
        outputs : array of shape (n_rows, n_outputs)
        """
        scores = self.metrics.scores(y, outputs)
        if not self.scorers:
            return scores
        judge, given, true, complete = self._as_scorers_take(np.asarray(y), outputs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UndefinedMetricWarning)
            for name, scorer in self.scorers.items():
                try:
                    scores[name] = float(scorer(judge, given, true))
                except ValueError as error:
                    if complete:
                        raise ValueError(f"scoring: {name!r} fails: {error}") from error
                    scores[name] = float("nan")
        return scores

    def _as_scorers_take(self, y: np.ndarray, outputs: np.ndarray) -> tuple[Any, Any, Any, bool]:
        """An estimator of outputs, the outputs, true values; whether nothing is lacking."""
        if self.metrics is NUMBER_METRICS:
            return FusedPredictions(), np.asarray(outputs)[:, 0], y, len(y) > 1
        if y.ndim == 2:
            mixed = y.any(axis=0) & ~y.all(axis=0)
            return FusedProbabilities(self.classes, multilabel=True), outputs, y, bool(mixed.all())
        complete = len(np.unique(y)) == len(self.classes)
        return FusedProbabilities(self.classes), outputs, np.asarray(self.classes)[y], complete

    def check(self, metric: str) -> None:
        """Refuse a name that is no score."""
        if metric not in self.names:
            raise ValueError(f"metric={metric!r} is unknown: use one of {', '.join(self.names)}.")


def make_scoring(scoring: Any, classes: np.ndarray, metrics: MetricSet = CLASS_METRICS) -> Scoring:
    """Scoring from what scikit-learn takes as ``scoring=``.

    Parameters
    ----------
    scoring : None, str, callable, sequence of str or callable, or dict from name to these
        Callables are scorers: ``scorer(estimator, X, y)``, larger is better.
    classes : ndarray
    metrics : MetricSet

    Raises
    ------
    ValueError
        If a name is unknown to scikit-learn, or belongs to another column.
    """
    scorers = {}
    for name, one in _by_name(scoring).items():
        if name in TAKEN or name in metrics.names or name in LOSSES:
            raise ValueError(
                f"scoring: {name!r} is a column of every benchmark; name yours otherwise, as in "
                f'scoring={{"my_{name}": …}}.'
            )
        # scikit-learn's own refuses rows that lack a class.
        own = one == "neg_log_loss" and metrics is CLASS_METRICS
        scorers[name] = negative_log_loss if own else get_scorer(one)
    return Scoring(scorers, np.asarray(classes), metrics)


def _by_name(scoring: Any) -> dict[str, Any]:
    if scoring is None:
        return {}
    if isinstance(scoring, Mapping):
        return dict(scoring)
    several = scoring if isinstance(scoring, Sequence) and not isinstance(scoring, str) else None
    named: dict[str, Any] = {}
    for one in [scoring] if several is None else several:
        if not isinstance(one, str) and not callable(one):
            raise ValueError(f"scoring={scoring!r} is no scorer, nor name, list or dict of them.")
        function = getattr(one, "_score_func", one)
        named[one if isinstance(one, str) else getattr(function, "__name__", "score")] = one
    return named
