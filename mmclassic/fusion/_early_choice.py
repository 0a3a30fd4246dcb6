"""What early fusion chooses from: logistic regressions with different penalties."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from mmclassic.fusion._cross_fit import to_scores
from mmclassic.fusion._scores import fit_temperature

# The candidates for C of early fusion, on blocks of total variance one.
CS = (0.3, 1.0, 3.0, 10.0, 30.0)


def logistic_candidates(
    Cs: Sequence[float], class_weight: str | dict | None = None
) -> list[LogisticRegression]:
    """One unfitted classifier per C.

    Examples
    --------
    >>> logistic_candidates([3.0])
    [LogisticRegression(C=3.0, max_iter=1000)]
    """
    return [LogisticRegression(C=C, max_iter=1000, class_weight=class_weight) for C in Cs]


def choose_candidate(
    values: np.ndarray,
    codes: np.ndarray,
    priors: np.ndarray,
    sample_weight: np.ndarray | None = None,
) -> tuple[int, float]:
    """The candidate with the least cross-fitted log-loss at its best temperature.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_candidates, n_classes)
        Cross-fitted log-probabilities; NaN for classes that a fold did not see.
    codes : ndarray of shape (n_samples,), int
    priors : ndarray of shape (n_samples, n_classes)
        For classes that a fold did not see.
    sample_weight : ndarray of shape (n_samples,), optional
        Of the rows in the log-loss.

    Returns
    -------
    index : int
    temperature : float
    """
    losses, temperatures = [], []
    for index in range(values.shape[1]):
        temperature = fit_temperature(values[:, index], codes, sample_weight)
        scores = to_scores(values[:, [index]], priors, np.array([temperature]))[:, 0]
        own = np.maximum(scores[np.arange(len(codes)), codes], np.finfo(float).tiny)
        losses.append(-np.average(np.log(own), weights=sample_weight))
        temperatures.append(temperature)
    best = int(np.argmin(losses))
    return best, temperatures[best]
