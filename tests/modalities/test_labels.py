"""Labels are checked before anything is decoded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mmclassic.modalities._labels import check_groups, check_weight, encode_labels


@pytest.mark.parametrize(
    "y",
    [
        ["dog", "cat", "dog"],
        np.array(["dog", "cat", "dog"], dtype=object),
        pd.Series(["dog", "cat", "dog"]),
        pd.Series(["dog", "cat", "dog"], dtype="category"),
        pd.Series(["dog", "cat", "dog"], dtype="string"),
        pl.Series(["dog", "cat", "dog"]),
    ],
)
def test_text_in_every_container(y):
    classes, codes = encode_labels(y)
    assert classes.tolist() == ["cat", "dog"]
    assert classes.dtype.kind == "U"
    assert codes.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([3, -1, 3], [-1, 3]),
        ([True, False, True], [False, True]),
        ([2.0, 1.0, 2.0], [1.0, 2.0]),
        (pd.Series([3, 1, 3], dtype="Int64"), [1, 3]),
        (np.array([3, 1, 3], dtype=object), [1, 3]),
    ],
)
def test_numbers(y, classes):
    found, codes = encode_labels(y)
    assert found.tolist() == classes
    assert codes.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("y", "match"),
    [
        (None, "requires y to be passed"),
        ([], "holds no labels"),
        (["a", None, "b", None], r"missing .* in 2 rows, the first: \[1, 3\]"),
        (np.array([0, np.nan, 1]), r"in 1 rows, the first: \[1\]"),
        (pd.Series(["a", None, "b"]), r"the first: \[1\]"),
        (pd.Series(["a", pd.NA, "b"], dtype="string"), r"the first: \[1\]"),
        (pd.Series([1, pd.NA, 2], dtype="Int64"), r"the first: \[1\]"),
        (["a", " ", "b"], r"the first: \[1\]"),
        (np.array(["a", "", "b"]), r"the first: \[1\]"),
        (["a"] * 20 + [None] * 15, r"in 15 rows, the first: \[20, .*29\]\."),
        (np.array(["a", "b", 3, "a"], dtype=object), r"row 0 holds 'a' .*row 2 holds 3 "),
        (np.array([1, 2, "b", 1], dtype=object), r"row 0 holds 1 .*row 2 holds 'b'"),
        (["a", "a"], r"one class only: 'a'\."),
        ([1, 1, 1], r"one class only: 1\."),
        ([0.5, 0.7, 0.2], "Unknown label type: continuous"),
        (np.eye(3), "1d array"),
    ],
)
def test_what_is_no_label(y, match):
    with pytest.raises(ValueError, match=match):
        encode_labels(y)


def test_weights():
    assert check_weight(None, 3) is None
    checked = check_weight([1, 0, 2], 3)
    assert checked.dtype == np.float64
    assert checked.tolist() == [1, 0, 2]
    assert check_weight(2, 3).tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    ("weight", "match"),
    [
        ([1, -1, 1], "Negative values"),
        ([1, np.nan, 1], "contains NaN"),
        ([1, 1], "sample_weight.shape"),
        ([0, 0, 0], "non-zero|zero"),
    ],
)
def test_bad_weights(weight, match):
    with pytest.raises(ValueError, match=match):
        check_weight(weight, 3)


@pytest.mark.parametrize("kind", [list, tuple, pd.Series, np.array])
def test_missing_labels_among_text(kind):
    for gap in (None, np.nan):
        labels = kind(["g", "b", gap, "g"])
        if kind is np.array and gap is not None:
            labels = np.array(["g", "b", gap, "g"], dtype=object)
        with pytest.raises(ValueError, match=r"y is missing .* in 1 rows, the first: \[2\]"):
            encode_labels(labels)
    with pytest.raises(ValueError, match=r"row 0 holds '1' \(str\), row 3 holds 2 \(int\)\. Conv"):
        encode_labels(["1", "2", "1", 2, 3])


def test_nullable_integers_stay_integers():
    classes, _ = encode_labels(pd.Series([3, 1, 3], dtype="Int64"))
    assert classes.dtype.kind == "i"
    assert classes.tolist() == [1, 3]


@pytest.mark.parametrize("gap", [None, np.nan, ""])
def test_missing_groups(gap):
    assert check_groups(pd.Series(["ann", "bob"])).tolist() == ["ann", "bob"]
    assert check_groups([1, 2]).tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"groups is missing in 1 rows, the first: \[1\]"):
        check_groups(["ann", gap, "bob"])
    with pytest.raises(ValueError, match="groups is missing"):
        check_groups(np.array([1.0, np.nan]))
