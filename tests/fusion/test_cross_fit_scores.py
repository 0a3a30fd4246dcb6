"""The score table in hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import KFold, StratifiedGroupKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from mmclassic import (
    DataQualityWarning,
    LateFusionClassifier,
    LateFusionRegressor,
    LogPool,
    UnreadableCellsError,
    cross_fit_scores,
)
from tests.fusion.examples import LEFT, RIGHT, CountedBayes, make_cells, make_table, two_modalities


@pytest.mark.parametrize("missing", ["skip", "drop", "fill"])
@pytest.mark.parametrize("random_state", [None, 3])
@pytest.mark.parametrize("right", [GaussianNB(), SVC()])
def test_it_is_the_table_that_fit_makes(missing, random_state, right):
    table, y = make_table(missing=0.2)
    model = LateFusionClassifier(
        [("left", GaussianNB(), LEFT), ("right", right, RIGHT)],
        missing=missing,
        random_state=random_state,
    )
    scores = cross_fit_scores(model, table, y)
    assert not hasattr(model, "classes_")  # the model is not fitted
    np.testing.assert_array_equal(scores, model.fit(table, y).cross_fit_scores_)


def test_a_head_fitted_on_it_is_the_head_of_the_model():
    table, y = make_table(missing=0.2)
    model = LateFusionClassifier(two_modalities())
    head = LogPool().fit(cross_fit_scores(model, table, y), y)
    np.testing.assert_array_equal(head.weights_, model.fit(table, y).fusion_.weights_)


def test_it_is_made_for_heads_that_learn_nothing_too():
    table, y = make_table()
    mean, pool = (LateFusionClassifier(two_modalities(), f) for f in ("mean", "log_pool"))
    np.testing.assert_array_equal(
        cross_fit_scores(mean, table, y), cross_fit_scores(pool, table, y)
    )


def test_cv_and_groups():
    table, y = make_table()
    groups = np.arange(90) // 5
    model = LateFusionClassifier([("left", CountedBayes(), LEFT)], cv=5)
    grouped = cross_fit_scores(model, table, y, cv=3, groups=groups)
    assert len(CountedBayes.fits) == 3
    splits = list(StratifiedGroupKFold(3).split(table, y, groups))
    np.testing.assert_array_equal(grouped, cross_fit_scores(model, table, y, cv=splits))
    assert cross_fit_scores(model, table, y, cv=KFold(2)).shape == (90, 1, 3)


def test_rows_that_no_fold_tests_stay_nan():
    table, y = make_table()
    splits = [(np.arange(50), np.arange(50, 80))]
    scores = cross_fit_scores(LateFusionClassifier(two_modalities()), table, y, cv=splits)
    tested = ~np.isnan(scores).any(axis=(1, 2))
    assert np.flatnonzero(tested).tolist() == list(range(50, 80))


def test_weights_reach_the_base_models():
    table, y = make_table()
    model = LateFusionClassifier(two_modalities())
    weight = np.where(y == 0, 10.0, 1.0)
    scores = cross_fit_scores(model, table, y, sample_weight=weight)
    assert scores[:, :, 0].mean() > cross_fit_scores(model, table, y)[:, :, 0].mean() + 0.05


def test_unreadable_cells():
    from sklearn.pipeline import make_pipeline

    from tests.fusion.examples import NumberVectorizer

    table, y = make_cells(broken=[7])
    model = LateFusionClassifier([("m", make_pipeline(NumberVectorizer(), GaussianNB()), "x")])
    with pytest.raises(UnreadableCellsError, match="row 7, column 'x'"):
        cross_fit_scores(model, table, y)
    with pytest.warns(DataQualityWarning, match="1 of 60"):
        scores = cross_fit_scores(model.set_params(on_unreadable="missing"), table, y)
    assert np.isnan(scores).any(axis=(1, 2)).nonzero()[0].tolist() == [7]
    assert len(NumberVectorizer.decoded) == 2 * 60


def test_one_class_is_refused():
    table, y = make_table()
    with pytest.raises(ValueError, match="one class only"):
        cross_fit_scores(LateFusionClassifier(two_modalities()), table, np.zeros_like(y))


@pytest.mark.parametrize("missing", ["skip", "drop", "fill"])
def test_of_a_regressor_it_is_the_table_that_fit_makes(missing):
    table, y = make_table(missing=0.2)
    model = LateFusionRegressor(
        [("left", LinearRegression(), LEFT), ("right", Ridge(), RIGHT)],
        "stacking",
        missing=missing,
    )
    scores = cross_fit_scores(model, table, y + 0.5)
    assert scores.shape == (90, 2, 1)
    np.testing.assert_array_equal(scores, model.fit(table, y + 0.5).cross_fit_scores_)


def test_of_an_indicator_it_has_the_probability_of_each_label():
    table, y = make_table(missing=0.2)
    indicator = np.column_stack([y == 0, y > 0, y == 2]).astype(int)
    model = LateFusionClassifier(two_modalities())
    scores = cross_fit_scores(model, table, indicator)
    assert scores.shape == (90, 2, 3)
    for label, fitted in enumerate(model.fit(table, indicator).label_models_):
        expected = fitted.cross_fit_scores_[:, :, 1]
        np.testing.assert_array_equal(scores[:, :, label], expected)
