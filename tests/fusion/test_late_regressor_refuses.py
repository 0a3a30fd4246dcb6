"""What a late fusion of regressors refuses."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic import (
    DataQualityWarning,
    LateFusionRegressor,
    WeightedSumRegressor,
)
from tests.fusion.examples import LEFT, RIGHT, NumberVectorizer
from tests.fusion.regression_examples import (
    HAS,
    LACKING,
    TABLE,
    CountedRidge,
    Y,
    two_regressors,
)


@pytest.fixture(autouse=True)
def no_fits_yet():
    CountedRidge.fits.clear()
    CountedRidge.weights.clear()


# What is refused


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"fusion": "log_pool"}, "'fusion' parameter"),
        ({"fusion": 3}, "'fusion' parameter"),
        ({"cv": 1}, "'cv' parameter"),
        ({"missing": "ignore"}, "'missing' parameter"),
        ({"on_unreadable": "ignore"}, "'on_unreadable' parameter"),
        ({"max_error_rate": -0.1}, "'max_error_rate' parameter"),
        ({"random_state": "seed"}, "'random_state' parameter"),
        ({"n_jobs": 1.5}, "'n_jobs' parameter"),
        ({"memory": 3}, "'memory' parameter"),
        ({"modalities": "text"}, "'modalities' parameter"),
        ({"modalities": []}, "no modality to fuse"),
        ({"left": LogisticRegression()}, "'left': LogisticRegression is no regressor"),
        ({"left": make_pipeline(StandardScaler())}, "'left': Pipeline is no regressor"),
        ({"fusion": WeightedSumRegressor([1, 2, 3])}, r"3,\) for 2 modalities \(left, right\)"),
        ({"fusion": WeightedSumRegressor({"left": 1, "up": 2})}, r"absent: \['right'\], unknown"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        LateFusionRegressor(two_regressors()).set_params(**parameters).fit(TABLE, Y)


@pytest.mark.parametrize(
    ("y", "match"),
    [
        (Y[:80], "X has 90 rows, y has 80"),
        (np.where(np.arange(90) == 7, np.nan, Y), r"y is missing .* in 1 rows, the first: \[7\]"),
        (np.where(np.arange(90) == 7, np.inf, Y), r"y is infinite in 1 rows, the first: \[7\]"),
        (["cheap"] * 90, "y is no number in 90 rows"),
        (None, "requires y"),
        ([], "y holds no values"),
        (np.column_stack([Y, Y]), "should be a 1d array"),
    ],
)
def test_bad_targets_are_refused_before_anything_is_read(y, match):
    numbers = make_pipeline(NumberVectorizer(), LinearRegression())
    model = LateFusionRegressor([("x", numbers, "x"), *two_regressors()])
    with pytest.raises(ValueError, match=match):
        model.fit(TABLE.assign(x="3.5"), y)
    assert not NumberVectorizer.decoded


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({"sample_weight": -np.ones(90)}, ValueError, "Negative values"),
        ({"sample_weight": np.zeros(90)}, ValueError, "zero"),
        ({"sample_weight": np.ones(80)}, ValueError, "inconsistent numbers of samples"),
        ({"sample_weight": np.ones(90)}, ValueError, "'right': KNeighborsRegressor takes no"),
        ({"groups": np.zeros(90)}, ValueError, "single group"),
        ({"source": np.ones(90)}, TypeError, r"\['source'\] need metadata routing"),
    ],
)
def test_bad_metadata(params, error, match):
    with pytest.raises(error, match=match):
        LateFusionRegressor(two_regressors(), "stacking").fit(TABLE, Y, **params)


def test_weights_that_are_zero_on_all_complete_rows():
    weight = np.where(HAS.all(axis=1), 0.0, 1.0)
    modalities = [("left", Ridge(), LEFT), ("right", Ridge(), RIGHT)]
    with pytest.raises(ValueError, match="rows to fit on are zero"):
        LateFusionRegressor(modalities, missing="drop").fit(LACKING, Y, sample_weight=weight)


def test_few_rows_or_groups_make_fewer_folds():
    model = LateFusionRegressor([("left", CountedRidge(), LEFT)], "stacking")
    with pytest.warns(DataQualityWarning, match="reduced to 3 folds: there are 3 groups") as caught:
        model.fit(TABLE, Y, groups=np.arange(90) % 3)
    assert len(caught) == 1
    assert len(CountedRidge.fits) == 3 + 1
    with pytest.warns(DataQualityWarning, match="reduced to 4 folds: there are 4 rows"):
        model.fit(TABLE[:4], Y[:4])
    with pytest.raises(ValueError, match="at least two rows, got n_samples=1"):
        model.fit(TABLE[:1], Y[:1])


def test_predictions_that_are_no_numbers_are_refused():
    """NaN would pass for a missing modality."""

    class Odd(LinearRegression):
        def predict(self, X):
            return self.odd(super().predict(X))

    class Vague(Odd):
        def odd(self, values):
            return np.where(values == values[4], np.nan, values)

    class Wide(Odd):
        def odd(self, values):
            return np.column_stack([values, values])

    with pytest.raises(ValueError, match="Modality 'left' predicts nan for row 4"):
        LateFusionRegressor([("left", Vague(), LEFT)]).fit(TABLE, Y).predict(TABLE)
    with pytest.raises(ValueError, match=r"'left' predicts an array of shape \(90, 2\) for 90 row"):
        LateFusionRegressor([("left", Wide(), LEFT)]).fit(TABLE, Y).predict(TABLE)


def test_what_predict_refuses():
    model = LateFusionRegressor(two_regressors())
    for call in (model.predict, model.score_table, model.fuse):
        with pytest.raises(NotFittedError):
            call(TABLE)
    model.fit(TABLE, Y)
    with pytest.raises(ValueError, match="no column 'b'"):
        model.predict(TABLE.drop(columns="b"))
    with pytest.raises(ValueError, match="has 3 modalities, the head was fitted on 2"):
        model.fuse(np.ones((4, 3, 1)))
    with pytest.raises(ValueError, match="has the shape"):
        model.fuse(np.ones((4, 2)))
    assert model.fuse(np.empty((0, 2, 1))).shape == (0,)
