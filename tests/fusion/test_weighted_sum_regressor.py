"""WeightedSumRegressor against hand calculations and scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize, nnls

from mmclassic import StackedRegressor, WeightedSumRegressor
from mmclassic.fusion._regression_head import ROWS_PER_UNKNOWN, fit_patterns
from mmclassic.fusion._weighted_sum_regressor import fit_nonnegative
from tests.fusion.regression_examples import make_predictions

NAMES = ["text", "image", "audio"]


def test_the_mean_is_the_mean_of_what_is_there():
    scores = np.array([[1.0, 2.0, 6.0], [np.nan, 2.0, 6.0], [np.nan, np.nan, 6.0]])[:, :, None]
    head = WeightedSumRegressor().fit(scores, [0.0, 0.0, 0.0])
    np.testing.assert_allclose(head.predict(scores), [3, 4, 6])
    assert head.intercept_ == 0


def test_weights_by_position_and_by_name_are_scaled_to_what_is_there():
    scores = np.array([[1.0, 2.0, 6.0], [1.0, np.nan, 6.0]])[:, :, None]
    expected = [0.5 * 1 + 0.2 * 2 + 0.3 * 6, (0.5 * 1 + 0.3 * 6) / 0.8]
    for weights in ([5, 2, 3], {"audio": 3, "text": 5, "image": 2}):
        head = WeightedSumRegressor(weights).fit(scores, [0.0, 0.0], modality_names=NAMES)
        np.testing.assert_allclose(head.weights_, [0.5, 0.2, 0.3])
        np.testing.assert_allclose(head.predict(scores), expected)


def test_all_weight_on_one_modality_gives_it_exactly():
    scores, y = make_predictions()
    fused = WeightedSumRegressor([0, 1, 0]).fit(scores, y).predict(scores)
    np.testing.assert_array_equal(fused, scores[:, 1, 0])


def test_a_row_whose_present_weights_are_zero_gets_the_mean_of_the_target():
    scores, y = make_predictions(4)
    scores[1, 1] = np.nan
    head = WeightedSumRegressor([0, 1, 0]).fit(scores, y)
    assert head.predict(scores)[1] == y.mean()


def test_a_prediction_of_zero_is_a_prediction():
    head = WeightedSumRegressor().fit([[[5.0]]], [5.0])
    np.testing.assert_array_equal(head.predict([[[0.0]]]), [0.0])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_learned_weights_are_those_of_nnls_with_an_intercept(seed, weighted):
    """The intercept as two columns of ones, +1 and -1: scipy's nnls has none."""
    scores, y = make_predictions(seed=seed)
    scores[:, 0] = 20 - scores[:, 0]  # against the target: a weight of zero
    weight = np.random.default_rng(seed).random(90) if weighted else None
    root = np.ones(90) if weight is None else np.sqrt(weight)
    columns = np.column_stack([scores[:, :, 0], np.ones(90), -np.ones(90)]) * root[:, None]
    expected, _ = nnls(columns, y * root)
    head = WeightedSumRegressor("learned").fit(scores, y, sample_weight=weight)
    np.testing.assert_allclose(head.weights_, expected[:3], atol=1e-9)
    assert head.intercept_ == pytest.approx(expected[3] - expected[4])
    assert head.weights_[0] == 0
    np.testing.assert_allclose(
        head.predict(scores), scores[:, :, 0] @ head.weights_ + head.intercept_
    )


def test_no_other_weights_have_a_smaller_error():
    scores, y = make_predictions(seed=3)
    scores, weight = scores[:, :, 0], np.random.default_rng(1).random(90)

    def loss(point):
        return weight @ (scores @ point[:3] + point[3] - y) ** 2

    weights, intercept = fit_nonnegative(scores, y, weight)
    bounds = [(0, None)] * 3 + [(None, None)]
    best = minimize(loss, np.zeros(4), bounds=bounds, method="L-BFGS-B")
    assert loss([*weights, intercept]) <= best.fun + 1e-6


def test_learned_weights_are_learned_for_each_pattern_from_the_rows_that_have_it():
    scores, y = make_predictions(missing=0.3)
    head = WeightedSumRegressor("learned").fit(scores, y)
    assert len(head.patterns_) == 7
    available = ~np.isnan(scores[:, :, 0])
    fused = head.predict(scores)
    for pattern in ([True, False, True], [False, True, False], [True, True, True]):
        pattern = np.array(pattern)
        train = available[:, pattern].all(axis=1)
        weights, intercept = fit_nonnegative(scores[train][:, pattern, 0], y[train])
        rows = (available == pattern).all(axis=1)
        assert rows.any()
        expected = scores[rows][:, pattern, 0] @ weights + intercept
        np.testing.assert_allclose(fused[rows], expected)


@pytest.mark.parametrize("head", [WeightedSumRegressor("learned"), StackedRegressor()])
def test_a_pattern_with_few_rows_takes_the_mean(head):
    scores, y = make_predictions()
    n_rows = ROWS_PER_UNKNOWN * 4  # three modalities and an intercept
    for few, n_patterns in ((n_rows, 7), (n_rows - 1, 6)):
        head.fit(scores[:few], y[:few])
        assert len(head.patterns_) == n_patterns
        is_mean = np.allclose(head.predict(scores), scores[:, :, 0].mean(axis=1))
        assert is_mean == (n_patterns == 6)


def test_patterns_of_many_modalities_are_those_that_were_seen():
    scores, y = make_predictions(90, 8)
    scores[:45, 3] = np.nan
    head = WeightedSumRegressor("learned").fit(scores, y)
    assert head.patterns_.sum(axis=1).tolist() == [7, 8]
    unseen = scores.copy()
    unseen[:, 0] = np.nan
    expected = np.nanmean(unseen[:, :, 0], axis=1)
    np.testing.assert_allclose(head.predict(unseen), expected)


def test_fit_patterns_hands_over_rows_with_at_least_the_pattern():
    scores, _ = make_predictions(60, 2, missing=0.3)
    predictions = scores[:, :, 0]
    patterns, rules = fit_patterns(predictions, lambda part, rows: (part, rows))
    for pattern, (part, rows) in zip(patterns, rules, strict=True):
        has = ~np.isnan(predictions[:, pattern]).any(axis=1)
        np.testing.assert_array_equal(rows, np.flatnonzero(has))
        np.testing.assert_array_equal(part, predictions[has][:, pattern])


def test_weights_in_a_series_go_by_name():
    scores, y = make_predictions()
    weights = pd.Series({"audio": 3, "text": 1, "image": 0})
    head = WeightedSumRegressor(weights).fit(scores, y, modality_names=NAMES)
    np.testing.assert_allclose(head.weights_, [0.25, 0, 0.75])
    head._to_portable()
    assert head.weights == {"audio": 3, "text": 1, "image": 0}
