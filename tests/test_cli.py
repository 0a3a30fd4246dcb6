"""The command: what it hands on, what it prints and writes, and one clear line for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier

import mmclassic.evaluation
from mmclassic import (
    benchmark,
    load,
    make_late_fusion,
    make_late_fusion_regressor,
    read_card,
    read_table,
    save,
)
from mmclassic.cli import main
from mmclassic.media._store import default_cache_path

N_ROWS = 48


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    """No test writes to the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def posts(tmp_path) -> Path:
    """A table of captions, pictures and a number; the label is in each of them."""
    rng = np.random.default_rng(0)
    (tmp_path / "data" / "photos").mkdir(parents=True)
    rows = []
    for row in range(N_ROWS):
        label = row % 2
        picture = rng.integers(0, 80, size=(16, 16, 3), dtype=np.uint8)
        picture[:, :: 2 + label] += 150
        name = f"photos/{row}.png"
        cv2.imwrite(str(tmp_path / "data" / name), picture)
        words = rng.choice(["sunny", "calm"] if label else ["rainy", "grim"], size=3)
        rows.append(
            {
                "caption": " ".join([*words, "day"]),
                "photo": name,
                "age": float(rng.normal(label)),
                "mood": str(label),
                "author": f"a{row // 4}",
                "part": "test" if row >= 36 else "train",
            }
        )
    table = pd.DataFrame(rows)
    table.loc[3, "photo"] = ""
    table.loc[4, "caption"] = ""
    table.loc[5, "age"] = np.nan
    path = tmp_path / "data" / "posts.csv"
    table.to_csv(path, index=False)
    return path


# Boosting, the default for numbers, is slow to start: most tests leave it out.
FEW_COLUMNS = ["--target", "mood", "--text", "caption", "--image", "photo"]
COLUMNS = [*FEW_COLUMNS, "--numeric", "age"]


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


# What it hands on


@pytest.fixture
def handed(monkeypatch) -> dict:
    """The arguments that the benchmark is called with; nothing is scored."""
    seen: dict = {}

    def benchmark(table, **options):
        seen.update(options, table=table)
        return SimpleNamespace(
            frame=pd.DataFrame({"model": ["log_pool"]}),
            verdict="The verdict.",
            about={},
            to_html=lambda path: path,
            to_json=lambda path: "{}",
            to_markdown=lambda: "| model |",
        )

    monkeypatch.setattr(mmclassic.evaluation, "benchmark", benchmark)
    return seen


def test_defaults_of_the_command(posts, tmp_path, handed, capsys):
    assert run("benchmark", posts, *COLUMNS, "--out", tmp_path / "out") == 0
    table = handed.pop("table")
    assert handed == {
        "target": "mood",
        "text": "caption",
        "image": "photo",
        "audio": None,
        "numeric": ["age"],
        "categorical": None,
        "groups": None,
        "split": None,
        "cv": 5,
        "random_state": None,
        "cache": default_cache_path(),
        "backbone": None,
        "n_jobs": None,
        "on_unreadable": "missing",
        "max_error_rate": 0.05,
        "verbose": 0,
        "task": "auto",
        "metric": None,
        "robustness": True,
        "n_repeats": 1,
        "class_weight": None,
        "families": ("late", "early"),
        "learning_curve": None,
    }
    assert table["mood"].tolist()[:3] == ["0", "1", "0"]
    assert table["photo"][0] == str(posts.parent / "photos" / "0.png")
    assert table["photo"][3] is None
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "48 rows; modalities: caption (text), photo (image), age (numeric)"
    assert lines[1].startswith("At most 48 base fits (16 per modality) and 16 of early fusion;")
    assert lines[-1] == "The verdict."


def test_every_option_is_handed_on(posts, tmp_path, handed):
    status = run(
        *("benchmark", posts, "--target", "mood", "--text", "caption,author", "--text", "part"),
        *("--categorical", "author", "--groups", "author", "--split", "part", "--cv", 3),
        *("--image", "photo", "--backbone", "net.onnx", "--no-cache"),
        *("--sample", 10, "--metric", "log_loss"),
        *("--families", "late,early,joint"),
        *("--n-jobs", 2, "--seed", 7, "--on-unreadable", "raise", "--out", tmp_path / "out"),
        *("--max-error-rate", 0.5, "--class-weight", "balanced", "--learning-curve", "0.3,1"),
        *("--task", "classification", "--no-robustness"),
    )
    assert status == 0
    assert len(handed.pop("table")) == 10
    assert handed == {
        "target": "mood",
        "text": ["caption", "author", "part"],
        "image": "photo",
        "audio": None,
        "numeric": None,
        "categorical": ["author"],
        "groups": "author",
        "split": "part",
        "cv": 3,
        "random_state": 7,
        "cache": None,
        "backbone": "net.onnx",
        "n_jobs": 2,
        "on_unreadable": "raise",
        "max_error_rate": 0.5,
        "verbose": 0,
        "task": "classification",
        "metric": "log_loss",
        "robustness": False,
        "n_repeats": 1,
        "class_weight": "balanced",
        "families": ["late", "early", "joint"],
        "learning_curve": [0.3, 1.0],
    }


def test_the_plan_of_an_official_split(posts, tmp_path, handed, capsys):
    assert run("benchmark", posts, *COLUMNS, "--split", "part", "--out", tmp_path / "out") == 0
    assert "At most 18 base fits (6 per modality) and 6 of early" in capsys.readouterr().out


def test_the_plan_of_repeats_and_shares(posts, tmp_path, handed, capsys):
    options = ["--cv", 3, "--repeats", 2, "--learning-curve", "0.1,0.5,1", "--out", tmp_path]
    assert run("benchmark", posts, *COLUMNS, *options) == 0
    assert (handed["n_repeats"], handed["learning_curve"]) == (2, [0.1, 0.5, 1.0])
    # Six fits, for two repeats of the whole and of two shares; one for the final model.
    assert "At most 111 base fits (37 per modality) and 37 of early" in capsys.readouterr().out


def test_a_sample_is_the_same_each_time(posts, tmp_path, handed):
    rows = []
    for _ in range(2):
        run("benchmark", posts, *COLUMNS, "--sample", 12, "--out", tmp_path / "out")
        rows.append(handed["table"]["photo"].tolist())
    assert len(rows[0]) == 12
    assert rows[0] == rows[1]


def test_a_store_of_ones_own(posts, tmp_path, handed):
    store = tmp_path / "features.sqlite"
    assert run("benchmark", posts, *COLUMNS, "--cache", store, "--out", tmp_path) == 0
    assert handed["cache"] == str(store)


# The whole way


# Unreadable cells are warned about; the command prints warnings as lines of its own.
@pytest.mark.filterwarnings("default::mmclassic.DataQualityWarning")
def test_benchmark_writes_results_report_and_model(posts, tmp_path, capsys):
    (posts.parent / "photos" / "7.png").write_bytes(b"no picture")
    out, file = tmp_path / "new" / "out", tmp_path / "best.mmc"
    assert run("benchmark", posts, *FEW_COLUMNS, "--cv", 3, "--out", out, "--model", file) == 0
    frame = pd.read_csv(out / "results.csv")
    assert {"prior", "modality", "choice", "early", "late"} == set(frame["family"])
    assert frame["default"].sum() == 1
    page = (out / "report.html").read_text(encoding="utf-8")
    content = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert [record["model"] for record in content["frame"]] == frame["model"].tolist()
    notes = (out / "results.md").read_text(encoding="utf-8")
    assert notes.startswith("The default fusion (log_pool) has accuracy")
    assert "\n\n| model | family |" in notes
    assert f"mmclassic benchmark {posts} --target mood" in page
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1].startswith("The default fusion (log_pool) has accuracy")
    assert "7.png" in captured.err
    assert captured.err.startswith("warning: 1 of ")
    assert "<svg" in page
    load(file)
    card = read_card(file)
    assert card["notes"]["best of a benchmark"] == frame["model"].iloc[0]
    for name in ("accuracy_mean", "accuracy_std", "log_loss_mean"):
        assert card["notes"][name] == round(frame[name].iloc[0], 4)


@pytest.mark.filterwarnings("default::mmclassic.DataQualityWarning")
def test_fit_then_predict(posts, tmp_path, capsys):
    file, out = tmp_path / "model.mmc", tmp_path / "predictions.csv"
    assert run("fit", posts, *COLUMNS, "--model", file) == 0
    assert capsys.readouterr().out.startswith(f"Model: {file} (48 rows, 2 classes; ")
    assert run("predict", file, posts, "--out", out) == 0
    frame = pd.read_csv(out, dtype={"label": str}, keep_default_na=False)
    assert frame.columns.tolist() == [
        "label",
        "probability_0",
        "probability_1",
        "modalities_used",
    ]
    assert (frame["label"] == [str(row % 2) for row in range(N_ROWS)]).mean() > 0.9
    np.testing.assert_allclose(frame["probability_0"] + frame["probability_1"], 1)
    assert frame["modalities_used"].tolist()[3:7] == [
        "text+numeric",
        "image+numeric",
        "text+image",
        "text+image+numeric",
    ]
    assert "(48 rows)" in capsys.readouterr().out


@pytest.mark.filterwarnings("default::mmclassic.DataQualityWarning")
def test_predict_copes_with_rows_that_have_nothing(posts, tmp_path, capsys):
    file, out = tmp_path / "model.mmc", tmp_path / "predictions.csv"
    assert run("fit", posts, *FEW_COLUMNS, "--model", file) == 0
    bad = tmp_path / "bad.csv"
    bad.write_text("caption,photo\n,nowhere.png\nsunny day,\n")
    assert run("predict", file, bad, "--out", out) == 0
    frame = pd.read_csv(out, keep_default_na=False)
    assert frame["modalities_used"].tolist() == ["", "text"]
    captured = capsys.readouterr()
    assert "2 rows, 1 of them with no modality" in captured.out
    assert "nowhere.png" in captured.err
    assert run("predict", file, bad, "--out", out, "--on-unreadable", "raise") == 2
    assert "nowhere.png" in capsys.readouterr().err


def test_the_command_fits_the_model_of_make_late_fusion(posts, tmp_path):
    file = tmp_path / "model.mmc"
    assert run("fit", posts, *FEW_COLUMNS, "--model", file, "--no-cache") == 0
    table = pd.read_csv(posts, dtype={"mood": str})
    table["photo"] = [None if cell != cell else str(posts.parent / cell) for cell in table["photo"]]
    model = make_late_fusion(text="caption", image="photo")
    expected = model.fit(table, table["mood"]).predict_proba(table)
    np.testing.assert_array_equal(load(file).predict_proba(table), expected)


def test_every_option_of_fit_reaches_the_model(posts, tmp_path, monkeypatch):
    seen: dict = {}

    def make(**options):
        seen.update(options)
        return make_late_fusion(**options | {"image": None, "backbone": None})  # there is none

    monkeypatch.setattr("mmclassic.evaluation._class_task.make_late_fusion", make)
    options = ["--target", "mood", "--categorical", "part", "--text", "caption", "--cv", 3]
    options += ["--seed", 7, "--on-unreadable", "raise", "--n-jobs", 1, "--no-cache"]
    options += ["--groups", "author", "--image", "photo", "--backbone", "net.onnx"]
    options += ["--model", tmp_path / "model.mmc"]
    assert run("fit", posts, *options, "--hashed", "--redact") == 0
    assert seen == {
        "text": "caption",
        "image": "photo",
        "audio": None,
        "numeric": None,
        "categorical": ["part"],
        "backbone": "net.onnx",
        "cache": None,
        "cv": 3,
        "random_state": 7,
        "on_unreadable": "raise",
        "hashed": True,
        "redact": True,
        "n_jobs": 1,
        "class_weight": None,
    }


def test_categories_are_taken_literally(posts, tmp_path, handed):
    table = pd.read_csv(posts).assign(code=["007", "NA"] * (N_ROWS // 2))
    table.to_csv(posts, index=False)
    options = ["--target", "mood", "--categorical", "code", "--out", tmp_path]
    assert run("benchmark", posts, *options) == 0
    assert handed["table"]["code"].tolist() == ["007", "NA"] * (N_ROWS // 2)


def test_categories_of_a_model_are_taken_literally(posts, tmp_path):
    file, out = tmp_path / "model.mmc", tmp_path / "out.csv"
    codes = np.array(["07", "7"])[np.arange(N_ROWS) % 2]
    pd.read_csv(posts).assign(code=codes).to_csv(posts, index=False)
    assert run("fit", posts, "--target", "mood", "--categorical", "code", "--model", file) == 0
    assert run("predict", file, posts, "--out", out) == 0
    assert pd.read_csv(out)["label"].tolist() == [row % 2 for row in range(N_ROWS)]


@pytest.mark.filterwarnings("default::mmclassic.DataQualityWarning")
def test_predict_with_words_among_the_numbers(posts, tmp_path, capsys):
    file, out = tmp_path / "model.mmc", tmp_path / "out.csv"
    assert run("fit", posts, "--target", "mood", "--numeric", "age", "--model", file) == 0
    posts.write_text("age\n1.5\nold\n")
    assert run("predict", file, posts, "--out", out, "--on-unreadable", "raise") == 2
    assert "row 1, column 'age', number: 'old' is no number" in one_line(capsys)
    assert run("predict", file, posts, "--out", out) == 0
    assert "warning: 1 of 2 cells cannot be read" in capsys.readouterr().err
    assert pd.read_csv(out, keep_default_na=False)["modalities_used"].tolist() == ["numeric", ""]


def test_predict_with_many_classes(posts, tmp_path):
    file, out = tmp_path / "model.mmc", tmp_path / "out.csv"
    labels = [f"class {number:03}" for number in range(150)]
    save(DummyClassifier().fit(np.zeros((150, 1)), labels), file)
    assert run("predict", file, posts, "--out", out) == 0  # pandas warned of a fragmented frame
    frame = pd.read_csv(out)
    assert frame.columns.tolist() == ["label", *(f"probability_{label}" for label in labels)]
    assert len(frame) == N_ROWS


def test_every_model_of_a_benchmark_can_be_saved_and_predicts(posts, tmp_path, capsys):
    table = read_table(posts, literal=["caption", "mood"])
    families = ("late", "early", "joint")
    columns = {"text": "caption", "categorical": "author"}
    result = benchmark(table, "mood", **columns, cv=3, families=families)
    file, out = tmp_path / "model.mmc", tmp_path / "out.csv"
    for name in result.frame["model"]:
        model = result.best_model(name)
        save(model, file)
        assert run("predict", file, posts, "--out", out) == 0
        frame = pd.read_csv(out, keep_default_na=False)
        expected = model.predict_proba(table if name != "class prior" else np.zeros((N_ROWS, 1)))
        np.testing.assert_allclose(
            frame[["probability_0", "probability_1"]], expected, err_msg=name
        )
        family = result.frame.set_index("model")["family"][name]
        assert ("modalities_used" in frame) == (family not in ("early", "joint", "prior"))
        assert "(48 rows" in capsys.readouterr().out


def test_benchmark_with_a_split_saves_what_was_fitted_on_the_training_rows(posts, tmp_path, capsys):
    file = tmp_path / "best.mmc"
    options = ["--target", "mood", "--text", "caption", "--split", "part", "--out", tmp_path]
    assert run("benchmark", posts, *options, "--model", file) == 0
    assert "fitted on the training rows)" in capsys.readouterr().out


def test_predict_inside_a_root(posts, tmp_path, capsys, monkeypatch):
    file, out = tmp_path / "model.mmc", tmp_path / "out.csv"
    options = ["--target", "mood", "--image", "photo", "--model", file, "--no-cache"]
    assert run("fit", posts, *options) == 0
    monkeypatch.chdir(tmp_path)
    arguments = ["predict", file, "data/posts.csv", "--out", out, "--on-unreadable", "raise"]
    assert run(*arguments, "--root", "data") == 0
    capsys.readouterr()
    (tmp_path / "elsewhere").mkdir()
    assert run(*arguments, "--root", "elsewhere") == 2
    assert "unsafe_path" in one_line(capsys)


def test_demo(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("demo", "--rows", 100, "--cv", 3) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].startswith("The default fusion (log_pool) has accuracy")
    assert lines[-1] == "Report: mmclassic-demo/report.html"
    assert (tmp_path / "mmclassic-demo" / "results.csv").is_file()


# Bad input


def one_line(capsys) -> str:
    """What is on the standard error, which must be one line that names the command."""
    text = capsys.readouterr().err
    assert text.startswith("mmclassic")
    assert text.count("\n") == 1
    return text


BAD_TABLES = [
    (["--target", "moood", "--text", "caption"], "no column 'moood'. Did you mean 'mood'"),
    (["--target", "mood", "--text", "caption,clip"], "no column 'clip'"),
    (["--target", "mood", "--image", "foto"], "Did you mean 'photo'"),
    (["--target", "mood", "--numeric", "agee"], "Did you mean 'age'"),
    (["--target", "mood", "--numeric", "age,author"], "row 0 holds 'a0'. Name it as"),
    (["--target", "mood"], "name at least one column with --text"),
    (["--target", "mood", "--text", "caption", "--groups", "x"], "no column 'x'"),
]


@pytest.mark.parametrize(("options", "message"), BAD_TABLES)
@pytest.mark.parametrize("command", ["benchmark", "fit"])
def test_bad_columns(posts, tmp_path, capsys, command, options, message):
    target = ["--out", tmp_path] if command == "benchmark" else ["--model", tmp_path / "m"]
    assert run(command, posts, *options, *target) == 2
    assert message in one_line(capsys)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("post.csv", "Did you mean"),
        ("posts.xlsx", "Cannot tell what kind of table"),
        ("nowhere/posts.csv", "there is no folder"),
    ],
)
def test_bad_files(posts, tmp_path, capsys, name, message):
    assert run("benchmark", posts.parent / name, *COLUMNS, "--out", tmp_path) == 2
    assert message in one_line(capsys)


@pytest.mark.parametrize("command", ["benchmark", "fit"])
def test_one_class_only(posts, tmp_path, capsys, command):
    table = pd.read_csv(posts).assign(mood="same")
    table.to_csv(posts, index=False)
    target = ["--out", tmp_path] if command == "benchmark" else ["--model", tmp_path / "m"]
    assert run(command, posts, *FEW_COLUMNS, *target) == 2
    assert "one class only" in one_line(capsys)


def test_unreadable_cells_when_told_to_raise(posts, tmp_path, capsys):
    (posts.parent / "photos" / "7.png").write_bytes(b"no picture")
    options = [*FEW_COLUMNS, "--on-unreadable", "raise", "--no-cache"]
    assert run("benchmark", posts, *options, "--out", tmp_path) == 2
    assert "1 of 94 cells cannot be read; the first: row 7, column 'photo'" in one_line(capsys)


def test_advice_is_given_in_options_of_the_command(posts, tmp_path, capsys):
    for row in range(6, 12):
        (posts.parent / "photos" / f"{row}.png").write_bytes(b"no picture")
    options = ["fit", posts, *FEW_COLUMNS, "--no-cache", "--model", tmp_path / "m.mmc"]
    assert run(*options, "--on-unreadable", "raise") == 2
    assert "or pass --on-unreadable missing: they count" in one_line(capsys)
    assert run(*options) == 2
    text = one_line(capsys)
    assert "more than --max-error-rate 0.05 of modality" in text
    assert text.endswith("or raise --max-error-rate.\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--text", "caption,mood"], "'mood' is the target"),
        (["--categorical", "author", "--groups", "author"], "'author' is the groups"),
        (["--text", "caption", "--groups", "mood"], "'mood' is the target"),
    ],
)
def test_fit_refuses_the_answer_among_the_features(posts, tmp_path, capsys, options, message):
    file = tmp_path / "model.mmc"
    assert run("fit", posts, "--target", "mood", *options, "--model", file) == 2
    assert message in one_line(capsys)
    assert not file.exists()


def test_a_type_error_is_one_line(posts, tmp_path, capsys, monkeypatch):
    def refuse(*arguments, **options):
        raise TypeError("Encoders require their input\nto be uniformly strings or numbers")

    monkeypatch.setattr(mmclassic.evaluation, "benchmark", refuse)
    assert run("benchmark", posts, *COLUMNS, "--out", tmp_path) == 2
    assert "input to be uniformly strings" in one_line(capsys)


def test_unknown_metric(posts, tmp_path, capsys):
    assert run("benchmark", posts, *COLUMNS, "--metric", "acuracy", "--out", tmp_path) == 2
    assert "acuracy" in one_line(capsys)


def test_two_folds_are_enough_for_a_split_and_a_fit(posts, tmp_path, handed, capsys):
    assert run("benchmark", posts, *COLUMNS, "--cv", 2, "--split", "part", "--out", tmp_path) == 0
    assert handed["cv"] == 2
    options = ["--target", "mood", "--text", "caption", "--model", tmp_path / "model.mmc"]
    assert run("fit", posts, *options, "--cv", 2) == 0


@pytest.mark.parametrize("name", ["nowhere/model.mmc", "."])
def test_nowhere_to_write(posts, tmp_path, capsys, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert run("fit", posts, *COLUMNS, "--model", name) == 2
    assert name.split("/")[0] in one_line(capsys)


def test_predict_with_bad_models(posts, tmp_path, capsys):
    out = tmp_path / "out.csv"
    assert run("predict", tmp_path / "model.mmc", posts, "--out", out) == 2
    assert "model.mmc" in one_line(capsys)
    assert run("predict", posts, posts, "--out", out) == 2
    assert "posts.csv" in one_line(capsys)


def test_predict_needs_a_model_of_the_command(posts, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("mmclassic.persistence.load", lambda path, **options: BaseEstimator())
    assert run("predict", "model.mmc", posts, "--out", tmp_path / "out.csv") == 2
    assert "holds a BaseEstimator" in one_line(capsys)


def test_show(posts, tmp_path, capsys, monkeypatch):
    file = tmp_path / "model.mmc"
    run("fit", posts, "--target", "mood", "--numeric", "age", "--model", file)
    capsys.readouterr()
    monkeypatch.setattr("mmclassic.persistence.load", None)  # not needed
    assert run("show", file) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("model      LateFusionClassifier (mmclassic.fusion._late.Late")
    assert "\nclasses    2: 0, 1\n" in shown
    assert "\nmodality   numeric (1: age): NumberColumns() > SimpleImputer(" in shown
    assert "VotingClassifier(" in shown
    assert "numeric, cross-fitted: rows " in shown
    assert run("show", file, "--json") == 0
    assert json.loads(capsys.readouterr().out) == read_card(file)
    assert run("show", posts) == 2
    assert "posts.csv cannot be loaded: File is not a zip file" in one_line(capsys)
    assert run("show", tmp_path / "nothing.mmc") == 2
    assert "No such file" in one_line(capsys)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["benchmrk"], "invalid choice: 'benchmrk'"),
        (["benchmark", "t.csv"], "--target"),
        (["benchmark", "t.csv", "--target", "y", "--text", "a,,b"], "empty column name"),
        (["benchmark", "t.csv", "--target", "y", "--cv", "many"], "invalid int value"),
        (["benchmark", "t.csv", "--target", "y", "--cv", "2"], "at least 3 folds, got 2"),
        (["demo", "--cv", "2"], "at least 3 folds, got 2"),
        (["benchmark", "t.csv", "--target", "y", "--split", "s", "--cv", "1"], "at least 2 folds"),
        (["fit", "t.csv", "--target", "y", "--cv", "1"], "at least 2 folds, got 1"),
        (["fit", "t.csv", "--target", "y", "--max-error-rate", "1.5"], "from 0 to 1, got 1.5"),
        (["fit", "t.csv", "--target", "y", "--max-error-rate", "nan"], "from 0 to 1, got nan"),
        (["fit", "t.csv", "--target", "y", "--max-error-rate", "few"], "invalid float value"),
        (["fit", "t.csv", "--target", "y", "--no-cache", "--cache", "c"], "not allowed with"),
        (["benchmark", "t.csv", "--target", "y", "--repeats", "0"], "at least 1, got 0"),
        (["benchmark", "t.csv", "--target", "y", "--learning-curve", "0,1"], "above 0, got 0,1"),
        (["benchmark", "t.csv", "--target", "y", "--learning-curve", "2"], "from 0 to 1, got 2"),
        (["benchmark", "t.csv", "--target", "y", "--class-weight", "x"], "invalid choice: 'x'"),
        (["predict", "model.mmc", "t.csv"], "--out"),
        (["show"], "FILE"),
    ],
)
def test_bad_arguments(capsys, arguments, message):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.startswith("mmclassic")
    assert printed.err.count("\n") == 1


def test_interrupted(posts, tmp_path, capsys, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(mmclassic.evaluation, "benchmark", interrupted)
    assert run("benchmark", posts, *COLUMNS, "--out", tmp_path) == 130
    assert one_line(capsys) == "mmclassic: interrupted\n"


def test_help_is_quick_and_light():
    code = (
        "import sys; import mmclassic.cli; from mmclassic.cli._arguments import build_parser; "
        "build_parser().format_help(); "
        "heavy = ('cv2', 'librosa', 'gensim', 'matplotlib'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "[]\n"


# Numbers and several labels


@pytest.fixture
def offers(tmp_path):
    """A table of offers: a price with decimal places, a count of stars, two labels."""
    rng = np.random.default_rng(0)
    kind, trim = rng.integers(0, 3, (2, 60))
    table = pd.DataFrame(
        {
            "kind": [f"kind {value}" for value in kind],
            "trim": [f"trim {value}" for value in trim],
            "price": 10 + 3 * kind + 2 * trim + rng.random(60).round(2),
            "stars": 1 + (kind + trim),
            "new": kind == 2,
            "cheap": (trim == 0).astype(int),
        }
    )
    path = tmp_path / "offers.csv"
    table.to_csv(path, index=False)
    return path


OFFER = ["--text", "kind", "--categorical", "trim", "--no-cache"]


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (["--target", "price"], "regression"),
        (["--target", "stars", "--task", "regression"], "regression"),
        (["--target", "new,cheap"], "multilabel"),
    ],
)
def test_benchmark_of_other_targets(offers, tmp_path, capsys, options, kind):
    out, model = tmp_path / "out", tmp_path / "best.mmc"
    arguments = [*OFFER, *options, "--cv", 3, "--model", model, "--out", out]
    assert run("benchmark", offers, *arguments) == 0
    content = json.loads((out / "results.json").read_text("utf-8"))
    assert content["task"] == kind
    assert len(content["robustness"]) > 10
    assert 'id="robustness"' in (out / "report.html").read_text("utf-8")
    assert run("predict", model, offers, "--out", tmp_path / "predictions.csv") == 0
    assert len(pd.read_csv(tmp_path / "predictions.csv")) == 60


def test_fit_then_predict_numbers(offers, tmp_path, capsys):
    model, out = tmp_path / "price.mmc", tmp_path / "prices.csv"
    assert run("fit", offers, *OFFER, "--target", "price", "--model", model) == 0
    assert "60 rows, a regression; text, categorical" in capsys.readouterr().out
    assert run("predict", model, offers, "--out", out) == 0
    found, table = pd.read_csv(out), pd.read_csv(offers)
    assert found.columns.tolist() == ["prediction", "modalities_used"]
    recipe = make_late_fusion_regressor(text="kind", categorical=["trim"])
    expected = recipe.fit(table, table["price"]).predict(table)
    np.testing.assert_allclose(found["prediction"], expected, rtol=1e-6)


def test_fit_then_predict_several_labels(offers, tmp_path, capsys):
    model, out = tmp_path / "labels.mmc", tmp_path / "labels.csv"
    assert run("fit", offers, *OFFER, "--target", "new,cheap", "--model", model) == 0
    assert "60 rows, 2 labels; text, categorical" in capsys.readouterr().out
    assert run("predict", model, offers, "--out", out) == 0
    found, table = pd.read_csv(out), pd.read_csv(offers)
    assert found.columns.tolist() == [
        *("label_new", "label_cheap", "probability_new", "probability_cheap", "modalities_used"),
    ]
    assert (found["label_new"] == table["new"]).all()  # the text tells it


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target", "new", "--task", "regression"], "column 'new' is no column of numbers"),
        (["--target", "new,price"], "of several target columns each holds 0 and 1"),
    ],
)
def test_targets_that_do_not_fit(offers, tmp_path, capsys, options, message):
    assert run("fit", offers, *OFFER, *options, "--model", tmp_path / "model.mmc") == 2
    assert message in capsys.readouterr().err
