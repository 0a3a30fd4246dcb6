"""The scores of predictions of several labels at once on one test fold."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    label_ranking_average_precision_score,
    roc_auc_score,
)

from mmclassic.evaluation._metric_set import MetricSet

NAMES = (
    "subset_accuracy",
    "f1_micro",
    "f1_macro",
    "roc_auc_macro",
    "average_precision",
    "ranking_average_precision",
    "hamming_loss",
    "log_loss",
)
# A label is predicted where its probability is above this, as LateFusionClassifier does.
THRESHOLD = 0.5


def label_scores(y: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """All scores of one set of label probabilities.

    ``subset_accuracy`` is the share of rows whose labels are all right, ``hamming_loss`` the share
    of wrong labels, ``log_loss`` the mean over rows and labels, with probabilities kept 2.2e-16
    from 0 and 1. F1 (macro) runs over the labels that occur in the rows; one that is never
    predicted has F1 0. ROC AUC and average precision (both means over labels) run over the labels
    that some of the rows have and some have not; NaN if there is none.
    ``ranking_average_precision`` looks at each row's ranking of the labels instead.

    Parameters
    ----------
    y : int array of shape (n_rows, n_labels)
        1 where a row has a label.
    probabilities : array of shape (n_rows, n_labels)

    Returns
    -------
    scores : dict of str to float

    Raises
    ------
    ValueError
        If the shapes do not fit, or a probability is not from 0 to 1.

    Examples
    --------
    >>> scores = label_scores([[1, 0], [1, 1]], [[0.9, 0.2], [0.8, 0.4]])
    >>> scores["subset_accuracy"], scores["hamming_loss"], round(scores["f1_micro"], 2)
    (0.5, 0.25, 0.8)
    """
    y, probabilities = _checked(y, probabilities)
    predicted = predicted_labels(probabilities)
    occurs = y.sum(axis=0) > 0
    mixed = occurs & (y.sum(axis=0) < len(y))
    each = f1_score(y, predicted, average=None, zero_division=0.0)
    scores = {
        "subset_accuracy": all_right_part(y, probabilities).mean(),
        "f1_micro": f1_score(y, predicted, average="micro", zero_division=0.0),
        "f1_macro": each[occurs].mean() if occurs.any() else np.nan,
        "roc_auc_macro": _over_labels(roc_auc_score, y, probabilities, mixed),
        "average_precision": _over_labels(average_precision_score, y, probabilities, mixed),
        "ranking_average_precision": label_ranking_average_precision_score(y, probabilities),
        "hamming_loss": hamming_part(y, probabilities).mean(),
        "log_loss": label_loss_part(y, probabilities).mean(),
    }
    return {name: float(value) for name, value in scores.items()}


def predicted_labels(probabilities: np.ndarray) -> np.ndarray:
    """1 where a label is predicted: int array of the same shape.

    Examples
    --------
    >>> predicted_labels(np.array([[0.9, 0.5]]))
    array([[1, 0]])
    """
    return (probabilities > THRESHOLD).astype(int)


def all_right_part(y: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """1 for each row whose labels are all predicted rightly."""
    return (predicted_labels(probabilities) == y).all(axis=1).astype(np.float64)


def hamming_part(y: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each row's share of wrong labels."""
    return (predicted_labels(probabilities) != y).mean(axis=1)


def label_loss_part(y: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each row's log-loss, the mean over its labels."""
    own = np.where(y == 1, probabilities, 1 - probabilities)
    return -np.log(np.maximum(own, np.finfo(np.float64).eps)).mean(axis=1)


def _over_labels(score, y: np.ndarray, probabilities: np.ndarray, kept: np.ndarray) -> float:
    """Mean of a score over some labels; NaN where there is none."""
    if not kept.any():
        return float("nan")
    return float(np.mean([score(y[:, k], probabilities[:, k]) for k in np.flatnonzero(kept)]))


def _checked(y, probabilities) -> tuple[np.ndarray, np.ndarray]:
    y, probabilities = np.asarray(y), np.asarray(probabilities, dtype=np.float64)
    if y.ndim != 2 or y.shape != probabilities.shape or not len(y):
        raise ValueError(
            "Expected y and probabilities of one shape (n_rows, n_labels), got "
            f"{y.shape} and {probabilities.shape}."
        )
    bad = ~((probabilities >= 0) & (probabilities <= 1 + 1e-9))
    if bad.any():
        row, label = np.argwhere(bad)[0]
        raise ValueError(
            f"Row {row}, label {label}: {probabilities[row, label]} is no probability."
        )
    return y, np.minimum(probabilities, 1.0)


LABEL_METRICS = MetricSet(
    names=NAMES,
    scores=label_scores,
    parts={
        "subset_accuracy": all_right_part,
        "hamming_loss": hamming_part,
        "log_loss": label_loss_part,
    },
    default="subset_accuracy",
    tie_breaker="log_loss",
    insights=("subset_accuracy", "log_loss"),
    right_or_wrong="subset_accuracy",
)
