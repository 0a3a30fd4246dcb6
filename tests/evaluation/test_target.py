"""What kind of target a benchmark is given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse

from mmclassic.evaluation._target import make_task

TABLE = pd.DataFrame(
    {
        "price": [1.5, 2.0, 7.25] * 4,
        "stars": [1, 2, 3] * 4,
        "year": range(2000, 2012),
        "mood": ["sad", "glad", "mad"] * 4,
        "a": [0, 1, 0] * 4,
        "b": [True, False, False] * 4,
    }
)


@pytest.mark.parametrize("make", [lambda table: table, pl.from_pandas])
@pytest.mark.parametrize(
    ("target", "task", "kind"),
    [
        ("price", "auto", "regression"),
        ("price", "regression", "regression"),
        ("stars", "auto", "classification"),
        ("stars", "regression", "regression"),
        ("year", "regression", "regression"),
        ("mood", "auto", "classification"),
        ("mood", "classification", "classification"),
        (["a", "b"], "auto", "multilabel"),
        (["a", "b"], "classification", "multilabel"),
        (["a"], "auto", "classification"),
    ],
)
def test_kinds(make, target, task, kind):
    assert make_task(make(TABLE), target, task=task).kind == kind


def test_values_of_targets():
    assert make_task(TABLE, "price").y.tolist() == TABLE["price"].tolist()
    labels = make_task(TABLE, ["a", "b"])
    assert labels.classes.tolist() == ["a", "b"]
    assert labels.y.tolist() == TABLE[["a", "b"]].astype(int).to_numpy().tolist()
    for given in (labels.y, sparse.csr_array(labels.y), labels.y.tolist()):
        again = make_task(TABLE, given)
        assert again.classes.tolist() == [0, 1]
        np.testing.assert_array_equal(again.y, labels.y)
    assert make_task(TABLE, TABLE[["a", "b"]].astype(int)).classes.tolist() == ["a", "b"]
    # As many words as rows are labels, even where some name a column.
    assert make_task(TABLE, ["a", "c", "d"] * 4).kind == "classification"
    assert make_task(TABLE, ["a", "b", "b"] * 4).kind == "classification"


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("price", {"task": "numbers"}, "task must be one of auto, classification, regression"),
        ("price", {"task": "classification"}, "numbers with decimal places, such as 1.5"),
        ("price", {"class_weight": "balanced"}, "class_weight is for classes"),
        ("mood", {"task": "regression"}, "holds 'sad'"),
        ("year", {}, "12 different whole numbers, 12 of them in fewer than 3 rows.*regression"),
        (["a", "b"], {"task": "regression"}, "a regression has one target column"),
        (["a", "price"], {}, "Several target columns are labels: each holds 0 and 1"),
        (["a", "c"], {}, "the table has no column 'c'"),
        (["a", "a"], {}, "target names the column 'a' twice"),
        (np.ones((12, 2), int), {}, "Label 0: every row has it"),
        ([1.5, None, 2.5] * 4, {}, r"missing \(NaN, None or blank\) in 4 rows"),
        ([1.5, np.inf, 2.5] * 4, {"task": "regression"}, "y is infinite in 4 rows"),
    ],
)
def test_bad_targets(target, options, message):
    with pytest.raises(ValueError, match=message):
        make_task(TABLE, target, **options)
