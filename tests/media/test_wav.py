"""16-bit WAV read directly: whatever is read is what libsndfile reads."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile

from mmclassic.media import decode_audio
from mmclassic.media._wav import plain_wav

NOTE = b"LIST" + struct.pack("<I", 26) + b"INFOISFT\x0e\0\0\0Lavf58.76.100\0"


def encode(n_channels: int = 1, subtype: str = "PCM_16", kind: str = "WAV") -> bytes:
    samples = np.random.default_rng(0).uniform(-1, 1, (40, n_channels))
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, 16000, format=kind, subtype=subtype)
    return buffer.getvalue()


def by_libsndfile(data: bytes) -> tuple[np.ndarray, int]:
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        return file.read(dtype="float32", always_2d=True), file.samplerate


PLAIN = {
    "mono": encode(),
    "stereo": encode(2),
    "note before": encode()[:36] + NOTE + encode()[36:],
    "note after": encode() + NOTE,
}


@pytest.mark.parametrize("data", PLAIN.values(), ids=PLAIN)
def test_plain_files_are_read_and_bit_equal(data):
    wav = plain_wav(data)
    samples, rate = by_libsndfile(data)
    assert wav.sampling_rate == rate
    np.testing.assert_array_equal(wav.samples(data), samples)


@pytest.mark.parametrize(
    "data",
    [
        encode(subtype="PCM_24"),
        encode(subtype="PCM_U8"),
        encode(subtype="FLOAT"),
        encode(subtype="ULAW"),
        encode(kind="WAVEX"),
        encode()[:-1],
        encode()[:36],
        encode().replace(b"data", b"slnt"),
        encode() + b"data" + bytes(4),
        encode() + b"x",
        encode()[:12],
        b"RIFX" + encode()[4:],
        b"",
    ],
)
def test_the_rest_is_left_to_libsndfile(data):
    assert plain_wav(data) is None


def test_a_damaged_header_never_gives_other_samples():
    """Every byte of it set to every 7th value, and to those next to its own."""
    n_read = 0
    for data in PLAIN.values():
        end = data.index(b"data") + 8
        for position in (*range(4), *range(8, end)):
            own = data[position]
            for value in {*range(0, 256, 7), (own + 1) % 256, (own - 1) % 256}:
                damaged = data[:position] + bytes([value]) + data[position + 1 :]
                wav = plain_wav(damaged)
                if wav is None or wav.sampling_rate > 768_000:  # refused by the limits
                    continue
                try:
                    samples, rate = by_libsndfile(damaged)
                except soundfile.LibsndfileError:
                    continue  # it gives up where only a note is damaged
                n_read += 1
                assert wav.sampling_rate == rate
                np.testing.assert_array_equal(wav.samples(damaged), samples)
    assert n_read > 500


def test_decoding_takes_this_way(monkeypatch):
    monkeypatch.setattr(soundfile, "SoundFile", None)
    assert decode_audio(PLAIN["stereo"], sampling_rate=16000).shape == (40,)
