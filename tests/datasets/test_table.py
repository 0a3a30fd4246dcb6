"""Tables from files: literal columns, and an error that helps for every kind of bad file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmclassic.datasets import read_table
from mmclassic.datasets._table import check_columns, resolve_paths

ROWS = [
    {"text": "NA", "label": "007", "path": "a.png", "price": 1.5, "kind": "x"},
    {"text": "None", "label": "nan", "path": "", "price": None, "kind": "NA"},
    {"text": "", "label": "1", "path": "b, c.png", "price": 3.0, "kind": ""},
    {"text": "null", "label": "0", "path": "NULL", "price": 4.0, "kind": "y"},
]
LITERAL = ["text", "label", "path"]


def write(folder: Path, suffix: str, rows: list[dict] = ROWS) -> Path:
    path = folder / f"table{suffix}"
    frame = pd.DataFrame(rows)
    if suffix in (".csv", ".tsv"):
        frame.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    elif suffix in (".parquet", ".pq"):
        frame.to_parquet(path)
    elif suffix == ".json":
        path.write_text(json.dumps(rows))
    else:
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return path


@pytest.mark.parametrize(
    "suffix", [".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".pq", ".CSV"]
)
def test_literal_columns_are_what_is_written(tmp_path, suffix):
    if suffix in (".parquet", ".pq"):
        pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    path = write(tmp_path, suffix.lower()).rename(tmp_path / f"t{suffix}")
    table = read_table(path, literal=LITERAL)
    assert table.columns.tolist() == ["text", "label", "path", "price", "kind"]
    assert table.index.tolist() == [0, 1, 2, 3]
    assert table["text"].tolist() == ["NA", "None", None, "null"]
    assert table["label"].tolist() == ["007", "nan", "1", "0"]
    assert table["path"].tolist() == ["a.png", None, "b, c.png", "NULL"]
    np.testing.assert_array_equal(table["price"], [1.5, np.nan, 3.0, 4.0])


def test_other_columns_of_a_csv_are_read_as_pandas_does(tmp_path):
    path = write(tmp_path, ".csv")
    table = read_table(path, literal=LITERAL)
    pd.testing.assert_frame_equal(
        table[["price", "kind"]], pd.read_csv(path, usecols=["price", "kind"])
    )
    assert table["kind"].isna().tolist() == [False, True, True, False]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_numeric_labels_are_the_same_text_in_every_format(tmp_path, suffix):
    if suffix == ".parquet":
        pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    path = write(tmp_path, suffix, [{"label": 3}, {"label": 10}, {"label": 0}])
    assert read_table(path, literal="label")["label"].tolist() == ["3", "10", "0"]


def test_integers_with_gaps_stay_integers_in_parquet(tmp_path):
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    path = tmp_path / "t.parquet"
    pd.DataFrame({"label": pd.array([3, None, 10], dtype="Int64")}).to_parquet(path)
    assert read_table(path, literal=["label"])["label"].tolist() == ["3", None, "10"]


def test_encoded_pictures_in_parquet_stay_bytes(tmp_path):
    pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    path = tmp_path / "t.parquet"
    cells = [{"bytes": b"\x89PNG", "path": "a.png"}, None]
    pd.DataFrame({"image": cells, "raw": [b"a", None]}).to_parquet(path)
    table = read_table(path, literal=["image", "raw"])
    assert table["image"].tolist() == cells
    assert table["raw"].tolist() == [b"a", None]


def test_truth_values_and_gaps_in_json(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": true, "b": 1.5}\n\n{"a": null}\n{"a": false, "b": "x", "c": 2}\n')
    table = read_table(path, literal=["a", "b"])
    assert table["a"].tolist() == ["true", None, "false"]
    assert table["b"].tolist() == ["1.5", None, "x"]
    np.testing.assert_array_equal(table["c"], [np.nan, np.nan, 2])


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_byte_order_mark_line_breaks_and_other_alphabets(tmp_path, suffix):
    text = "two\nlines, “quoted” 日本語 🙂"
    path = write(tmp_path, suffix, [{"text": text, "label": "a"}])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_table(path, literal=["text"])["text"].tolist() == [text]


def test_nothing_literal(tmp_path):
    path = write(tmp_path, ".csv", [{"a": 1, "b": "x"}])
    pd.testing.assert_frame_equal(read_table(path), pd.read_csv(path))


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("t.csv", "a,b\n1,2\n", "no column 'lable'.*Its columns: a, b"),
        ("t.csv", "label,b\n1,2\n", "no column 'lable'. Did you mean 'label'"),
        ("t.csv", "lable,a,a\n1,2,3\n", "several columns named 'a'"),
        ("t.csv", "lable\n", "has no rows"),
        ("t.csv", "", "is no table"),
        ("t.csv", "lable,a\n1,2,3\n", "more cells than the header"),
        ("t.csv", "lable,a\n1,2\n1,2,3\n", "is no table: .*line 3"),
        ("t.csv", 'lable,a\n"1,2\n', "is no table"),
        ("t.csv", "lable\ncaf\udce9\n", "is not UTF-8 text"),
        ("t.jsonl", "", "has no rows"),
        ("t.jsonl", '{"lable": 1}\n{oops\n', "line 2: no JSON"),
        ("t.jsonl", '{"lable": 1}\n3\n', "expected an object .* per row, got 3"),
        ("t.jsonl", '{"lable": 1, "lable": 2}\n', "several columns named 'lable'"),
        ("t.jsonl", '{"label": 1}\n', "Did you mean 'label'"),
        ("t.json", '[{"lable": 1},\n 5]', "expected an object"),
        ("t.parquet", "no parquet", "is no Parquet file"),
        ("t.xlsx", "x", r"must end in \.csv, \.tsv, \.jsonl"),
        ("table", "x", "Cannot tell what kind of table"),
    ],
)
def test_bad_files(tmp_path, name, content, match):
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow", reason="the extra parquet is not installed")
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=match):
        read_table(path, literal=["lable"])


def test_absent_file_and_folder(tmp_path):
    (tmp_path / "posts.csv").write_text("a\n1\n")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileNotFoundError, match=r"Did you mean .*posts\.csv"):
        read_table(tmp_path / "post.csv")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        read_table(tmp_path / "nowhere" / "posts.csv")
    with pytest.raises(ValueError, match="is a folder"):
        read_table(tmp_path / "folder.csv")


def test_parquet_says_which_extra_is_needed(tmp_path, monkeypatch):
    (tmp_path / "t.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "mmclassic\[parquet\]"'):
        read_table(tmp_path / "t.parquet")


def test_unnamed_columns_are_allowed(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(",a,\n0,x,1\n")
    assert read_table(path, literal=["a"])["a"].tolist() == ["x"]


def test_real_tables(shared_data):
    products = shared_data / "products" / "products.csv"
    table = read_table(products, literal=["description", "image", "category"])
    assert table.shape[0] == 420
    assert table["image"].isna().sum() == 2
    assert table["retail_price"].dtype == np.float64
    digits = read_table(shared_data / "digits" / "digits.csv", literal=["label", "image", "audio"])
    assert sorted(set(digits["label"])) == list("0123456789")
    paths = resolve_paths(digits["audio"], shared_data / "digits")
    assert all(Path(path).is_file() for path in paths)


def test_check_columns_passes_what_is_there():
    check_columns(["a"], ["b", "a"])
    with pytest.raises(ValueError, match=r"The table has no column 'c', 'd'\. Its columns: b, a"):
        check_columns(["c", "a", "d"], ["b", "a"])


def test_paths_are_seen_from_the_folder(tmp_path):
    array = np.zeros(3)
    column = pd.Series(
        [
            "a.png",
            "b/c.png",
            str(tmp_path / "d.png"),
            None,
            float("nan"),
            " ",
            "https://example.org/a.png",
            "data:image/png;base64,AAAA",
            Path("e.png"),
            array,
            {"bytes": None, "path": "f.wav"},
            {"bytes": b"RIFF", "path": "f.wav"},
        ],
        index=range(5, 17),
        name="photo",
        dtype=object,
    )
    resolved = resolve_paths(column, tmp_path / "x")
    assert resolved.name == "photo"
    assert resolved.index.tolist() == list(range(5, 17))
    inside = str(tmp_path / "x")
    assert resolved.tolist()[:9] == [
        f"{inside}/a.png",
        f"{inside}/b/c.png",
        str(tmp_path / "d.png"),
        None,
        None,
        None,
        "https://example.org/a.png",
        "data:image/png;base64,AAAA",
        f"{inside}/e.png",
    ]
    assert resolved.iloc[9] is array
    assert resolved.iloc[10] == {"bytes": None, "path": f"{inside}/f.wav"}
    assert resolved.iloc[11] == {"bytes": b"RIFF", "path": "f.wav"}
    assert column.iloc[0] == "a.png"
