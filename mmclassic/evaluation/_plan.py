"""Which fits a nested benchmark needs, and which rows each of them scores.

With one partition into K folds, the model fitted without the folds i and j serves as an inner
model of outer fold i and of outer fold j. K(K-1)/2 such fits, and the K fits without one fold, do
the work of the K(K+1) fits of ordinary nesting; and the K single ones are a cross-fitted table of
all rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class OuterFold:
    """One outer fold.

    Attributes
    ----------
    test : ndarray of int
        Rows on which models are judged.
    fit : int
        The fit that scores them: made on all rows that are not ``test``.
    inner : list of (int, ndarray of int)
        Fits, and the training rows that each scores without having seen them.
    """

    test: np.ndarray
    fit: int
    inner: list[tuple[int, np.ndarray]]

    @property
    def train(self) -> np.ndarray:
        """Training rows of the fold, sorted."""
        return np.sort(np.concatenate([rows for _, rows in self.inner]))


@dataclass(frozen=True)
class Plan:
    """All fits of a nested benchmark.

    Attributes
    ----------
    train : list of ndarray of int
        Training rows of each fit.
    score : list of ndarray of int
        Rows that each fit has to score.
    folds : list of OuterFold
    final : list of (int, ndarray of int)
        The cross-fit behind the final model: fits, and rows that each scores.
    """

    train: list[np.ndarray]
    score: list[np.ndarray]
    folds: list[OuterFold]
    final: list[tuple[int, np.ndarray]]


def plan_partition(folds: list[np.ndarray], n_rows: int) -> Plan:
    """The plan for a partition of all rows.

    Parameters
    ----------
    folds : list of ndarray of int
        Test rows of each fold.
    n_rows : int

    Returns
    -------
    plan : Plan
        With K(K+1)/2 fits.

    Examples
    --------
    >>> plan = plan_partition([np.array([0, 1]), np.array([2, 3]), np.array([4, 5])], 6)
    >>> len(plan.train)
    6
    >>> plan.train[3]  # without the folds 0 and 1
    array([4, 5])
    """
    number = np.full(n_rows, -1)
    for index, rows in enumerate(folds):
        number[rows] = index
    left_out: list[tuple[int, ...]] = [(i,) for i in range(len(folds))]
    left_out += list(combinations(range(len(folds)), 2))
    fit_of = {pair: index for index, pair in enumerate(left_out)}
    outer = [
        OuterFold(
            np.sort(folds[i]),
            i,
            [
                (fit_of[(min(i, j), max(i, j))], np.sort(folds[j]))
                for j in range(len(folds))
                if j != i
            ],
        )
        for i in range(len(folds))
    ]
    return Plan(
        train=[np.flatnonzero(~np.isin(number, pair)) for pair in left_out],
        score=[np.flatnonzero(np.isin(number, pair)) for pair in left_out],
        folds=outer,
        final=[(i, np.sort(rows)) for i, rows in enumerate(folds)],
    )


def plan_holdout(train: np.ndarray, test: np.ndarray, inner_folds: list[np.ndarray]) -> Plan:
    """The plan for one official split into training and test rows.

    Parameters
    ----------
    train, test : ndarray of int
    inner_folds : list of ndarray of int
        A partition of the training rows.

    Returns
    -------
    plan : Plan
        With K + 1 fits; the final model is the one that is judged, fitted on the training rows.

    Examples
    --------
    >>> plan = plan_holdout(np.arange(4), np.array([4]), [np.array([0, 1]), np.array([2, 3])])
    >>> plan.train
    [array([0, 1, 2, 3]), array([2, 3]), array([0, 1])]
    """
    inner = [(index + 1, np.sort(rows)) for index, rows in enumerate(inner_folds)]
    return Plan(
        train=[train, *(np.setdiff1d(train, rows) for _, rows in inner)],
        score=[test, *(rows for _, rows in inner)],
        folds=[OuterFold(test, 0, inner)],
        final=inner,
    )


def thin_plan(plan: Plan, kept: np.ndarray) -> Plan:
    """The same plan with fewer training rows; what is tested stays.

    Parameters
    ----------
    plan : Plan
    kept : ndarray of int
        Rows that may be trained on.

    Examples
    --------
    >>> plan = plan_partition([np.array([0, 1]), np.array([2, 3]), np.array([4, 5])], 6)
    >>> thin = thin_plan(plan, np.array([0, 2, 4]))
    >>> thin.train[0], thin.folds[0].test, thin.folds[0].train
    (array([2, 4]), array([0, 1]), array([2, 4]))
    """
    folds = [
        replace(fold, inner=[(fit, np.intersect1d(rows, kept)) for fit, rows in fold.inner])
        for fold in plan.folds
    ]
    return Plan(
        train=[np.intersect1d(rows, kept) for rows in plan.train],
        score=plan.score,
        folds=folds,
        final=[(fit, np.intersect1d(rows, kept)) for fit, rows in plan.final],
    )
