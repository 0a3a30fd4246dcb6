"""Folds: stratified, grouped when there are groups, never more than the smallest class allows."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv

from mmclassic._errors import DataQualityWarning


def splitter_for(
    cv: Any,
    codes: np.ndarray,
    groups: Any = None,
    *,
    classes: Any = None,
    random_state: int | None = None,
):
    """The cross-validation splitter for encoded labels.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
        An int means stratified folds, grouped where ``groups`` is given; their number is
        capped at the rows of the smallest class (at the number of groups) with one warning.
    codes : ndarray of shape (n_samples,), int
    groups : array-like of shape (n_samples,), optional
    classes : sequence, optional
        Labels, for messages.
    random_state : int, optional
        Shuffles the folds of an int ``cv``; None keeps the order of the rows.

    Returns
    -------
    splitter : object with ``split`` and ``get_n_splits``

    Raises
    ------
    ValueError
        If a class has a single row, or there is a single group.
    """
    if not isinstance(cv, int | np.integer):
        return check_cv(cv, codes, classifier=True)
    if cv < 2:
        raise ValueError(f"cv must be at least 2 folds, got {cv}.")
    counts = np.bincount(codes)
    smallest = int(counts.argmin())
    if counts[smallest] < 2:
        label = smallest if classes is None else np.asarray(classes).tolist()[smallest]
        raise ValueError(
            f"Class {label!r} has a single row, so no fold can both train and test on it: "
            "leave the row out, merge it with another class, or pass folds that are not "
            'stratified, such as cv=KFold(5). A late fusion with fusion="mean", of members with '
            "predict_proba, needs no folds."
        )
    most, reason = int(counts[smallest]), "the smallest class has {} rows"
    if groups is not None:
        n_groups = len(np.unique(np.asarray(groups)))
        if n_groups < 2:
            raise ValueError("groups holds a single group: cross-validation needs at least two.")
        if n_groups < most:
            most, reason = n_groups, "there are {} groups"
    if cv > most:
        warnings.warn(
            f"cv={cv} was reduced to {most} folds: {reason.format(most)}.",
            DataQualityWarning,
            stacklevel=4,
        )
        cv = most
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    return kind(cv, shuffle=random_state is not None, random_state=random_state)


def split_rows(splitter: Any, codes: np.ndarray, groups: Any = None) -> list[tuple]:
    """Train and test rows of each fold; each row is tested at most once.

    Parameters
    ----------
    splitter : splitter, as :func:`splitter_for` gives it
    codes : ndarray of shape (n_samples,), int
    groups : array-like of shape (n_samples,), optional

    Returns
    -------
    splits : list of (train rows, test rows)

    Raises
    ------
    ValueError
        If a row is tested twice, a row is in both parts of a split, or there is no such row.
    """
    unused, everything = np.zeros((len(codes), 1)), np.arange(len(codes))
    try:
        splits = [
            (everything[train], everything[test])
            for train, test in splitter.split(unused, codes, groups)
        ]
    except IndexError as error:
        raise ValueError(
            f"The folds of cv do not fit a table of {len(codes)} rows, numbered from 0: {error}."
        ) from error
    tested = np.zeros(len(codes), dtype=int)
    for train, test in splits:
        tested[test] += 1
        if len(np.intersect1d(train, test)):
            raise ValueError("A fold of cv trains on rows that it tests.")
    if (tested > 1).any():
        raise ValueError(
            f"cv tests row {int(np.flatnonzero(tested > 1)[0])} more than once: cross-fitting "
            "needs folds that test each row at most once, such as StratifiedKFold."
        )
    return splits
