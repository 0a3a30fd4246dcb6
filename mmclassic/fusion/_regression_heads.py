"""Regression heads by name."""

from __future__ import annotations

from typing import Any

from mmclassic.fusion._heads import make_head
from mmclassic.fusion._median_regressor import MedianRegressor
from mmclassic.fusion._stacked_regressor import StackedRegressor
from mmclassic.fusion._weighted_sum_regressor import WeightedSumRegressor

REGRESSION_HEADS = {
    "mean": WeightedSumRegressor,
    "weighted_sum": WeightedSumRegressor,
    "median": MedianRegressor,
    "stacking": StackedRegressor,
}


def make_regression_head(fusion: Any) -> Any:
    """An unfitted regression head, from its name or from a head to clone.

    Raises
    ------
    ValueError
        If the name is unknown.

    Examples
    --------
    >>> make_regression_head("median")
    MedianRegressor()
    """
    return make_head(fusion, REGRESSION_HEADS)
