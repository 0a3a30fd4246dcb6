"""The card says what the model is, is checked against it, and needs no model to be read."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
import sklearn
import skops.io
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, r2_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

import mmclassic
from mmclassic import (
    BagOfWordsVectorizer,
    EarlyFusionClassifier,
    LateFusionClassifier,
    LateFusionRegressor,
    load,
    read_card,
    save,
)
from mmclassic.persistence._card_text import card_text
from tests.persistence.objects import card, write


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, 90)
    labels = np.array(["no", "yes", "maybe"])[codes]
    X = rng.normal(size=(90, 5))
    X[:, :3] += np.eye(3)[codes]
    X[::5, 4] = np.nan
    frame = pd.DataFrame(X, columns=list("abcde"))
    return frame.assign(text=np.array(["cat", "dog", "cow"])[codes]), labels


def late_fusion(fusion):
    words = BagOfWordsVectorizer(characters=None, redact=["email"], hashed=True)
    return LateFusionClassifier(
        [
            ("text", make_pipeline(words, LogisticRegression(C=3)), "text"),
            ("tree", HistGradientBoostingClassifier(max_iter=3), ["e"]),
            ("line", make_pipeline(StandardScaler(), LogisticRegression()), slice(1, 4)),
        ],
        fusion=fusion,
        cv=3,
    )


def saved(model, folder, **options):
    save(model, folder / "model.mmc", **options)
    return read_card(folder / "model.mmc")


def test_the_card_of_a_late_fusion(columns, tmp_path):
    frame, labels = columns
    began = datetime.now(UTC).replace(microsecond=0)
    model = late_fusion("log_pool").fit(frame, labels)
    found = saved(model, tmp_path, notes={"source": "made", "shares": np.array([0.5, 0.5])})
    ended = datetime.now(UTC)
    assert began <= datetime.fromisoformat(found.pop("fitted")) <= ended
    assert began <= datetime.fromisoformat(found.pop("saved")) <= ended
    assert found.pop("bytes") == (tmp_path / "model.mmc").stat().st_size
    assert found.pop("unpacked_bytes") > 10_000
    scores = found.pop("cross_fitted_scores")
    assert list(scores) == ["text", "tree", "line"]
    bag = {"characters": None, "hashed": True, "redact": ["email"]}
    assert found == {
        "format": 1,
        "model": "mmclassic.fusion._late.LateFusionClassifier",
        "columns": [*"abcde", "text"],
        "classes": ["maybe", "no", "yes"],
        "modalities": [
            {
                "name": "text",
                "columns": "text",
                "steps": [
                    {"type": "BagOfWordsVectorizer", "settings": bag},
                    {"type": "LogisticRegression", "settings": {"C": 3}},
                ],
            },
            {
                "name": "tree",
                "columns": ["e"],
                "steps": [{"type": "HistGradientBoostingClassifier", "settings": {"max_iter": 3}}],
            },
            {
                "name": "line",
                "columns": "slice(1, 4, None)",
                "steps": [
                    {"type": "StandardScaler", "settings": {}},
                    {"type": "LogisticRegression", "settings": {}},
                ],
            },
        ],
        "steps": [],
        "fusion": {"type": "LogPool", "settings": found["fusion"]["settings"]},
        "holds_training_rows": [],
        "versions": {
            "mmclassic": mmclassic.__version__,
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
        },
        "notes": {"source": "made", "shares": [0.5, 0.5]},
        "embedded": [],
    }
    loaded = load(tmp_path / "model.mmc")
    again = saved(loaded, tmp_path)
    assert again["cross_fitted_scores"] == scores  # kept, though the table is not
    assert not hasattr(loaded, "cross_fit_scores_")


def test_scores_are_those_of_the_cross_fitted_table(columns, tmp_path):
    frame, labels = columns
    model = late_fusion("log_pool").fit(frame, labels)
    found = saved(model, tmp_path)["cross_fitted_scores"]
    for place, name in enumerate(found):
        scores = model.cross_fit_scores_[:, place]
        rows = ~np.isnan(scores[:, 0])
        assert found[name]["rows"] == rows.sum() < len(rows) + (name != "tree")
        guesses = model.classes_[scores[rows].argmax(axis=1)]
        assert found[name]["accuracy"] == pytest.approx(
            accuracy_score(labels[rows], guesses), abs=1e-4
        )
        sums = scores[rows].sum(axis=1, keepdims=True)  # log_loss minds a last bit
        loss = log_loss(labels[rows], scores[rows] / sums, labels=model.classes_)
        assert found[name]["log_loss"] == pytest.approx(loss, abs=1e-4)


def test_scores_of_a_regression(columns, tmp_path):
    frame, _ = columns
    target = frame["a"] * 2 + frame["b"]
    members = [("first", Ridge(), ["a"]), ("second", Ridge(), ["b"])]
    model = LateFusionRegressor(members, fusion="stacking", cv=3).fit(frame, target)
    found = saved(model, tmp_path)["cross_fitted_scores"]
    for place, name in enumerate(["first", "second"]):
        guesses = model.cross_fit_scores_[:, place, 0]
        error, r2 = found[name]["mean_absolute_error"], found[name]["r2"]
        assert error == pytest.approx(mean_absolute_error(target, guesses), abs=1e-4)
        assert r2 == pytest.approx(r2_score(target, guesses), abs=1e-4)


def test_scores_of_several_labels(columns, tmp_path):
    frame, labels = columns
    targets = np.column_stack([labels == "no", labels == "yes"]).astype(int)
    found = saved(late_fusion("log_pool").fit(frame, targets), tmp_path)
    assert list(found["cross_fitted_scores"]) == ["0", "1"]
    assert found["cross_fitted_scores"]["1"]["text"]["accuracy"] == 1
    assert [modality["name"] for modality in found["modalities"]] == ["text", "tree", "line"]


def test_what_is_not_known_is_none(columns, tmp_path):
    frame, labels = columns
    found = saved(late_fusion("mean").fit(frame, labels), tmp_path)  # needs no cross-fit
    assert found["cross_fitted_scores"] is None
    assert found["fitted"] is not None
    early = EarlyFusionClassifier([("line", StandardScaler(), ["a", "b"])], cv=2)
    assert saved(early.fit(frame, labels), tmp_path)["fitted"] is not None
    plain = saved(LogisticRegression(C=2).fit([[0.0], [1.0]], [3, 7]), tmp_path)
    assert plain["fitted"] is plain["columns"] is None
    assert plain["classes"] == [3, 7]
    assert plain["steps"] == [{"type": "LogisticRegression", "settings": {"C": 2}}]


# Rows of the training table


@pytest.mark.parametrize(
    "estimator", [KNeighborsClassifier(3), SVC(), GaussianProcessClassifier()], ids=repr
)
def test_kept_rows_are_said(estimator, columns, tmp_path):
    frame, labels = columns
    member = ("line", make_pipeline(StandardScaler(), estimator), ["a", "b"])
    model = LateFusionClassifier([member], cv=2).fit(frame, labels)
    kind = type(estimator).__name__.removesuffix("Classifier")
    with pytest.warns(UserWarning, match=rf"holds rows of the training table.*: .*{kind}"):
        save(model, tmp_path / "model.mmc")
    [holder] = read_card(tmp_path / "model.mmc")["holds_training_rows"]
    assert kind in holder
    assert f"kept, by {holder}" in card_text(read_card(tmp_path / "model.mmc"))


@pytest.mark.parametrize("estimator", [LinearSVC(), RandomForestClassifier(3)], ids=repr)
def test_models_of_coefficients_keep_none(estimator, columns, tmp_path):
    frame, labels = columns
    found = saved(estimator.fit(frame[["a", "b"]], labels), tmp_path)
    assert found["holds_training_rows"] == []


# Trust


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("classes", ["a", "b", "c"]),
        ("columns", ["x"]),
        ("model", "sklearn.svm._classes.SVC"),
        ("steps", []),
        ("holds_training_rows", ["SVC"]),
    ],
)
def test_a_card_that_lies_about_the_model_is_refused(name, value, tmp_path):
    model = LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"])
    write(tmp_path, card(**{name: value}), skops.io.dumps(model))
    with pytest.raises(ValueError, match=f"forged: its card says {name} = "):
        load(tmp_path / "model.mmc")


@pytest.mark.parametrize("package", ["mmclassic", "scikit-learn"])
def test_another_version_is_said(package, tmp_path):
    """Then the settings may differ: which of them are the defaults depends on the version."""
    model = LogisticRegression(C=2).fit([[0.0], [1.0]], ["no", "yes"])
    found = saved(model, tmp_path)
    steps = [{"type": "LogisticRegression", "settings": {"old": 1}}]
    older = {**found["versions"], package: "0.0.1"}
    write(tmp_path, {**found, "steps": steps, "versions": older}, skops.io.dumps(model))
    with pytest.warns(UserWarning, match=rf'saved by .*"{package}": "0.0.1".* is loaded by'):
        load(tmp_path / "model.mmc")
    write(tmp_path, {**found, "steps": steps}, skops.io.dumps(model))
    with pytest.raises(ValueError, match="its card says steps"):
        load(tmp_path / "model.mmc")
    lie = {**found, "classes": [0, 1], "versions": older}
    write(tmp_path, lie, skops.io.dumps(model))
    with (
        pytest.warns(UserWarning, match="saved by"),
        pytest.raises(ValueError, match="its card says classes"),
    ):
        load(tmp_path / "model.mmc")


def test_a_model_that_is_older_than_a_parameter(tmp_path):
    model = LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"])
    del model.l1_ratio
    write(tmp_path, card(), skops.io.dumps(model))
    assert load(tmp_path / "model.mmc").predict([[0.9]]) == ["yes"]


def test_another_version_of_scikit_learn_is_said(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("sklearn.base.__version__", "1.6.0")
        save(LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"]), tmp_path / "model.mmc")
    with pytest.warns(sklearn.exceptions.InconsistentVersionWarning, match="from version 1.6.0"):
        load(tmp_path / "model.mmc")


def test_a_parameter_that_is_newer_than_the_file_gets_its_default(tmp_path):
    vectorizer = BagOfWordsVectorizer().fit(["a cat"])
    del vectorizer.redact, vectorizer.hashed
    write(tmp_path, card(), skops.io.dumps(vectorizer))
    loaded = load(tmp_path / "model.mmc")
    assert loaded.redact is loaded.hashed is False
    assert loaded.transform(["a cat"]).nnz


def test_a_reader_of_any_file_is_refused(tmp_path):
    reader = CountVectorizer(input="filename")
    with pytest.raises(ValueError, match=r"opens every file that a cell names"):
        save(make_pipeline(reader), tmp_path / "model.mmc")
    write(tmp_path, card(), skops.io.dumps(make_pipeline(reader)))
    with pytest.raises(ValueError, match=r"opens every file that a cell names"):
        load(tmp_path / "model.mmc")


# Without the model


def test_the_card_is_read_without_the_model(tmp_path):
    """Neither skops nor scikit-learn's models are imported, and a broken model is no matter."""
    save(LogisticRegression().fit([[0.0], [1.0]], ["no", "yes"]), tmp_path / "good.mmc")
    write(tmp_path, {"format": 1, "classes": ["a"]}, b"no model at all")
    code = (
        "import sys, mmclassic\n"
        f"assert mmclassic.read_card({str(tmp_path / 'good.mmc')!r})['classes'] == ['no', 'yes']\n"
        f"assert mmclassic.read_card({str(tmp_path / 'model.mmc')!r})['classes'] == ['a']\n"
        "assert 'skops' not in sys.modules and 'sklearn.linear_model' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_card(tmp_path / "nothing.mmc")
    (tmp_path / "model.mmc").write_bytes(b"no zip")
    with pytest.raises(ValueError, match="not a zip file"):
        read_card(tmp_path / "model.mmc")
    write(tmp_path, {"format": 2}, b"")
    with pytest.raises(ValueError, match="upgrade with pip"):
        read_card(tmp_path / "model.mmc")


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"model": None, "classes": 3, "columns": {}, "modalities": "x", "steps": 1, "notes": []},
        {"modalities": [1, {}, {"name": [], "steps": [None, "x", {"settings": 3}]}]},
        {"cross_fitted_scores": [1], "fusion": 3, "versions": 7, "embedded": [[], {"a": 1}]},
        {"holds_training_rows": [{}], "bytes": "many", "fitted": {"a": []}},
    ],
)
def test_any_card_can_be_shown(odd):
    assert card_text(json.loads(json.dumps(odd))).startswith("model ")


def test_a_card_cannot_steer_the_terminal():
    shown = card_text(
        {"model": "a\x1b[2J", "classes": ["\r\n\x07", "\u202egnp"], "notes": {"\x9b": 1}}
    )
    assert shown.isprintable() or set(filter(lambda c: not c.isprintable(), shown)) == {"\n"}
