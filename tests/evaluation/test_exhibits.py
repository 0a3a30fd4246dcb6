"""Cells made small: what is shown is what the cell holds."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import soundfile
from PIL import Image

from mmclassic.evaluation._exhibits import (
    CLIP_BYTES,
    N_CHARACTERS,
    exhibit_of,
    thumbnail,
    wav_bytes,
)
from mmclassic.evaluation._row_cards import SOUND_BUDGET, row_cards
from mmclassic.evaluation._sources import Sources


def decoded(uri: str, kind: str) -> io.BytesIO:
    head, data = uri.split(",", 1)
    assert head == f"data:{kind};base64"
    return io.BytesIO(base64.b64decode(data))


def sine(seconds: float, rate: int = 22050) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)


def test_pictures_keep_their_shape():
    pixels = np.zeros((300, 600, 3), np.uint8)
    pixels[:, :300] = [200, 30, 30]
    data, width, height = thumbnail(pixels)
    assert (width, height) == (160, 80)
    shown = np.asarray(Image.open(io.BytesIO(data)))
    assert shown.shape == (80, 160, 3)
    np.testing.assert_allclose(shown[40, 20], [200, 30, 30], atol=6)
    np.testing.assert_allclose(shown[40, 140], [0, 0, 0], atol=6)
    assert thumbnail(np.zeros((28, 28, 3), np.uint8))[1:] == (28, 28)


def test_pictures_of_any_kind(tmp_path):
    Image.new("L", (500, 400), 128).save(tmp_path / "grey.png")
    exhibit = exhibit_of(str(tmp_path / "grey.png"), "image")
    assert (exhibit.kind, exhibit.width, exhibit.height) == ("image", 160, 128)
    assert Image.open(decoded(exhibit.uri, "image/jpeg")).size == (160, 128)
    assert exhibit_of(np.zeros((8, 8), np.uint8), "image").width == 8


def test_short_clips_are_whole():
    exhibit = exhibit_of((sine(1.0), 22050), "audio")
    signal, rate = soundfile.read(decoded(exhibit.uri, "audio/wav"))
    assert rate == 16000
    assert len(signal) == 16000
    assert exhibit.text == "1.0 s"
    assert np.abs(signal).max() == pytest.approx(0.5, abs=0.01)


def test_long_clips_are_cut_to_five_seconds():
    exhibit = exhibit_of((sine(12.0), 22050), "audio")
    file = decoded(exhibit.uri, "audio/wav")
    assert file.getbuffer().nbytes <= CLIP_BYTES + 44
    signal, rate = soundfile.read(file)
    assert len(signal) / rate == 5.0
    assert exhibit.text == "first 5.0 of 12.0 s"
    spectrum = np.abs(np.fft.rfft(signal))
    assert np.argmax(spectrum) / 5.0 == pytest.approx(440, abs=1)  # not faster nor slower


def test_what_no_budget_is_left_for_is_said():
    exhibit = exhibit_of((sine(12.0), 22050), "audio", clip_bytes=4000)
    assert (exhibit.kind, exhibit.uri) == ("note", "")
    assert "left out" in exhibit.text
    assert exhibit_of((sine(0.1), 22050), "audio", clip_bytes=4000).kind == "audio"


def test_loud_clips_do_not_wrap():
    signal, _ = soundfile.read(io.BytesIO(wav_bytes(np.array([0.0, 2.0, -4.0]), 8000)))
    np.testing.assert_allclose(signal, [0, 0.5, -1], atol=1e-3)


def test_texts_are_cut():
    exhibit = exhibit_of("word " * 1000, "text")
    assert len(exhibit.text) == N_CHARACTERS + 2
    assert exhibit_of("a\n\n b", "text").text == "a b"


@pytest.mark.parametrize("medium", ["text", "image", "audio"])
def test_missing_and_unreadable_cells_say_so(medium):
    assert exhibit_of(None, medium).text == "missing"
    exhibit = exhibit_of(7 if medium == "text" else b"no picture, no sound", medium)
    assert exhibit.kind == "note"
    assert exhibit.text.startswith("unreadable: ")


def test_many_long_recordings_share_the_budget(demo_result):
    """Three columns of twenty recordings of ten seconds each."""
    rows = demo_result.rows_to_look_at
    names = [f"audio:{place}" for place in range(3)]
    for name in names:
        rows = rows.assign(**{f"{name}_prediction": 1, f"{name}_confidence": 0.5})
    cells = [(sine(10.0, 8000), 8000)] * 90
    sources = Sources(dict.fromkeys("012", cells), {n: [n[-1]] for n in names}, {})
    cards = row_cards(rows, names, sources)
    sizes = [len(part.exhibit.uri) for card in cards for part in card.parts]
    assert len(sizes) == 60
    assert min(sizes) > 0
    assert sum(sizes) < SOUND_BUDGET
