"""The linear pool."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from mmclassic import LateFusionClassifier, WeightedSum, load, save
from mmclassic.fusion._learned_weights import nearest_to_equal
from mmclassic.fusion._weighted_sum import pool_linear
from tests.fusion.examples import make_scores, make_table, two_modalities


def test_pool_by_hand():
    scores = np.array([[[0.8, 0.2], [0.4, 0.6]], [[np.nan, np.nan], [0.4, 0.6]]])
    np.testing.assert_allclose(
        pool_linear(scores, np.array([0.75, 0.25])), [[0.7, 0.3], [0.4, 0.6]]
    )
    np.testing.assert_array_equal(pool_linear(scores, np.array([1.0, 0])), [[0.8, 0.2], [0, 0]])


@pytest.mark.parametrize("modality", [0, 1, 2])
def test_all_weight_on_one_modality_gives_it_exactly(modality):
    scores, y = make_scores()
    weights = np.eye(3)[modality]
    fused = WeightedSum(weights).fit(scores, y).predict_proba(scores)
    np.testing.assert_allclose(fused, scores[:, modality], rtol=1e-15)


def test_equal_weights_are_the_mean_of_what_is_there():
    scores, y = make_scores(missing=0.4)
    head = WeightedSum().fit(scores, y)
    there = ~np.isnan(scores).all(axis=(1, 2))
    assert 0 < there.sum() < len(y)
    expected = np.nanmean(scores[there], axis=1)
    np.testing.assert_allclose(head.predict_proba(scores)[there], expected)
    np.testing.assert_allclose(head.predict_proba(scores)[~there], 1 / 3)


def test_only_modalities_without_weight_means_the_prior():
    scores, y = make_scores(missing=0.4)
    head = WeightedSum([1, 0, 0]).fit(scores, y)
    lacks = np.isnan(scores[:, 0, 0])
    fused = head.predict_proba(scores)
    np.testing.assert_array_equal(fused[lacks], np.tile(head.class_prior_, (lacks.sum(), 1)))
    np.testing.assert_allclose(fused[~lacks], scores[~lacks, 0])


def test_the_scale_of_weights_does_not_matter():
    scores, y = make_scores(missing=0.2)
    fused = [WeightedSum(w).fit(scores, y).predict_proba(scores) for w in ([1, 2, 5], [2, 4, 10])]
    np.testing.assert_allclose(*fused, rtol=1e-14)


def test_weights_by_name():
    scores, y = make_scores()
    head = WeightedSum({"audio": 3, "text": 1, "image": 0})
    head.fit(scores, y, modality_names=["text", "image", "audio"])
    np.testing.assert_allclose(head.weights_, [0.25, 0, 0.75])


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ([1, 1], r"shape \(2,\) for 3 modalities"),
        ([1, np.nan, 1], "weight of modality 'image' is nan"),
        ("equal", "'weights' parameter"),
        (3.0, "'weights' parameter"),
    ],
)
def test_bad_weights_are_refused_by_fit(weights, match):
    scores, y = make_scores()
    with pytest.raises(ValueError, match=match):
        WeightedSum(weights).fit(scores, y, modality_names=["text", "image", "audio"])


@pytest.mark.parametrize("weights", [None, [0.2, 0.4, 0.3, 0.1]])
@pytest.mark.parametrize("n_modalities", [4, 6, 7])
def test_certain_modalities_give_no_probability_above_one(weights, n_modalities):
    """The last bit of a sum of weights must not pass one: scikit-learn's log-loss refuses it."""
    if weights is not None and n_modalities != 4:
        return
    scores = np.zeros((2, n_modalities, 2))
    scores[:, :, 0] = 1.0
    fused = WeightedSum(weights).fit(scores, [0, 1]).predict_proba(scores)
    assert fused.max() <= 1.0


def test_weights_in_a_series_go_by_name_and_are_saved(tmp_path):
    X, y = make_table()
    head = WeightedSum(pd.Series({"right": 3.0, "left": 1.0}))
    model = LateFusionClassifier(two_modalities(), head).fit(X, y)
    np.testing.assert_allclose(model.fusion_.weights_, [0.25, 0.75])
    save(model, tmp_path / "model.mmc")
    loaded = load(tmp_path / "model.mmc")
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    assert isinstance(model.fusion.weights, pd.Series)  # what is saved is a copy


@pytest.mark.parametrize("shrinkage", [0.5, 1.0])
def test_shrinkage_stays_within_bounds(shrinkage):
    scores, y = make_scores()
    bounds = {"0": (0, 0), "1": (0.1, 0.2)}
    head = WeightedSum("learned", bounds=bounds, shrinkage=shrinkage).fit(scores, y)
    assert head.weights_[0] == 0
    assert 0.1 <= head.weights_[1] <= 0.2
    assert head.weights_.sum() == pytest.approx(1)
    wide = {"0": (0, 0.9)}  # equal weights lie within
    free, bounded = (
        WeightedSum("learned", bounds=b, shrinkage=shrinkage).fit(scores, y) for b in (None, wide)
    )
    np.testing.assert_allclose(bounded.weights_, free.weights_, atol=1e-6)


@pytest.mark.parametrize(
    "bounds",
    [
        [[0, 0.1], [0, 1], [0, 1]],
        [[0.5, 1], [0, 1], [0.3, 0.4]],
        [[0, 0.1], [0.2, 0.2], [0, 0.7]],
        [[0.2, 0.5], [0.3, 1], [0.5, 1]],
        [[0, 1], [0, 1], [0, 1]],
    ],
)
def test_the_weights_nearest_to_equal_ones_against_an_optimiser(bounds):
    bounds = np.array(bounds, dtype=float)
    expected = minimize(
        lambda w: ((w - 1 / 3) ** 2).sum(), bounds.mean(axis=1), method="SLSQP", bounds=bounds,
        constraints=[{"type": "eq", "fun": lambda w: w.sum() - 1}], options={"ftol": 1e-14},
    ).x  # fmt: skip
    np.testing.assert_allclose(nearest_to_equal(bounds), expected, atol=1e-6)


def test_shrinkage_of_weights_that_are_given_is_refused():
    scores, y = make_scores()
    with pytest.raises(ValueError, match="shrinkage is for"):
        WeightedSum([1, 0, 0], shrinkage=0.5).fit(scores, y)
