"""Ablation and Shapley values on tables, against permutations and a hand calculation."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest

from mmclassic import LogPool
from mmclassic.inspection import ablate, shapley, values_by_subset
from mmclassic.inspection._subsets import keep_modalities
from tests.fusion.examples import make_scores


def by_permutations(values):
    """The definition: the mean gain on joining, over all orders."""
    n = len(next(iter(values)))
    shares = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        joined = [False] * n
        for modality in order:
            before = values[tuple(joined)]
            joined[modality] = True
            shares[modality] += values[tuple(joined)] - before
    return shares / len(orders)


@pytest.mark.parametrize("n", [1, 3, 4])
def test_shapley_values_are_means_over_all_orders(n):
    rng = np.random.default_rng(n)
    values = {subset: rng.normal() for subset in product((False, True), repeat=n)}
    assert np.allclose(shapley(values), by_permutations(values), atol=1e-12)


def test_several_metrics_at_once():
    rng = np.random.default_rng(0)
    values = {subset: rng.normal(size=2) for subset in product((False, True), repeat=3)}
    both = shapley(values)
    assert both.shape == (3, 2)
    for metric in range(2):
        one = {subset: value[metric] for subset, value in values.items()}
        assert np.allclose(both[:, metric], shapley(one), atol=1e-12)


def test_a_subset_that_is_absent_is_an_error():
    with pytest.raises(ValueError, match="2 modalities have 4 subsets, got values for 3"):
        shapley({(False, False): 0, (True, False): 1, (True, True): 2})


def test_eight_modalities_sum_to_the_gain():
    scores, y = make_scores(240, 8, missing=0.2)
    head = LogPool().fit(scores[:120], y[:120])

    def metric(y, fused):
        return float(np.log(fused[np.arange(len(y)), y]).mean())

    values = values_by_subset(scores[120:], y[120:], head.predict_proba, metric)
    gain = values[(True,) * 8] - values[(False,) * 8]
    assert gain > 0.1
    assert shapley(values).sum() == pytest.approx(gain, abs=1e-9)


def test_a_modality_that_says_nothing_is_worth_nothing():
    scores, y = make_scores(120, 3)
    scores[:, 1] = np.nan
    head = LogPool().fit(scores[:60], y[:60])

    def metric(y, fused):
        return float(np.mean(fused.argmax(axis=1) == y))

    values = values_by_subset(scores[60:], y[60:], head.predict_proba, metric)
    assert shapley(values)[1] == pytest.approx(0, abs=1e-15)
    assert shapley(values)[2] > 0


def test_ablation_asks_for_the_right_subsets():
    scores, y = make_scores(12, 3)
    seen = []

    def fuse(table):
        seen.append(tuple(~np.isnan(table[0, :, 0])))
        return table

    found = ablate(scores, y, fuse, lambda y, fused: np.isnan(fused[0, :, 0]).sum())
    assert found.everything == 0
    assert found.nothing == 3
    assert found.without.tolist() == [1, 1, 1]
    assert found.alone.tolist() == [2, 2, 2]
    everything, nothing = (True,) * 3, (False,) * 3
    assert seen[0] == everything
    assert seen[-1] == nothing
    assert seen[1:4] == [(False, True, True), (True, False, True), (True, True, False)]
    assert seen[4:7] == [(True, False, False), (False, True, False), (False, False, True)]


def test_keeping_modalities_leaves_the_table_alone():
    scores, _ = make_scores(6, 2)
    before = scores.copy()
    kept = keep_modalities(scores, (True, False))
    assert np.isnan(kept[:, 1]).all()
    assert np.array_equal(kept[:, 0], scores[:, 0])
    assert np.array_equal(scores, before)
