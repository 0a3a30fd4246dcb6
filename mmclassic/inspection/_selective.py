"""Answer only where the model is sure: abstention, and what it buys."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mmclassic.inspection._labels import codes_of


class RiskCoverage(NamedTuple):
    """A risk–coverage curve: :func:`risk_coverage_curve` says what its fields are."""

    coverage: np.ndarray
    risk: np.ndarray
    thresholds: np.ndarray
    area: float


def abstain(probabilities, threshold):
    """Which rows are better left to a person: those with no class as probable as a threshold.

    Parameters
    ----------
    probabilities : array-like of shape (n_samples, n_classes)
    threshold : float
        Between 0 and 1.

    Returns
    -------
    abstained : ndarray of shape (n_samples,), bool

    Raises
    ------
    ValueError
        If probabilities are no table, or the threshold is outside of [0, 1].

    References
    ----------
    C. Chow: On optimum recognition error and reject tradeoff. IEEE Transactions on Information
    Theory 16(1), 1970.

    Examples
    --------
    >>> from mmclassic import abstain
    >>> abstain([[0.9, 0.1], [0.4, 0.6]], threshold=0.8)
    array([False,  True])
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must lie between 0 and 1, got {threshold!r}.")
    return _checked(probabilities).max(axis=1) < threshold


def risk_coverage_curve(y, probabilities, *, classes=None):
    """Share of wrong answers against the share of rows that are answered, the surest first.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
    probabilities : array-like of shape (n_samples, n_classes)
    classes : array-like of shape (n_classes,), default=None
        Labels of the columns. None: y holds positions 0 … n_classes - 1.

    Returns
    -------
    curve : RiskCoverage
        A named tuple. ``thresholds`` are the confidences that occur, falling; at each,
        ``coverage`` is the share of rows that are as sure or surer, and ``risk`` the share of
        wrong ones among these. ``area`` is the mean of the risk over the n coverages 1/n, 2/n, …,
        1, with the errors of equally sure rows spread evenly: smaller is better.

    Raises
    ------
    ValueError
        If lengths differ, or y has other labels.

    References
    ----------
    R. El-Yaniv, Y. Wiener: On the foundations of noise-free selective classification. JMLR 11,
    2010.

    Y. Geifman, R. El-Yaniv: Selective classification for deep neural networks. NeurIPS 2017.

    Examples
    --------
    >>> from mmclassic import risk_coverage_curve
    >>> curve = risk_coverage_curve([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> curve.coverage.round(2), curve.risk.round(2), curve.thresholds
    (array([0.33, 0.67, 1.  ]), array([0.  , 0.  , 0.33]), array([0.9, 0.8, 0.6]))
    >>> round(curve.area, 3)
    0.111
    """
    probabilities = _checked(probabilities)
    codes = codes_of(y, np.arange(probabilities.shape[1]) if classes is None else classes)
    if len(codes) != len(probabilities):
        raise ValueError(f"y has {len(codes)} labels for {len(probabilities)} rows.")
    confidence = probabilities.max(axis=1)
    wrong = probabilities.argmax(axis=1) != codes
    thresholds, kind = np.unique(-confidence, return_inverse=True)
    answered = np.cumsum(np.bincount(kind))
    errors = np.cumsum(np.bincount(kind, weights=wrong))
    ranks = np.arange(1, len(codes) + 1)
    expected = np.interp(ranks, np.append(0, answered), np.append(0, errors))
    return RiskCoverage(
        answered / len(codes), errors / answered, -thresholds, float(np.mean(expected / ranks))
    )


def _checked(probabilities) -> np.ndarray:
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if probabilities.ndim != 2 or not probabilities.size:
        raise ValueError(
            f"probabilities must have the shape (n_samples, n_classes), got {probabilities.shape}."
        )
    if np.isnan(probabilities).any():
        row = int(np.isnan(probabilities).any(axis=1).argmax())
        raise ValueError(f"probabilities are NaN in row {row}: leave such rows out.")
    return probabilities
