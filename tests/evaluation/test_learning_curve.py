"""Scores against the number of training rows."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic import DataQualityWarning, benchmark, make_early_fusion, make_late_fusion
from mmclassic.evaluation._learning_curve import keep_share
from mmclassic.evaluation._plan import plan_partition
from tests.evaluation.small_tables import COLUMNS, folds_of, make_table

TABLE = make_table(90)
FOLDS = np.array_split(np.random.default_rng(0).permutation(90), 3)
PLAN = plan_partition(FOLDS, 90)
CODES = np.unique(TABLE["label"], return_inverse=True)[1]


@pytest.fixture(scope="module")
def result():
    return benchmark(TABLE, "label", **COLUMNS, cv=3, learning_curve=(1.0, 0.4))


def test_the_whole_is_the_leaderboard(result):
    whole = result.learning_curve.query("share == 1.0").set_index("model")
    frame = result.frame.set_index("model")
    assert whole.index.tolist() == ["log_pool", "early fusion", "best modality"]
    for name in whole.index:
        assert whole["mean"][name] == frame["accuracy_mean"][name]
        assert whole["std"][name] == pytest.approx(frame["accuracy_std"][name])
    assert (whole["n_train"] == 60).all()


def test_a_share_equals_the_naive_nested_loop(result):
    """Models fitted by hand on the rows that are left, with the other folds as inner folds."""
    folds = folds_of(result)
    plan = plan_partition(folds, 90)
    kept = keep_share(plan, CODES, 0.4)
    right = {"log_pool": [], "early fusion": []}
    for outer, test in enumerate(folds):
        train = np.setdiff1d(kept, test)
        inner = [np.intersect1d(rows, kept) for k, rows in enumerate(folds) if k != outer]
        place = [np.searchsorted(train, rows) for rows in inner]
        splits = [(np.setdiff1d(np.arange(len(train)), rows), rows) for rows in place]
        for name, make in (("log_pool", make_late_fusion), ("early fusion", make_early_fusion)):
            model = make(**COLUMNS, cv=splits).fit(TABLE.iloc[train], TABLE["label"].iloc[train])
            right[name].append(model.score(TABLE.iloc[test], TABLE["label"].iloc[test]))
    found = result.learning_curve.query("share == 0.4").set_index("model")["mean"]
    assert found["log_pool"] == pytest.approx(np.mean(right["log_pool"]))
    assert found["early fusion"] == pytest.approx(np.mean(right["early fusion"]))


def test_shares_are_of_each_class_in_each_fold_and_nested():
    small, large = (keep_share(PLAN, CODES, share) for share in (0.2, 0.5))
    assert set(small) < set(large)
    for rows in FOLDS:
        for code in range(3):
            own = rows[CODES[rows] == code]
            assert len(np.intersect1d(own, large)) == int(np.ceil(0.5 * len(own)))
    assert len(keep_share(PLAN, CODES, 1.0)) == 90


def test_whole_groups_are_kept():
    groups = np.arange(90) // 5
    folds = [np.flatnonzero(groups % 3 == k) for k in range(3)]
    kept = keep_share(plan_partition(folds, 90), CODES, 0.5, groups)
    assert np.unique(groups[kept], return_counts=True)[1].tolist() == [5] * 9


def test_shares_without_a_class_are_left_out_with_a_note():
    labels = ["owl"] * 9 + ["cat"] * 51
    groups = [f"group {row}" for row in range(60)]
    table = make_table(60).assign(label=labels, owner=groups)
    with pytest.warns(DataQualityWarning, match=r"share of \[0.1\].*left out"):
        ours = benchmark(table, "label", **COLUMNS, cv=3, groups="owner", learning_curve=(0.1, 1.0))
    assert ours.learning_curve["share"].unique().tolist() == [1.0]
    assert any("learning_curve" in note for note in ours.notes)


def test_repeats_and_an_official_split():
    ours = benchmark(TABLE, "label", **COLUMNS, cv=3, n_repeats=2, learning_curve=[1])
    frame = ours.frame.set_index("model")["accuracy_mean"]
    found = ours.learning_curve.set_index("model")["mean"]
    assert found["log_pool"] == pytest.approx(frame["log_pool"])
    split = ["train"] * 60 + ["test"] * 30
    ours = benchmark(TABLE, "label", text="colour", cv=3, split=split, learning_curve=[0.5, 1])
    assert ours.learning_curve["model"].unique().tolist() == ["log_pool", "early fusion", "text"]
    assert ours.learning_curve["n_train"].unique().tolist() == pytest.approx([32, 60], abs=3)
    assert ours.learning_curve["std"].isna().all()


def test_the_report_draws_it(result, tmp_path):
    page = result.to_html(tmp_path / "report.html").read_text("utf-8")
    assert "What more rows would bring" in page
    assert 'aria-labelledby="learning-curve-title learning-curve-description"' in page
    assert "training rows the default fusion goes from accuracy" in page
    assert '"n_train": 60' in result.to_json()
    without = benchmark(TABLE, "label", text="colour", cv=3)
    assert without.learning_curve is None
    assert "More rows" not in without.to_html(tmp_path / "report.html").read_text("utf-8")


@pytest.mark.parametrize("shares", [(), (0.0, 1.0), (1.5,), 0.3, "many", [float("nan")]])
def test_bad_shares(shares):
    with pytest.raises(ValueError, match="learning_curve takes shares of the training rows"):
        benchmark(TABLE, "label", **COLUMNS, cv=3, learning_curve=shares)
