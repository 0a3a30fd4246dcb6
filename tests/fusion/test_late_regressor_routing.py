"""Groups and weights on their way through a late fusion of regressors."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, cross_validate
from sklearn.svm import SVR

from mmclassic import (
    LateFusionRegressor,
    StackedRegressor,
    WeightedSumRegressor,
    simplex_grid,
)
from tests.fusion.examples import LEFT, RIGHT
from tests.fusion.regression_examples import (
    GROUPS,
    TABLE,
    WEIGHT,
    CountedRidge,
    Y,
    fit,
    two_regressors,
)


@pytest.fixture(autouse=True)
def no_fits_yet():
    CountedRidge.fits.clear()
    CountedRidge.weights.clear()


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


# Groups and weights


def test_groups_are_kept_together_at_every_level():
    """In the cross-fit, and in the folds of a search over the head."""
    search = GridSearchCV(WeightedSumRegressor(), {"weights": simplex_grid(2, step=0.25)}, cv=3)
    model = LateFusionRegressor(two_regressors(), search, cv=4).fit(TABLE, Y, groups=GROUPS)
    splits = {n: list(GroupKFold(n).split(TABLE, Y, GROUPS)) for n in (3, 4)}
    explicit = fit(clone(search).set_params(cv=splits[3]), cv=splits[4])
    np.testing.assert_array_equal(model.cross_fit_scores_, explicit.cross_fit_scores_)
    np.testing.assert_array_equal(
        model.fusion_.cv_results_["split0_test_score"],
        explicit.fusion_.cv_results_["split0_test_score"],
    )


@pytest.mark.parametrize("cv", [4, GroupKFold(4)])
def test_groups_with_routing(routing, cv):
    model = LateFusionRegressor(two_regressors(), "stacking", cv=cv).fit(TABLE, Y, groups=GROUPS)
    explicit = fit("stacking", cv=list(GroupKFold(4).split(TABLE, Y, GROUPS)))
    np.testing.assert_array_equal(model.cross_fit_scores_, explicit.cross_fit_scores_)


def test_random_state_shuffles_folds_of_rows_and_of_groups():
    seeds = [fit("stacking", random_state=seed).cross_fit_scores_ for seed in (None, 0, 0, 1)]
    np.testing.assert_array_equal(seeds[1], seeds[2])
    assert (seeds[0] != seeds[1]).any()
    plain = list(KFold(5, shuffle=True, random_state=1).split(TABLE))
    np.testing.assert_array_equal(fit("stacking", cv=plain).cross_fit_scores_, seeds[3])
    model = LateFusionRegressor(two_regressors(), "stacking", random_state=1)
    model.fit(TABLE, Y, groups=GROUPS)
    folds = list(GroupKFold(5, shuffle=True, random_state=1).split(TABLE, Y, GROUPS))
    grouped = fit("stacking", cv=folds).cross_fit_scores_
    np.testing.assert_array_equal(model.cross_fit_scores_, grouped)


def test_weights_reach_base_models_head_and_mean():
    table = TABLE.copy()
    table.loc[:9, LEFT] = np.nan
    modalities = [("left", CountedRidge(), LEFT), ("right", SVR(), RIGHT)]
    model = LateFusionRegressor(modalities, "stacking", cv=3).fit(table, Y, sample_weight=WEIGHT)
    assert [len(weights) for weights in CountedRidge.weights] == [60, 50, 50, 80]
    np.testing.assert_array_equal(CountedRidge.weights[-1], WEIGHT[10:])
    assert model.target_mean_ == pytest.approx(np.average(Y, weights=WEIGHT))
    head = StackedRegressor().fit(model.cross_fit_scores_, Y, sample_weight=WEIGHT)
    np.testing.assert_array_equal(model.fusion_.estimators_[-1].coef_, head.estimators_[-1].coef_)


@pytest.mark.parametrize("fusion", ["mean", "stacking"])
def test_a_weight_of_zero_is_no_row(fusion):
    weight = np.r_[np.ones(60), np.zeros(30)]
    splits = [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30))]
    modalities = [("left", Ridge(), LEFT), ("right", Ridge(), RIGHT)]
    weighted = LateFusionRegressor(modalities, fusion, cv=splits)
    weighted.fit(TABLE, Y, sample_weight=weight)
    without = clone(weighted).fit(TABLE[:60], Y[:60])
    np.testing.assert_allclose(weighted.predict(TABLE), without.predict(TABLE))
    assert weighted.target_mean_ == pytest.approx(without.target_mean_)


def test_with_routing_weights_go_where_they_are_requested(routing):
    modalities = [
        ("left", CountedRidge().set_fit_request(sample_weight=True), LEFT),
        ("right", LinearRegression().set_fit_request(sample_weight=False), RIGHT),
    ]
    model = LateFusionRegressor(modalities, "median").fit(TABLE, Y, sample_weight=WEIGHT)
    np.testing.assert_array_equal(CountedRidge.weights[-1], WEIGHT)
    unweighted = LinearRegression().fit(TABLE[RIGHT], Y)
    np.testing.assert_allclose(model.named_modalities_["right"].coef_, unweighted.coef_)
    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        LateFusionRegressor([("left", Ridge(), LEFT)]).fit(TABLE, Y, sample_weight=WEIGHT)


@pytest.mark.parametrize("with_routing", [False, True])
def test_weights_reach_a_search_over_the_head(with_routing):
    search = GridSearchCV(WeightedSumRegressor(), {"weights": [(1,)]}, cv=3)
    with sklearn.config_context(enable_metadata_routing=with_routing):
        ridge = Ridge().set_fit_request(sample_weight=True) if with_routing else Ridge()
        model = LateFusionRegressor([("left", ridge, LEFT)], search, cv=3)
        model.fit(TABLE, Y, sample_weight=WEIGHT)
    found = model.fusion_.best_estimator_.target_mean_
    assert found == pytest.approx(np.average(Y, weights=WEIGHT))


def test_nested_cross_validation_with_groups(routing):
    model = LateFusionRegressor([("left", CountedRidge(), LEFT)], "stacking", cv=2)
    found = cross_validate(
        model, TABLE, Y, cv=GroupKFold(3), params={"groups": GROUPS}, error_score="raise"
    )
    assert len(found["test_score"]) == 3
    group_of = dict(zip(TABLE["a"], GROUPS, strict=True))
    first, second, whole = ({group_of[value] for value in fit} for fit in CountedRidge.fits[:3])
    assert not first & second
    assert first | second == whole
