"""Gaps, duplicates and leaks are found, and only they."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmclassic import CellError
from mmclassic.evaluation._class_view import ClassView
from mmclassic.evaluation._data_quality import quality_frame
from mmclassic.evaluation._identical import groups_of_identical, mixed_groups
from mmclassic.evaluation._sources import Sources

CLASSES = np.array(["cat", "dog"])


def findings(table, y=None, folds=None, columns=None, about=None, errors=None) -> pd.DataFrame:
    table = pd.DataFrame(table)
    y = np.arange(len(table)) % 2 if y is None else np.array(y)
    folds = np.zeros(len(table), int) if folds is None else np.array(folds)
    sources = Sources(table, columns or {"text": ["text"]}, errors or {})
    frame = quality_frame(about or {}, ClassView(y, CLASSES), folds, sources)
    return frame.set_index(["check", "modality"])


def test_texts_are_equal_but_for_case_and_spaces():
    cells = ["A  cat\n", "a dog", "a cat", "a dog ", "a bird", None, float("nan"), ""]
    assert groups_of_identical(cells, "text").tolist() == [0, 1, 0, 1, -1, -1, -1, -1]


def test_files_are_equal_by_content(tmp_path):
    contents = {"a": b"one", "b": b"two", "c": b"one", "d": b"longer"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    cells = [str(tmp_path / name) for name in [*"abcd", "absent"]]
    cells += [{"path": str(tmp_path / "a"), "bytes": None}]
    assert groups_of_identical(cells, "image").tolist() == [0, -1, 0, -1, -1, 0]


def test_arrays_and_sounds_are_equal_by_content():
    picture = np.zeros((4, 4), np.uint8)
    assert groups_of_identical([picture, picture + 1, picture.copy()], "image").tolist() == [
        *(0, -1, 0)
    ]
    sound = np.zeros(10)
    cells = [(sound, 8000), (sound, 16000), (sound.copy(), 8000)]
    assert groups_of_identical(cells, "audio").tolist() == [0, -1, 0]


def test_mixed_groups_against_pandas():
    rng = np.random.default_rng(0)
    numbers, values = rng.integers(-1, 20, 100), rng.integers(0, 2, 100)
    frame = pd.DataFrame({"number": numbers, "value": values})
    expected = frame.groupby("number")["value"].transform("nunique") > 1
    expected &= numbers >= 0
    np.testing.assert_array_equal(mixed_groups(numbers, values), expected)
    assert not mixed_groups(np.array([-1, -1]), np.array([0, 1])).any()
    assert mixed_groups(np.array([], int), np.array([], int)).shape == (0,)


def test_a_clean_table_is_in_order():
    frame = findings({"text": ["one", "two", "three", "four"]}, about={"missing": {"text": 0}})
    assert frame["severity"].tolist() == ["ok"] * 3
    assert frame["n_rows"].tolist() == [0, 0, 0]


def test_twins_within_a_fold_are_noted_between_folds_warned_of():
    table = {"text": ["same", "same", "one", "two"]}
    frame = findings(table, y=[0, 0, 1, 1])
    assert frame.loc[("identical cells", "text"), "severity"] == "note"
    assert "rows 0, 1" in frame.loc[("identical cells", "text"), "detail"]
    assert ("identical cells across folds", "text") not in frame.index
    frame = findings(table, y=[0, 0, 1, 1], folds=[0, 1, 0, 1])
    leak = frame.loc[("identical cells across folds", "text")]
    assert (leak["severity"], leak["n_rows"], leak["share"]) == ("warning", 2, 0.5)
    # With an official split, training rows are in no fold.
    frame = findings(table, y=[0, 0, 1, 1], folds=[-1, 0, -1, 0])
    assert ("identical cells across folds", "text") in frame.index


def test_twins_with_two_labels_contradict():
    frame = findings({"text": ["same", "same", "one", "two"]}, y=[0, 1, 0, 1])
    assert frame.loc[("identical cells, different labels", "text"), "n_rows"] == 2


def test_texts_that_name_their_label():
    frame = findings({"text": ["my CAT", "dogma", "a cat", "dog"]}, y=[0, 1, 0, 1])
    leak = frame.loc[("label named in text", "text")]
    assert (leak["n_rows"], leak["severity"]) == (3, "warning")


def test_gaps_and_damage():
    error = CellError(2, "text", "bytes (3 B)", "decode", "no text <b>")
    frame = findings(
        {"text": list("abcdefghij")},
        about={"missing": {"text": 1}, "unreadable": {"text": 1}},
        errors={"text": [error]},
    )
    assert frame.loc[("missing", "text"), "severity"] == "note"
    assert frame.loc[("unreadable", "text"), "severity"] == "warning"
    assert str(error) in frame.loc[("unreadable", "text"), "detail"]
    many = findings({"text": list("abcd")}, about={"missing": {"text": 3}})
    assert many.loc[("missing", "text"), "severity"] == "warning"


def test_classes_of_very_different_size():
    y = np.repeat([0, 1], [100, 5])
    frame = quality_frame({}, ClassView(y, CLASSES), np.zeros(105, int))
    row = frame.iloc[0]
    assert (row["check"], row["severity"], row["n_rows"]) == ("class balance", "warning", 5)
    assert row["modality"] is None
    assert "From 5 rows (dog) to 100 (cat)" in row["detail"]


def test_real_result_without_sources(make_result):
    frame = make_result(about={"missing": {"text": 2}}).data_quality
    assert frame["check"].tolist() == ["missing", "class balance"]


def test_real_result(demo_result):
    frame = demo_result.data_quality
    assert set(frame["modality"]) == {"text", "image", "audio", None}
    assert {"missing", "unreadable", "class balance"} <= set(frame["check"])
