"""What the command refuses, and in which words: no data are lost, nobody reads a traceback."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from mmclassic.cli import main


@pytest.fixture
def table(tmp_path):
    words = ["good day", "bad night", "good morning", "bad evening"] * 5
    frame = pd.DataFrame({"words": words, "mood": ["up", "down"] * 10})
    path = tmp_path / "table.csv"
    frame.to_csv(path, index=False)
    return path


def said(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    return status, capsys.readouterr()


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "TABLE", "--text", "words", "--out", "TABLE"),
        ("fit", "TABLE", "--target", "mood", "--text", "words", "--model", "TABLE"),
        ("benchmark", "TABLE", "--target", "mood", "--text", "words", "--model", "TABLE"),
        ("benchmark", "RESULTS", "--target", "mood", "--text", "words", "--out", "FOLDER"),
        ("predict", "MODEL", "TABLE", "--out", "TABLE"),
        ("predict", "MODEL", "TABLE", "--out", "MODEL"),
    ],
)
def test_what_is_read_is_not_written_over(table, capsys, arguments):
    model, results = table.with_name("model.mmc"), table.with_name("results.csv")
    main(["fit", str(table), "--target", "mood", "--text", "words", "--model", str(model)])
    results.write_bytes(table.read_bytes())
    names = {"TABLE": table, "MODEL": model, "RESULTS": results, "FOLDER": table.parent}
    before = {path: path.read_bytes() for path in (table, model, results)}
    status, text = said(capsys, *(names.get(argument, argument) for argument in arguments))
    assert status == 2
    assert "would be written over" in text.err
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("command", ["fit", "benchmark"])
def test_an_empty_label_is_named(table, capsys, command):
    frame = pd.read_csv(table)
    frame.loc[[3, 7], "mood"] = None
    frame.to_csv(table, index=False)
    where = ("--model", table.with_name("m")) if command == "fit" else ("--out", table.parent / "o")
    status, text = said(capsys, command, table, "--target", "mood", "--text", "words", *where)
    assert status == 2
    assert "in 2 rows, the first: [3, 7]" in text.err


def test_check_of_one_class_and_of_an_empty_column(table, capsys):
    frame = pd.read_csv(table).assign(mood="up", photo=None)
    frame.to_csv(table, index=False)
    status, text = said(
        capsys, "check", table, "--target", "mood", "--text", "words", "--image", "photo"
    )
    assert status == 1
    assert "no row has a cell: leave the column out" in text.out
    assert "one class" in text.out


def test_check_of_labels_that_look_the_same(table, capsys):
    frame = pd.read_csv(table)
    frame.loc[:9, "mood"] += " "
    frame.to_csv(table, index=False)
    status, text = said(capsys, "check", table, "--target", "mood", "--text", "words")
    assert status == 1
    assert "differ by blanks or capitals only: 'down ', 'down'" in text.out


def test_many_numbers_lead_to_a_regression(table, capsys):
    pd.read_csv(table).assign(mood=[f"{n}.0" for n in range(20)]).to_csv(table, index=False)
    out = table.with_name("out")
    status, text = said(
        capsys, "benchmark", table, "--target", "mood", "--text", "words", "--out", out
    )
    assert status == 2
    assert "--task regression" in text.err


def test_interrupted_while_libraries_load():
    code = (
        "import sys, builtins; import mmclassic.cli; whole = builtins.__import__\n"
        "def stop(name, *others, **named):\n"
        "    if name == 'mmclassic.cli._main': raise KeyboardInterrupt\n"
        "    return whole(name, *others, **named)\n"
        "builtins.__import__ = stop; sys.exit(mmclassic.cli.main(['demo']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stderr == "mmclassic: interrupted\n"
