"""LateFusionRegressor against scikit-learn, and what it promises."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor, StackingRegressor, VotingRegressor
from sklearn.exceptions import DataConversionWarning
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmclassic import (
    LateFusionRegressor,
    MedianRegressor,
    StackedRegressor,
    WeightedSumRegressor,
    load,
    save,
    simplex_grid,
)
from tests.fusion.examples import LEFT, RIGHT
from tests.fusion.regression_examples import (
    HAS,
    HEADS,
    LACKING,
    TABLE,
    CountedRidge,
    Y,
    cells,
    fit,
    peers,
    two_of_cells,
    two_regressors,
)


@pytest.fixture(autouse=True)
def no_fits_yet():
    CountedRidge.fits.clear()
    CountedRidge.weights.clear()


# scikit-learn's contract


def of_any_width(fusion, **options):
    """Two modalities that exist in tables of any width, also in those of one column."""
    modalities = [
        ("some", LinearRegression(), slice(0, 2)),
        ("all", Ridge(), slice(0, None)),
    ]
    return LateFusionRegressor(modalities, fusion, **options)


@pytest.mark.filterwarnings("ignore")  # the checks feed odd data on purpose
@parametrize_with_checks(
    [
        of_any_width("mean"),
        of_any_width("median", missing="fill"),
        of_any_width("stacking", cv=2),
        of_any_width(WeightedSumRegressor("learned"), cv=2),
        of_any_width(
            GridSearchCV(WeightedSumRegressor(), {"weights": simplex_grid(2, step=0.5)}, cv=2),
            cv=2,
        ),
    ]
)
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


# Against scikit-learn


@pytest.mark.parametrize("weights", [None, [0.7, 0.3]])
def test_weighted_sum_is_voting(weights):
    expected = VotingRegressor(peers(), weights=weights).fit(TABLE, Y)
    model = fit(WeightedSumRegressor(weights))
    np.testing.assert_allclose(model.predict(TABLE), expected.predict(TABLE))
    np.testing.assert_allclose(model.score(TABLE, Y), expected.score(TABLE, Y))


@pytest.mark.parametrize("final", [LinearRegression(), Ridge(2.0)])
def test_stacking_is_stacking(final):
    splits = list(KFold(4).split(TABLE))
    expected = StackingRegressor(peers(), final, cv=splits).fit(TABLE, Y)
    model = fit(StackedRegressor(final), cv=splits)
    np.testing.assert_allclose(model.predict(TABLE), expected.predict(TABLE))


def test_searched_weights_equal_the_search_that_refits_everything():
    splits = list(KFold(4).split(TABLE))
    grid = simplex_grid(2, step=0.1)
    head = GridSearchCV(WeightedSumRegressor(), {"weights": grid}, cv=splits)
    ours = fit(head, cv=splits).fusion_
    naive = GridSearchCV(VotingRegressor(peers()), {"weights": grid}, cv=splits).fit(TABLE, Y)
    np.testing.assert_allclose(
        ours.cv_results_["mean_test_score"], naive.cv_results_["mean_test_score"], atol=1e-9
    )
    assert ours.best_params_ == naive.best_params_


@pytest.mark.parametrize("modality", [0, 1])
def test_all_weight_on_one_modality_gives_it_exactly(modality):
    _, estimator, columns = two_regressors()[modality]
    alone = clone(estimator).fit(TABLE[columns], Y).predict(TABLE[columns])
    fused = fit(WeightedSumRegressor(np.eye(2)[modality])).predict(TABLE)
    np.testing.assert_array_equal(fused, alone)


def test_cross_fitted_predictions_are_out_of_fold():
    model = fit("stacking", cv=4)
    assert model.cross_fit_scores_.shape == (90, 2, 1)
    for train, test in KFold(4).split(TABLE):
        expected = LinearRegression().fit(TABLE[LEFT].iloc[train], Y[train])
        np.testing.assert_allclose(
            model.cross_fit_scores_[test, 0, 0], expected.predict(TABLE[LEFT].iloc[test])
        )
    full = LinearRegression().fit(TABLE[LEFT], Y).predict(TABLE[LEFT])
    np.testing.assert_array_equal(model.score_table(TABLE)[:, 0, 0], full)
    head = StackedRegressor().fit(model.cross_fit_scores_, Y)
    np.testing.assert_array_equal(model.predict(TABLE), head.predict(model.score_table(TABLE)))


# Costs


@pytest.mark.parametrize(
    "fusion", ["mean", "weighted_sum", "median", WeightedSumRegressor([1, 2]), MedianRegressor()]
)
def test_a_head_that_learns_nothing_pays_for_no_cross_fit(fusion):
    modalities = [("left", CountedRidge(), LEFT), ("right", CountedRidge(), RIGHT)]
    model = LateFusionRegressor(modalities, fusion).fit(TABLE, Y)
    assert len(CountedRidge.fits) == 2
    assert not hasattr(model, "cross_fit_scores_")
    model.set_params(fusion="stacking").fit(TABLE, Y)
    assert len(CountedRidge.fits) == 2 + 2 * 6
    model.set_params(fusion=fusion).fit(TABLE, Y)
    assert not hasattr(model, "cross_fit_scores_")


def test_tuning_weights_costs_one_cross_fit():
    modalities = [("left", CountedRidge(), LEFT), ("right", CountedRidge(), RIGHT)]
    head = GridSearchCV(WeightedSumRegressor(), {"weights": simplex_grid(2, step=0.1)}, cv=3)
    LateFusionRegressor(modalities, head, cv=4).fit(TABLE, Y)
    assert len(CountedRidge.fits) == 2 * (4 + 1)


def test_memory_spares_the_fits_of_the_base_models(tmp_path):
    modalities = [("left", CountedRidge(), LEFT), ("right", CountedRidge(), RIGHT)]
    model = LateFusionRegressor(modalities, "stacking", cv=3, memory=str(tmp_path)).fit(TABLE, Y)
    assert len(CountedRidge.fits) == 2 * 4
    clone(model).set_params(fusion=WeightedSumRegressor("learned")).fit(TABLE, Y)
    assert len(CountedRidge.fits) == 2 * 4


# What holds for every head


@pytest.mark.parametrize("missing", ["skip", "drop", "fill"])
@pytest.mark.parametrize("fusion", HEADS)
def test_predict_is_fuse_of_the_score_table(fusion, missing):
    model = fit(fusion, LACKING, missing=missing, cv=3)
    scores = model.score_table(LACKING)
    assert scores.shape == (90, 2, 1)
    np.testing.assert_array_equal(~np.isnan(scores[:, :, 0]), HAS)  # the raw table stays raw
    fused = model.predict(LACKING)
    assert fused.dtype == np.float64
    np.testing.assert_array_equal(fused, model.fuse(scores))
    nothing = ~HAS.any(axis=1)
    assert nothing.any()
    assert (fused[nothing] == model.target_mean_).all()
    kept = HAS.all(axis=1) if missing == "drop" else slice(None)
    assert model.target_mean_ == pytest.approx(Y[kept].mean())


@pytest.mark.parametrize("fusion", HEADS)
def test_a_missing_modality_equals_the_fusion_without_it(fusion):
    model = fit(fusion, cv=3)
    scores = model.score_table(TABLE)
    scores[:, 0] = np.nan
    without = TABLE.assign(a=np.nan, b=np.nan)
    np.testing.assert_array_equal(model.fuse(scores), model.predict(without))
    alone = LateFusionRegressor(two_regressors()[1:], fusion, cv=3).fit(TABLE, Y)
    np.testing.assert_allclose(model.fuse(scores), alone.predict(TABLE))


@pytest.mark.parametrize("fusion", HEADS)
def test_it_is_an_estimator(fusion):
    # No neighbours: their tree counts its calls.
    modalities = [("left", LinearRegression(), LEFT), ("right", Ridge(), RIGHT)]
    model = LateFusionRegressor(modalities, fusion, cv=3).fit(TABLE, Y)
    expected = model.predict(TABLE)
    before = pickle.dumps(model)
    model.fuse(model.score_table(TABLE[:3]))
    assert pickle.dumps(model) == before  # predict never changes a model
    parallel = clone(model).set_params(n_jobs=2).fit(TABLE, Y)
    for other in (clone(model).fit(TABLE, Y), pickle.loads(before), parallel):
        np.testing.assert_array_equal(other.predict(TABLE), expected)
    assert isinstance(model.named_modalities_["left"], LinearRegression)
    permuted = LateFusionRegressor(modalities[::-1], fusion, cv=3).fit(TABLE, Y)
    np.testing.assert_allclose(permuted.predict(TABLE), expected)
    rows = [5, 1, 1, 80]
    np.testing.assert_allclose(model.predict(TABLE.iloc[rows]), expected[rows])


# Frozen, dropped and nested


def test_frozen_members_are_not_refitted():
    fitted = CountedRidge().fit(TABLE[LEFT][:40], Y[:40])
    model = LateFusionRegressor(two_regressors(FrozenEstimator(fitted)), "stacking", cv=3)
    model.fit(TABLE, Y)
    assert len(CountedRidge.fits) == 1
    np.testing.assert_array_equal(model.cross_fit_scores_[:, 0, 0], fitted.predict(TABLE[LEFT]))


def test_dropped_modalities_are_as_if_they_were_not_there():
    model = LateFusionRegressor(two_regressors()).set_params(left="drop").fit(TABLE, Y)
    alone = LateFusionRegressor(two_regressors()[1:]).fit(TABLE, Y)
    np.testing.assert_array_equal(model.predict(TABLE[RIGHT]), alone.predict(TABLE))


def test_nested_parameters():
    model = LateFusionRegressor(two_regressors(), WeightedSumRegressor())
    model.set_params(right__n_neighbors=3, fusion__weights=[2, 1], left=Ridge())
    assert model.modalities[1][1].n_neighbors == 3
    assert model.get_params()["right__n_neighbors"] == 3
    np.testing.assert_allclose(model.fit(TABLE, Y).fusion_.weights_, [2 / 3, 1 / 3])
    assert isinstance(model.named_modalities_["left"], Ridge)
    search = GridSearchCV(two_of_cells(cv=2), {"x__numbervectorizer__power": [2, 3]}, cv=2)
    table, y = cells()
    assert search.fit(table, y).score(table, y) > 0.9


def test_what_it_looks_like():
    html = LateFusionRegressor(two_regressors(), StackedRegressor())._repr_html_()
    assert "KNeighborsRegressor" in html
    assert "StackedRegressor" in html


# Tables


@pytest.mark.parametrize("fusion", ["mean", "stacking"])
def test_pandas_polars_and_arrays_give_the_same(fusion):
    expected = fit(fusion, LACKING).predict(LACKING)
    frame = pl.DataFrame(LACKING.to_dict("list"))
    model = LateFusionRegressor(two_regressors(), fusion).fit(frame, pl.Series(Y))
    np.testing.assert_array_equal(model.predict(frame), expected)
    np.testing.assert_array_equal(model.predict(LACKING), expected)
    by_position = [
        ("left", LinearRegression(), [0, 1]),
        ("right", KNeighborsRegressor(5), slice(2, 4)),
    ]
    model = LateFusionRegressor(by_position, fusion).fit(LACKING.to_numpy(), list(Y))
    # To rounding: a frame's columns lie otherwise in memory.
    np.testing.assert_allclose(model.predict(LACKING.to_numpy()), expected, rtol=1e-12)


def test_targets_of_other_types():
    expected = fit().predict(TABLE)
    for y in (pd.Series(Y, index=np.arange(90)[::-1]), pd.Series(Y, dtype="Float64"), pl.Series(Y)):
        model = LateFusionRegressor(two_regressors()).fit(TABLE, y)
        np.testing.assert_array_equal(model.predict(TABLE), expected)
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        model.fit(TABLE, Y[:, None])
    np.testing.assert_array_equal(model.predict(TABLE), expected)


# Saving


@pytest.mark.parametrize(
    "fusion",
    [
        "mean",
        "median",
        "stacking",
        WeightedSumRegressor("learned"),
        GridSearchCV(WeightedSumRegressor(), {"weights": simplex_grid(2, step=0.5)}),
    ],
)
def test_a_loaded_model_predicts_the_same_bits(fusion, tmp_path):
    modalities = [
        ("left", HistGradientBoostingRegressor(max_iter=3), LEFT),
        ("right", make_pipeline(StandardScaler(), Ridge()), RIGHT),
    ]
    memory = str(tmp_path / "memory")
    model = LateFusionRegressor(modalities, fusion, cv=3, memory=memory).fit(LACKING, Y)
    save(model, tmp_path / "model.mmc")
    loaded = load(tmp_path / "model.mmc")
    np.testing.assert_array_equal(loaded.predict(LACKING), model.predict(LACKING))
    np.testing.assert_array_equal(loaded.score_table(LACKING), model.score_table(LACKING))
    assert loaded.memory is None
    assert not hasattr(loaded, "cross_fit_scores_")
    assert loaded.target_mean_ == model.target_mean_
