"""Repeated cross-validation, and targets that are not for a benchmark."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from mmclassic import benchmark, make_late_fusion
from mmclassic.evaluation._comparison import corrected_resampled_t
from tests.evaluation.small_tables import COLUMNS, folds_of, make_table, outcome_of

TABLE = make_table()


@pytest.fixture(scope="module")
def once():
    return benchmark(TABLE, "label", **COLUMNS, cv=3, random_state=4)


@pytest.fixture(scope="module")
def twice():
    return benchmark(TABLE, "label", **COLUMNS, cv=3, random_state=4, n_repeats=2)


def test_each_repeat_is_a_partition_and_the_first_is_the_single_one(once, twice):
    folds = folds_of(twice)
    assert len(folds) == 6
    for part in (folds[:3], folds[3:]):
        assert np.sort(np.concatenate(part)).tolist() == list(range(60))
    assert not np.array_equal(folds[0], folds[3])
    assert [fold.fold for fold in twice.outcomes[0].folds] == list(range(6))
    for name in ("log_pool", "early fusion", "best modality", "text"):
        for ours, theirs in zip(
            outcome_of(twice, name).folds, outcome_of(once, name).folds, strict=False
        ):
            np.testing.assert_array_equal(ours.outputs, theirs.outputs)


def test_a_later_repeat_is_the_benchmark_of_its_folds(twice):
    given = [(np.setdiff1d(np.arange(60), test), test) for test in folds_of(twice)[3:]]
    alone = benchmark(TABLE, "label", **COLUMNS, cv=given, random_state=4)
    for name in ("log_pool", "stacking", "early fusion"):
        for ours, theirs in zip(
            outcome_of(twice, name).folds[3:], outcome_of(alone, name).folds, strict=True
        ):
            np.testing.assert_allclose(ours.outputs, theirs.outputs, atol=1e-12)


def test_repeats_are_compared_by_the_corrected_t_test(once, twice):
    assert once.comparisons.set_index("rival")["test"]["text"] == "McNemar"
    found = twice.comparisons.set_index("rival").loc["text"]
    scores = twice.folds.pivot(index="fold", columns="model", values="accuracy")
    p, half = corrected_resampled_t((scores["log_pool"] - scores["text"]).to_numpy(), 0.5)
    assert found["test"] == "corrected t"
    assert found["p"] == pytest.approx(p)
    # A bootstrap of rows would take every repeat for new rows.
    assert found["high"] - found["low"] == pytest.approx(2 * half)


def test_rows_and_pairs_are_counted_once(twice, once, tmp_path):
    assert twice.rows_to_look_at["row"].is_unique
    assert twice.overlap["n_rows"].tolist() == [60]
    assert twice.overlap.equals(once.overlap)
    assert len(twice.predictions.query("model == 'text'")) == 120
    assert "shuffled 2 times" in twice.about["splitter"]
    assert twice.about["base fits per modality"] == 13
    assert "shuffled 2 times" in twice.to_html(tmp_path / "r.html").read_text("utf-8")


def test_the_final_model_is_that_of_the_first_repeat(twice):
    recipe = make_late_fusion(**COLUMNS, cv=3, random_state=4).fit(TABLE, TABLE["label"])
    found = twice.best_model("log_pool").predict_proba(TABLE)
    np.testing.assert_array_equal(found, recipe.predict_proba(TABLE))


def test_groups_stay_together_in_every_repeat():
    ours = benchmark(TABLE, "label", **COLUMNS, cv=3, n_repeats=2, groups="owner")
    for test in folds_of(ours):
        assert not set(TABLE["owner"].iloc[test]) & set(TABLE["owner"].drop(index=test))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_repeats": 0}, "n_repeats must be an int of at least 1, got 0"),
        ({"n_repeats": 1.5}, "n_repeats must be an int of at least 1, got 1.5"),
        ({"n_repeats": 2, "cv": StratifiedKFold(3)}, "n_repeats shuffles the folds of an int cv"),
        ({"n_repeats": 2, "split": ["train", "train", "test"] * 20}, "an official split= is only"),
        ({"target": np.random.default_rng(0).random((60, 2))}, "Several target columns are labels"),
        ({"class_weight": "heavy"}, "class_weight must be None or .balanced., got 'heavy'"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        benchmark(TABLE, **{"target": "label", **COLUMNS, "cv": 3, **options})
