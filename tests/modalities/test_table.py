"""The list of modalities and the table, checked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from mmclassic import LateFusionClassifier
from mmclassic.modalities._table import check_modalities, check_table, named_columns
from tests.fusion.examples import make_table, two_modalities

BAYES = GaussianNB()


@pytest.mark.parametrize(
    ("modalities", "error", "match"),
    [
        ([], ValueError, "There is no modality to fuse"),
        ([("text", "drop", "a")], ValueError, "There is no modality to fuse"),
        ([("text", BAYES)], ValueError, r"triples, got \('text', GaussianNB\(\)\)"),
        (["text"], ValueError, "triples, got 'text'"),
        ([(1, BAYES, "a")], ValueError, "triples"),
        ([("a", BAYES, 0), ("a", BAYES, 1)], ValueError, "Two modalities are called 'a'"),
        ([("a__b", BAYES, 0)], ValueError, "cannot be called 'a__b'"),
        ([("fusion", BAYES, 0)], ValueError, "cannot be called 'fusion'.*parameter's name"),
        ([("Cs", BAYES, 0)], ValueError, "cannot be called 'Cs'"),
        ([("text", "dorp", 0)], TypeError, "Modality 'text': 'dorp' is no estimator"),
        ([("text", None, 0)], TypeError, "Modality 'text': None is no estimator"),
    ],
)
def test_what_is_no_list_of_modalities(modalities, error, match):
    with pytest.raises(error, match=match):
        check_modalities(modalities)


def test_every_parameter_is_a_reserved_name():
    model = LateFusionClassifier(two_modalities())
    for name in model.get_params(deep=False):
        with pytest.raises(ValueError, match="cannot be called"):
            check_modalities([(name, BAYES, "a")])


def test_dropped_modalities_are_left_out():
    active = check_modalities([("a", BAYES, "x"), ("b", "drop", "y"), ["c", BAYES, "z"]])
    assert [(name, columns) for name, _, columns in active] == [("a", "x"), ("c", "z")]
    assert named_columns([("a", BAYES, "x"), ("b", "drop", "y")]) == ["x"]


@pytest.mark.parametrize(
    ("columns", "names"),
    [("x", ["x"]), (["x", "y"], ["x", "y"]), (0, None), (slice(0, 2), None), ([0, 1], None)],
)
def test_which_columns_are_named(columns, names):
    assert named_columns([("a", BAYES, columns)]) == names


class Owner(LateFusionClassifier):
    """Only remembers the columns."""


def owner():
    return Owner(two_modalities())


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_a_frame_comes_back_as_it_is(library):
    table = library(make_table()[0].to_dict("list"))
    model = owner()
    assert check_table(model, table, reset=True) is table
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d"]
    assert model.n_features_in_ == 4
    other = table[["d", "c", "b", "a"]]  # columns are found by name
    assert check_table(model, other, reset=False) is other


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_absent_columns(library):
    table = library(make_table()[0].rename(columns={"b": "bee"}).to_dict("list"))
    with pytest.raises(ValueError, match=r"no column 'b'; it has: a, bee, c, d\."):
        check_table(owner(), table, reset=True)
    modalities = [("left", BAYES, ["caption"])]
    with pytest.raises(ValueError, match="Did you mean 'captions'"):
        check_table(Owner(modalities), library({"captions": [1.0]}), reset=True)


def test_columns_that_are_twice_there():
    table = make_table()[0]
    table.columns = ["a", "b", "c", "c"]
    with pytest.raises(ValueError, match="several columns called c"):
        check_table(owner(), table, reset=True)


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_a_frame_without_rows(library):
    empty = library({name: np.empty(0) for name in "abcd"})
    with pytest.raises(ValueError, match="no rows"):
        check_table(owner(), empty, reset=True)
    model = owner()
    check_table(model, make_table()[0], reset=True)
    assert len(check_table(model, empty, reset=False)) == 0


def test_positions_in_a_frame_want_the_same_columns():
    modalities = [("left", BAYES, [0, 1]), ("right", LogisticRegression(), slice(2, 4))]
    model, table = Owner(modalities), make_table()[0]
    check_table(model, table, reset=True)
    with pytest.raises(ValueError, match="feature names should match"):
        check_table(model, table[["b", "a", "c", "d"]], reset=False)


def test_arrays_and_lists():
    modalities = [("left", BAYES, [0, 1]), ("right", BAYES, [2])]
    model = Owner(modalities)
    X = [[1, 2, np.nan], [4, 5, 6]]
    assert check_table(model, X, reset=True).shape == (2, 3)
    mixed = check_table(model, [["words", 2, 3.5], [None, 5, 6]], reset=True)
    assert mixed.dtype == object
    assert mixed[0].tolist() == ["words", 2, 3.5]
    assert check_table(model, np.empty((0, 3)), reset=False).shape == (0, 3)
    for wrong, match in [
        (np.zeros(3), "Expected 2D array"),
        (np.zeros((2, 4)), "X has 4 features, but Owner is expecting 3"),
    ]:
        with pytest.raises(ValueError, match=match):
            check_table(model, wrong, reset=False)


def test_rows_by_name_are_no_table():
    model = LateFusionClassifier([("some", GaussianNB(), [0])])
    for rows in ([{"a": b"x" * 999}], {"a": [1.0]}):
        with pytest.raises(
            ValueError, match=r"got a (list|dict) of cells by name: pass pandas"
        ) as e:
            model.fit(rows, [0])
        assert len(str(e.value)) < 200
