"""Differences between models: each test against its formula, and how often it errs on noise."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy import stats

from mmclassic.evaluation._comparison import (
    bootstrap_means,
    compare_models,
    corrected_resampled_t,
    mcnemar,
)
from mmclassic.evaluation._metrics import GREATER_IS_BETTER
from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome

N_ROWS = 200


def outcome(name: str, y, strength: float, seed: int, n_folds=5) -> ModelOutcome:
    """A model that knows the true class more or less well."""
    logits = np.random.default_rng(seed).normal(size=(len(y), 3)) + strength * np.eye(3)[y]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    parts = np.array_split(np.random.default_rng(9).permutation(len(y)), n_folds)
    folds = [FoldOutcome(k, rows, probabilities[rows], 0.0, 0.0) for k, rows in enumerate(parts)]
    return ModelOutcome(name, "late", False, tuple(folds))


@pytest.fixture
def y():
    return np.random.default_rng(0).integers(0, 3, N_ROWS)


def test_mcnemar_against_the_sum_of_binomial_terms():
    tail = sum(comb(9, k) for k in range(3)) / 2**9
    assert mcnemar(np.r_[np.ones(7), -np.ones(2), np.zeros(50)]) == pytest.approx(2 * tail)
    assert mcnemar(np.zeros(4)) == 1
    assert mcnemar(np.r_[np.ones(3), -np.ones(3)]) == 1


def test_the_corrected_t_is_the_paired_t_with_another_variance():
    differences = np.array([0.03, 0.01, 0.02, 0.05, -0.01, 0.02])
    plain = stats.ttest_1samp(differences, 0)
    assert corrected_resampled_t(differences, 0.0)[0] == pytest.approx(plain.pvalue)
    p, half = corrected_resampled_t(differences, 0.2)
    t = plain.statistic / np.sqrt(1 + 6 * 0.2)
    assert p == pytest.approx(2 * stats.t.sf(t, 5))
    interval = plain.confidence_interval()
    width = (interval.high - interval.low) / 2
    assert half == pytest.approx(width * np.sqrt(1 + 6 * 0.2))


@pytest.mark.parametrize(("value", "p"), [(0.0, 1.0), (0.1, 0.0)])
def test_folds_that_all_agree(value, p):
    assert corrected_resampled_t(np.full(5, value), 0.25) == (p, 0.0)


def test_the_bootstrap_has_the_standard_error_of_the_mean():
    values = np.random.default_rng(0).normal(0.3, 1, 400)
    means = bootstrap_means([values])
    assert means.mean() == pytest.approx(values.mean(), abs=0.01)
    assert means.std() == pytest.approx(values.std() / 20, rel=0.06)


def test_the_bootstrap_draws_whole_groups():
    """Rows of a group are copies: the spread is that of 20 groups, not of 400 rows."""
    values = np.repeat(np.random.default_rng(0).normal(size=20), 20)
    groups = np.repeat(np.arange(20), 20)
    alone, together = bootstrap_means([values]).std(), bootstrap_means([values], [groups]).std()
    assert together == pytest.approx(np.sqrt(20) * alone, rel=0.1)


@pytest.mark.parametrize("metric", GREATER_IS_BETTER)
def test_the_gain_is_the_difference_of_the_means_over_folds(y, metric):
    from mmclassic.evaluation._metrics import scores_of

    ours, theirs = outcome("a", y, 2, 1), outcome("b", y, 1, 2)
    means = [
        np.mean([scores_of(y[fold.rows], fold.outputs)[metric] for fold in model.folds])
        for model in (ours, theirs)
    ]
    found = compare_models(ours, theirs, y, metric)
    sign = 1 if GREATER_IS_BETTER[metric] else -1
    assert found.gain == pytest.approx(sign * (means[0] - means[1]))
    assert found.low < found.gain < found.high
    back = compare_models(theirs, ours, y, metric)
    assert (back.gain, back.p) == (pytest.approx(-found.gain), pytest.approx(found.p))


@pytest.mark.parametrize(
    ("metric", "n_folds", "grouped", "test"),
    [
        ("accuracy", 5, False, "McNemar"),
        ("accuracy", 1, False, "McNemar"),
        ("accuracy", 5, True, "corrected t"),
        ("accuracy", 1, True, "bootstrap"),
        ("log_loss", 5, False, "corrected t"),
        ("log_loss", 1, False, "bootstrap"),
        ("f1_macro", 1, False, ""),
    ],
)
def test_which_test_is_used(y, metric, n_folds, grouped, test):
    groups = np.arange(N_ROWS) // 4 if grouped else None
    models = outcome("a", y, 3, 1, n_folds), outcome("b", y, 1, 2, n_folds)
    found = compare_models(*models, y, metric, groups)
    assert found.test == test
    assert np.isnan(found.p) == (not test)
    assert found.clear is bool(test)


def test_repeated_folds_are_no_independent_rows(y):
    first, second = outcome("a", y, 3, 1), outcome("b", y, 1, 2)
    twice = [ModelOutcome(m.name, "late", False, m.folds * 2) for m in (first, second)]
    assert compare_models(*twice, y, "accuracy").test == "corrected t"


def test_accuracy_by_hand():
    y = np.array([0, 0, 1, 1])
    right = np.eye(2)[y] * 0.8 + 0.1
    wrong = right.copy()
    wrong[0] = wrong[0][::-1]
    models = [
        ModelOutcome(n, "late", False, (FoldOutcome(0, np.arange(4), p, 0.0, 0.0),))
        for n, p in (("right", right), ("wrong", wrong))
    ]
    found = compare_models(*models, y, "accuracy")
    assert (found.gain, found.p) == (0.25, 1.0)
    assert not found.clear


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
@pytest.mark.parametrize("n_folds", [1, 5])
def test_equal_models_are_seldom_told_apart(y, metric, n_folds):
    """200 pairs of equally good models: at most as many claims as 5 % allow."""
    clear = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 3, 90)
        models = [outcome(n, labels, 1, 2 * seed + i, n_folds) for i, n in enumerate("ab")]
        clear += compare_models(*models, labels, metric).clear
    assert clear <= stats.binom.ppf(0.99, 200, 0.05)


@pytest.mark.parametrize("n_folds", [1, 5])
def test_few_groups_have_no_narrow_interval(y, n_folds):
    """One group in a fold: drawing it again and again would give an interval of no width."""
    ours, theirs = outcome("a", y, 3, 1, n_folds), outcome("b", y, 1, 2, n_folds)
    groups = np.empty(N_ROWS, dtype=int)
    for fold in ours.folds:
        groups[fold.rows] = fold.fold
    found = compare_models(ours, theirs, y, "accuracy", groups)
    if n_folds == 1:
        assert np.isnan([found.low, found.high, found.p]).all()
    else:
        gains = [(f.outputs.argmax(1) == y[f.rows]).mean() for f in ours.folds]
        gains -= np.array([(f.outputs.argmax(1) == y[f.rows]).mean() for f in theirs.folds])
        p, half = corrected_resampled_t(gains, 0.25)
        assert (found.high - found.low, found.p) == (pytest.approx(2 * half), pytest.approx(p))
