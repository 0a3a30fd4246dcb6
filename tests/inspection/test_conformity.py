"""Scores and quantiles of conformal prediction, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from mmclassic.inspection._conformity import (
    aps_scores,
    conformal_quantile,
    lac_scores,
    row_uniforms,
    rows_needed,
)


@pytest.mark.parametrize(
    ("n", "coverage", "rank"),
    [(9, 0.9, 9), (10, 0.9, 10), (19, 0.9, 18), (99, 0.9, 90), (3, 0.5, 2), (19, 0.95, 19)],
)
def test_the_quantile_is_the_score_of_a_rank(n, coverage, rank):
    scores = np.random.default_rng(n).permutation(np.arange(1.0, n + 1))
    assert conformal_quantile(scores, coverage) == rank


@pytest.mark.parametrize("coverage", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_rows_needed_is_where_the_quantile_becomes_finite(coverage):
    least = rows_needed(coverage)
    assert np.isfinite(conformal_quantile(np.zeros(least), coverage))
    assert conformal_quantile(np.zeros(least - 1), coverage) == np.inf


def test_the_promise_on_average_over_calibrations():
    rng = np.random.default_rng(0)
    hits = [
        rng.random() <= conformal_quantile(rng.random(29), 0.8) for _ in range(4000)
    ]  # the exact probability is 24 / 30
    assert np.mean(hits) == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / 4000))


def test_aps_by_hand():
    probabilities = np.array([[0.2, 0.5, 0.3]])
    assert np.allclose(aps_scores(probabilities), [[0.8, 0.0, 0.5]])
    assert np.allclose(aps_scores(probabilities, np.array([0.5])), [[0.9, 0.25, 0.65]])
    assert np.allclose(lac_scores(probabilities), [[0.8, 0.5, 0.7]])


def test_aps_follows_the_order_of_the_classes():
    rng = np.random.default_rng(1)
    probabilities = softmax(rng.normal(size=(20, 5)), axis=1)
    order = rng.permutation(5)
    uniform = rng.random(20)
    for share in (None, uniform):
        assert np.allclose(
            aps_scores(probabilities[:, order], share), aps_scores(probabilities, share)[:, order]
        )
    assert (aps_scores(probabilities).min(axis=1) == 0).all()


def test_the_numbers_of_rows_look_uniform_and_depend_on_the_row_alone():
    rng = np.random.default_rng(2)
    probabilities = softmax(rng.normal(size=(4000, 4)), axis=1)
    uniform = row_uniforms(probabilities, 0)
    assert 0 <= uniform.min() <= uniform.max() < 1
    counts = np.histogram(uniform, bins=10, range=(0, 1))[0]
    assert ((counts - 400) ** 2 / 400).sum() < 27.9  # chi-squared with 9 degrees, p = .001
    assert abs(np.corrcoef(uniform, probabilities[:, 0])[0, 1]) < 0.06
    assert np.array_equal(row_uniforms(probabilities[100:103], 0), uniform[100:103])
    other = row_uniforms(probabilities, 1)
    assert abs(np.corrcoef(uniform, other)[0, 1]) < 0.06
