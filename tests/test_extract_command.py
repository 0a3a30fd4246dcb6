"""``mmclassic extract``: what it writes and prints, and one clear line for bad input."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from mmclassic.cli import main
from mmclassic.recipes._parts import make_vectorizer

pytest.importorskip("pyarrow", reason="pyarrow is not installed")


@pytest.fixture
def csv(tmp_path) -> Path:
    rng = np.random.default_rng(0)
    names = [f"{row}.png" for row in range(20)]
    for name in names:
        cv2.imwrite(str(tmp_path / name), rng.integers(0, 256, (12, 12, 3), np.uint8))
    table = pd.DataFrame({"id": [f"{row:02}" for row in range(20)], "photo": names, "mood": "x"})
    table.to_csv(tmp_path / "posts.csv", index=False)
    return tmp_path / "posts.csv"


def run(*arguments) -> int:
    return main(["extract", *map(str, arguments)])


def test_features_of_the_recipes_beside_kept_columns(csv, tmp_path, capsys):
    out = tmp_path / "features"
    options = ["--image", "photo", "--keep", "id,mood", "--rows-per-part", 8, "--out", out]
    assert run(csv, *options) == 0
    assert capsys.readouterr().out == f"Features: {out} (pandas.read_parquet reads the folder)\n"
    features = pd.read_parquet(out)
    assert features["id"].tolist() == [f"{row:02}" for row in range(20)]
    paths = [str(csv.parent / f"{row}.png") for row in range(20)]
    expected = make_vectorizer("image").transform(paths)
    assert features.filter(like="photo__").to_numpy().tobytes() == expected.tobytes()
    assert len(list(out.glob("part-*"))) == 3


def test_unreadable_cells_are_told_in_the_last_line(csv, tmp_path, capsys):
    (csv.parent / "3.png").write_bytes(b"")
    options = ["--image", "photo", "--out", tmp_path / "out", "--cache", tmp_path / "cells.sqlite"]
    assert run(csv, *options, "--max-error-rate", 0.1) == 0
    printed = capsys.readouterr()
    assert "1 cells could not be read: see _errors.csv" in printed.out
    assert printed.err == ""
    assert (tmp_path / "cells.sqlite").exists()
    assert run(csv, *options, "--max-error-rate", 0.01) == 2
    assert "row 3, column 'photo'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "name at least one column with --image or --audio"),
        (["--image", "foto"], "no column 'foto'. Did you mean 'photo'"),
        (["--image", "photo", "--rows-per-part", "0"], "rows_per_part must be at least 1"),
        (["--image", "photo", "--backbone", "nowhere.onnx"], "nowhere.onnx"),
    ],
)
def test_bad_arguments_are_one_line(csv, tmp_path, capsys, options, message):
    assert run(csv, "--out", tmp_path / "out", *options) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("\n") == 1
