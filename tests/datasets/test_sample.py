"""Samples keep the classes in proportion and the rows in order."""

from __future__ import annotations

import pandas as pd
import pytest

from mmclassic.datasets._sample import take_sample


def table() -> pd.DataFrame:
    return pd.DataFrame({"y": ["a"] * 50 + ["b"] * 30 + ["c"] * 20, "x": range(100)})


@pytest.mark.parametrize("seed", range(3))
def test_classes_in_proportion_and_rows_in_order(seed):
    sample = take_sample(table(), "y", 20, seed)
    assert sample["y"].value_counts().to_dict() == {"a": 10, "b": 6, "c": 4}
    assert sample["x"].is_monotonic_increasing
    assert sample.index.tolist() == list(range(20))


def test_same_seed_same_rows():
    first, second, other = (take_sample(table(), "y", 20, seed) for seed in (0, 0, 1))
    assert first.equals(second)
    assert not first.equals(other)


def test_more_rows_than_there_are():
    assert take_sample(table(), "y", 1000, 0).equals(table())


def test_missing_labels_are_sampled_too():
    frame = pd.DataFrame({"y": ["a", None] * 10})
    assert take_sample(frame, "y", 10, 0)["y"].isna().sum() == 5


@pytest.mark.parametrize("n_rows", [0, -3])
def test_bad_number_of_rows(n_rows):
    with pytest.raises(ValueError, match="at least one row"):
        take_sample(table(), "y", n_rows, 0)
