"""Folds for pairs: always shuffled, for the others of a fold are the strangers to tell apart."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

from mmclassic._errors import DataQualityWarning


def pair_splits(
    rows: np.ndarray,
    *,
    cv: int,
    codes: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    random_state: int | None = None,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Train and test rows of each fold.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,), int
        Rows of a table that take part.
    cv : int
        Number of folds; capped, with one warning, at the number of rows or groups, or at the rows
        of the smallest class. A class of one row makes folds that are not stratified.
    codes : ndarray of shape (n_samples,), int, optional
        Classes of the rows of the table, which every fold should hold.
    groups : ndarray of shape (n_samples,), optional
        Rows of one group share a fold.
    random_state : int, optional
        None is 0.

    Returns
    -------
    splits : list of (train rows, test rows)
        Empty where there are fewer than three rows.

    Raises
    ------
    ValueError
        If there is a single group.

    Examples
    --------
    >>> splits = pair_splits(np.arange(6), cv=3)
    >>> sorted(np.concatenate([test for _, test in splits]).tolist())
    [0, 1, 2, 3, 4, 5]
    """
    if len(rows) < 3:
        return []
    codes = None if codes is None else codes[rows]
    groups = None if groups is None else groups[rows]
    most, unit = len(rows), "rows"
    if groups is not None:
        most, unit = len(np.unique(groups)), "groups"
        if most < 2:
            raise ValueError("groups holds a single group: cross-validation needs at least two.")
    if codes is not None:
        smallest = int(np.unique(codes, return_counts=True)[1].min())
        if smallest < 2:
            codes = None
        elif smallest < most:
            most, unit = smallest, "rows of the smallest class"
    if cv > most:
        warnings.warn(
            f"cv={cv} was reduced to {most} folds: there are {most} {unit}.",
            DataQualityWarning,
            stacklevel=4,
        )
    splitter = _kind(codes is not None, groups is not None)(
        min(cv, most), shuffle=True, random_state=random_state or 0
    )
    splits = splitter.split(rows, codes, groups)
    return [(rows[train], rows[test]) for train, test in splits]


def _kind(stratified: bool, grouped: bool) -> Any:
    if stratified:
        return StratifiedGroupKFold if grouped else StratifiedKFold
    return GroupKFold if grouped else KFold
