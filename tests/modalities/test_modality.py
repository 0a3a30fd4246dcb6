"""Reading a modality: what is missing, what is read once, what is left to fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from mmclassic import BagOfWordsVectorizer, DataQualityWarning, UnreadableCellsError
from mmclassic.modalities._modality import (
    missing_rows,
    read_modalities,
    read_modality,
    settle_unreadable,
)
from tests.fusion.examples import CentredNumber, NumberVectorizer, make_cells


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pd.Series(["a", None, " ", "b"]), [0, 1, 1, 0]),
        (pl.Series(["a", None, " ", "b"]), [0, 1, 1, 0]),
        (np.array(["a", None, np.nan, "b"], dtype=object), [0, 1, 1, 0]),
        (np.array([1, 2, 3]), [0, 0, 0]),
        (np.array([1.0, np.nan]), [0, 1]),
        (np.array([[1, np.nan], [np.nan, np.nan]]), [0, 1]),
        (np.array([["a", None], [None, " "]], dtype=object), [0, 1]),
        (pd.DataFrame({"x": [1, np.nan, np.nan], "y": ["a", "b", None]}), [0, 0, 1]),
        (pl.DataFrame({"x": [1, None, None], "y": ["a", "b", None]}), [0, 0, 1]),
        (pd.Series([1, pd.NA], dtype="Int64"), [0, 1]),
        (pd.Series([b"png", np.zeros((2, 2)), {"path": "x"}, None], dtype=object), [0, 0, 0, 1]),
    ],
)
def test_a_modality_is_missing_where_all_of_its_columns_are(column, expected):
    assert missing_rows(column).tolist() == [bool(value) for value in expected]


@pytest.mark.parametrize(
    ("columns", "shape"),
    [
        ("x", (6,)),
        (["x"], (6, 1)),
        (["z", "x"], (6, 2)),
        (0, (6,)),
        ([0, 1], (6, 2)),
        (slice(0, 2), (6, 2)),
        ([True, False], (6, 1)),
        (lambda X: ["z"], (6, 1)),
    ],
)
@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_columns_as_in_a_column_transformer(columns, shape, library):
    table = library({"x": np.arange(6.0), "z": np.arange(6.0)})
    data = read_modality("m", GaussianNB(), columns, table).data
    assert data.shape == shape
    assert isinstance(data, library if len(shape) == 2 else type(table["x"]))


def test_stateless_steps_are_applied_once_and_come_back_around_the_fitted_rest():
    table, _ = make_cells(8, missing=[2], broken=[5])
    pipeline = Pipeline(
        [("read", NumberVectorizer()), ("scale", StandardScaler()), ("classify", GaussianNB())]
    )
    modality = read_modality("m", pipeline, "x", table)
    assert modality.data.shape == (6, 2)
    assert modality.position.tolist() == [0, 1, -1, 2, 3, -1, 4, 5]
    assert modality.present.tolist() == [True, True, False, True, True, False, True, True]
    assert [name for name, _ in modality.stateless] == ["read"]
    assert [name for name, _ in modality.estimator.steps] == ["scale", "classify"]
    assert modality.n_cells == 7
    assert [(error.row, error.column) for error in modality.errors] == [(5, "x")]
    assert len(NumberVectorizer.decoded) == 7
    whole = modality.whole(modality.estimator)
    assert [name for name, _ in whole.steps] == ["read", "scale", "classify"]


def test_the_whole_pipeline_shares_nothing_with_what_was_given():
    given = make_pipeline(NumberVectorizer(power=3), GaussianNB())
    modality = read_modality("m", given, "x", make_cells(4)[0])
    whole = modality.whole(GaussianNB())
    given.set_params(numbervectorizer__power=5)
    assert whole[0].power == 3


def test_rows_are_taken_by_their_number_in_the_table():
    table, _ = make_cells(8, missing=[2], broken=[5])
    pipeline = make_pipeline(NumberVectorizer(), GaussianNB())
    modality = read_modality("m", pipeline, "x", table)
    data, rows = modality.take(np.array([7, 5, 2, 0]))
    assert rows.tolist() == [7, 0]
    np.testing.assert_allclose(data[:, 0], table["x"].iloc[[7, 0]].astype(float), rtol=1e-6)


def test_the_decoding_half_of_a_fitted_reader():
    table, _ = make_cells(8, missing=[2], broken=[5])
    modality = read_modality("m", make_pipeline(CentredNumber(), GaussianNB()), "x", table)
    assert modality.stateless == []
    assert modality.data.dtype == object
    assert len(modality.data) == 6
    assert all(isinstance(number, float) for number in modality.data)
    assert [error.row for error in modality.errors] == [5]


@pytest.mark.parametrize("step", ["passthrough", None])
def test_passthrough_steps(step):
    table, _ = make_cells(8)
    pipeline = Pipeline(
        [("nothing", step), ("read", NumberVectorizer()), ("classify", GaussianNB())]
    )
    modality = read_modality("m", pipeline, "x", table)
    assert modality.data.shape == (8, 2)
    assert [name for name, _ in modality.stateless] == ["nothing", "read"]
    fitted = modality.estimator.fit(modality.data, np.arange(8) % 2)
    assert modality.whole(fitted).predict_proba(table["x"]).shape == (8, 2)


def test_stateless_steps_behind_a_fitted_one_stay_in_the_pipeline():
    table = pd.DataFrame({"x": np.arange(6.0), "z": np.arange(6.0)})
    steps = make_pipeline(
        FunctionTransformer(np.sqrt), StandardScaler(), FunctionTransformer(), GaussianNB()
    )
    modality = read_modality("m", steps, ["x", "z"], table)
    assert len(modality.stateless) == 1
    assert len(modality.estimator.steps) == 3
    np.testing.assert_allclose(modality.data, np.sqrt(table))


def test_a_frozen_pipeline_is_read_once_too():
    table, y = make_cells(8)
    fitted = make_pipeline(NumberVectorizer(), GaussianNB()).fit(table["x"], y)
    NumberVectorizer.decoded.clear()
    modality = read_modality("m", FrozenEstimator(fitted), "x", table)
    assert len(NumberVectorizer.decoded) == 8
    assert isinstance(modality.estimator, FrozenEstimator)
    whole = modality.whole(modality.estimator)
    expected = fitted.predict_proba(table["x"])
    np.testing.assert_array_equal(whole.predict_proba(table["x"]), expected)


def test_a_frozen_step_within_a_pipeline_is_read_once_too():
    texts = pd.DataFrame({"x": ["a cat", "a dog", None, "a bird"]})
    words = FrozenEstimator(BagOfWordsVectorizer().fit(texts["x"]))
    modality = read_modality("m", make_pipeline(words, LogisticRegression()), "x", texts)
    assert modality.data.tolist() == ["a cat", "a dog", "a bird"]


def test_a_vectorizer_of_scikit_learn_gets_only_what_is_there():
    texts = pd.DataFrame({"x": ["a cat", None, "a dog"]})
    modality = read_modality("m", make_pipeline(TfidfVectorizer(), GaussianNB()), "x", texts)
    assert list(modality.data) == ["a cat", "a dog"]


def test_a_blank_text_in_bytes_is_missing_once_it_is_decoded():
    texts = pd.DataFrame({"x": [b"a cat", b"  ", "a dog", None]})
    pipeline = make_pipeline(BagOfWordsVectorizer(), LogisticRegression())
    modality = read_modality("m", pipeline, "x", texts)
    assert modality.present.tolist() == [True, False, True, False]
    assert list(modality.data) == ["a cat", "a dog"]
    assert modality.errors == []


def test_nothing_there_still_knows_its_steps():
    table = pd.DataFrame({"x": [None, None]})
    pipeline = make_pipeline(NumberVectorizer(), StandardScaler(), GaussianNB())
    modality = read_modality("m", pipeline, "x", table)
    assert len(modality.stateless) == 1
    assert len(modality.estimator.steps) == 2
    assert not modality.present.any()
    assert modality.take(np.array([0, 1]))[1].tolist() == []


def test_the_same_cells_for_another_estimator():
    table, _ = make_cells(8)
    modality = read_modality("m", make_pipeline(NumberVectorizer(), GaussianNB()), "x", table)
    other = modality.behind(make_pipeline(NumberVectorizer(), StandardScaler()))
    assert [type(step) for _, step in other.estimator.steps] == [StandardScaler]
    assert other.data is modality.data
    assert len(NumberVectorizer.decoded) == 8


def two_broken(n_x, n_z):
    table, _ = make_cells(20)
    table.loc[: n_x - 1, "x"] = "broken"
    if n_z:
        table.loc[: n_z - 1, "z"] = "broken"
    pipeline = make_pipeline(NumberVectorizer(), GaussianNB())
    return read_modalities([("m", pipeline, "x"), ("n", pipeline, "z")], table)


def test_unreadable_cells_of_all_modalities_raise_once():
    with pytest.raises(UnreadableCellsError, match="3 of 40 cells cannot be read") as caught:
        settle_unreadable(two_broken(1, 2), "raise", 0.05)
    found = [(error.row, error.column) for error in caught.value.errors]
    assert found == [(0, "x"), (0, "z"), (1, "z")]
    assert "on_unreadable" in str(caught.value)


def test_unreadable_cells_count_as_missing_with_one_warning():
    with pytest.warns(DataQualityWarning, match="2 of 40 cells") as caught:
        errors = settle_unreadable(two_broken(1, 1), "missing", 0.05)
    assert len(caught) == 1
    assert len(errors) == 2


def test_above_the_error_rate_missing_raises_too():
    modalities = two_broken(1, 2)
    message = r"(?s)2 of 20 cells.*more than max_error_rate=0.05 of modality 'n'"
    with pytest.raises(UnreadableCellsError, match=message):
        settle_unreadable(modalities, "missing", 0.05)
    with pytest.warns(DataQualityWarning):
        settle_unreadable(modalities, "missing", 0.1)  # not above
    with pytest.warns(DataQualityWarning):
        settle_unreadable(modalities, "missing")  # in predict there is no limit


def test_nothing_unreadable_is_silent():
    assert settle_unreadable(two_broken(0, 0)[1:], "raise", 0.0) == []


@pytest.mark.parametrize("columns", [slice(9999, 10010), [], [False, False], lambda X: []])
@pytest.mark.parametrize("library", [np.array, pd.DataFrame, pl.DataFrame])
def test_columns_that_are_none(columns, library):
    with pytest.raises(
        ValueError, match=r"Modality 'm': its columns .* select none of the table's"
    ):
        read_modality("m", GaussianNB(), columns, library(np.ones((6, 2))))


@pytest.mark.parametrize("columns", [9999, [10, 20], [True, False, True]])
@pytest.mark.parametrize("library", [np.array, pd.DataFrame, pl.DataFrame])
def test_columns_that_the_table_has_not(columns, library):
    with pytest.raises(ValueError, match=r"Modality 'm': its columns .* table of 2 columns"):
        read_modality("m", GaussianNB(), columns, library(np.ones((6, 2))))
