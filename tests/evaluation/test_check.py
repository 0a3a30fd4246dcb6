"""check_table: what headers show of a table, and the command that prints it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image

from benchmarks._media_files import (
    AUDIO_ENCODINGS,
    IMAGE_ENCODINGS,
    encode_picture,
    encode_sound,
    picture,
    tone,
)
from mmclassic import HOGVectorizer, Limits, MFCCVectorizer, check_table
from mmclassic.cli import main
from tests.media import test_bad_audio as bad_audio
from tests.media import test_bad_images as bad_images

PIXELS, TONE = picture(np.random.default_rng(0)), tone(np.random.default_rng(0))
# What only the pixels show: rows that end too early, numbers beyond white.
NEED_DECODING = {"too few rows", "float beyond white"}


def codes(findings: pd.DataFrame) -> list[tuple]:
    return list(zip(findings["row"], findings["code"], findings["severity"], strict=True))


def write(path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize("case", bad_images.REFUSED, ids=lambda case: f"{case[0]:02} {case[1]}")
def test_bad_pictures_are_found(tmp_path, case):
    """The same records as reading gives, from headers wherever a header shows it."""
    _, what, make, _, _ = case
    table = pd.DataFrame({"photo": [PIXELS, make(tmp_path)]}, dtype=object)
    [error] = HOGVectorizer().read_cells(table["photo"])[1]
    wanted = [1, "photo", error.source, error.code, "error", error.reason]
    findings = check_table(table, image="photo", decode=what in NEED_DECODING)
    assert findings.iloc[0].tolist() == wanted
    assert len(findings) == 1
    if what in NEED_DECODING:
        assert not len(check_table(table, image="photo"))


@pytest.mark.parametrize("case", bad_audio.REFUSED, ids=lambda case: f"{case[0]} {case[1]}")
def test_bad_recordings_are_found(tmp_path, case):
    path = write(tmp_path / "a.bin", case[2])
    table = pd.DataFrame({"clip": [(TONE, 16_000), path]}, dtype=object)
    [error] = MFCCVectorizer().read_cells(table["clip"])[1]
    [finding] = check_table(table, audio="clip").to_numpy().tolist()
    assert finding[:5] == [1, "clip", path, error.code, "error"]
    # Reading counts seconds after resampling.
    assert re.sub(r"^\S+ s", "", finding[5]) == re.sub(r"^\S+ s", "", error.reason)


@pytest.mark.parametrize("decode", [False, True])
def test_every_cut_is_found_and_no_whole_file(decode):
    for names, make, sample, medium in (
        (IMAGE_ENCODINGS, encode_picture, PIXELS, "image"),
        (AUDIO_ENCODINGS, encode_sound, TONE, "audio"),
    ):
        for name in names:
            data = make(sample, name)
            ends = np.linspace(1, len(data) - 1, 12).astype(int)
            table = pd.DataFrame({"x": [*[data[:end] for end in ends], data]}, dtype=object)
            findings = check_table(table, **{medium: "x"}, decode=decode)
            assert findings["row"].tolist() == list(range(12)), name


def test_odd_cells_are_noted(tmp_path):
    frames = [Image.fromarray(PIXELS), Image.new("RGB", (64, 48))]
    saved = {"save_all": True, "append_images": frames[1:]}
    png = bad_images.encode(PIXELS, "PNG")
    table = pd.DataFrame(
        {
            "photo": [
                write(tmp_path / "a.jpg", png),
                write(tmp_path / "b.gif", bad_images.encode(frames[0], "GIF", **saved)),
                write(tmp_path / "c.tif", bad_images.encode(frames[0], "TIFF", **saved)),
                write(tmp_path / "d.png", png),
                None,
            ],
            "clip": [
                bad_audio.encode(np.zeros(9000)),
                bad_audio.encode(np.clip(9 * TONE, -1, 1)),
                bad_audio.encode(np.column_stack([TONE, -TONE])),
                bad_audio.with_header("size", 8000),
                (TONE, 16_000),
            ],
            "caption": ["a cat", " ", b" ", "A  CAT", np.nan],
        },
        dtype=object,
    )
    findings = check_table(table, image="photo", audio="clip", text="caption")
    found = {
        (row, column): code for row, column, code in findings[["row", "column", "code"]].values
    }
    assert found == {
        (0, "photo"): "extension", (1, "photo"): "animated", (2, "photo"): "pages",
        (3, "photo"): "duplicate", (4, "photo"): "missing",
        (0, "clip"): "silent", (1, "clip"): "clipped", (2, "clip"): "antiphase",
        (3, "clip"): "trailing_bytes",
        (1, "caption"): "blank", (2, "caption"): "blank", (3, "caption"): "duplicate",
        (4, "caption"): "missing",
    }  # fmt: skip
    severities = findings.set_index("code")["severity"]
    assert set(severities[["silent", "antiphase", "trailing_bytes"]]) == {"warning"}
    assert set(severities.drop(["silent", "antiphase", "trailing_bytes"])) == {"note"}


def test_compressed_samples_are_looked_at_on_request():
    table = pd.DataFrame({"clip": [encode_sound(np.zeros(9000), "flac")]}, dtype=object)
    assert codes(check_table(table, audio="clip")) == []
    assert codes(check_table(table, audio="clip", decode=True)) == [(0, "silent", "warning")]


def test_labels():
    table = pd.DataFrame({"text": ["a", "b", "A", "c", "d"], "y": ["u", "v", "v", None, "w"]})
    found = codes(check_table(table, text="text", target="y"))
    assert found == [
        (0, "rare_class", "warning"),
        (0, "conflicting_labels", "warning"),
        (2, "conflicting_labels", "warning"),
        (3, "labels", "error"),
        (4, "rare_class", "warning"),
    ]
    findings = check_table(table, text="text", target=["u"] * 5)
    assert findings.iloc[0]["row"] is pd.NA
    assert findings.iloc[0].tolist()[1:5] == ["target", "", "labels", "error"]
    assert "one class only: 'u'" in findings.iloc[0]["reason"]
    assert "row 0 holds" in check_table(table, text="text", target=[1, *"abcd"])["reason"][0]


def test_root_and_limits_and_frames(tmp_path):
    write(tmp_path / "a.png", bad_images.encode(PIXELS, "PNG"))
    write(tmp_path / "b.png", bad_images.encode(PIXELS, "PNG"))
    cells = {"photo": ["a.png", "b.png", "../c.png", "https://example.org/a.jpg"]}
    for table in (pd.DataFrame(cells, index=[7] * 4), pl.DataFrame(cells)):
        found = codes(check_table(table, image="photo", root=tmp_path, n_jobs=2))
        assert found == [
            (1, "duplicate", "note"), (2, "unsafe_path", "error"), (3, "unsafe_path", "error"),
        ]  # fmt: skip
    small = check_table(pd.DataFrame(cells)[:1], image="photo", root=tmp_path, limits=Limits(9))
    assert codes(small) == [(0, "limit", "error")]


def test_what_is_refused():
    table = pd.DataFrame({"text": ["a"]})
    with pytest.raises(ValueError, match="nothing to check"):
        check_table(table)
    with pytest.raises(ValueError, match=r"no column 'txt'. Did you mean 'text'"):
        check_table(table, text="txt")
    with pytest.raises(ValueError, match="no column 'y'"):
        check_table(table, text="text", target="y")


# Real tables: nothing is said of whole files but what is true of them.


def test_whole_files_of_real_tables(shared_data):
    digits = pd.read_csv(shared_data / "digits" / "digits.csv")
    for decode in (False, True):
        findings = check_table(
            digits, image="image", audio="audio", target="label",
            root=shared_data / "digits", decode=decode,
        )  # fmt: skip
        assert not len(findings)
    products = pd.read_csv(shared_data / "products" / "products.csv")
    findings = check_table(
        products, text=["name", "description"], image="image", target="category",
        root=shared_data / "products",
    )  # fmt: skip
    assert set(findings["severity"]) == {"note"}
    assert findings["code"].value_counts().to_dict() == {"duplicate": 5, "missing": 2}
    # The duplicates are byte by byte the same.
    paths = [shared_data / "products" / products["image"][row] for row in (166, 169)]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_repeated_questions(shared_data):
    questions = pd.read_csv(shared_data / "questions" / "questions.csv")
    findings = check_table(questions, text="text", target="label")
    bad = findings[findings["severity"] != "note"]
    assert set(bad["code"]) == {"conflicting_labels"}
    assert bad["row"].tolist() == [1193, 5703]


# The command


@pytest.fixture
def posts(tmp_path):
    write(tmp_path / "a.jpg", bad_images.JPEG)
    write(tmp_path / "cut.jpg", bad_images.JPEG[:-5])
    table = pd.DataFrame(
        {
            "caption": ["a cat", "a dog", "A cat", "a bird", ""],
            "photo": ["a.jpg", "cut.jpg", "a.jpg", "none.jpg", ""],
            "mood": ["good", "bad", "bad", "good", "bad"],
        }
    )
    table.to_csv(tmp_path / "posts.csv", index=False)
    return tmp_path / "posts.csv"


def run(*arguments) -> int:
    return main([str(argument) for argument in arguments])


def test_the_command_prints_a_table_and_a_summary(posts, tmp_path, capsys):
    out = tmp_path / "findings.csv"
    columns = ["--text", "caption", "--image", "photo", "--target", "mood"]
    assert run("check", posts, *columns, "--out", out) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{posts}: 5 rows"
    table = lines[3:8]
    assert [line.split()[0] for line in table[:2]] == ["1", "3"]
    assert "truncated" in table[0]
    assert "no such file" in table[1]
    assert "the JPEG data have no end mark: get the file again, or pass" in table[0]
    assert lines[-4:] == [
        "caption (text): 1 missing, 0 unreadable, 0 duplicates, 2 identical, but other labels",
        "photo (image): 1 missing, 2 unreadable, 0 duplicates, 2 identical, but other labels",
        "mood: 2 classes. From 2 rows (good) to 3 (bad).",
        "2 errors, 4 warnings, 2 notes",
    ]
    assert len(pd.read_csv(out)) == 8


def test_a_table_in_order_is_status_0(posts, capsys):
    good = pd.read_csv(posts).iloc[[0, 1]].drop(columns="photo")
    good.to_csv(posts, index=False)
    assert run("check", posts, "--text", "caption") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 errors, 0 warnings, 0 notes"


def test_long_tables_are_cut(posts, capsys):
    pd.DataFrame({"caption": ["a cat"] * 40}).to_csv(posts, index=False)
    assert run("check", posts, "--text", "caption") == 0
    assert "... and 19 more (--out FILE writes all of them)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--text", "captoin"], "Did you mean 'caption'"),
        (["--text", "caption", "--target", "moods"], "no column 'moods'"),
    ],
)
def test_wrong_arguments_are_status_2(posts, arguments, words, capsys):
    assert run("check", posts, *arguments) == 2
    assert words in capsys.readouterr().err


def test_columns_must_be_named(posts, capsys):
    with pytest.raises(SystemExit) as caught:
        run("check", posts, "--target", "mood")
    assert caught.value.code == 2
    assert "--text, --image or --audio" in capsys.readouterr().err


def test_numbers_to_predict_are_no_bad_labels():
    table = pd.DataFrame({"t": ["a b", "c d", "e f"], "price": [1.5, 2.5, 3.7]})
    assert check_table(table, text="t", target="price").empty
    table.loc[1, "price"] = None
    assert check_table(table, text="t", target="price")["row"].tolist() == [1]
