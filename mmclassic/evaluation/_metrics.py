"""The scores of one classifier on one test fold."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from mmclassic.evaluation._metric_set import MetricSet

# In the order in which they are shown; the last three are losses.
GREATER_IS_BETTER: dict[str, bool] = {
    "accuracy": True,
    "balanced_accuracy": True,
    "precision_macro": True,
    "recall_macro": True,
    "f1_macro": True,
    "roc_auc_ovr": True,
    "average_precision": True,
    "log_loss": False,
    "brier": False,
    "calibration_error": False,
}

# Probabilities of a row may miss one by this much (float32 models); they are divided by their sum.
SUM_TOLERANCE = 1e-3


def scores_of(y: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """All scores of one set of predictions.

    The predicted label is the most probable class (the first one of equals). Where the rows lack
    a class, averages over classes run over the classes that can be scored, so that all models are
    averaged over the same ones:

    - precision, recall and F1 (macro) over the classes that have rows. A class that is never
      predicted has precision 0. Balanced accuracy is by definition the macro recall.
    - ROC AUC (one class against the rest) and average precision over the classes that have both
      rows of their own and other rows; NaN if there is none. With two classes, both are averaged.

    The losses are positive and smaller is better: ``log_loss`` with probabilities kept inside
    [2.2e-16, 1 - 2.2e-16] before the logarithm (scikit-learn's floor for float64), ``brier`` in
    [0, 1] for two classes and [0, 2] for more (scikit-learn's ``scale_by_half="auto"``),
    ``calibration_error`` as in :func:`calibration_error`.

    Parameters
    ----------
    y : int array of shape (n_rows,)
        True classes, encoded 0 to n_classes - 1.
    probabilities : array of shape (n_rows, n_classes)

    Returns
    -------
    scores : dict of str to float
        The keys of ``GREATER_IS_BETTER``, in its order.

    Raises
    ------
    ValueError
        If the shapes do not fit, a class is out of range, or the rows are no probabilities.

    Examples
    --------
    >>> scores = scores_of([0, 1, 1], [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    >>> round(scores["accuracy"], 3), round(scores["log_loss"], 3), scores["roc_auc_ovr"]
    (0.667, 0.415, 1.0)
    """
    y, probabilities = _checked(y, probabilities)
    classes = np.arange(probabilities.shape[1])
    predicted = probabilities.argmax(axis=1)
    precision, recall, f1, _ = precision_recall_fscore_support(
        y, predicted, labels=np.unique(y), average="macro", zero_division=0.0
    )
    scores = {
        "accuracy": accuracy_score(y, predicted),
        "balanced_accuracy": recall,
        "precision_macro": precision,
        "recall_macro": recall,
        "f1_macro": f1,
        "roc_auc_ovr": _over_classes(roc_auc_score, y, probabilities),
        "average_precision": _over_classes(average_precision_score, y, probabilities),
        "log_loss": log_loss(y, probabilities, labels=classes),
        "brier": brier_score_loss(y, probabilities, labels=classes),
        "calibration_error": calibration_error(y, probabilities),
    }
    return {name: float(value) for name, value in scores.items()}


def calibration_error(y: np.ndarray, probabilities: np.ndarray, *, n_bins: int = 10) -> float:
    """Expected calibration error of the predicted label.

    The rows are sorted by confidence (the largest probability) and cut into `n_bins` bins with
    equally many rows; rows of the same confidence share a bin, so the order of the rows does not
    matter. The error is the mean over rows of the gap, in each bin, between the share of right
    labels and the mean confidence. Few rows per bin push it upwards: compare it between models,
    not between tables of different size.

    Parameters
    ----------
    y : int array of shape (n_rows,)
        True classes, encoded 0 to n_classes - 1.
    probabilities : array of shape (n_rows, n_classes)
    n_bins : int, default=10

    Returns
    -------
    error : float in [0, 1]

    References
    ----------
    Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning",
    AAAI 2015; equal-mass bins: Nguyen & O'Connor, "Posterior calibration and exploratory analysis
    for natural language processing models", EMNLP 2015.

    Examples
    --------
    Half of the rows are right where the model is 90 % sure:

    >>> round(calibration_error([0, 1], [[0.9, 0.1], [0.9, 0.1]]), 3)
    0.4
    """
    y, probabilities = np.asarray(y), np.asarray(probabilities, dtype=np.float64)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == y
    # Whole-number arithmetic: the last row of bin k of n_bins is number ceil(n * k / n_bins) - 1.
    last = (len(y) * np.arange(1, n_bins) - 1) // n_bins
    edges = np.sort(confidence)[np.maximum(last, 0)]
    bins = np.searchsorted(edges, confidence, side="left")
    gaps = np.bincount(bins, weights=right - confidence, minlength=n_bins)
    return float(np.abs(gaps).sum() / len(y))


def _over_classes(score, y: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of a one-class-against-the-rest score over the classes that it is defined for."""
    members = y[:, np.newaxis] == np.arange(probabilities.shape[1])
    defined = members.any(axis=0) & ~members.all(axis=0)
    if not defined.any():
        return float("nan")
    # Two classes at least are defined here, so scikit-learn sees several columns, never one.
    return score(members[:, defined].astype(int), probabilities[:, defined], average="macro")


def _checked(y, probabilities) -> tuple[np.ndarray, np.ndarray]:
    y, probabilities = np.asarray(y), np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 2 or probabilities.shape[1] < 2 or y.shape != probabilities.shape[:1]:
        raise ValueError(
            "Expected y of shape (n_rows,) and probabilities of shape (n_rows, n_classes) with "
            f"n_classes >= 2, got shapes {y.shape} and {probabilities.shape}."
        )
    if len(y) == 0:
        raise ValueError("There are no rows to score.")
    if not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() >= probabilities.shape[1]:
        raise ValueError(
            f"y must be encoded as integers 0 to {probabilities.shape[1] - 1}, "
            f"got {np.unique(y)[:5].tolist()}."
        )
    total = probabilities.sum(axis=1)
    bad = ~((probabilities >= 0).all(axis=1) & (np.abs(total - 1) <= SUM_TOLERANCE))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"Row {row} is no probability distribution (not negative, sum 1): "
            f"{probabilities[row][:5].tolist()}."
        )
    return y, probabilities / total[:, np.newaxis]


def right_part(y: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """1 for each row whose most probable class is the true one."""
    return (probabilities.argmax(axis=1) == y).astype(np.float64)


def log_loss_part(y: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each row's log-loss."""
    own = (probabilities / probabilities.sum(axis=1, keepdims=True))[np.arange(len(y)), y]
    return -np.log(np.maximum(own, np.finfo(np.float64).eps))


def brier_part(y: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Each row's Brier score."""
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    scale = 0.5 if probabilities.shape[1] == 2 else 1.0
    return scale * ((probabilities - np.eye(probabilities.shape[1])[y]) ** 2).sum(axis=1)


CLASS_METRICS = MetricSet(
    names=tuple(GREATER_IS_BETTER),
    scores=scores_of,
    parts={"accuracy": right_part, "log_loss": log_loss_part, "brier": brier_part},
    default="accuracy",
    tie_breaker="log_loss",
    insights=("accuracy", "log_loss"),
    right_or_wrong="accuracy",
)
