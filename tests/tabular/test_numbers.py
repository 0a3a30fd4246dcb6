"""Numeric columns as floats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from mmclassic import (
    DataQualityWarning,
    LateFusionClassifier,
    NumberColumns,
    UnreadableCellsError,
    benchmark,
    make_late_fusion,
)

TABLE = pd.DataFrame({"age": [31, None, 45], "price": ["12.5", "", "3"]})
NUMBERS = np.array([[31, 12.5], [np.nan, np.nan], [45, 3]])


@pytest.mark.parametrize(
    "table", [TABLE, pl.from_pandas(TABLE), TABLE.to_numpy(), TABLE.to_numpy().tolist()]
)
def test_forms_of_a_table(table):
    np.testing.assert_array_equal(NumberColumns().fit_transform(table), NUMBERS)


def test_words_and_infinities_are_named_by_row_and_column():
    bad = TABLE.assign(price=["12.5", "free", np.inf])
    with pytest.raises(UnreadableCellsError) as caught:
        NumberColumns().fit(bad)
    assert [(e.row, e.column, e.code) for e in caught.value.errors] == [
        (1, "price", "type"),
        (2, "price", "type"),
    ]
    assert "row 1, column 'price', number: 'free' is no number" in str(caught.value)
    assert "inf is infinite" in str(caught.value)
    for values in ([[1e101], [1.0]], np.array([[1.0], [-1e101]])):
        with pytest.raises(UnreadableCellsError, match="is larger than 1e"):
            NumberColumns().fit(values)
    with pytest.warns(DataQualityWarning, match="2 of 6 cells"):
        values = NumberColumns(on_unreadable="missing").fit_transform(bad)
    np.testing.assert_array_equal(values[:, 1], [12.5, np.nan, np.nan])


def test_columns_without_a_number_become_zeros():
    step = NumberColumns().fit([[1, None], [2, None]])
    np.testing.assert_array_equal(step.empty_, [False, True])
    np.testing.assert_array_equal(step.transform([[3, 7], [None, None]]), [[3, 0], [np.nan, 0]])


def test_it_is_a_transformer():
    step = NumberColumns().fit(TABLE)
    assert step.get_feature_names_out().tolist() == ["age", "price"]
    frame = clone(step).set_output(transform="pandas").fit_transform(TABLE)
    assert frame.columns.tolist() == ["age", "price"]
    assert step.transform(TABLE[:0]).shape == (0, 2)
    with pytest.raises(NotFittedError):
        NumberColumns().transform(TABLE)
    with pytest.raises(ValueError, match="X has 1 columns, but NumberColumns was fitted on 2"):
        step.transform(TABLE[["age"]])


def test_the_stateless_half_is_taken_as_numbers():
    values, errors = NumberColumns().read_cells(TABLE)
    assert errors == []
    np.testing.assert_array_equal(NumberColumns().fit_transform(values), NUMBERS)


def numbers(n_rows=90):
    rng = np.random.default_rng(0)
    y = np.array(["no", "yes"] * (n_rows // 2))
    age = np.where(y == "yes", 50, 30) + rng.normal(size=n_rows)
    return pd.DataFrame({"age": age, "empty": [None] * n_rows}), y


def test_an_empty_column_does_no_harm():
    table, y = numbers()
    model = make_late_fusion(numeric=["age", "empty"], cv=3).fit(table, y)
    assert (model.predict(table) == y).mean() > 0.9
    partly = table.assign(empty=[1.0, 2.0] * 15 + [None] * 60)  # empty in some training folds
    frame = benchmark(partly.assign(y=y), "y", numeric=["age", "empty"], cv=3).frame
    assert frame["accuracy_mean"].max() > 0.9


def test_a_word_is_an_unreadable_cell_of_the_table():
    table, y = numbers()
    table = table.assign(age=table["age"].astype(object))
    table.loc[7, "age"] = "old"
    with pytest.raises(UnreadableCellsError, match="row 7, column 'age'"):
        make_late_fusion(numeric=["age"], cv=3).fit(table, y)
    model: LateFusionClassifier = make_late_fusion(numeric=["age"], cv=3, on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match="1 of 90 cells"):
        model.fit(table, y)
    assert np.isnan(model.cross_fit_scores_[7]).all()
