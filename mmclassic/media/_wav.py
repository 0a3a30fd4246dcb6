"""The commonest recordings, 16-bit WAV, straight from their bytes.

Opening a file costs libsndfile more than its samples do; where nothing is compressed and the
header is one that every program writes, the samples can be taken as they lie.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np

_FULL_SCALE = np.float32(2**15)
_PCM = 1
# Chunks that say nothing about the samples. Anything else is left to libsndfile.
_HARMLESS = (b"LIST", b"JUNK", b"fact", b"bext")


class PlainWav(NamedTuple):
    """Where the samples of a 16-bit WAV are."""

    start: int
    n_samples: int
    n_channels: int
    sampling_rate: int

    def samples(self, data: bytes) -> np.ndarray:
        """Samples of shape (n_samples, n_channels), float32, full scale 1.0."""
        shape = self.n_samples, self.n_channels
        integers = np.frombuffer(data, "<i2", self.n_samples * self.n_channels, self.start)
        return np.divide(integers, _FULL_SCALE, dtype=np.float32).reshape(shape)


def plain_wav(data: bytes) -> PlainWav | None:
    """What a header says, if it is that of a plain 16-bit WAV that is all there.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    wav : PlainWav or None
        None for other data, for every other kind of WAV, and for every oddity.

    Examples
    --------
    >>> form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    >>> wav = b"RIFF0000WAVE" + form + b"data" + struct.pack("<Ihh", 4, 0, -16384)
    >>> plain_wav(wav).samples(wav).ravel()
    array([ 0. , -0.5], dtype=float32)
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    form, samples, position = None, None, 12
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        start, position = position + 8, position + 8 + size + (size & 1)
        if name == b"fmt " and form is None and samples is None and size in (16, 18):
            form = struct.unpack_from("<HHIIHH", data, start) if start + size <= len(data) else None
        elif name == b"data" and form is not None and samples is None:
            samples = start, size
        elif name not in _HARMLESS:
            return None
    if form is None or samples is None or position < len(data):
        return None
    kind, n_channels, rate, _, block, n_bits = form
    (start, size) = samples
    ordinary = kind == _PCM and n_bits == 16 and n_channels > 0 and block == 2 * n_channels
    if not ordinary or size % block or start + size > len(data):
        return None
    return PlainWav(start, size // block, n_channels, rate)


def closed_wav(data: bytes) -> bytes:
    """A WAV with the size of its samples filled in, where a program streamed it and left 0.

    libsndfile reads up to the end where the size is 0xFFFFFFFF, the other way to leave it open.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    data : bytes
        The same where there is nothing to fill in.
    """
    start, size = _sample_chunk(data)
    if start is None or size or len(data) <= start or _is_chunk(data, start):
        return data
    return data[: start - 4] + struct.pack("<I", len(data) - start) + data[start:]


def n_trailing_bytes(data: bytes) -> int:
    """Bytes behind the samples of a WAV that belong to no chunk.

    Examples
    --------
    >>> n_trailing_bytes(b"RIFF0000WAVEdata" + struct.pack("<Ihh", 2, 1, 2))
    2
    """
    start, size = _sample_chunk(data)
    if start is None or size == 0xFFFFFFFF:
        return 0
    position = start + size + (size & 1)
    while _is_chunk(data, position):
        (size,) = struct.unpack_from("<I", data, position + 4)
        position += 8 + size + (size & 1)
    rest = data[position:]
    return 0 if rest[:3] == b"TAG" or not rest.strip(b"\0") else len(rest)


def _sample_chunk(data: bytes) -> tuple[int | None, int]:
    """Where the samples begin, and how many bytes the header says they are."""
    position = 12
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        if name == b"data":
            return position + 8, size
        position += 8 + size + (size & 1)
    return None, 0


def _is_chunk(data: bytes, position: int) -> bool:
    """Whether a chunk that lies within the data begins here."""
    if position + 8 > len(data):
        return False
    name, size = struct.unpack_from("<4sI", data, position)
    return name.isascii() and name.decode().isprintable() and position + 8 + size <= len(data)
