"""The target of a regression: checked before anything is decoded."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import column_or_1d

from mmclassic._cells import missing_mask


def check_target(y: Any) -> np.ndarray:
    """The target as float64 of shape (n_samples,).

    Parameters
    ----------
    y : array-like of shape (n_samples,)

    Returns
    -------
    target : ndarray of shape (n_samples,), float64

    Raises
    ------
    ValueError
        Naming the rows, if values are missing, infinite or no numbers.

    Examples
    --------
    >>> check_target([1, 2.5])
    array([1. , 2.5])
    """
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    target = column_or_1d(y, warn=True)
    if not len(target):
        raise ValueError("y holds no values: a regressor needs rows to fit on.")
    if target.dtype.kind == "c":
        raise ValueError("Complex data not supported: y must hold real numbers.")
    if target.dtype.kind in "OU":
        _refuse(missing_mask(target.tolist()), target, "is missing (NaN, None or blank)")
        _refuse(np.array([not _is_number(one) for one in target]), target, "is no number")
    elif target.dtype.kind not in "biuf":
        raise ValueError(f"y holds {target.dtype}: a regressor needs numbers.")
    target = target.astype(np.float64)
    _refuse(np.isnan(target), target, "is missing (NaN, None or blank)")
    _refuse(np.isinf(target), target, "is infinite")
    return target


def target_mean(target: np.ndarray, sample_weight: np.ndarray | None = None) -> float:
    """Mean of the target: the prediction for rows that have nothing.

    Raises
    ------
    ValueError
        If all weights are zero.

    Examples
    --------
    >>> target_mean(np.array([1.0, 3.0]), np.array([3.0, 1.0]))
    1.5
    """
    if sample_weight is not None and not sample_weight.any():
        raise ValueError("All sample weights of the rows to fit on are zero.")
    return float(np.average(target, weights=sample_weight))


def _is_number(value: Any) -> bool:
    """Whether a value of an object column counts as a number: text does not, even "3.5"."""
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return not isinstance(value, str | bytes)


def _refuse(wrong: np.ndarray, target: np.ndarray, complaint: str) -> None:
    rows = np.flatnonzero(wrong)
    if len(rows):
        raise ValueError(
            f"y {complaint} in {len(rows)} rows, the first: {rows[:10].tolist()} (row {rows[0]} "
            f"holds {target.tolist()[rows[0]]!r}). Leave these rows out, or give them a number."
        )
