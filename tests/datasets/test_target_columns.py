"""The target of a table from a file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmclassic.datasets._target_columns import settle_target


def settled(cells, task="auto"):
    table = pd.DataFrame({"y": pd.Series(cells, dtype=object)})
    settle_target(table, "y", task, "table")
    return table["y"].tolist()


@pytest.mark.parametrize("task", ["auto", "classification"])
@pytest.mark.parametrize("cells", [["0", "01", "2"], ["1.0", "2.0", "3"], ["a", "1.5", None]])
def test_labels_stay_as_they_are_written(cells, task):
    assert settled(cells, task) == cells


def test_numbers_with_decimal_places_are_numbers():
    found = settled(["1.5", None, "2"])
    assert found[0] == 1.5
    assert np.isnan(found[1])
    assert settled(["1", "2"], "regression") == [1, 2]
    assert settled(["1.5", "2"], "classification") == ["1.5", "2"]


def test_several_labels():
    table = pd.DataFrame({"a": ["0", "1", " TRUE"], "b": ["False", "true", None]})
    settle_target(table, ["a", "b"], "auto", "table")
    assert table["a"].tolist() == [0, 1, 1]
    assert table["b"].tolist()[:2] == [0, 1]
    assert np.isnan(table["b"].tolist()[2])


@pytest.mark.parametrize(
    ("target", "task", "message"),
    [
        ("y", "regression", "column 'y' is no column of numbers; row 1 holds 'two'"),
        (["y"], "auto", "each holds 0 and 1 .*column 'y', row 1 holds 'two'"),
    ],
)
def test_what_does_not_fit(target, task, message):
    table = pd.DataFrame({"y": ["1", "two"]})
    with pytest.raises(ValueError, match=message):
        settle_target(table, target, task, "table")
