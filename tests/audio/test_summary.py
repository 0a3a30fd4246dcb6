"""Statistics over frames, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.audio._summary import (
    STATISTICS,
    check_statistics,
    summarise,
    summarise_by_numpy,
    summary_names,
)


def test_values_and_names_by_hand():
    frames = np.array([[0.0, 1.0, 2.0, 3.0], [5.0, 5.0, 5.0, 5.0]])
    features = summarise(frames, percentiles=(0, 50))
    names = summary_names(["a", "b"], percentiles=(0, 50))
    assert names == ["a__mean", "a__std", "a__p0", "a__p50", "b__mean", "b__std", "b__p0", "b__p50"]
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, [1.5, np.sqrt(1.25), 0, 1.5, 5, 0, 5, 5])


@pytest.mark.parametrize("n_rows", [1, 16, 35])
@pytest.mark.parametrize("n_frames", [1, 2, 3, 16, 33, 500])
def test_what_is_compiled_equals_numpys(n_rows, n_frames):
    rng = np.random.default_rng(n_frames)
    frames = rng.normal(30, 9, size=(n_rows, n_frames)).astype(np.float32)
    frames[:, ::3] = frames[:, :1]  # ties
    percentiles = (0, 12.5, 50, 99.9, 100)
    expected = summarise_by_numpy(frames, STATISTICS, percentiles)
    np.testing.assert_allclose(summarise(frames, percentiles=percentiles), expected, rtol=1e-6)


def test_order_and_choice_of_statistics():
    frames = np.random.default_rng(0).normal(size=(3, 10))
    both = summarise(frames, statistics=("std", "mean")).reshape(3, 2)
    np.testing.assert_array_equal(both[:, 1], summarise(frames, statistics=["mean"]))
    assert summary_names(["a"], statistics=("std", "mean")) == ["a__std", "a__mean"]


def test_order_of_frames_does_not_matter():
    rng = np.random.default_rng(0)
    frames = rng.normal(size=(4, 31))
    shuffled = frames[:, rng.permutation(31)]
    np.testing.assert_allclose(summarise(shuffled), summarise(frames), rtol=1e-6, atol=1e-7)


def test_one_frame_has_no_deviation():
    features = summarise(np.array([[2.0]])).reshape(7)
    np.testing.assert_array_equal(features, [2, 0, 2, 2, 2, 2, 2])


@pytest.mark.parametrize(
    ("statistics", "percentiles", "match"),
    [
        (("mean", "median"), (50,), "statistics must be some of"),
        ((), (50,), "statistics must be some of"),
        (("mean", "mean"), (50,), "each once"),
        (("percentiles",), (), "percentiles must be"),
        (("percentiles",), (101,), "percentiles must be"),
        (("percentiles",), (float("nan"),), "percentiles must be"),
    ],
)
def test_bad_choices(statistics, percentiles, match):
    with pytest.raises(ValueError, match=match):
        check_statistics(statistics, percentiles)


def test_unknown_statistic():
    with pytest.raises(ValueError, match="'median'"):
        summarise(np.ones((1, 2)), statistics=("median",))
