"""A benchmark of several labels against benchmarks of each label, and against fusions by hand."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mmclassic import benchmark, load, make_early_fusion, make_late_fusion, save
from mmclassic.evaluation._class_task import make_heads
from mmclassic.evaluation._label_metrics import NAMES
from mmclassic.evaluation._report import render_report
from tests.evaluation.small_tables import COLUMNS, folds_of, outcome_of

LABELS = ["calm", "loud", "odd"]


def make_labels(n_rows: int = 72, seed: int = 0) -> pd.DataFrame:
    """Three labels that shape and colour tell a part of; some colours are missing."""
    rng = np.random.default_rng(seed)
    y = (rng.random((n_rows, 3)) < [0.5, 0.4, 0.3]).astype(int)
    kinds = y @ [1, 2, 4]
    table = pd.DataFrame(y, columns=LABELS)
    for name in ("shape", "colour"):
        told = rng.random(n_rows) < 0.6
        table[name] = [f"{name}{k}" for k in np.where(told, kinds, rng.integers(0, 8, n_rows))]
    table.loc[rng.random(n_rows) < 0.1, "colour"] = None
    return table


TABLE = make_labels()
Y = TABLE[LABELS].to_numpy()


@pytest.fixture(scope="module")
def result():
    return benchmark(TABLE, LABELS, **COLUMNS, cv=3, robustness=True)


@pytest.fixture(scope="module")
def one_by_one(result):
    """The benchmark of each label alone, on the same folds."""
    folds = [(np.setdiff1d(np.arange(72), test), test) for test in folds_of(result)]
    return [benchmark(TABLE, TABLE[name].to_numpy(), **COLUMNS, cv=folds) for name in LABELS]


@pytest.mark.parametrize("name", [*make_heads(2), "early fusion", "text", "categorical"])
def test_each_label_is_a_classification_of_its_own(result, one_by_one, name):
    for label, alone in enumerate(one_by_one):
        for own, fold in zip(
            outcome_of(alone, name).folds, outcome_of(result, name).folds, strict=True
        ):
            np.testing.assert_allclose(fold.outputs[:, label], own.outputs[:, 1], atol=1e-6)


def test_the_prior_and_the_best_modality(result):
    for fold in outcome_of(result, "label prior").folds:
        train = np.delete(Y, fold.rows, axis=0)
        np.testing.assert_allclose(fold.outputs, np.tile(train.mean(axis=0), (len(fold.rows), 1)))
    for fold in outcome_of(result, "best modality").folds:  # one modality for all labels
        alone = [outcome_of(result, m).folds[fold.fold].outputs for m in ("text", "categorical")]
        assert any(np.array_equal(fold.outputs, outputs) for outputs in alone)


def test_the_frame(result):
    assert (result.task, result.metric) == ("multilabel", "subset_accuracy")
    assert result.metrics == list(NAMES)
    assert result.classes.tolist() == LABELS
    assert set(result.frame["model"]) == {
        *("label prior", "text", "categorical", "best modality", "early fusion"),
        *make_heads(2),
    }
    own = outcome_of(result, "log_pool").folds
    exact = [accuracy_score(Y[fold.rows], fold.outputs > 0.5) for fold in own]
    row = result.frame.set_index("model").loc["log_pool"]
    assert row["subset_accuracy_mean"] == pytest.approx(np.mean(exact))
    assert set(result.comparisons["test"]) == {"McNemar"}
    assert "the label prior" in result.verdict
    by_loss = benchmark(TABLE, ["calm", "odd"], text="colour", cv=3, metric="hamming_loss")
    assert set(by_loss.comparisons["test"]) == {"corrected t"}


def test_every_label_is_in_every_fold(result):
    for test in folds_of(result):
        share = Y[test].mean(axis=0)
        np.testing.assert_allclose(share, Y.mean(axis=0), atol=0.06)


def test_predictions_and_rows_name_the_labels(result):
    own = result.predictions.query("model == 'log_pool'").set_index("row")
    for row in range(72):
        names = [name for name, has in zip(LABELS, Y[row], strict=True) if has]
        assert own["label"][row] == (", ".join(names) or "no label")
    rows = result.rows_to_look_at
    wrong = rows[rows["why"] == "confident and wrong"]
    assert (wrong["label"] != wrong["prediction"]).all()
    assert rows["text_prediction"].isna().tolist() == [
        bool(TABLE["colour"].isna()[row]) for row in rows["row"]
    ]


def test_what_the_report_tells(result):
    gain = result.contributions["subset_accuracy_shapley"].sum()
    frame = result.frame.set_index("model")["subset_accuracy_mean"]
    assert gain == pytest.approx(frame["log_pool"] - frame["label prior"], abs=1e-9)
    counts = result.overlap.iloc[0]
    assert counts["n_rows"] == TABLE["colour"].notna().sum()
    assert len(result.weights) == 2
    assert result.calibration["n_rows"].sum() == 2 * Y.size  # of the mean and of the default
    page = render_report(result, result.robustness)
    assert "Labels one by one" in page
    assert "yes-or-no questions" in page
    assert all(name in page for name in LABELS)
    content = json.loads(result.to_json())
    assert (content["task"], content["classes"]) == ("multilabel", LABELS)
    assert "3 labels" in repr(result)
    assert pickle.loads(pickle.dumps(result)).verdict == result.verdict
    start = result.robustness.query("metric == 'subset_accuracy' and level == 0")["value"]
    fold = outcome_of(result, "log_pool").folds[0]
    expected = accuracy_score(Y[fold.rows], fold.outputs > 0.5)
    np.testing.assert_allclose(start, expected)


@pytest.mark.parametrize("name", ["log_pool", "stacking", "early fusion", "text", "best modality"])
def test_best_model_is_fitted_on_all_rows_and_can_be_saved(result, name, tmp_path):
    model = result.best_model(name)
    folds = [(np.setdiff1d(np.arange(72), test), test) for test in folds_of(result)]
    save(model, tmp_path / "model.mmc")
    again = load(tmp_path / "model.mmc")
    np.testing.assert_allclose(again.predict_proba(TABLE), model.predict_proba(TABLE))
    if name == "best modality":
        return
    if name == "text":
        recipe = make_late_fusion(text="colour", fusion="voting", cv=folds)
    elif name == "early fusion":
        recipe = make_early_fusion(**COLUMNS, cv=folds)
    else:
        recipe = make_late_fusion(**COLUMNS, cv=folds, fusion=name)
    expected = recipe.fit(TABLE, TABLE[LABELS]).predict_proba(TABLE)
    np.testing.assert_allclose(model.predict_proba(TABLE), expected, atol=1e-6)
    assert model.classes_.tolist() == LABELS


def test_own_models():
    from sklearn.compose import ColumnTransformer

    kept = ColumnTransformer([("kept", OneHotEncoder(handle_unknown="ignore"), ["shape"])])
    own = {"forest": make_pipeline(kept, RandomForestClassifier(10, random_state=0))}
    own["fusion"] = make_late_fusion(categorical=["shape"], fusion="mean")
    options = {"cv": 3, "models": own, "scoring": "f1_samples"}
    result = benchmark(TABLE, LABELS, categorical=["shape"], **options)
    for fold in outcome_of(result, "forest").folds:
        train = TABLE.drop(index=fold.rows)
        fitted = own["forest"].fit(train, train[LABELS])
        raw = fitted.predict_proba(TABLE.iloc[fold.rows])
        np.testing.assert_allclose(fold.outputs, np.stack([one[:, 1] for one in raw], axis=1))
    alone = [fold.outputs for fold in outcome_of(result, "categorical").folds]
    for mine, theirs in zip(outcome_of(result, "fusion").folds, alone, strict=True):
        np.testing.assert_allclose(mine.outputs, theirs, atol=1e-9)
    assert "f1_samples" in result.metrics
    with pytest.raises(ValueError, match="is no classifier"):
        benchmark(TABLE, LABELS, **COLUMNS, models={"mine": LinearRegression()})


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_class_weight_finds_more_of_a_rare_label():
    rare = TABLE.assign(odd=TABLE["odd"] * (np.arange(72) % 3 == 0))
    found = []
    for weight in (None, "balanced"):
        result = benchmark(rare, ["calm", "odd"], text="colour", cv=3, class_weight=weight)
        own = result.predictions.query("model == 'text'")
        found.append(own["prediction"].str.contains("odd").sum())
    assert found[1] > found[0]


def test_a_rare_label_is_named():
    rare = TABLE.assign(odd=(np.arange(72) < 2).astype(int))
    with pytest.raises(ValueError, match="the label 'odd': a label needs rows of both kinds in 3"):
        benchmark(rare, LABELS, **COLUMNS, cv=3)
    with pytest.raises(ValueError, match="Column 'calm' is the target: it cannot be a feature"):
        benchmark(TABLE, LABELS, text="calm")
