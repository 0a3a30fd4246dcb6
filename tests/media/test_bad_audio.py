"""Every kind of bad recording that tables hold, one test each (31 to 52)."""

from __future__ import annotations

import io
import re
import struct
import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile

from benchmarks._media_files import AUDIO_ENCODINGS, encode_sound
from benchmarks._media_files import tone as random_tone
from mmclassic import DataQualityWarning, Limits, MFCCVectorizer
from mmclassic._errors import UnreadableCell
from mmclassic.media import decode_audio
from mmclassic.media._flac import closed_flac, crc16
from mmclassic.media._wav import closed_wav, n_trailing_bytes

TONE = random_tone(np.random.default_rng(0), 16_000)
RATE = 16_000


def encode(samples, rate=RATE, kind="WAV", subtype=None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def with_header(field: str, value: int, samples=TONE) -> bytes:
    """A 16-bit WAV with another number of channels, rate or size of the samples in its header."""
    data = bytearray(encode(samples))
    form = data.index(b"fmt ") + 8
    place, code = {
        "channels": (form + 2, "<H"),
        "rate": (form + 4, "<I"),
        "size": (data.index(b"data") + 4, "<I"),
    }[field]
    struct.pack_into(code, data, place, value)
    return bytes(data)


def open_flac(**options) -> bytes:
    """A FLAC stream that leaves its length and its checksum open."""
    data = bytearray(encode(TONE, kind="FLAC", **options))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    data[26:42] = bytes(16)
    return bytes(data)


WAV = encode(TONE)
LIES = 0x7FFFFFF0
FLAC_3_HOURS = encode(np.zeros(3 * 3600 * 1000, np.int16), 1000, "FLAC")

# Case, what it is, the bytes or array, code, and words of the reason.
REFUSED = [
    (31, "zero bytes", b"", "empty", "0 bytes"),
    (31, "text", b"hello, this is a text", "unsupported", "plain text"),
    (31, "PNG", b"\x89PNG\r\n\x1a\n" + bytes(40), "unsupported", "PNG"),
    (31, "M4A", b"\0\0\0\x18ftypM4A " + bytes(40), "unsupported", "M4A"),
    (31, "tag only", b"ID3\x04\0\0\0\0\0\x20" + bytes(32), "decode", "MP3"),
    (32, "header only", encode(np.zeros(0)), "empty", "0 samples"),
    (33, "cut WAV", WAV[:-400], "truncated", "samples are missing"),
    (33, "cut AIFF", encode(TONE, kind="AIFF")[:-400], "truncated", "missing"),
    (33, "cut RF64", encode(TONE, kind="RF64")[:-400], "truncated", "missing"),
    (33, "cut AU", encode(TONE, kind="AU")[:-400], "truncated", "fewer"),
    (34, "cut MP3", encode(TONE, kind="MP3")[:-400], "truncated", "MPEG frame"),
    (35, "cut FLAC", encode(TONE, kind="FLAC")[:-400], "truncated", "FLAC"),
    (36, "cut Vorbis", encode(TONE, kind="OGG", subtype="VORBIS")[:-40], "truncated", "no end"),
    (36, "cut Opus", encode(TONE, kind="OGG", subtype="OPUS")[:-40], "truncated", "no end"),
    (37, "size too large", with_header("size", LIES), "truncated", "bytes of samples are missing"),
    (39, "0 Hz", with_header("rate", 0), "limit", "0 Hz"),
    (39, "4294967295 Hz", with_header("rate", 2**32 - 1), "limit", "max_sampling_rate"),
    (40, "1 Hz", with_header("rate", 1), "limit", "min_sampling_rate"),
    (40, "100 Hz", with_header("rate", 100), "limit", "min_sampling_rate"),
    (41, "no channels", with_header("channels", 0), "decode", "[Cc]hannel"),
    (41, "60 000 channels", with_header("channels", 60_000), "decode", "[Cc]hannel"),
    (45, "NaN", encode(np.full(4000, np.nan), subtype="FLOAT"), "decode", "NaN"),
    (45, "infinity", encode(np.full(4000, np.inf), subtype="FLOAT"), "decode", "infinite"),
    (46, "1e30", encode(np.full(4000, 1e30), subtype="FLOAT"), "decode", "full scale is 1.0"),
    (48, "1 sample", encode(TONE[:1]), "empty", "less than min_duration"),
    (48, "600 samples", encode(TONE[:600]), "empty", "less than min_duration"),
    (51, "3 hours", FLAC_3_HOURS, "limit", r"10800.0 s are more than Limits\(max_seconds=600\)"),
]


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [pytest.param(*case[2:], id=f"{case[0]} {case[1]}") for case in REFUSED],
)
def test_what_is_refused(tmp_path, data, code, reason):
    """Every record names row, column and file, says what was wrong, and the rest is read."""
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    features, errors = MFCCVectorizer().read_cells(
        pd.Series([(TONE, RATE), str(path), None], name="clip", dtype=object)
    )
    [error] = errors
    assert (error.row, error.column, error.source) == (1, "clip", str(path))
    assert error.code == code, error
    assert re.search(reason, error.reason), error
    assert np.isfinite(features[0]).all()
    assert np.isnan(features[1:]).all()


# What is read, case by case: each function returns what was decoded and what should come.


def decoded(cell, **options):
    return decode_audio(cell, sampling_rate=RATE, **options)


def whole_flac(folder):
    """The checksum over all samples is looked at, and the numbers are libsndfile's."""
    for subtype in ("PCM_S8", "PCM_16", "PCM_24"):
        data = encode(np.column_stack([TONE, TONE / 3]), kind="FLAC", subtype=subtype)
        samples = soundfile.read(io.BytesIO(data), dtype="float32")[0]
        np.testing.assert_array_equal(decoded(data), decoded((samples, RATE)))
    integers = np.rint(TONE * 2**15).astype(np.int16)  # libsndfile rounds floats in two ways
    return decoded(encode(integers, kind="FLAC")), decoded(encode(integers))


def streamed_wav(folder):
    return decoded(with_header("size", 0xFFFFFFFF)), decoded(WAV)


def streamed_wav_of_size_zero(folder):
    return decoded(with_header("size", 0)), decoded(WAV)


def streamed_flac(folder):
    return decoded(open_flac()), decoded(encode(TONE, kind="FLAC"))


def size_too_small(folder):
    """The samples that the header names are used; that there is more is said."""
    with pytest.warns(DataQualityWarning, match="behind its samples"):
        return decoded(with_header("size", 8000)), decoded(WAV)[:4000]


def all_encodings(folder):
    # Lossy encodings and 8 bits change samples, hardly their sum of squares.
    found = [np.square(decoded(encode_sound(TONE, encoding))).sum() for encoding in AUDIO_ENCODINGS]
    return np.abs(np.array(found) / np.square(TONE).sum() - 1) < 0.05, True


def stereo(folder):
    pair = np.column_stack([TONE, TONE[::-1]])
    return decoded(encode(pair, subtype="FLOAT")), (TONE + TONE[::-1]) / np.float32(2)


def antiphase(folder):
    with pytest.warns(DataQualityWarning, match="antiphase"):
        return decoded(encode(np.column_stack([TONE, -TONE]), subtype="FLOAT")), 0 * TONE


def eight_channels(folder):
    many = np.column_stack([TONE] * 8)
    return np.abs(decoded(encode(many, subtype="FLOAT")) - TONE) < 1e-7, True


def silence(folder):
    quiet = [np.zeros(9000), np.full(9000, 0.5), np.full(9000, 1e-40)]
    features = MFCCVectorizer().transform([encode(one, subtype="FLOAT") for one in quiet])
    return np.isfinite(features), True


def short_but_allowed(folder):
    """Less than one frame is filled up with zeros, where min_duration lets it."""
    cells = [(TONE[:n], RATE) for n in (1, 10, 600, 2000)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features = MFCCVectorizer(min_duration=0).transform(cells)
    return np.isfinite(features), True


def two_rates(folder):
    """The same sound sampled at two rates has nearly the same features."""
    time = np.arange(44_100) / 44_100
    fast = 0.5 * np.sin(2 * np.pi * 440 * time)
    cells = [(fast, 44_100), (fast[::2], 22_050)]
    features = MFCCVectorizer(deltas=0, statistics=["mean"]).transform(cells)
    return np.abs(features[0] - features[1])[1:] < 2, True


def clipped(folder):
    loud = np.clip(5 * TONE, -1, 1)
    return decoded(encode(loud, subtype="FLOAT")), loud


def window_of_three_hours(folder):
    """Longer limits read it all: nothing is cut off in silence."""
    limits = Limits(max_seconds=20_000)
    signal = decode_audio(FLAC_3_HOURS, sampling_rate=1000, limits=limits)
    return np.array(len(signal)), np.array(3 * 3600 * 1000)


def mp3_called_wav(folder):
    data = encode(TONE, kind="MP3")
    (folder / "a.wav").write_bytes(data)
    return decoded(folder / "a.wav"), decoded(data)


def cut_but_allowed(folder):
    limits = Limits(truncated="allow")
    for kind in ("WAV", "AIFF", "AU", "RF64"):
        data = encode(TONE, kind=kind)
        signal = decoded(data[:-2000], limits=limits)
        np.testing.assert_array_equal(signal, decoded(data)[: len(signal)])
        assert len(signal) == len(TONE) - 1000, kind
    return np.array(len(decoded(encode(TONE, kind="MP3")[:-900], limits=limits)) > 5000), True


READ = [
    (33, cut_but_allowed), (35, whole_flac), (37, streamed_wav), (37, streamed_wav_of_size_zero),
    (37, streamed_flac), (38, size_too_small), (42, all_encodings), (43, stereo), (43, antiphase),
    (44, eight_channels), (47, silence), (48, short_but_allowed), (49, two_rates), (50, clipped),
    (51, window_of_three_hours), (52, mp3_called_wav),
]  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{row} {c.__name__}") for row, c in READ])
def test_what_is_read(tmp_path, case):
    found, wanted = case(tmp_path)
    np.testing.assert_array_equal(found, np.broadcast_to(wanted, np.shape(found)))


@pytest.mark.parametrize("encoding", AUDIO_ENCODINGS)
def test_every_cut_is_refused_and_no_whole_file(encoding):
    data = encode_sound(TONE[:4800], encoding)
    ends = np.linspace(1, len(data) - 1, 100).astype(int)
    _, errors = MFCCVectorizer().read_cells([*[data[:end] for end in ends], data])
    assert [error.row for error in errors] == list(range(100))
    # A few bytes may not yet say what they are.
    assert {error.code for error in errors if ends[error.row] > 40} == {"truncated"}


@pytest.mark.parametrize("encoding", AUDIO_ENCODINGS)
def test_no_damage_raises_anything_else(encoding):
    rng = np.random.default_rng(30)
    data = encode_sound(TONE[:4800], encoding)
    damaged = []
    for _ in range(30):
        changed = bytearray(data)
        for position in rng.integers(0, min(len(data), 300), 3):
            changed[position] = rng.integers(256)
        damaged.append(bytes(changed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        features, errors = MFCCVectorizer().read_cells(damaged)
    read = ~np.isin(np.arange(len(damaged)), [error.row for error in errors])
    assert np.isfinite(features[read]).all()
    assert np.isnan(features[~read]).all()


# The parts that mend headers


def test_an_open_flac_is_refused_wherever_it_was_cut():
    data = open_flac()
    for end in np.linspace(10, len(data) - 1, 60).astype(int):
        with pytest.raises(UnreadableCell) as caught:
            decode_audio(data[:end])
        assert caught.value.code == "truncated", end


@pytest.mark.parametrize("n_samples", [1, 191, 192, 4095, 4096, 4097, 16_000, 4096 * 130 + 7])
def test_the_length_of_an_open_flac_is_found(n_samples):
    """By the number of the last frame, of one byte or of two, and by the length of its block."""
    noise = np.random.default_rng(1).integers(-99, 99, n_samples).astype(np.int16)
    data = encode(noise, kind="FLAC")
    opened = bytearray(data)
    opened[21] &= 0xF0
    opened[22:26] = bytes(4)
    assert closed_flac(bytes(opened)) == data
    with pytest.raises(UnreadableCell, match="last FLAC frame is cut"):
        closed_flac(bytes(opened[:-1]))


def test_a_flac_header_that_was_damaged_is_found():
    """A wrong length, rate or sample would change features in silence."""
    data = encode(TONE, kind="FLAC")
    for place, bit in ((18, 64), (24, 1), (30, 8)):  # rate, number of samples, checksum
        damaged = bytearray(data)
        damaged[place] ^= bit
        with pytest.raises(UnreadableCell) as caught:
            decode_audio(bytes(damaged))
        assert caught.value.code in ("decode", "truncated")


def test_the_checksum_of_frames():
    assert crc16(b"") == 0
    assert crc16(b"\0\x01") == 0x8005


def test_what_lies_behind_the_samples():
    chunk = b"LIST" + struct.pack("<I", 4) + b"INFO"
    assert n_trailing_bytes(WAV) == 0
    assert n_trailing_bytes(WAV + chunk) == 0
    assert n_trailing_bytes(WAV + b"TAG" + bytes(125)) == 0
    assert n_trailing_bytes(WAV + bytes(9)) == 0
    assert n_trailing_bytes(WAV + b"\x99" * 9) == 9
    assert n_trailing_bytes(with_header("size", 8000)) == 24_000
    assert n_trailing_bytes(with_header("size", 0xFFFFFFFF)) == 0


def test_a_wav_that_is_empty_is_no_stream():
    chunk = b"LIST" + struct.pack("<I", 4) + b"INFO"
    empty = encode(np.zeros(0))
    for data in (WAV, empty, empty + chunk, b"RIFF0000WAVE"):
        assert closed_wav(data) is data
    assert closed_wav(with_header("size", 0)) == WAV


def test_truncated_takes_two_words():
    with pytest.raises(ValueError, match='"refuse" or "allow", got \'ignore\''):
        Limits(truncated="ignore")


def test_the_table_has_every_row():
    assert {case[0] for case in REFUSED} | {row for row, _ in READ} == set(range(31, 53))
