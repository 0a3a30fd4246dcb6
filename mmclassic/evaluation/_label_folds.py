"""Folds of several labels: each fold gets its share of each label."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.model_selection import BaseCrossValidator, GroupKFold, check_cv


def stratify_labels(y: np.ndarray, n_folds: int, rng: np.random.Generator | None) -> np.ndarray:
    """The fold of each row, by iterative stratification: the rarest label is shared out first.

    Parameters
    ----------
    y : ndarray of shape (n_rows, n_labels), int
    n_folds : int
    rng : Generator, optional
        Draws the rows; without it they are taken in the order of the table.

    Returns
    -------
    folds : ndarray of shape (n_rows,), int

    References
    ----------
    K. Sechidis, G. Tsoumakas, I. Vlahavas: On the stratification of multi-label data. ECML PKDD
    2011.

    Examples
    --------
    >>> y = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0, 0], [0, 0]])
    >>> stratify_labels(y, 2, None)
    array([0, 1, 0, 1, 0, 1])
    """
    n_rows = len(y)
    order = np.arange(n_rows) if rng is None else rng.permutation(n_rows)
    folds = np.full(n_rows, -1)
    wanted = np.full(n_folds, n_rows / n_folds)  # rows that each fold still lacks
    of_label = np.tile(y.sum(axis=0) / n_folds, (n_folds, 1))  # and those that have a label
    while (folds < 0).any():
        left = folds < 0
        counts = y[left].sum(axis=0)
        some = np.flatnonzero(counts)
        rare = some[counts[some].argmin()] if len(some) else -1
        rows = [row for row in order if left[row] and (rare < 0 or y[row, rare])]
        for row in rows:
            lack = wanted if rare < 0 else of_label[:, rare]
            best = np.flatnonzero(lack >= lack.max() - 1e-9)
            fold = best[wanted[best].argmax()]
            folds[row] = fold
            wanted[fold] -= 1
            of_label[fold] -= y[row]
    return folds


class LabelKFold(BaseCrossValidator):
    """K folds, each with its share of the rows of each label.

    Parameters
    ----------
    n_splits : int
    random_state : int, optional
        Shuffles the rows; None keeps their order.
    """

    def __init__(self, n_splits: int, random_state: int | None = None):
        self.n_splits = n_splits
        self.random_state = random_state

    def get_n_splits(self, X=None, y=None, groups=None):
        """The number of folds."""
        return self.n_splits

    def _iter_test_masks(self, X=None, y=None, groups=None):
        rng = None if self.random_state is None else np.random.default_rng(self.random_state)
        folds = stratify_labels(np.asarray(y), self.n_splits, rng)
        for fold in range(self.n_splits):
            yield folds == fold


def label_splitter(
    cv: Any, y: np.ndarray, groups: Any = None, random_state: int | None = None
) -> Any:
    """The cross-validation splitter for an indicator of labels.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
        An int means stratified folds, or with ``groups`` grouped ones.
    y : ndarray of shape (n_rows, n_labels), int
    groups : array-like of shape (n_rows,), optional
    random_state : int, optional

    Raises
    ------
    ValueError
        If there are fewer rows, or groups, than folds.
    """
    if not isinstance(cv, int | np.integer):
        return check_cv(cv, y, classifier=True)
    most = len(y) if groups is None else len(np.unique(np.asarray(groups)))
    if not 2 <= cv <= most:
        unit = "rows" if groups is None else "groups"
        raise ValueError(f"cv={cv} folds need at least 2 folds and {cv} {unit}, there are {most}.")
    if groups is not None:
        return GroupKFold(cv, shuffle=random_state is not None, random_state=random_state)
    return LabelKFold(int(cv), random_state)
