"""Frames, text forms and checks of a result made from synthetic outcomes."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest

from mmclassic.evaluation import BenchmarkResult
from mmclassic.evaluation._metrics import GREATER_IS_BETTER, scores_of
from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome

METRICS = list(GREATER_IS_BETTER)


def test_frame_columns_are_exact(make_result):
    frame = make_result().frame
    scores = [f"{name}_{kind}" for name in METRICS for kind in ("mean", "std")]
    expected = ["model", "family", "default", *scores, "fit_seconds", "predict_seconds"]
    assert frame.columns.tolist() == expected
    assert frame["default"].dtype == bool
    assert frame.index.tolist() == list(range(6))


def test_folds_are_the_scores_of_each_fold(make_result):
    result = make_result()
    columns = ["model", "fold", "n_test", *METRICS, "fit_seconds", "predict_seconds"]
    assert result.folds.columns.tolist() == columns
    assert len(result.folds) == 6 * 3
    outcome = next(outcome for outcome in result.outcomes if outcome.name == "image")
    fold = outcome.folds[1]
    row = result.folds.query("model == 'image' and fold == 1").iloc[0]
    assert row["n_test"] == len(fold.rows)
    assert row[METRICS].to_dict() == scores_of(result.y[fold.rows], fold.outputs)


def test_means_and_deviations_over_folds(make_result):
    result = make_result()
    row = result.frame.query("model == 'voting'").iloc[0]
    accuracies = result.folds.query("model == 'voting'")["accuracy"].to_numpy()
    assert row["accuracy_mean"] == pytest.approx(np.mean(accuracies))
    assert row["accuracy_std"] == pytest.approx(np.std(accuracies))  # ddof=0
    assert row["fit_seconds"] == pytest.approx(2.5)
    assert row["predict_seconds"] == pytest.approx(0.25)


def test_one_fold_has_no_deviation(make_result):
    result = make_result(n_folds=1)
    assert result.frame["accuracy_std"].isna().all()
    assert "one test fold only" in result.verdict


def test_best_first_in_either_direction(make_result):
    assert make_result().frame["accuracy_mean"].is_monotonic_decreasing
    by_loss = make_result(metric="log_loss").frame
    assert by_loss["log_loss_mean"].is_monotonic_increasing
    assert by_loss["model"].iloc[0] == "log_pool"


def test_ties_are_broken_by_log_loss():
    rows, y = np.array([0, 1]), np.array([0, 1])

    def model(name, sure):
        probabilities = np.array([[sure, 1 - sure], [1 - sure, sure]])
        folds = (FoldOutcome(0, rows, probabilities, 0.0, 0.0),)
        return ModelOutcome(name, "late", False, folds)

    result = BenchmarkResult([model("shy", 0.6), model("sure", 0.9)], y, np.array(["a", "b"]))
    assert result.frame["model"].tolist() == ["sure", "shy"]


def test_undefined_folds_do_not_spoil_a_mean():
    y = np.array([0, 1, 1, 1])
    probabilities = np.array([[0.8, 0.2], [0.3, 0.7]])
    folds = tuple(
        FoldOutcome(fold, np.array(rows), probabilities, 0.0, 0.0)
        for fold, rows in enumerate([[0, 1], [2, 3]])
    )
    result = BenchmarkResult(
        [ModelOutcome("image", "modality", False, folds)], y, np.array(["a", "b"])
    )
    assert result.folds["roc_auc_ovr"].isna().tolist() == [False, True]
    assert result.frame["roc_auc_ovr_mean"].tolist() == [1.0]
    assert np.isnan(result.frame["roc_auc_ovr_std"].iloc[0])


def test_predictions_are_long_and_hold_labels(make_result):
    result = make_result()
    predictions = result.predictions
    names = ["row", "fold", "model", "label", "prediction"]
    probabilities = ["probability_bird", "probability_cat", "probability_dog"]
    assert predictions.columns.tolist() == names + probabilities
    assert len(predictions) == 6 * 90
    np.testing.assert_array_equal(
        predictions["label"].to_numpy(dtype=str), result.classes[result.y[predictions["row"]]]
    )
    best = predictions[probabilities].to_numpy().argmax(axis=1)
    np.testing.assert_array_equal(
        predictions["prediction"].to_numpy(dtype=str), result.classes[best]
    )
    by_fold = (
        (predictions["label"] == predictions["prediction"])
        .groupby([predictions["model"], predictions["fold"]])
        .mean()
    )
    scored = result.folds.set_index(["model", "fold"])["accuracy"].sort_index()
    np.testing.assert_allclose(by_fold.to_numpy(), scored.to_numpy())


def test_integer_labels_stay_integers(make_result):
    predictions = make_result(labels=[10, 20]).predictions
    assert set(predictions["label"]) == {10, 20}
    assert predictions.columns[-1] == "probability_20"


def test_confusion_is_pooled_over_folds(make_result):
    result = make_result()
    matrix = result.confusion("text")
    own = result.predictions.query("model == 'text'")
    expected = pd.crosstab(own["label"], own["prediction"])
    pd.testing.assert_frame_equal(
        matrix, expected, check_names=False, check_index_type=False, check_column_type=False
    )
    assert matrix.to_numpy().sum() == 90
    assert result.confusion().equals(result.confusion("log_pool"))
    with pytest.raises(ValueError, match="no model 'nothing'; the models are: prior, text"):
        result.confusion("nothing")


def test_best_model_asks_for_the_first_of_the_frame(make_result):
    result = make_result(best_model=lambda name: f"fitted {name}")
    assert result.best_model() == f"fitted {result.frame['model'].iloc[0]}"
    assert result.best_model("text") == "fitted text"
    with pytest.raises(ValueError, match="no model 'nothing'"):
        result.best_model("nothing")
    with pytest.raises(RuntimeError, match="made without best_model="):
        make_result().best_model()


def test_markdown(make_result, tmp_path):
    result = make_result()
    text = result.to_markdown(tmp_path / "table.md", metrics=["accuracy", "log_loss"])
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == text
    lines = text.splitlines()
    assert lines[0] == "| model | family | accuracy | log loss | fit (s) | predict (s) |"
    assert lines[1] == "| --- | --- | ---: | ---: | ---: | ---: |"
    assert len(lines) == 2 + 6
    row = result.frame.iloc[0]
    assert lines[2].startswith(
        f"| log_pool (default) | late | **{row['accuracy_mean']:.3f}** ± {row['accuracy_std']:.3f}"
    )
    assert len(result.to_markdown().splitlines()[0].split("|")) == 2 + 4 + len(METRICS)


def test_markdown_and_latex_escape_names(make_result):
    models = (("a|b <i>*x*", "modality", 1.0), ("50% & {me}_$", "modality", 2.0))
    result = make_result(models=models)
    markdown = result.to_markdown(metrics=["accuracy"])
    assert r"| a\|b &lt;i&gt;\*x\* | modality |" in markdown
    assert {line.replace(r"\|", "").count("|") for line in markdown.splitlines()} == {6}
    latex = result.to_latex(metrics=["accuracy"])
    assert r"50\% \& \{me\}\_\$ & modality &" in latex


def test_latex(make_result, tmp_path):
    result = make_result()
    text = result.to_latex(tmp_path / "table.tex", metrics=["accuracy", "log_loss"])
    assert (tmp_path / "table.tex").read_text(encoding="utf-8") == text
    assert text.startswith("\\begin{tabular}{llrrrr}\n\\toprule\nmodel & family & accuracy &")
    row = result.frame.iloc[0]
    best = rf"\textbf{{{row['accuracy_mean']:.3f}}} $\pm$ {row['accuracy_std']:.3f}"
    assert rf"log\_pool (default) & late & {best}" in text


def test_tables_without_deviation_and_with_undefined_scores():
    folds = (FoldOutcome(0, np.array([0, 1]), np.array([[0.8, 0.2], [0.7, 0.3]]), 0.0, 0.0),)
    result = BenchmarkResult(
        [ModelOutcome("image", "modality", False, folds)], np.array([0, 0]), np.array(["a", "b"])
    )
    text = result.to_markdown(metrics=["accuracy", "roc_auc_ovr"])
    assert "| image | modality | **1.000** | – | 0.000 | 0.000 |" in text


def test_repr_shows_the_table_and_the_verdict(make_result):
    result = make_result()
    text = repr(result)
    assert text.startswith("BenchmarkResult: 6 models, 3 folds, 120 rows, 3 classes\n")
    assert "log_pool" in text
    assert text.endswith(result.verdict)


def test_notebook_form_is_escaped(make_result):
    page = make_result(models=(("<script>alert(1)</script>", "modality", 1.0),))._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_result_can_be_copied(make_result):
    result = make_result()
    assert copy.deepcopy(result).frame.equals(result.frame)


def broken(kind: str) -> list[ModelOutcome]:
    rows = np.array([0, 1])
    good = FoldOutcome(0, rows, np.array([[0.5, 0.5], [0.5, 0.5]]), 0.0, 0.0)
    other = {
        "rows": FoldOutcome(0, rows[::-1], good.outputs, 0.0, 0.0),
        "width": FoldOutcome(0, rows, np.full((2, 4), 0.25), 0.0, 0.0),
    }.get(kind, good)
    folds = (good, other) if kind == "number" else (other,)
    name = "text" if kind == "name" else "image"
    models = [ModelOutcome("text", "modality", False, (good,))]
    return [] if kind == "none" else [*models, ModelOutcome(name, "modality", False, folds)]


@pytest.mark.parametrize(
    ("kind", "match"),
    [
        ("none", "at least one model"),
        ("name", "same name: text, text"),
        ("rows", "'image' and 'text' were tested on different folds"),
        ("number", "'image' and 'text' were tested on different folds"),
        ("width", r"'image' has outputs of width \[4\], there should be 2"),
    ],
)
def test_bad_outcomes(kind, match):
    with pytest.raises(ValueError, match=match):
        BenchmarkResult(broken(kind), np.array([0, 1]), np.array(["a", "b"]))


def test_unknown_metrics(make_result):
    with pytest.raises(ValueError, match="no metric 'f2'; the metrics are: accuracy, balanced"):
        make_result(metric="f2")
    with pytest.raises(ValueError, match="no metric 'f2'"):
        make_result().to_markdown(metrics=["f2"])


@pytest.mark.parametrize("name", ["contributions", "overlap", "weights", "rows_to_look_at"])
def test_results_by_hand_say_what_they_lack(make_result, name):
    with pytest.raises(RuntimeError, match="made without evidence="):
        getattr(make_result(), name)


def test_calibration_is_of_the_default_and_of_the_mean(make_result, demo_result):
    assert make_result().calibration["model"].unique().tolist() == ["log_pool"]
    frame = demo_result.calibration
    assert frame["model"].unique().tolist() == ["mean", "log_pool"]
    assert frame.groupby("model")["n_rows"].sum().tolist() == [90, 90]
    own = demo_result.predictions.query("model == 'log_pool'")
    share = (own["label"] == own["prediction"]).mean()
    bins = frame[frame["model"] == "log_pool"]
    assert np.average(bins["accuracy"], weights=bins["n_rows"]) == pytest.approx(share)


def test_json_holds_the_frames(demo_result, make_result, tmp_path):
    text = demo_result.to_json(tmp_path / "results.json")
    assert (tmp_path / "results.json").read_text(encoding="utf-8") == text
    content = json.loads(text)
    assert content["verdict"] == demo_result.verdict
    for name in ("frame", "folds", "contributions", "overlap", "weights", "rows_to_look_at"):
        assert len(content[name]) == len(getattr(demo_result, name))
    first = demo_result.frame.iloc[0]
    assert content["frame"][0]["accuracy_mean"] == first["accuracy_mean"]
    by_hand = json.loads(make_result(n_folds=1).to_json())
    assert by_hand["contributions"] is None
    assert by_hand["frame"][0]["accuracy_std"] is None  # NaN is no JSON


def test_results_can_be_pickled(demo_result):
    again = pickle.loads(pickle.dumps(demo_result))
    pd.testing.assert_frame_equal(again.contributions, demo_result.contributions)
    assert again.rows_to_look_at["row"].tolist() == demo_result.rows_to_look_at["row"].tolist()
