"""A table of any length becomes the features that its vectorizers give, whatever happens."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BagOfWordsVectorizer,
    BlockScaler,
    ColorHistogramVectorizer,
    DataQualityWarning,
    HOGVectorizer,
    LateFusionClassifier,
    UnreadableCellsError,
    extract,
)
from mmclassic.media._progress import progress_to

pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

N_ROWS = 25
COLORS = ColorHistogramVectorizer(bins=(4, 2, 2))


@pytest.fixture
def table(tmp_path) -> pd.DataFrame:
    """Paths of 25 pictures, relative to the folder of the table; one is missing."""
    rng = np.random.default_rng(0)
    (tmp_path / "data").mkdir()
    names = [f"{row}.png" for row in range(N_ROWS)]
    for name in names:
        cv2.imwrite(str(tmp_path / "data" / name), rng.integers(0, 256, (12, 12, 3), np.uint8))
    table = pd.DataFrame({"id": [f"{row:03}" for row in range(N_ROWS)], "photo": names})
    table["label"] = table.index % 2
    table.loc[4, "photo"] = ""
    return table


@pytest.fixture
def csv(table, tmp_path) -> Path:
    table.to_csv(tmp_path / "data" / "posts.csv", index=False)
    return tmp_path / "data" / "posts.csv"


def run(table, out, **options):
    options = {"column": "photo", "rows_per_part": 10, **options}
    vectorizer = options.pop("vectorizer", COLORS)
    return extract(vectorizer, table, out, **options)


def features_in(folder) -> np.ndarray:
    frame = pd.read_parquet(folder)
    assert frame["row"].tolist() == list(range(len(frame)))
    return frame[[name for name in frame if "__" in name]].to_numpy()


def in_memory(table, folder) -> np.ndarray:
    paths = [str(folder / name) if name else None for name in table["photo"]]
    return COLORS.transform(pd.Series(paths, name="photo"))


def test_parts_hold_what_the_vectorizer_gives(table, csv, tmp_path):
    out = tmp_path / "features"
    assert run(csv, out, keep=["id", "label"]) == []
    parts = sorted(path.name for path in out.glob("*.parquet"))
    assert parts == [f"part-{number:06}.parquet" for number in range(3)]
    frame = pd.read_parquet(out)
    names = [f"photo__{name}" for name in COLORS.get_feature_names_out()]
    assert frame.columns.tolist() == ["row", "id", "label", *names]
    assert frame["id"].tolist() == table["id"].tolist()  # "000", word for word
    assert set(frame[names].dtypes) == {np.dtype(np.float32)}
    assert features_in(out).tobytes() == in_memory(table, csv.parent).tobytes()
    about = json.loads((out / "_manifest.json").read_text())
    assert (about["rows"], about["parts"], about["unreadable_cells"]) == (N_ROWS, 3, 0)
    assert (out / "_errors.csv").read_text() == "row,column,source,code,reason\n"


def as_parquet(table, folder):
    table.to_parquet(folder / "posts.parquet", row_group_size=7)
    return folder / "posts.parquet"


def as_folder_of_parquet(table, folder):
    (folder / "posts").mkdir()
    for number, start in enumerate(range(0, N_ROWS, 9)):
        table.iloc[start : start + 9].to_parquet(folder / "posts" / f"{number}.parquet")
    for picture in folder.glob("*.png"):
        shutil.move(picture, folder / "posts")
    return folder / "posts"


def as_json_lines(table, folder):
    table.to_json(folder / "posts.jsonl", orient="records", lines=True)
    return folder / "posts.jsonl"


def as_frame(table, folder):
    return table.assign(photo=[str(folder / name) if name else None for name in table["photo"]])


def as_polars(table, folder):
    return pl.from_pandas(as_frame(table, folder))


def as_column(table, folder):
    return as_frame(table, folder)["photo"]


@pytest.mark.parametrize(
    "convert",
    [as_parquet, as_folder_of_parquet, as_json_lines, as_frame, as_polars, as_column],
)
def test_every_kind_of_table_gives_the_same(table, csv, tmp_path, convert):
    expected = in_memory(table, csv.parent)
    keep = [] if convert is as_column else ["id", "label"]
    run(convert(table, csv.parent), tmp_path / "features", keep=keep)
    assert features_in(tmp_path / "features").tobytes() == expected.tobytes()
    kept = pd.read_parquet(tmp_path / "features", columns=keep)
    assert kept["label"].astype(int).tolist() == table["label"].tolist() if keep else True
    if keep:
        assert kept["id"].tolist() == table["id"].tolist()


def test_several_columns_and_their_own_folder(table, csv, tmp_path):
    table["again"] = table["photo"]
    table.to_csv(csv, index=False)
    hog = HOGVectorizer(size=(16, 16), root=csv.parent)
    extract({"photo": COLORS, "again": hog}, csv, tmp_path / "features")
    frame = pd.read_parquet(tmp_path / "features")
    assert frame.filter(like="photo__").shape[1] == 16
    expected = hog.transform(table["photo"])
    assert frame.filter(like="again__").to_numpy().tobytes() == expected.tobytes()


class InterruptError(Exception):
    pass


def interrupt_after(n_rows):
    def listener(done, total, what):
        if done >= n_rows:
            raise InterruptError

    return progress_to(listener)


def test_an_interrupted_run_goes_on_with_the_part_where_it_stopped(
    table, csv, tmp_path, monkeypatch
):
    out = tmp_path / "features"
    frame = as_frame(table, csv.parent)  # whose length is known, so that listeners are told
    with interrupt_after(10), pytest.raises(InterruptError):
        run(frame, out)
    assert not (out / "_manifest.json").exists()
    assert len(list(out.glob("*.parquet"))) == 1
    (out / ".part-000001.parquet.0123").write_bytes(b"half a part")  # of a killed run
    read = []
    decode = ColorHistogramVectorizer._decode
    monkeypatch.setattr(
        ColorHistogramVectorizer, "_decode", lambda self, c: read.append(c) or decode(self, c)
    )
    run(frame, out)
    assert sorted(map(os.path.basename, read)) == sorted(f"{r}.png" for r in range(10, N_ROWS))
    assert features_in(out).tobytes() == in_memory(table, csv.parent).tobytes()
    assert not list(out.glob(".part*"))
    read.clear()
    run(frame, out)
    assert read == []


def parts_written(out, work) -> set[str]:
    before = {path.name: path.stat().st_ino for path in out.glob("*.parquet")}
    work()
    after = {path.name: path.stat().st_ino for path in out.glob("*.parquet")}
    return {name[5:11].lstrip("0") or "0" for name in after if before.get(name) != after[name]}


def run_anew(n_parts, *args, **options):
    """A run that says how many parts of another run it replaced or removed."""
    with pytest.warns(DataQualityWarning, match=f"^{n_parts} parts in .* replaced, or removed"):
        return run(*args, **options)


def test_a_part_is_taken_over_only_if_it_is_the_same(table, csv, tmp_path):
    out = tmp_path / "features"
    run(csv, out, keep="id")
    assert parts_written(out, lambda: run(csv, out, keep="id")) == set()
    # A picture changes
    cv2.imwrite(str(csv.parent / "12.png"), np.full((12, 12, 3), 77, np.uint8))
    assert parts_written(out, lambda: run_anew(1, csv, out, keep="id")) == {"1"}
    assert features_in(out).tobytes() == in_memory(table, csv.parent).tobytes()
    # A row changes
    table.loc[0, "id"] = "changed"
    table.to_csv(csv, index=False)
    assert parts_written(out, lambda: run_anew(1, csv, out, keep="id")) == {"0"}
    # What is kept, the settings, the length of the parts
    assert parts_written(out, lambda: run_anew(3, csv, out)) == {"0", "1", "2"}
    finer = ColorHistogramVectorizer(bins=(5, 2, 2))
    written = parts_written(out, lambda: run_anew(3, csv, out, vectorizer=finer))
    assert written == {"0", "1", "2"}
    assert parts_written(out, lambda: run_anew(3, csv, out, rows_per_part=20)) == {"0", "1"}
    assert len(pd.read_parquet(out)) == N_ROWS  # the third part is gone
    # A damaged part
    (out / "part-000001.parquet").write_bytes(b"PAR1" + bytes(100))
    assert parts_written(out, lambda: run(csv, out, rows_per_part=20)) == {"1"}
    assert features_in(out).tobytes() == in_memory(table, csv.parent).tobytes()


def test_unreadable_cells_are_nan_rows_and_a_file_of_records(table, csv, tmp_path):
    (csv.parent / "13.png").write_bytes(b"no picture")
    with pytest.warns(DataQualityWarning, match=r"1 of 24 cells cannot be read.*row 13.*'photo'"):
        errors = run(csv, tmp_path / "features")
    assert [(error.row, error.column, error.code) for error in errors] == [
        (13, "photo", "unsupported")
    ]
    values = features_in(tmp_path / "features")
    assert np.flatnonzero(np.isnan(values).all(axis=1)).tolist() == [4, 13]
    listed = pd.read_csv(tmp_path / "features" / "_errors.csv")
    assert listed.to_dict("records") == [vars(error) for error in errors]
    with pytest.warns(DataQualityWarning, match="row 13"):  # from the part, which is not read again
        assert run(csv, tmp_path / "features") == errors


def test_too_many_unreadable_cells_are_an_error_at_the_end(table, csv, tmp_path):
    for row in (1, 2, 13):
        (csv.parent / f"{row}.png").write_bytes(b"no picture")
    out = tmp_path / "features"
    with pytest.raises(
        UnreadableCellsError, match=r"3 of 24 (.|\n)*max_error_rate=0\.05"
    ) as caught:
        run(csv, out)
    assert [error.row for error in caught.value.errors] == [1, 2, 13]
    assert not (out / "_manifest.json").exists()
    assert len(pd.read_csv(out / "_errors.csv")) == 3
    with pytest.warns(DataQualityWarning):
        assert parts_written(out, lambda: run(csv, out, max_error_rate=0.2)) == set()
    assert (out / "_manifest.json").exists()


def test_a_hopeless_column_is_an_error_early(tmp_path):
    column = pd.Series([f"nowhere/{row}.png" for row in range(1000)], name="photo")
    with pytest.raises(UnreadableCellsError, match=r"100 of 100 (.|\n)*no such file") as caught:
        run(column, tmp_path / "features", rows_per_part=50)
    assert "Not one cell could be read so far" in str(caught.value)


def test_features_join_the_table_as_a_modality(table, csv, tmp_path):
    run(csv, tmp_path / "features", keep=["label"])
    frame = pd.read_parquet(tmp_path / "features")
    names = [name for name in frame if name.startswith("photo__")]
    classifier = make_pipeline(BlockScaler(), LogisticRegression(C=3))
    model = LateFusionClassifier([("photo", classifier, names)], cv=2)
    by_features = model.fit(frame, frame["label"]).predict_proba(frame)
    classifier = make_pipeline(COLORS, BlockScaler(), LogisticRegression(C=3))
    model = LateFusionClassifier([("photo", classifier, "photo")], cv=2)
    paths = as_frame(table, csv.parent)
    by_cells = model.fit(paths, frame["label"]).predict_proba(paths)
    np.testing.assert_allclose(by_features, by_cells, rtol=1e-6)
    assert np.isfinite(by_features).all()  # row 4, whose picture is missing, gets the prior


def refused(tmp_path, **changes):
    table = pd.DataFrame({"photo": ["a.png"], "row": [1], "mixed": [object()]})
    arguments = {"vectorizer": COLORS, "table": table, "out": tmp_path / "out", **changes}
    extract(arguments.pop("vectorizer"), arguments.pop("table"), arguments.pop("out"), **arguments)


@pytest.mark.parametrize(
    ("changes", "error", "match"),
    [
        ({}, ValueError, "Which column"),
        ({"column": "phot"}, ValueError, "no column 'phot'. Did you mean 'photo'"),
        ({"column": "photo", "keep": ["none"]}, ValueError, "no column 'none'"),
        ({"column": "photo", "keep": "row"}, ValueError, "what the row numbers are called"),
        ({"column": "photo", "keep": "mixed"}, ValueError, "'mixed' of keep= cannot be written"),
        ({"column": "photo", "rows_per_part": 0}, ValueError, "at least 1, got 0"),
        ({"vectorizer": {"photo": COLORS}, "column": "photo"}, ValueError, "not with a dict"),
        ({"vectorizer": {}}, ValueError, "at least one column"),
        (
            {"vectorizer": {"photo": BagOfWordsVectorizer()}},
            ValueError,
            "'photo' is a BagOfWordsVectorizer: fit it",
        ),
        ({"table": "nowhere.csv", "column": "a"}, FileNotFoundError, "No such file: nowhere.csv"),
        ({"table": "table.xls", "column": "a"}, ValueError, "must end in .csv"),
        ({"table": pd.Series([], name="photo", dtype=object)}, ValueError, "has no rows"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, changes, error, match):
    with pytest.raises(error, match=match):
        refused(tmp_path, **changes)


def test_a_folder_of_other_things_is_left_alone(tmp_path, csv):
    with pytest.raises(ValueError, match=r"no parts of features, such as '0\.png'"):
        run(csv, csv.parent)
    assert csv.exists()


@pytest.mark.parametrize("content", ["", "id,photo\n", "id,photo\n1,2,3\n", "id\n1\n"])
def test_a_file_that_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "posts.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"posts\.csv"):
        run(path, tmp_path / "features")


def test_a_full_disk_leaves_the_parts_that_were_there(table, csv, tmp_path, monkeypatch):
    out = tmp_path / "features"
    run(csv, out)
    before = (out / "part-000000.parquet").read_bytes()

    def full(*arguments, **options):
        arguments[1].write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        run(csv, out, vectorizer=ColorHistogramVectorizer(bins=(5, 2, 2)))
    assert (out / "part-000000.parquet").read_bytes() == before
    assert not list(out.glob(".part*"))
