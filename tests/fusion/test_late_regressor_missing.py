"""Missing modalities and unreadable cells in a late fusion of regressors."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold

from mmclassic import (
    DataQualityWarning,
    LateFusionRegressor,
    StackedRegressor,
    UnreadableCellsError,
    WeightedSumRegressor,
)
from tests.fusion.examples import LEFT, CentredNumber, NumberVectorizer
from tests.fusion.regression_examples import (
    HAS,
    LACKING,
    TABLE,
    CountedRidge,
    Y,
    cells,
    fit,
    two_of_cells,
    two_regressors,
)


@pytest.fixture(autouse=True)
def no_fits_yet():
    CountedRidge.fits.clear()
    CountedRidge.weights.clear()


# Missing modalities


def test_skip_fits_each_modality_on_the_rows_that_have_it():
    model = fit(WeightedSumRegressor([0.3, 0.7]), LACKING)
    left = LinearRegression().fit(LACKING[LEFT][HAS[:, 0]], Y[HAS[:, 0]])
    np.testing.assert_array_equal(model.named_modalities_["left"].coef_, left.coef_)
    scores, fused = model.score_table(LACKING)[:, :, 0], model.predict(LACKING)
    only_left = HAS[:, 0] & ~HAS[:, 1]
    np.testing.assert_allclose(fused[only_left], scores[only_left, 0])
    both = HAS.all(axis=1)
    np.testing.assert_allclose(fused[both], scores[both] @ [0.3, 0.7])


def test_drop_is_a_fit_on_the_complete_rows():
    complete = HAS.all(axis=1)
    place = np.cumsum(complete) - 1
    splits = list(KFold(3).split(LACKING))
    model = fit("stacking", LACKING, missing="drop", cv=splits)
    fewer = [(place[train[complete[train]]], place[test[complete[test]]]) for train, test in splits]
    expected = LateFusionRegressor(two_regressors(), "stacking", cv=fewer)
    expected.fit(LACKING[complete], Y[complete])
    assert np.isnan(model.cross_fit_scores_[~complete]).all()
    np.testing.assert_array_equal(model.predict(LACKING), expected.predict(LACKING))


def test_fill_gives_an_absent_modality_the_mean_of_the_target():
    model = fit("mean", LACKING, missing="fill")
    scores = model.score_table(LACKING)[:, :, 0]
    only_left = HAS[:, 0] & ~HAS[:, 1]
    expected = (scores[only_left, 0] + model.target_mean_) / 2
    np.testing.assert_allclose(model.predict(LACKING)[only_left], expected)
    learned = fit("stacking", LACKING, missing="fill")
    raw = learned.cross_fit_scores_
    filled = np.where(np.isnan(raw), learned.target_mean_, raw)
    head = StackedRegressor().fit(filled, Y)
    np.testing.assert_array_equal(learned.fusion_.estimators_[-1].coef_, head.estimators_[-1].coef_)


def test_a_modality_that_is_missing_in_a_whole_fold():
    """The fold that trains without the modality gives its test rows no prediction."""
    table = TABLE.copy()
    table.loc[45:, LEFT] = np.nan
    folds = [(np.arange(45), np.arange(45, 90)), (np.arange(45, 90), np.arange(45))]
    model = LateFusionRegressor(two_regressors(CountedRidge()), "stacking", cv=folds).fit(table, Y)
    assert len(CountedRidge.fits) == 1 + 1
    assert np.isnan(model.cross_fit_scores_[:, 0]).all()
    assert np.isfinite(model.predict(table)).all()


def test_a_modality_that_no_row_has():
    with pytest.raises(ValueError, match="Modality 'left' has no rows to fit on"):
        fit(table=TABLE.assign(a=np.nan, b=np.nan))
    with pytest.raises(ValueError, match='missing="drop" leaves no row'):
        fit(table=TABLE.assign(a=np.nan, b=np.nan), missing="drop")


# Cells


def test_every_cell_is_decoded_once():
    table, y = cells(missing=[3])
    model = two_of_cells().fit(table, y)
    assert Counter(NumberVectorizer.decoded) == Counter(table["x"].dropna())
    assert Counter(c for c in CentredNumber.decoded if isinstance(c, str)) == Counter(table["z"])
    assert model.score(table, y) > 0.9
    assert model.predict(table[:0]).shape == (0,)


def test_unreadable_cells_raise_once_with_the_rows_of_the_table():
    table, y = cells(broken=[0, 17])
    table.index = np.arange(1000, 1060)
    with pytest.raises(UnreadableCellsError, match="2 of 120 cells") as caught:
        two_of_cells().fit(table, y)
    assert [(error.row, error.column) for error in caught.value.errors] == [(0, "x"), (17, "x")]


def test_unreadable_cells_count_as_missing_with_one_warning():
    broken, y = cells(broken=[0, 17])
    lacking, _ = cells(missing=[0, 17])
    model = two_of_cells(on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match="2 of 120 cells cannot be read") as caught:
        model.fit(broken, y)
    assert len(caught) == 1
    assert [error.row for error in model.unreadable_cells_] == [0, 17]
    expected = two_of_cells().fit(lacking, y).predict(lacking)
    with pytest.warns(DataQualityWarning, match="2 of 120 cells"):
        np.testing.assert_array_equal(model.predict(broken), expected)


def test_the_error_rate_holds_in_fit_only():
    table, y = cells(broken=range(4))
    model = two_of_cells(on_unreadable="missing")
    with pytest.raises(UnreadableCellsError, match=r"max_error_rate=0\.05 of modality 'x'"):
        model.fit(table, y)
    clean, _ = cells()
    model.fit(clean, y)
    with pytest.warns(DataQualityWarning, match="4 of 8"):
        model.predict(table[:4])
