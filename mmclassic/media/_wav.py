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
