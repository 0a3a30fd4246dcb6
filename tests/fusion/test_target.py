"""The target of a regression."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.fusion._target import check_target, target_mean

# The target


@pytest.mark.parametrize(
    "y", [[1, 2], [1.0, 2.0], np.array([1, 2], dtype=object), np.array([1, 2], dtype=np.uint8)]
)
def test_targets_are_floats(y):
    target = check_target(y)
    assert target.dtype == np.float64
    assert target.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("y", "match"),
    [
        (None, "requires y"),
        ([], "y holds no values"),
        ([1.0, np.nan, 3.0, np.nan], r"missing .* in 2 rows, the first: \[1, 3\] \(row 1 holds"),
        ([1.0, 2.0, -np.inf], r"y is infinite in 1 rows, the first: \[2\] \(row 2 holds -inf\)"),
        (np.array([1.0, None], dtype=object), r"missing .*: \[1\]"),
        (["1", "", "3"], r"missing .*: \[1\]"),
        (["1", "2"], r"y is no number in 2 rows.*row 0 holds '1'"),
        (np.array([1, "cheap"], dtype=object), r"no number in 1 rows, the first: \[1\]"),
        (np.array(["2020-01-01"], dtype="M8[D]"), "y holds datetime64"),
        ([1 + 1j], "Complex data not supported"),
        (np.ones((3, 2)), "should be a 1d array"),
    ],
)
def test_bad_targets(y, match):
    with pytest.raises(ValueError, match=match):
        check_target(y)


def test_the_mean_of_the_target():
    assert target_mean(np.array([1.0, 4.0])) == 2.5
    assert target_mean(np.array([1.0, 4.0]), np.array([2.0, 1.0])) == 2
    with pytest.raises(ValueError, match="rows to fit on are zero"):
        target_mean(np.array([1.0]), np.array([0.0]))
