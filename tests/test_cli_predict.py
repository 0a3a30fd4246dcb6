"""What `mmclassic predict` writes beside its predictions, and to which kinds of file."""

from __future__ import annotations

import pandas as pd
import pytest

from mmclassic.cli import main
from mmclassic.datasets import read_table


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


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq"])
def test_every_ending_holds_the_same(fitted, ending):
    if ending in (".parquet", ".pq"):
        pytest.importorskip("pyarrow", reason="pyarrow is an optional part")
    out = fitted / f"predictions{ending}"
    keep = ["--keep", 'id,"note, short"']
    assert run("predict", fitted / "m.mmc", fitted / "table.csv", *keep, "--out", out) == 0
    found = read_table(out, literal=["id", "label"])
    assert found.columns.tolist() == [
        "id", "note, short", "label", "probability_down", "probability_up", "modalities_used"
    ]  # fmt: skip
    assert found["id"].tolist() == [f"{row:03}" for row in range(20)]
    assert found["label"].tolist() == ["up", "down"] * 10
    assert found["probability_up"].between(0, 1).all()
    assert found["note, short"][1] == "bad night"


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
        (["--n-jobs", "0"], "at least one job (-1 for all cores), got 0"),
        (["--n-jobs", "two"], "invalid int value: 'two'"),
        (["--seed", "-5"], "from 0 to 4294967295, got -5"),
    ],
)
def test_words_of_the_command_are_refused_by_name(capsys, options, message):
    with pytest.raises(SystemExit):
        run("benchmark", "t.csv", "--target", "y", *options)
    printed = capsys.readouterr().err
    assert message in printed
    assert f"argument {options[0]}" in printed
