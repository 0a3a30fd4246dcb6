"""robustness_curve: what a fusion is worth when one modality is noisy, worn or missing."""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from mmclassic.inspection._contributions import _target_of
from mmclassic.inspection._damaged_scores import Setting, damaged_scores
from mmclassic.inspection._damages import (
    Damage,
    choose_damages,
    damages_of,
    severities_of,
)
from mmclassic.inspection._joined import refuse_joined
from mmclassic.inspection._labels import modality_names
from mmclassic.inspection._one_modality import OneModality
from mmclassic.inspection._reliability import reliability_curve
from mmclassic.inspection._scoring import make_metric
from mmclassic.modalities._table import check_table

COLUMNS = ["modality", "kind", "unit", "level", "severity", "metric", "value", "without"]


def robustness_curve(
    model, X, y, *, modality=None, kinds=None, severities=None, scoring=None, random_state=0
):
    """Metrics of a fusion while one modality is damaged more and more, the others untouched.

    Only the damaged modality's cells are turned into features again; the scores of the others
    are computed once, and nothing is fitted.

    Parameters
    ----------
    model : LateFusionClassifier or LateFusionRegressor, fitted
    X : frame or array-like of shape (n_samples, n_columns)
        Rows that the model was not fitted on.
    y : array-like of shape (n_samples,), or an indicator of shape (n_samples, n_labels)
    modality : str or sequence of str, default=None
        Which to damage, one at a time. None: each.
    kinds : str or sequence of str, default=None
        How. None: all ways that suit the modality.

        - pictures: "noise" (standard deviation in grey levels), "blur" (standard deviation in
          per cent of the shorter side), "jpeg" (quality), "occlusion" (share of the area);
        - sound: "noise" (signal to noise in decibels), "clipping" (share of samples),
          "dropped_pieces" (share of pieces of 50 ms), "resampling" (to a rate in hertz and back);
        - text: "typing_errors" (share of letters), "dropped_words" and "shuffled_words" (share of
          words);
        - numbers: "noise" (in standard deviations of the column);
        - categories: "replaced" (share of cells that get the category of another row);
        - everything: "missing" (share of rows).
    severities : sequence of float, or dict from kind to sequence of float, default=None
        In the order in which they are to be shown. None: the usual ones.
    scoring : str, callable, sequence of str or dict, default=None
        Scorers of scikit-learn. None: accuracy and "neg_log_loss"; of a regressor "r2" and
        "neg_root_mean_squared_error".
    random_state : int, default=0
        With the content of a cell it decides the damage: the same cell is damaged alike wherever
        it stands, and more where the severity is greater.

    Returns
    -------
    frame : pandas.DataFrame
        Columns: ``modality``; ``kind``; ``unit`` of the severity; ``level``, 0 for the table as it
        is and 1, 2, … for each severity; ``severity``, at level 0 the one that means no damage, or
        NaN; ``metric``; ``value``; ``without``, the value with the modality taken away: below
        it, the damaged modality does more harm than good. Beside the scores, a classifier has the
        metrics "confidence", the mean of the greatest probability, and "calibration_error", the
        mean distance of confidence and accuracy over ten bins.

    Raises
    ------
    ValueError
        If a modality, a kind or a score is unknown, a severity is out of range, or a label is
        unknown to the model.
    UnreadableCellsError
        As ``model.score_table`` raises it.

    See Also
    --------
    modality_ablation : Modalities taken away altogether.
    RobustnessDisplay : The curves drawn.

    Notes
    -----
    Cells that are missing or unreadable stay so. Pictures are damaged at their own size and in
    colour, sound at the sampling rate of the vectorizer. A vectorizer that does not say what its
    cells are can only be missing.

    References
    ----------
    D. Hendrycks, T. Dietterich: Benchmarking neural network robustness to common corruptions and
    perturbations. ICLR 2019.

    Y. Ovadia et al.: Can you trust your model's uncertainty? Evaluating predictive uncertainty
    under dataset shift. NeurIPS 2019.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier, robustness_curve
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... ).fit(X[::2], y[::2])
    >>> curve = robustness_curve(
    ...     model, X[1::2], y[1::2], modality="petal", kinds="noise", scoring="accuracy"
    ... )
    >>> curve[curve["metric"] == "accuracy"][["severity", "value", "without"]].round(2)
        severity  value  without
    0       0.00   0.96      0.8
    3       0.25   0.93      0.8
    6       0.50   0.81      0.8
    9       1.00   0.59      0.8
    12      2.00   0.43      0.8
    """
    import pandas as pd

    _check(model, random_state)
    names, metric = make_metric(model, scoring)
    places = _places_of(model, modality)
    X = check_table(model, X, reset=False)
    modalities = [OneModality(model, place, X) for place in places]
    chosen = choose_damages({one.name: damages_of(one.media) for one in modalities}, kinds)
    plans = {
        name: {kind: severities_of(kind, damage, severities) for kind, damage in damages.items()}
        for name, damages in chosen.items()
    }
    judge = _Judge(model, y, names, metric)
    scores = judge.check(model.score_table(X))
    rows: list[tuple] = []
    for place, one in zip(places, modalities, strict=True):
        plan = plans[one.name]
        settings = [Setting(kind, value) for kind, values in plan.items() for value in values]
        tables = damaged_scores(one, scores[:, place], chosen[one.name], settings, random_state)
        values = {
            setting: judge(_replaced(scores, place, table)) for setting, table in tables.items()
        }
        without = judge(_replaced(scores, place, np.nan))
        for kind, levels in plan.items():
            points = [judge(scores), *(values[Setting(kind, value)] for value in levels)]
            found = _rows_of(chosen[one.name][kind], levels, points, without, judge.names)
            rows += [(one.name, kind, *row) for row in found]
    return pd.DataFrame(rows, columns=COLUMNS)


def _replaced(scores: np.ndarray, place: int, own: Any) -> np.ndarray:
    """A score table with other scores of one modality."""
    table = scores.copy()
    table[:, place] = own
    return table


def _rows_of(
    damage: Damage, severities: list, points: list, without: np.ndarray, names: list
) -> Iterator[tuple]:
    """Unit, level, severity, metric and values: one row for each metric of each level."""
    for level, (severity, values) in enumerate(
        zip([damage.undamaged, *severities], points, strict=True)
    ):
        for name, value, rest in zip(names, values, without, strict=True):
            yield damage.unit, level, severity, name, value, rest


class _Judge:
    """The metrics of a score table, and how well confidence tracks accuracy."""

    def __init__(self, model, y, names, metric):
        self.model = model
        self.metric = metric
        self.target = _target_of(model, y)
        self.judges_confidence = is_classifier(model) and not hasattr(model, "label_models_")
        self.names = [*names, *(("confidence", "calibration_error") * self.judges_confidence)]

    def check(self, scores):
        """The score table, if it has as many rows as there are labels."""
        if len(scores) != len(self.target):
            raise ValueError(f"X has {len(scores)} rows, y has {len(self.target)}.")
        return scores

    def __call__(self, scores):
        fused = self.model.fuse(scores)
        values = list(self.metric(self.target, fused))
        if self.judges_confidence:
            values += confidence_and_error(self.target, fused, self.model.classes_)
        return np.array(values)


def confidence_and_error(y: Any, probabilities: np.ndarray, classes: Any) -> tuple[float, float]:
    """Mean confidence, and mean distance of confidence and accuracy over bins of equal size.

    References
    ----------
    M. Naeini, G. Cooper, M. Hauskrecht: Obtaining well calibrated probabilities using Bayesian
    binning. AAAI 2015.

    Examples
    --------
    >>> confidence_and_error([0, 1], np.array([[0.9, 0.1], [0.9, 0.1]]), [0, 1])
    (0.9, 0.4)
    """
    curve = reliability_curve(y, probabilities, classes=classes)
    distance = (curve["confidence"] - curve["accuracy"]).abs()
    confidence = float(probabilities.max(axis=1).mean())
    return confidence, float(np.average(distance, weights=curve["n_rows"]))


def _check(model: Any, random_state: Any) -> None:
    if not hasattr(model, "score_table"):
        raise ValueError(
            f"robustness_curve needs a late fusion, which has a score table; "
            f"{type(model).__name__} has none."
        )
    check_is_fitted(model)
    refuse_joined(model, "robustness_curve")
    if not isinstance(random_state, Integral) or isinstance(random_state, bool):
        raise ValueError(f"random_state must be an integer, got {random_state!r}.")


def _places_of(model: Any, modality: Any) -> list[int]:
    """Positions of the modalities that were asked for."""
    names = modality_names(model)
    if modality is None:
        return list(range(len(names)))
    wanted = [modality] if isinstance(modality, str) else list(modality)
    for name in wanted:
        if name not in names:
            raise ValueError(f"There is no modality {name!r}; there are {names}.")
    return [names.index(name) for name in wanted]
