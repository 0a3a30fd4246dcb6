"""What `mmclassic predict` writes beside its predictions, and to which kinds of file."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mmclassic.cli import main
from mmclassic.datasets import read_table
from mmclassic.datasets._table import read_columns
from mmclassic.datasets._write import FrameFile


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A table and a model of it; a column of texts has a comma in its name."""
    folder = tmp_path_factory.mktemp("predict")
    words = ["good day", "bad night", "good morning", "bad evening"] * 5
    table = pd.DataFrame(
        {
            "id": [f"{row:03}" for row in range(20)],
            "note, short": words,
            "size": range(20),
            "mood": ["up", "down"] * 10,
            "label": "x",
        }
    )
    table.to_csv(folder / "table.csv", index=False)
    options = ["--text", '"note, short"', "--numeric", "size", "--no-cache"]
    status = run(
        "fit", folder / "table.csv", "--target", "mood", *options, "--model", folder / "m.mmc"
    )
    assert status == 0
    return folder


@pytest.mark.parametrize(
    "ending", [".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq", ".csv.gz", ""]
)
def test_every_ending_holds_the_same(fitted, ending):
    if ending in (".parquet", ".pq"):
        pytest.importorskip("pyarrow", reason="pyarrow is an optional part")
    out, reference = fitted / f"predictions{ending}", fitted / "reference.csv"
    arguments = ["predict", fitted / "m.mmc", fitted / "table.csv"]
    assert run(*arguments, "--keep", 'id, "note, short"', "--keep", "id", "--out", out) == 0
    assert run(*arguments, "--out", reference) == 0
    expected = pd.read_csv(reference)
    found = read_any(out, literal=["id", "label"])
    assert found.columns.tolist() == [
        "id", "note, short", "label", "probability_down", "probability_up", "modalities_used"
    ]  # fmt: skip
    assert found["id"].tolist() == [f"{row:03}" for row in range(20)]
    assert found["label"].tolist() == expected["label"].tolist()
    difference = found["probability_up"] - expected["probability_up"]
    assert difference.abs().max() < 1e-14
    assert found["note, short"][1] == "bad night"


def read_any(path, literal):
    if path.suffix in ("", ".gz"):
        return pd.read_csv(path, dtype=dict.fromkeys(literal, str))
    return read_table(path, literal=literal)


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_numbers_of_a_typed_table_stay_numbers(fitted, ending):
    if ending == ".parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is an optional part")
    table = pd.read_csv(fitted / "table.csv", dtype={"id": str}).assign(share=1 / 3, note="ä")
    source, out = fitted / f"typed{ending}", fitted / f"kept{ending}"
    FrameFile(source).write(table)
    keep = ["--keep", "size,id,share,note"]
    assert run("predict", fitted / "m.mmc", source, *keep, "--out", out) == 0
    found = read_table(out)
    assert found["size"].dtype == np.int64
    assert found["size"].tolist() == list(range(20))
    assert found["id"].tolist() == table["id"].tolist()
    assert abs(found["share"][0] - 1 / 3) < 1e-15  # JSON by pandas: 15 decimals
    if ending == ".jsonl":
        assert '"note":"ä"' in out.read_text(encoding="utf-8")


def test_kept_paths_are_those_of_the_table(tmp_path):
    rng = np.random.default_rng(0)
    for row in range(8):
        Image.fromarray(rng.integers(0, 256, (20, 20), dtype=np.uint8)).save(
            tmp_path / f"{row}.png"
        )
    table = pd.DataFrame({"photo": [f"{row}.png" for row in range(8)], "mood": ["up", "down"] * 4})
    table.to_csv(tmp_path / "table.csv", index=False)
    model, out = tmp_path / "m.mmc", tmp_path / "out.csv"
    options = ["--target", "mood", "--image", "photo", "--cv", "2", "--no-cache"]
    assert run("fit", tmp_path / "table.csv", *options, "--model", model) == 0
    assert run("predict", model, tmp_path / "table.csv", "--keep", "photo", "--out", out) == 0
    assert pd.read_csv(out)["photo"].tolist() == table["photo"].tolist()


def test_parquet_is_refused_before_the_work_where_it_cannot_be_written(fitted, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    out = ["--out", fitted / "out.parquet"]
    assert run("predict", fitted / "no model", fitted / "table.csv", *out) == 2
    assert 'pip install "mmclassic[parquet]"' in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".csv.gz"])
@pytest.mark.parametrize("cell", [b"x", {"bytes": b"\x89PNG", "path": None}, [b"x"]])
def test_bytes_are_refused_but_by_parquet(tmp_path, ending, cell):
    pytest.importorskip("pyarrow", reason="pyarrow is an optional part")
    frame = pd.DataFrame({"a": [None, cell]}, dtype=object)
    with pytest.raises(ValueError, match=r"column 'a' holds bytes, which \.\w+ files cannot"):
        FrameFile(tmp_path / f"a{ending}").check(frame)
    FrameFile(tmp_path / "a.parquet").check(frame)


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_what_a_file_cannot_hold_is_refused(tmp_path, ending):
    if ending == ".parquet":
        pytest.importorskip("pyarrow", reason="pyarrow is an optional part")
    file = FrameFile(tmp_path / f"a{ending}")
    good = {"b": [1, None], "a": ["x", "ä👍"], "large": [2**60 + 2, None]}
    file.check(pd.DataFrame(good, dtype=object))
    with pytest.raises(ValueError, match="column 'a' cannot be written to a"):
        file.check(pd.DataFrame(good | {"a": ["x", "\ud800"]}, dtype=object))
    if ending == ".parquet":
        with pytest.raises(ValueError, match="column 'b' cannot be written to a"):
            file.check(pd.DataFrame(good | {"b": [2**70, 1]}, dtype=object))


@pytest.mark.parametrize("name", ["a.parquet.gz", "a.txt", "a.gz.txt"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"ends in \.csv, \.tsv, \.jsonl"):
        FrameFile(tmp_path / name)
    FrameFile(tmp_path / "A.CSV.GZ")


@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_no_character_breaks_a_line(tmp_path, ending):
    frame = pd.DataFrame({"a": ["one\rtwo", 'a "b"', "x\ty,z", "l\r\nm\nn"], "b": [1.5, 2, 3, 4]})
    file = FrameFile(tmp_path / f"a{ending}")
    file.write(frame)
    assert read_table(file.path, literal="a")["a"].tolist() == frame["a"].tolist()


def test_no_character_breaks_the_header(tmp_path):
    file = FrameFile(tmp_path / "a.csv")
    file.write(pd.DataFrame({"a\rb": ["x"]}))
    assert read_table(file.path).columns.tolist() == ["a\rb"]


@pytest.mark.parametrize("source", [".jsonl", ".parquet"])
@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_large_numbers_with_gaps_keep_their_digits(fitted, tmp_path, source, ending):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is an optional part")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is an optional part")
    numbers = [None, 2**60 + 2, *range(18)]
    table = {"post": numbers, "note, short": ["good day"] * 20, "size": [1.0] * 20}
    path, out = tmp_path / f"t{source}", tmp_path / f"o{ending}"
    if source == ".parquet":
        parquet.write_table(arrow.table(table), path)
    else:
        rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
        path.write_text("\n".join(map(json.dumps, rows)))
    assert run("predict", fitted / "m.mmc", path, "--keep", "post", "--out", out) == 0
    kept = read_columns(out, ["post"])["post"].tolist()
    assert kept == ([None, *map(str, numbers[1:])] if ending == ".csv" else numbers)
    if source == ".parquet":
        assert run("predict", fitted / "m.mmc", path, "--keep", "pots", "--out", out) == 2


def test_names_are_compared_before_the_work(fitted, monkeypatch, capsys):
    def work(*arguments):
        raise AssertionError("it began")

    monkeypatch.setattr("mmclassic.cli._main.predictions_of", work)
    table, out = fitted / "table.csv", fitted / "never.csv"
    assert run("predict", fitted / "m.mmc", table, "--keep", "label", "--out", out) == 2
    assert "has this name" in capsys.readouterr().err


def test_dates_in_json_are_iso(tmp_path):
    file = FrameFile(tmp_path / "a.jsonl")
    file.write(pd.DataFrame({"when": pd.to_datetime(["2024-01-02"])}))
    assert "2024-01-02T00:00:00" in file.path.read_text()


def test_a_closed_pipe_is_no_error(fitted):
    code = (
        "import os, sys; from mmclassic.cli import main; "
        f"os.close(1); r, w = os.pipe(); os.close(r); assert w == 1 or os.dup2(w, 1); "
        f"sys.exit(main(['show', {str(fitted / 'm.mmc')!r}]) or (sys.stdout.flush() or 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    assert done.stderr == ""
    assert done.returncode == 141


@pytest.mark.parametrize("names", [["label_new"], ["probability_cheap"], ["modalities_used"]])
def test_names_of_several_labels_are_taken(tmp_path, capsys, names):
    table = pd.DataFrame(
        {"a": np.arange(20.0), "new": [0, 1] * 10, "cheap": [0, 0, 1, 1] * 5, names[0]: 1}
    )
    table.to_csv(tmp_path / "t.csv", index=False)
    options = ["--target", "new,cheap", "--numeric", "a", "--cv", "2", "--no-cache"]
    assert run("fit", tmp_path / "t.csv", *options, "--model", tmp_path / "m.mmc") == 0
    out = ["--keep", names[0], "--out", tmp_path / "out.csv"]
    assert run("predict", tmp_path / "m.mmc", tmp_path / "t.csv", *out) == 2
    assert "has this name; rename the table's" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "out.txt"], "give the file a name that ends in .csv, .tsv, .jsonl"),
        (["--out", "out.csv", "--keep", "idd"], "Did you mean 'id'?"),
        (["--out", "out.csv", "--keep", "label"], "a column of the predictions has this name"),
    ],
)
def test_refusals_leave_no_file(fitted, capsys, monkeypatch, options, message):
    monkeypatch.chdir(fitted)
    assert run("predict", "m.mmc", "table.csv", *options) == 2
    assert message in capsys.readouterr().err
    assert not (fitted / "out.txt").exists()
    assert not (fitted / "out.csv").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--text", '"a'], "cannot be read as column names"),
        (["--text", ""], "empty column name"),
        (["--text", "a,b,a"], "'a' is named twice"),
        (["--text", "a", "--text", "b", "--text", "a"], "'a' is named twice"),
        (["--text", "a", "--backbone", "net.onnx"], "name their columns with --image"),
        (["--n-jobs", "0"], "at least one job (-1 for all cores), got 0"),
        (["--n-jobs", "two"], "invalid int value: 'two'"),
        (["--seed", "-5"], "from 0 to 4294967295, got -5"),
        (["--seed", "4294967296"], "from 0 to 4294967295, got 4294967296"),
    ],
)
def test_words_of_the_command_are_refused_by_name(capsys, options, message):
    with pytest.raises(SystemExit):
        run("benchmark", "t.csv", "--target", "y", *options)
    printed = capsys.readouterr().err
    assert message in printed
    assert f"argument {options[-2]}" in printed


def test_blanks_in_quotes_belong_to_the_name(tmp_path):
    table = pd.DataFrame({" words ": ["good day", "bad night"] * 5, "mood": ["up", "down"] * 5})
    table.to_csv(tmp_path / "t.csv", index=False)
    options = ["--target", "mood", "--cv", "2", "--no-cache", "--model", tmp_path / "m.mmc"]
    assert run("fit", tmp_path / "t.csv", "--text", '" words "', *options) == 0
    assert run("fit", tmp_path / "t.csv", "--text", " words ", *options) == 2


@pytest.mark.parametrize(
    ("name", "mood", "message"),
    [
        ("mood", ["up"] * 10, "'mood' holds one class only: 'up'"),
        ("my\xa0one", ["up"] * 10, r"'my\xa0one' holds one class only: 'up'"),
        ("mood", ["up"] * 6 + [None] * 4, "'mood' is missing (NaN, None or blank) in 4 rows"),
        ("mood", ["up"] * 9 + ["down"], "leave the row out, or merge it with another class."),
    ],
)
def test_advice_for_those_who_write_a_command(tmp_path, capsys, name, mood, message):
    table = pd.DataFrame({"words": ["good day", "bad night"] * 5, name: mood})
    table.to_csv(tmp_path / "t.csv", index=False)
    options = ["--target", name, "--text", "words", "--no-cache", "--model", tmp_path / "m.mmc"]
    assert run("fit", tmp_path / "t.csv", *options) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert "KFold" not in printed


def test_a_missing_picture_in_words_of_the_command(tmp_path, capsys):
    table = pd.DataFrame({"photo": ["no.png"] * 6, "mood": ["up", "down"] * 3})
    table.to_csv(tmp_path / "t.csv", index=False)
    options = ["--target", "mood", "--image", "photo", "--no-cache", "--on-unreadable", "raise"]
    options += ["--cv", "2"]
    assert run("fit", tmp_path / "t.csv", *options, "--model", tmp_path / "m.mmc") == 2
    printed = capsys.readouterr().err
    assert "no such file" in printed
    assert "root=" not in printed
