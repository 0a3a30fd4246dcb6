"""Folds of a regression: grouped when there are groups, never more than there are rows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, check_cv

from mmclassic._errors import DataQualityWarning


def regression_splitter(
    cv: Any, target: np.ndarray, groups: Any = None, *, random_state: int | None = None
):
    """The cross-validation splitter for a target of numbers.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
        An int means consecutive folds, grouped where ``groups`` is given; their number is capped at
        the number of rows, or groups, with one warning.
    target : ndarray of shape (n_samples,)
    groups : array-like of shape (n_samples,), optional
    random_state : int, optional
        Shuffles the rows (the groups) of an int ``cv``; None keeps their order.

    Returns
    -------
    splitter : object with ``split`` and ``get_n_splits``

    Raises
    ------
    ValueError
        If there is a single row, or a single group.

    Examples
    --------
    >>> regression_splitter(3, np.arange(9.0))
    KFold(n_splits=3, random_state=None, shuffle=False)
    """
    if not isinstance(cv, int | np.integer):
        return check_cv(cv, target, classifier=False)
    if cv < 2:
        raise ValueError(f"cv must be at least 2 folds, got {cv}.")
    if len(target) < 2:
        raise ValueError("A cross-fit needs at least two rows, got n_samples=1.")
    most, unit = len(target), "rows"
    if groups is not None:
        most, unit = len(np.unique(np.asarray(groups))), "groups"
        if most < 2:
            raise ValueError("groups holds a single group: cross-validation needs at least two.")
    if cv > most:
        warnings.warn(
            f"cv={cv} was reduced to {most} folds: there are {most} {unit}.",
            DataQualityWarning,
            stacklevel=4,
        )
        cv = most
    kind = KFold if groups is None else GroupKFold
    return kind(cv, shuffle=random_state is not None, random_state=random_state)
