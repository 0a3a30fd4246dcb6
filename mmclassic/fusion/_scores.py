"""The score table: its shape, its logarithm, its temperature, and how it is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

# Before any logarithm a probability is raised to FLOOR / n_classes, so that one confident
# mistake is no veto. On UCI multiple-features digits (100, 300 and 1000 rows, five splits each,
# mixed classifiers) the log-loss of the fitted log pool was .162 / .065 / .044 with 1e-3,
# .150 / .068 / .045 with 1e-2 and .189 / .064 / .044 with 1e-5.
FLOOR = 1e-3


def check_scores(scores: Any, n_modalities: int | None = None) -> np.ndarray:
    """A score table as float64, after checks.

    Parameters
    ----------
    scores : array-like of shape (n_samples, n_modalities, n_classes)
        Class probabilities; NaN across a modality that a row does not have.
    n_modalities : int, optional
        How many modalities there must be.

    Returns
    -------
    scores : ndarray of shape (n_samples, n_modalities, n_classes), float64

    Raises
    ------
    ValueError
        If the shape is wrong, values lie outside [0, 1], rows do not sum to one, or NaN
        covers only a part of a modality's classes.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 3:
        raise ValueError(
            "A score table has the shape (n_samples, n_modalities, n_classes), "
            f"got {scores.ndim} dimension(s): {scores.shape}."
        )
    if scores.shape[1] < 1 or scores.shape[2] < 1:
        raise ValueError(f"A score table needs a modality and a class, got shape {scores.shape}.")
    if n_modalities is not None and scores.shape[1] != n_modalities:
        raise ValueError(
            f"The score table has {scores.shape[1]} modalities, the head was fitted on "
            f"{n_modalities}."
        )
    missing = np.isnan(scores)
    if np.any(missing.any(axis=2) != missing.all(axis=2)):
        row, modality = np.argwhere(missing.any(axis=2) != missing.all(axis=2))[0]
        raise ValueError(
            f"Row {row}, modality {modality} has NaN for some classes only: NaN must cover all "
            "of them."
        )
    with np.errstate(invalid="ignore"):
        wrong = (scores < -1e-9) | (scores > 1 + 1e-6)
        wrong_sum = ~missing.any(axis=2) & (np.abs(scores.sum(axis=2) - 1) > 1e-3)
    if wrong.any() or wrong_sum.any():
        row, modality = np.argwhere(wrong.any(axis=2) | wrong_sum)[0]
        raise ValueError(
            f"Row {row}, modality {modality} is no probability distribution: "
            f"{scores[row, modality]}."
        )
    return scores


def present(scores: np.ndarray) -> np.ndarray:
    """Which rows have which modality: boolean array of shape (n_samples, n_modalities).

    Examples
    --------
    >>> present(np.array([[[0.2, 0.8], [np.nan, np.nan]]]))
    array([[ True, False]])
    """
    return np.asarray(~np.isnan(scores[:, :, 0]))


def log_scores(scores: np.ndarray, floors: float | np.ndarray = FLOOR) -> np.ndarray:
    """Logarithm of the scores, each raised to ``floor / n_classes`` at least; NaN stays NaN.

    ``floors`` is one number, or an array of shape (n_modalities,).

    Examples
    --------
    >>> log_scores(np.array([[[0.0, 1.0]]])).round(2)
    array([[[-7.6,  0. ]]])
    """
    return np.log(np.maximum(scores, np.reshape(floors, (-1, 1)) / scores.shape[-1]))


def class_prior(
    y: np.ndarray, n_classes: int, sample_weight: np.ndarray | None = None
) -> np.ndarray:
    """Share of each class, shape (n_classes,).

    Examples
    --------
    >>> class_prior(np.array([0, 0, 0, 1]), 2)
    array([0.75, 0.25])
    """
    counts = np.bincount(y, weights=sample_weight, minlength=n_classes).astype(np.float64)
    return counts / counts.sum()


def soften(margins: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities from margins (decision values or log-probabilities) at a temperature.

    Parameters
    ----------
    margins : ndarray of shape (..., n_classes)
    temperature : float
        Above 1 less confident, below 1 more.

    Examples
    --------
    >>> soften(np.log([[0.2, 0.8]]), 1.0)
    array([[0.2, 0.8]])
    """
    return softmax(margins / temperature, axis=-1)


def fit_temperature(
    margins: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None
) -> float:
    """Temperature with the least log-loss, by a bounded search over its logarithm.

    Parameters
    ----------
    margins : ndarray of shape (n_samples, n_classes)
        Cross-fitted decision values or log-probabilities; NaN for classes that a fold did not see.
        Rows whose own class is NaN are left out.
    y : ndarray of shape (n_samples,), int
        Class of each row, 0 … n_classes - 1.
    sample_weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    temperature : float
        Between 1e-3 and 1e3; 1.0 if no row is left.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Weinberger: On calibration of modern neural networks. ICML 2017.

    Examples
    --------
    >>> margins = np.log([[0.9, 0.1]] * 10)
    >>> bool(fit_temperature(margins, np.array([0] * 6 + [1] * 4)) > 2)
    True
    """
    usable = np.isfinite(margins[np.arange(len(y)), y])
    if not usable.any():
        return 1.0
    margins, y = np.where(np.isnan(margins[usable]), -np.inf, margins[usable]), y[usable]
    weight = np.ones(len(y)) if sample_weight is None else sample_weight[usable]
    rows = np.arange(len(y))

    def loss(log_temperature: float) -> float:
        log_proba = log_softmax(margins / np.exp(log_temperature), axis=1)
        return -float(weight @ log_proba[rows, y])

    bound = np.log(1e3)
    return float(np.exp(minimize_scalar(loss, bounds=(-bound, bound), method="bounded").x))
