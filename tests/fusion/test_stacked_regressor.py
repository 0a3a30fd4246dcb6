"""StackedRegressor against its final estimator; MedianRegressor."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression, Ridge, RidgeCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from mmclassic import MedianRegressor, StackedRegressor, WeightedSumRegressor
from mmclassic.fusion._stacked_regressor import default_ridge
from tests.fusion.regression_examples import make_predictions


def test_the_median_is_that_of_what_is_there():
    scores = np.array([[1.0, 2.0, 60.0], [np.nan, 2.0, 6.0], [np.nan, np.nan, 6.0]])[:, :, None]
    head = MedianRegressor().fit(scores, [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(head.predict(scores), [2, 4, 6])


# Stacking


def test_stacking_is_the_final_estimator_on_the_predictions():
    scores, y = make_predictions()
    expected = LinearRegression().fit(scores[:, :, 0], y).predict(scores[:, :, 0])
    fused = StackedRegressor(LinearRegression()).fit(scores, y).predict(scores)
    np.testing.assert_allclose(fused, expected)
    alphas = np.logspace(-3, 3, 7) * y.var()
    ridge = RidgeCV(alphas).fit(scores[:, :, 0], y)
    head = StackedRegressor().fit(scores, y)
    np.testing.assert_allclose(head.predict(scores), ridge.predict(scores[:, :, 0]))
    assert head.estimators_[-1].alpha_ == pytest.approx(ridge.alpha_)


def test_stacking_refits_per_pattern():
    scores, y = make_predictions(missing=0.3)
    tree = DecisionTreeRegressor(max_depth=3, random_state=0)
    head = StackedRegressor(tree).fit(scores, y)
    pattern = np.array([True, False, True])
    available = ~np.isnan(scores[:, :, 0])
    train = available[:, pattern].all(axis=1)
    rows = (available == pattern).all(axis=1)
    expected = clone(tree).fit(scores[train][:, pattern, 0], y[train])
    np.testing.assert_array_equal(
        head.predict(scores)[rows], expected.predict(scores[rows][:, pattern, 0])
    )


def test_the_weights_of_rows_reach_the_final_estimator():
    scores, y = make_predictions()
    weight = np.random.default_rng(0).random(90)
    expected = Ridge().fit(scores[:, :, 0], y, sample_weight=weight).predict(scores[:, :, 0])
    for final in (Ridge(), make_pipeline("passthrough", Ridge())):
        head = StackedRegressor(final).fit(scores, y, sample_weight=weight)
        np.testing.assert_allclose(head.predict(scores), expected)
    scaled = StackedRegressor(make_pipeline(StandardScaler(), KNeighborsRegressor()))
    with pytest.raises(ValueError, match="KNeighborsRegressor takes no sample_weight"):
        scaled.fit(scores, y, sample_weight=weight)


def test_a_constant_target():
    scores, _ = make_predictions()
    y = np.full(90, 7.0)
    assert (default_ridge(y).alphas > 0).all()
    for head in (StackedRegressor(), WeightedSumRegressor("learned")):
        np.testing.assert_allclose(head.fit(scores, y).predict(scores), 7)
