"""Scores of regressors against scikit-learn's, and their parts by row."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from mmclassic.evaluation._comparison import paired_t
from mmclassic.evaluation._metric_names import greater_is_better
from mmclassic.evaluation._number_metrics import NUMBER_METRICS, number_scores

RNG = np.random.default_rng(0)
Y = 50 + 10 * RNG.normal(size=200)
PREDICTED = (Y + 5 * RNG.normal(size=200))[:, None]


def test_scores_are_scikit_learns():
    scores = number_scores(Y, PREDICTED)
    for name, value in scores.items():
        expected = getattr(metrics, f"{name}_score" if name == "r2" else name)(Y, PREDICTED)
        assert value == pytest.approx(expected), name
    assert tuple(scores) == NUMBER_METRICS.names
    assert [name for name in scores if greater_is_better(name)] == ["r2"]


@pytest.mark.parametrize("name", NUMBER_METRICS.parts)
def test_the_mean_of_the_parts_is_the_score(name):
    parts = NUMBER_METRICS.parts[name](Y, PREDICTED)
    assert parts.shape == (200,)
    assert parts.mean() == pytest.approx(number_scores(Y, PREDICTED)[name])


@pytest.mark.parametrize("name", NUMBER_METRICS.parts)
def test_the_parts_vary_as_the_score_of_resampled_rows_does(name):
    """The deviation of linearised parts is the standard error that a plain bootstrap finds."""
    draws = np.random.default_rng(1).integers(0, 200, (1500, 200))
    again = [number_scores(Y[rows], PREDICTED[rows])[name] for rows in draws]
    error = NUMBER_METRICS.parts[name](Y, PREDICTED).std() / np.sqrt(200)
    assert error == pytest.approx(np.std(again), rel=0.1)


def test_a_target_without_spread_has_no_r2():
    assert np.isnan(number_scores(np.ones(3), np.ones((3, 1)))["r2"])
    assert np.isnan(NUMBER_METRICS.parts["r2"](np.ones(3), np.ones((3, 1)))).all()
    perfect = NUMBER_METRICS.parts["root_mean_squared_error"](np.arange(3), np.arange(3.0)[:, None])
    assert perfect.tolist() == [0, 0, 0]


def test_the_paired_t_is_scipys():
    first, second = RNG.normal(size=(2, 30))
    assert paired_t(first - second) == pytest.approx(stats.ttest_rel(first, second).pvalue)
    assert (paired_t(np.zeros(5)), paired_t(np.ones(5))) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("y", "predictions", "message"),
    [
        ([1.0], [1.0], "predictions of shape"),
        ([1.0], [[np.nan]], "Row 0: the prediction nan is no number"),
        ([], np.empty((0, 1)), "predictions of shape"),
    ],
)
def test_bad_predictions(y, predictions, message):
    with pytest.raises(ValueError, match=message):
        number_scores(y, predictions)
