"""The scripts in pipelines/ run, on tiny tables, in this process."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "pipelines"
SCRIPTS = [
    "benchmark_csv",
    "compose_pipeline",
    "extract_features",
    "search_across_modalities",
    "search_fusion_weights",
]


def script(name: str) -> dict:
    return runpy.run_path(str(FOLDER / f"{name}.py"))


def test_no_script_is_left_out():
    assert sorted(path.stem for path in FOLDER.glob("*.py")) == SCRIPTS


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_short_and_says_what_it_does(name):
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    assert f"python pipelines/{name}.py" in script(name)["__doc__"]


def test_compose_pipeline(capsys):
    accuracy = script("compose_pipeline")["main"](n_rows=200)
    assert accuracy > 0.5  # chance is a tenth
    assert "weight of audio" in capsys.readouterr().out


def test_search_across_modalities(capsys):
    measures = script("search_across_modalities")["main"](n_rows=200)
    assert (measures["map"] > 0.4).all()  # chance is about a tenth
    assert "pictures for '" in capsys.readouterr().out


def test_search_fusion_weights(capsys):
    weights = script("search_fusion_weights")["main"](n_rows=150)
    assert list(weights) == ["text", "image", "audio"]
    assert sum(weights.values()) == pytest.approx(1)
    assert "weights: text" in capsys.readouterr().out


def test_benchmark_csv(tmp_path, capsys):
    module = script("benchmark_csv")
    path = module["write_demo"](tmp_path, 100)
    assert len(list(tmp_path.glob("*.png"))) > 80
    given = module["main"](path, cv=3)
    capsys.readouterr()
    made = module["main"](n_rows=100, cv=3)
    assert made.frame["accuracy_mean"].tolist() == given.frame["accuracy_mean"].tolist()
    assert "models, 3 folds, 100 rows, 10 classes" in capsys.readouterr().out


def test_extract_features(capsys):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    assert script("extract_features")["main"](n_rows=150) > 0.5  # chance is a tenth
    assert capsys.readouterr().out.startswith("2 parts in ")
