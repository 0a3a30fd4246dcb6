"""A sound cell, whatever it is, as one mono signal."""

from __future__ import annotations

import io
import struct

import librosa
import numpy as np
import pytest
import soundfile

from mmclassic._errors import DataQualityWarning, UnreadableCell
from mmclassic.media import Limits, decode_audio

# Format, subtype, and the largest error per sample.
FORMATS = {
    "wav-8": ("WAV", "PCM_U8", 1e-2),
    "wav-16": ("WAV", "PCM_16", 1e-4),
    "wav-24": ("WAV", "PCM_24", 1e-6),
    "wav-float": ("WAV", "FLOAT", 0),
    "wav-double": ("WAV", "DOUBLE", 0),
    "wav-mu-law": ("WAV", "ULAW", 3e-2),
    "rf64": ("RF64", "PCM_16", 1e-4),
    "flac": ("FLAC", "PCM_16", 1e-4),
    "ogg-vorbis": ("OGG", "VORBIS", 0.1),
    "ogg-opus": ("OGG", "OPUS", 0.1),
    "mp3": ("MP3", "MPEG_LAYER_III", 0.1),
    "aiff": ("AIFF", "PCM_16", 1e-4),
    "au": ("AU", "PCM_16", 1e-4),
    "caf": ("CAF", "PCM_16", 1e-4),
}


def encode(samples, rate=16000, kind="WAV", subtype=None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def refused(cell, **options) -> UnreadableCell:
    with pytest.raises(UnreadableCell) as caught:
        decode_audio(cell, **options)
    return caught.value


@pytest.fixture(scope="module", params=FORMATS)
def file(request, tone):
    kind, subtype, tolerance = FORMATS[request.param]
    return encode(tone, 16000, kind, subtype), tolerance


def test_formats(file, tone):
    data, tolerance = file
    signal = decode_audio(data, sampling_rate=16000)
    assert signal.dtype == np.float32
    assert signal.shape == tone.shape
    # libsndfile's Opus encoder spoils the last milliseconds.
    assert np.abs(signal - tone)[:-200].max() <= tolerance


def test_every_truncation_is_flagged(file):
    data, _ = file
    for end in np.linspace(70, len(data) - 1, 25).astype(int):
        assert refused(data[:end]).code == "truncated", end


def test_a_cell_is_the_same_signal_however_it_comes(file, tmp_path):
    data = file[0]
    (tmp_path / "a.mp3").write_bytes(data)  # nearly always the wrong name
    wanted = decode_audio(data)
    for cell in (tmp_path / "a.mp3", str(tmp_path / "a.mp3"), {"bytes": data, "path": "b"}):
        np.testing.assert_array_equal(decode_audio(cell), wanted)
    np.testing.assert_array_equal(decode_audio("a.mp3", root=tmp_path), wanted)
    with soundfile.SoundFile(io.BytesIO(data)) as opened:
        array, rate = opened.read(dtype="float32"), opened.samplerate
    for cell in (
        (array, rate),
        (array.astype(np.float64), float(rate)),
        {"array": array, "sampling_rate": rate},
        {"array": array.tolist(), "sampling_rate": rate, "path": "no/such/file"},
    ):
        np.testing.assert_array_equal(decode_audio(cell), wanted)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the modules that librosa imports
@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("n_channels", [1, 2, 5])
def test_the_values_are_those_of_librosa(rate, n_channels):
    rng = np.random.default_rng(rate)
    data = encode(rng.uniform(-0.9, 0.9, (rate // 3 + 1, n_channels)), rate, subtype="FLOAT")
    wanted, _ = librosa.load(io.BytesIO(data), sr=22050)
    signal = decode_audio(data)
    assert signal.shape == wanted.shape
    np.testing.assert_allclose(signal, wanted, atol=1e-6)


def test_a_bare_array_is_at_the_rate_asked_for(tone):
    np.testing.assert_array_equal(decode_audio(tone, sampling_rate=8000), tone)


def test_the_result_is_never_the_cells_memory(tone):
    cell = tone.copy()
    decode_audio(cell)[:] = 0
    np.testing.assert_array_equal(cell, tone)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32])
def test_integers_have_their_own_full_scale(dtype):
    extremes = np.array([np.iinfo(dtype).min, 0], dtype=dtype)
    np.testing.assert_array_equal(decode_audio(extremes), [-1, 0])


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_channels_of_arrays_are_averaged_as_those_of_files(tone, subtype):
    data = encode(np.column_stack([tone, tone[::-1] / 3]), 16000, subtype=subtype)
    dtype = "int16" if subtype == "PCM_16" else "float32"
    samples, rate = soundfile.read(io.BytesIO(data), dtype=dtype)
    assert samples.shape == (len(tone), 2)
    wanted = decode_audio(data, sampling_rate=8000)
    for array in (samples, samples.T, samples.T.copy()):
        np.testing.assert_array_equal(decode_audio((array, rate), sampling_rate=8000), wanted)
        cell = {"array": array.tolist(), "sampling_rate": rate}
        if dtype == "float32":  # lists hold Python numbers, whose integers have no full scale
            np.testing.assert_array_equal(decode_audio(cell, sampling_rate=8000), wanted)
        np.testing.assert_array_equal(
            decode_audio(array, sampling_rate=16000), decode_audio(data, sampling_rate=16000)
        )
    np.testing.assert_array_equal(decode_audio(samples[:, :1]), decode_audio(samples[:, 0]))


def test_a_little_above_full_scale_is_sound(tone):
    loud = 15 * tone / np.abs(tone).max()
    np.testing.assert_array_equal(decode_audio(loud, sampling_rate=16000), loud)


def test_antiphase_channels_warn_and_are_averaged_all_the_same(tone):
    data = encode(np.column_stack([tone, -tone]), subtype="FLOAT")
    with pytest.warns(DataQualityWarning, match="antiphase"):
        signal = decode_audio(data, sampling_rate=16000)
    np.testing.assert_array_equal(signal, np.zeros_like(tone))
    # A silent recording, or one silent channel, is no antiphase.
    decode_audio(encode(np.zeros((100, 2)), subtype="FLOAT"))
    for pair in (np.column_stack([tone, -tone]), (np.stack([tone, -tone]), 16000)):
        with pytest.warns(DataQualityWarning, match="antiphase"):
            decode_audio(pair, sampling_rate=16000)
    half = decode_audio(
        encode(np.column_stack([tone, 0 * tone]), subtype="FLOAT"), sampling_rate=16000
    )
    np.testing.assert_allclose(half, tone / 2)


def test_a_streamed_wav_is_read_to_its_end(tone):
    data = bytearray(encode(tone))
    start = data.index(b"data") + 4
    whole = decode_audio(bytes(data))
    data[start : start + 4] = struct.pack("<I", 0xFFFFFFFF)
    np.testing.assert_array_equal(decode_audio(bytes(data)), whole)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_stream_cut_between_pages_is_flagged(subtype):
    data = encode(np.random.default_rng(0).uniform(-0.5, 0.5, 32000), 16000, "OGG", subtype)
    last_page = data.rfind(b"OggS")
    with pytest.raises(UnreadableCell, match="Ogg stream has no end"):
        decode_audio(data[:last_page])


def test_tags_around_an_mp3_do_no_harm(tone):
    data = encode(tone, kind="MP3")
    wanted = decode_audio(data)
    tag = b"ID3\x04\0\0\0\0\x01\0" + bytes(128)
    for tagged in (tag + data, data + b"TAG" + bytes(125), tag + data + b"TAG" + bytes(125)):
        np.testing.assert_array_equal(decode_audio(tagged), wanted)
        assert refused(tagged[: len(tag) + len(data) // 2]).code == "truncated"


LIMITS = Limits(max_seconds=2, max_channels=3, max_bytes=10**6)
SINE = np.sin(np.arange(9000) / 9)


@pytest.mark.parametrize(
    ("cell", "code", "match"),
    [
        (b"", "empty", "0 bytes"),
        (b"just a text", "unsupported", "plain text.*WAV"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "unsupported", "PNG"),
        (b"\0\0\0\x18ftypM4A " + bytes(40), "unsupported", "M4A"),
        (b"ID3\x04\0\0\0\0\0\x20" + bytes(32), "decode", "MP3"),
        (encode(np.zeros(0)), "empty", "0 samples"),
        (np.zeros(0), "empty", "0 samples"),
        (encode(SINE, 4000), "limit", r"2\.2 s.*max_seconds=2"),
        (encode(SINE, 4000, "FLAC"), "limit", r"2\.2 s.*max_seconds=2"),
        ((SINE, 4000), "limit", r"2\.2 s"),
        (encode(SINE, 100), "limit", "100 Hz.*min_sampling_rate=1000"),
        (encode(SINE, 800000), "limit", "800000 Hz"),
        ((SINE, 0), "limit", "0 Hz"),
        ((SINE, float("nan")), "limit", "nan Hz"),
        (encode(np.zeros((9, 4))), "limit", "4 channels"),
        (encode(np.array([0, np.nan]), subtype="FLOAT"), "decode", "NaN"),
        (encode(np.array([0, -np.inf]), subtype="DOUBLE"), "decode", "infinite"),
        (np.array([0, np.nan]), "decode", "NaN"),
        (np.array([0, 1e200]), "decode", "infinite"),
        (encode(np.array([0, 1e30]), subtype="FLOAT"), "decode", r"1e\+30"),
        (np.array([0, 16.1]), "decode", "up to 16.1, .*divide .* by 32768"),
        (encode(32767 * SINE, subtype="FLOAT"), "decode", "divide .* by 32768"),
        (np.zeros((8, 8)), "type", r"\(8, 8\) is no recording: .*up to 8 channels"),
        (np.zeros((9, 12)), "type", r"\(9, 12\)"),
        (np.zeros((2, 9, 2)), "type", r"\(2, 9, 2\)"),
        (np.float64(3.0) + np.zeros(()), "type", "float64 is no recording"),
        (np.zeros((0, 2)), "empty", "0 samples"),
        (np.zeros((4, 90)), "limit", "4 channels"),
        (np.zeros(9, dtype=np.int64), "type", "int64"),
        (np.array(["a"]), "type", "<U1"),
        (np.array([0.5, None]), "type", "object"),
        (np.array([True]), "type", "bool"),
        ((SINE, "8000"), "type", "sampling rate is '8000'"),
        ({"array": SINE}, "type", "sampling rate is None"),
        ({"array": [[1, 2], [3]], "sampling_rate": 8000}, "type", "unequal"),
        ({"bytes": None, "path": None}, "empty", "neither"),
        ([0.1, 0.2], "type", "list is no recording"),
        (1.5, "type", "float is no recording"),
    ],
)
def test_what_is_refused(cell, code, match):
    with pytest.raises(UnreadableCell, match=match) as caught:
        decode_audio(cell, limits=LIMITS)
    assert caught.value.code == code


def test_limits_hold_before_decoding():
    """Three hours of silence are a FLAC of 40 kB, and 2.4 GB when decoded."""
    data = encode(np.zeros(3 * 3600 * 1000, dtype=np.int16), 1000, "FLAC")
    assert refused(data).code == "limit"


def test_paths_may_be_refused(tmp_path, tone):
    (tmp_path / "a.wav").write_bytes(encode(tone))
    assert refused(tmp_path / "a.wav", allow_paths=False).code == "unsafe_path"
    assert refused("../a.wav", root=tmp_path).code == "unsafe_path"
