"""The threshold of a match, against every threshold there is."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.joint._match_threshold import match_threshold, strangers
from mmclassic.joint._pair_folds import pair_splits


def balanced_accuracy(pairs, others, threshold):
    return ((pairs >= threshold).mean() + (others < threshold).mean()) / 2


@pytest.mark.parametrize("seed", range(5))
def test_no_threshold_is_better(seed):
    rng = np.random.default_rng(seed)
    pairs, others = rng.normal(0.5, 1, 30).round(1), rng.normal(0, 1, 90).round(1)
    threshold, reached = match_threshold(pairs, others)
    everywhere = [balanced_accuracy(pairs, others, t) for t in np.linspace(-5, 5, 2001)]
    assert reached == pytest.approx(max(everywhere))
    assert balanced_accuracy(pairs, others, threshold) == pytest.approx(reached)


def test_it_lies_half_way():
    assert match_threshold(np.array([0.8]), np.array([0.2])) == (0.5, 1.0)


def test_where_pairs_are_the_less_alike():
    pairs, others = np.array([0.1, 0.2]), np.array([0.8, 0.9])
    threshold, reached = match_threshold(pairs, others)
    assert reached == 0.5
    assert balanced_accuracy(pairs, others, threshold) == 0.5


def test_without_pairs_there_is_none():
    assert np.isnan(match_threshold(np.zeros(0), np.ones(3))).all()


@pytest.mark.parametrize("n_rows", [0, 1, 2, 5, 40])
def test_strangers_are_no_pairs(n_rows):
    first, second = strangers(n_rows, np.random.default_rng(0))
    assert len(first) == n_rows * min(10, max(n_rows - 1, 0))
    assert (first != second).all()
    assert len({*zip(first.tolist(), second.tolist(), strict=True)}) == len(first)


def test_folds_hold_every_class_and_keep_groups_together():
    rows = np.arange(5, 35)
    codes = np.zeros(40, dtype=int)
    codes[20:] = 1
    for train, test in pair_splits(rows, cv=5, codes=codes):
        assert set(codes[test]) == {0, 1}
        assert set(train) | set(test) == set(rows)
    groups = np.arange(40) // 4
    for train, test in pair_splits(rows, cv=3, codes=codes, groups=groups):
        assert not set(groups[train]) & set(groups[test])


def test_folds_are_capped_with_a_warning():
    with pytest.warns(UserWarning, match="reduced to 4 folds: there are 4 rows"):
        assert len(pair_splits(np.arange(4), cv=5)) == 4
    with pytest.warns(UserWarning, match="3 folds: there are 3 rows of the smallest class"):
        assert len(pair_splits(np.arange(9), cv=5, codes=np.array([0] * 6 + [1] * 3))) == 3
    assert pair_splits(np.arange(2), cv=5) == []
    with pytest.raises(ValueError, match="single group"):
        pair_splits(np.arange(9), cv=5, groups=np.zeros(9))
