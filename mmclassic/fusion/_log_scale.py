"""The scale of a modality's log-probabilities: a floor, and how much too sure it is."""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax

from mmclassic.fusion._scores import FLOOR, fit_temperature, log_scores

# Floors that are tried besides FLOOR. Naive Bayes puts nearly all wrong classes under FLOOR and
# still tells them apart; nearest neighbours and small forests give zeros that mean little.
CANDIDATES = (1e-1, 1e-2, 1e-5, 1e-8, 1e-12, 1e-20)
# A modality leaves FLOOR when its own log-loss, at its temperature, falls by this share.
# Measured by benchmarks/log_pool_settings.py, as is the temperature.
GAIN = 0.02
# Enough rows to choose one of seven; more only cost time.
MOST_ROWS = 4000


def fit_log_scale(
    scores: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Floor and temperature of each modality, by its own log-loss.

    Equal weights are what a pool is pulled to, and they are fair only among modalities that are
    not overconfident. One that is too cautious is left so: few rows must not make it bold.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
        Cross-fitted; NaN across a modality that a row does not have.
    y : ndarray of shape (n_samples,), int
    sample_weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    floors : ndarray of shape (n_modalities,)
    temperatures : ndarray of shape (n_modalities,)
        At least 1.

    Examples
    --------
    >>> sure = np.array([[[1, 1e-9, 1e-15]]] * 10)  # too sure; mistakes are of the second class
    >>> floors, temperatures = fit_log_scale(sure, np.array([0] * 8 + [1] * 2))
    >>> floors, temperatures.round(1)
    (array([1.e-20]), array([11.4]))
    """
    weight = np.ones(len(y)) if sample_weight is None else sample_weight
    fitted = [_fit_modality(scores[:, m], y, weight) for m in range(scores.shape[1])]
    floors, temperatures = np.array(fitted).T
    return floors, np.maximum(temperatures, 1)


def _fit_modality(scores: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Floor and temperature of one modality, scores of shape (n_samples, n_classes)."""
    there = np.flatnonzero(~np.isnan(scores[:, 0]) & (weight > 0))
    if not len(there):
        return FLOOR, 1.0
    if len(there) > MOST_ROWS:
        there = np.random.default_rng(0).choice(there, MOST_ROWS, replace=False)
    scores, y, weight = scores[there], y[there], weight[there]
    now, temperature = _loss_at(scores, FLOOR, y, weight)
    best = now, FLOOR, temperature
    for floor in _changing(scores):
        loss, temperature = _loss_at(scores, floor, y, weight)
        if loss < min(best[0], (1 - GAIN) * now):
            best = loss, floor, temperature
    return best[1:]


def _changing(scores: np.ndarray) -> list[float]:
    """Candidates that give other logarithms than ``FLOOR`` and than the candidates before them."""
    least = scores.min() * scores.shape[1]
    lower = [floor for floor in CANDIDATES if floor < FLOOR]
    reached = [f for f, above in zip(lower, (FLOOR, *lower), strict=False) if least < above]
    return [floor for floor in CANDIDATES if floor > FLOOR and least < floor] + reached


def _loss_at(
    scores: np.ndarray, floor: float, y: np.ndarray, weight: np.ndarray
) -> tuple[float, float]:
    """Mean log-loss with a floor, and the temperature that it is reached with."""
    logs = log_scores(scores[:, None], floor)[:, 0]
    temperature = fit_temperature(logs, y, weight)
    log_proba = log_softmax(logs / temperature, axis=1)
    return float(-weight @ log_proba[np.arange(len(y)), y] / weight.sum()), temperature
