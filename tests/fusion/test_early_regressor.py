"""Early fusion of a regression against a ridge regression on the joined features."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic import BlockScaler, EarlyFusionRegressor, UnreadableCellsError
from tests.fusion.examples import LEFT, RIGHT, NumberVectorizer
from tests.fusion.regression_examples import GROUPS, LACKING, TABLE, Y, cells

BLOCKS = [("left", BlockScaler(), LEFT), ("right", BlockScaler(), RIGHT)]


def joined(table):
    blocks = [StandardScaler().fit_transform(table[columns]) for columns in (LEFT, RIGHT)]
    return np.hstack(blocks) / np.sqrt(2)


def test_it_is_a_ridge_regression_on_the_joined_features():
    model = EarlyFusionRegressor(BLOCKS, alphas=[0.7]).fit(TABLE, Y)
    reference = Ridge(alpha=0.7).fit(joined(TABLE), Y)
    np.testing.assert_allclose(model.predict(TABLE), reference.predict(joined(TABLE)), rtol=1e-5)
    np.testing.assert_allclose(model.regressor_.coef_, reference.coef_, rtol=1e-4)


@pytest.mark.parametrize("groups", [None, GROUPS])
def test_the_penalty_has_the_least_cross_fitted_squared_error(groups):
    candidates = (0.01, 3.0, 100.0)
    model = EarlyFusionRegressor(BLOCKS, alphas=candidates).fit(TABLE, Y, groups=groups)
    cv = KFold(5) if groups is None else GroupKFold(5)
    errors = []
    for alpha in candidates:  # one block of four features has half the variance of two of two
        pipeline = make_pipeline(BlockScaler(), Ridge(alpha=alpha / 2))
        found = cross_val_predict(pipeline, TABLE, Y, cv=cv, groups=groups)
        errors.append(mean_squared_error(Y, found))
    assert model.alpha_ == candidates[int(np.argmin(errors))]


def test_many_features_and_few_rows():
    X = np.random.default_rng(0).normal(size=(40, 300))
    y = X[:, :5].sum(axis=1)
    blocks = [("a", BlockScaler(), slice(0, 200)), ("b", BlockScaler(), slice(200, 300))]
    model = EarlyFusionRegressor(blocks, alphas=[1.0], cv=2).fit(X, y)
    scaled = StandardScaler().fit_transform(X) / np.sqrt(np.repeat([200, 100], [200, 100]))
    reference = Ridge(alpha=1.0).fit(scaled, y)
    np.testing.assert_allclose(model.regressor_.coef_, reference.coef_, atol=1e-6)
    assert model.regressor_.n_features_in_ == 300


def test_an_absent_block_is_at_its_mean_and_nothing_is_the_mean_of_the_target():
    model = EarlyFusionRegressor(BLOCKS).fit(LACKING, Y)
    rows = LACKING[LEFT].isna().all(axis=1) & LACKING[RIGHT].notna().all(axis=1)
    filled = LACKING.copy()
    filled.loc[rows, LEFT] = LACKING[LEFT].mean().to_numpy()
    np.testing.assert_allclose(model.predict(LACKING[rows]), model.predict(filled[rows]))
    bare = LACKING[:3].copy()
    bare.loc[:, :] = np.nan
    assert model.predict(bare).tolist() == [pytest.approx(Y.mean())] * 3
    assert model.predict(LACKING[:0]).shape == (0,)


def test_the_unit_of_the_target_does_not_matter():
    euros = EarlyFusionRegressor(BLOCKS).fit(TABLE, Y)
    cents = EarlyFusionRegressor(BLOCKS).fit(TABLE, 100 * Y)
    assert euros.alpha_ == cents.alpha_
    np.testing.assert_allclose(cents.predict(TABLE), 100 * euros.predict(TABLE))


def test_n_jobs_and_random_state():
    first = EarlyFusionRegressor(BLOCKS, random_state=0).fit(TABLE, Y)
    second = clone(first).set_params(n_jobs=2).fit(TABLE, Y)
    np.testing.assert_array_equal(first.predict(TABLE), second.predict(TABLE))


def test_unreadable_cells():
    table, y = cells(broken=(3,))
    blocks = [("x", make_pipeline(NumberVectorizer(), BlockScaler()), "x")]
    with pytest.raises(UnreadableCellsError):
        EarlyFusionRegressor(blocks).fit(table, y)


@pytest.mark.parametrize(
    ("options", "y", "message"),
    [
        ({"alphas": []}, Y, "one positive number or more"),
        ({"alphas": [0.0]}, Y, "one positive number or more"),
        ({}, Y[:5], "X has 90 rows, y has 5"),
        ({}, ["a"] * 90, "is no number"),
    ],
)
def test_bad_arguments(options, y, message):
    with pytest.raises(ValueError, match=message):
        EarlyFusionRegressor(BLOCKS, **options).fit(TABLE, y)
