"""Patterns of missing modalities."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.fusion._patterns import (
    MAX_MODALITIES,
    patterns_to_fit,
    pool_by_pattern,
    rows_by_pattern,
    rows_with,
)

AVAILABLE = np.array([[1, 1, 0], [0, 0, 0], [1, 1, 1], [1, 1, 0], [0, 0, 1]], dtype=bool)


@pytest.mark.parametrize("n_modalities", [1, 2, MAX_MODALITIES])
def test_few_modalities_get_every_pattern_seen_or_not(n_modalities):
    patterns = patterns_to_fit(np.ones((4, n_modalities), dtype=bool))
    assert len(set(patterns)) == len(patterns) == 2**n_modalities - 1
    assert not any(pattern == (False,) * n_modalities for pattern in patterns)


def test_many_modalities_get_the_patterns_that_were_seen():
    available = np.ones((4, MAX_MODALITIES + 1), dtype=bool)
    available[1, 0] = False
    available[2] = False
    full = (True,) * (MAX_MODALITIES + 1)
    assert set(patterns_to_fit(available)) == {full, (False, *full[1:])}


def test_rows_by_pattern_are_a_partition():
    found = {pattern: rows.tolist() for pattern, rows in rows_by_pattern(AVAILABLE)}
    assert found == {
        (False, False, False): [1],
        (False, False, True): [4],
        (True, True, False): [0, 3],
        (True, True, True): [2],
    }
    assert list(rows_by_pattern(AVAILABLE[:0])) == []


def test_rows_with_at_least_a_pattern():
    assert rows_with(AVAILABLE, (True, False, False)).tolist() == [0, 2, 3]
    assert rows_with(AVAILABLE, (True, True, True)).tolist() == [2]


def test_each_pattern_is_pooled_by_itself():
    scores = np.random.default_rng(0).random((5, 3, 2))
    scores[~AVAILABLE] = np.nan
    called = []

    def pool(part, pattern):
        called.append(pattern)
        assert part.shape[1] == sum(pattern)
        return part.max(axis=1)

    pooled = pool_by_pattern(scores, AVAILABLE, pool)
    assert len(called) == 3
    assert np.isnan(pooled[1]).all()
    np.testing.assert_array_equal(pooled[[0, 2, 3, 4]], np.nanmax(scores[[0, 2, 3, 4]], axis=1))
