"""All scores of a set of predictions: the built-in ones, and any of scikit-learn's scorers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import get_scorer

from mmclassic.evaluation._metrics import GREATER_IS_BETTER, scores_of
from mmclassic.fusion import negative_log_loss
from mmclassic.inspection._scoring import FusedProbabilities

# Columns that a score would take the place of.
TAKEN = {"model", "family", "default", "fold", "n_test", "fit_seconds", "predict_seconds"}


@dataclass(frozen=True, eq=False)
class Scoring:
    """From true classes and probabilities to every score, by name.

    Attributes
    ----------
    scorers : mapping from name to scorer
        Called with an estimator that gives the probabilities, these as ``X``, and labels.
    classes : ndarray of shape (n_classes,)
        The labels behind the codes.

    Examples
    --------
    >>> scoring = make_scoring("matthews_corrcoef", np.array(["no", "yes"]))
    >>> scores = scoring(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    >>> scores["accuracy"], round(scores["matthews_corrcoef"], 3)
    (1.0, 1.0)
    """

    scorers: Mapping[str, Callable]
    classes: np.ndarray

    @property
    def names(self) -> list[str]:
        """Names of all scores, the built-in ones first."""
        return [*GREATER_IS_BETTER, *self.scorers]

    def __call__(self, y: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
        """Scores by name; NaN where one is undefined because the rows lack a class.

        Parameters
        ----------
        y : int array of shape (n_rows,)
        probabilities : array of shape (n_rows, n_classes)
        """
        scores = scores_of(y, probabilities)
        judge = FusedProbabilities(self.classes)
        labels = np.asarray(self.classes)[np.asarray(y)]
        complete = len(np.unique(y)) == len(self.classes)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UndefinedMetricWarning)
            for name, scorer in self.scorers.items():
                try:
                    scores[name] = float(scorer(judge, probabilities, labels))
                except ValueError as error:
                    if complete:
                        raise ValueError(f"scoring: {name!r} fails: {error}") from error
                    scores[name] = float("nan")
        return scores

    def check(self, metric: str) -> None:
        """Refuse a name that is no score."""
        if metric not in self.names:
            raise ValueError(f"metric={metric!r} is unknown: use one of {', '.join(self.names)}.")


def make_scoring(scoring: Any, classes: np.ndarray) -> Scoring:
    """Scoring from what scikit-learn takes as ``scoring=``.

    Parameters
    ----------
    scoring : None, str, callable, sequence of str or callable, or dict from name to these
        Callables are scorers: ``scorer(estimator, X, y)``, larger is better.
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        If a name is unknown to scikit-learn, or belongs to another column.
    """
    scorers = {}
    for name, one in _by_name(scoring).items():
        if name in TAKEN or name in GREATER_IS_BETTER:
            raise ValueError(
                f"scoring: {name!r} is a column of every benchmark; name yours otherwise, as in "
                f'scoring={{"my_{name}": …}}.'
            )
        # scikit-learn's own refuses rows that lack a class.
        scorers[name] = negative_log_loss if one == "neg_log_loss" else get_scorer(one)
    return Scoring(scorers, np.asarray(classes))


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
