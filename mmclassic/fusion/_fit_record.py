"""What a fit leaves for the card of a saved model: when it was, and how good each modality is."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np


def fit_time() -> str:
    """Now, in UTC and to the second, as ISO 8601.

    >>> len(fit_time())
    25
    """
    return datetime.now(UTC).isoformat(timespec="seconds")


def judge_classes(scores: np.ndarray, codes: np.ndarray, names: list[str]) -> dict[str, dict]:
    """Accuracy and log-loss of every modality on the rows it did not see.

    Parameters
    ----------
    scores : ndarray of shape (n, n_modalities, n_classes)
        Cross-fitted; NaN where a row lacks a modality or was not tested.
    codes : int array of shape (n,)
    names : list of n_modalities str

    Returns
    -------
    judged : dict of str to dict
        Of each modality that any row has: ``rows``, ``accuracy`` and ``log_loss``.

    Examples
    --------
    >>> scores = np.array([[[0.5, 0.5]], [[0.25, 0.75]], [[np.nan, np.nan]]])
    >>> judge_classes(scores, np.array([0, 1, 1]), ["text"])
    {'text': {'rows': 2, 'accuracy': 1.0, 'log_loss': 0.4904}}
    """
    judged = {}
    for place, name in enumerate(names):
        rows = ~np.isnan(scores[:, place, 0])
        if not rows.any():
            continue
        own, truth = scores[rows, place], codes[rows]
        of_truth = np.maximum(own[np.arange(len(truth)), truth], np.finfo(np.float64).eps)
        judged[name] = {
            "rows": len(truth),
            "accuracy": _rounded(np.mean(own.argmax(axis=1) == truth)),
            "log_loss": _rounded(-np.log(of_truth).mean()),
        }
    return judged


def judge_numbers(scores: np.ndarray, target: np.ndarray, names: list[str]) -> dict[str, dict]:
    """Mean absolute error and R² of every modality on the rows it did not see.

    Parameters
    ----------
    scores : ndarray of shape (n, n_modalities, 1)
        As in :func:`judge_classes`.
    target : ndarray of shape (n,)
    names : list of n_modalities str

    Returns
    -------
    judged : dict of str to dict
        Of each modality that any row has: ``rows``, ``mean_absolute_error`` and ``r2`` (None
        where the target does not vary).

    Examples
    --------
    >>> judge_numbers(np.array([[[1.0]], [[2.0]]]), np.array([1.0, 3.0]), ["age"])
    {'age': {'rows': 2, 'mean_absolute_error': 0.5, 'r2': 0.5}}
    """
    judged = {}
    for place, name in enumerate(names):
        rows = ~np.isnan(scores[:, place, 0])
        if not rows.any():
            continue
        errors = target[rows] - scores[rows, place, 0]
        spread = np.sum((target[rows] - target[rows].mean()) ** 2)
        judged[name] = {
            "rows": len(errors),
            "mean_absolute_error": _rounded(np.abs(errors).mean()),
            "r2": _rounded(1 - np.sum(errors**2) / spread) if spread else None,
        }
    return judged


def _rounded(value: float) -> float:
    return round(float(value), 4)
