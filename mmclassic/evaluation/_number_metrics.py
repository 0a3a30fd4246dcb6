"""The scores of one regressor on one test fold."""

from __future__ import annotations

import numpy as np

from mmclassic.evaluation._metric_set import MetricSet

NAMES = ("r2", "mean_absolute_error", "median_absolute_error", "root_mean_squared_error")


def number_scores(y: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    """All scores of one set of predicted numbers.

    ``r2`` is 1 for perfect predictions, 0 for the mean of the test rows, and has no lower bound;
    NaN where the true values of the test rows are all the same. The errors are positive, in the
    unit of the target, and smaller is better.

    Parameters
    ----------
    y : float array of shape (n_rows,)
    predictions : float array of shape (n_rows, 1)

    Returns
    -------
    scores : dict of str to float
        "r2", "mean_absolute_error", "median_absolute_error", "root_mean_squared_error".

    Raises
    ------
    ValueError
        If the shapes do not fit, or a prediction is not finite.

    Examples
    --------
    >>> scores = number_scores([1.0, 2.0, 3.0], [[1.0], [2.0], [2.0]])
    >>> scores["r2"], round(scores["mean_absolute_error"], 3)
    (0.5, 0.333)
    """
    y, errors = _errors(y, predictions)
    spread = float(((y - y.mean()) ** 2).sum())
    squares = float((errors**2).sum())
    return {
        "r2": 1 - squares / spread if spread > 0 else float("nan"),
        "mean_absolute_error": float(np.abs(errors).mean()),
        "median_absolute_error": float(np.median(np.abs(errors))),
        "root_mean_squared_error": float(np.sqrt(squares / len(y))),
    }


def r2_part(y: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Each row's part of R², linearised: R² is a ratio of two means over rows."""
    y, errors = _errors(y, predictions)
    away = (y - y.mean()) ** 2
    variance = away.mean()
    if not variance > 0:
        return np.full(len(y), np.nan)
    unexplained = (errors**2).mean() / variance
    return 1 - errors**2 / variance + unexplained * (away / variance - 1)


def absolute_part(y: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Each row's absolute error."""
    return np.abs(_errors(y, predictions)[1])


def root_square_part(y: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Each row's part of the root of the mean squared error, linearised."""
    _, errors = _errors(y, predictions)
    root = np.sqrt((errors**2).mean())
    return (root + errors**2 / root) / 2 if root > 0 else np.zeros(len(errors))


def _errors(y, predictions) -> tuple[np.ndarray, np.ndarray]:
    y, predictions = np.asarray(y, dtype=np.float64), np.asarray(predictions, dtype=np.float64)
    if predictions.shape != (len(y), 1) or not len(y):
        raise ValueError(
            "Expected y of shape (n_rows,) and predictions of shape (n_rows, 1), got shapes "
            f"{y.shape} and {predictions.shape}."
        )
    wrong = np.flatnonzero(~np.isfinite(predictions[:, 0]))
    if len(wrong):
        raise ValueError(f"Row {wrong[0]}: the prediction {predictions[wrong[0], 0]} is no number.")
    return y, y - predictions[:, 0]


NUMBER_METRICS = MetricSet(
    names=NAMES,
    scores=number_scores,
    parts={
        "r2": r2_part,
        "mean_absolute_error": absolute_part,
        "root_mean_squared_error": root_square_part,
    },
    default="r2",
    tie_breaker="root_mean_squared_error",
    insights=("r2", "root_mean_squared_error"),
    paired=frozenset({"r2", "mean_absolute_error", "root_mean_squared_error"}),
)
