"""Categories as text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from mmclassic import CategoryColumns, make_late_fusion


@pytest.mark.parametrize(
    "column",
    [
        [1, 2, 3],
        [1.0, 2.0, 3.0],
        ["1", "2", "3"],
        [1, "2", 3.0],
        np.array([1, 2, 3], dtype=np.int8),
        pd.array([1, 2, 3], dtype="Int64"),
        pd.array(["1", "2", "3"], dtype="string"),
        pd.Categorical([1, 2, 3]),
    ],
)
def test_a_category_is_the_same_however_it_was_read(column):
    table = CategoryColumns().fit_transform(pd.DataFrame({"code": column}))
    assert table.tolist() == [["1"], ["2"], ["3"]]


def test_missing_cells_are_empty_text():
    cells = [None, np.nan, pd.NA, " ", pd.NaT]
    assert CategoryColumns().transform([[cell] for cell in cells]).tolist() == [[""]] * 5


def test_frames_arrays_and_names():
    pandas = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    step = CategoryColumns().fit(pandas)
    assert step.get_feature_names_out().tolist() == ["a", "b"]
    expected = [["1", "x"], ["2", ""]]
    for table in (pandas, pl.DataFrame({"a": [1, 2], "b": ["x", None]}), [[1, "x"], [2, None]]):
        assert clone(step).fit_transform(table).tolist() == expected
    assert step.transform(pandas[:0]).shape == (0, 2)


def test_a_model_does_not_mind_how_the_next_file_was_read():
    """A column of 1, 2, 3 in training; text in the next table, because one cell is a word."""
    y = np.array(["no", "yes", "no"] * 10)
    model = make_late_fusion(categorical="code", cv=3).fit(
        pd.DataFrame({"code": [1, 2, 3] * 10}), y
    )
    expected = model.predict_proba(pd.DataFrame({"code": [1, 2, 3]}))
    mixed = model.predict_proba(pd.DataFrame({"code": ["1", "2", "3", "x"]}))
    np.testing.assert_array_equal(mixed[:3], expected)
    with_gap = model.predict_proba(pd.DataFrame({"code": [1.0, 2.0, 3.0, np.nan]}))
    np.testing.assert_array_equal(with_gap[:3], expected)
    np.testing.assert_array_equal(model.predict_proba(pd.DataFrame({"code": ["2"]})), expected[1:2])
