"""What a FLAC stream says of itself, and whether its samples are the ones that were encoded.

libsndfile stops where a frame's checksum is wrong, but the stream's own header has none: a
damaged length would shorten a recording in silence. FLAC keeps an MD5 sum of its samples for
this, which libsndfile does not look at.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

from mmclassic._errors import UnreadableCell

# Sampling rates that a frame names by a code of four bits; the others point to the header.
_RATES = {
    1: 88200, 2: 176400, 3: 192000, 4: 8000, 5: 16000, 6: 22050, 7: 24000, 8: 32000, 9: 44100,
    10: 48000, 11: 96000,
}  # fmt: skip
# Where the STREAMINFO block lies: behind "fLaC" and a block header of 4 bytes.
_START, _END = 8, 42
# No encoder makes larger frames of the sounds that are accepted; further back none is looked for.
_LARGEST_FRAME = 1 << 20
_POLYNOMIAL = 0x8005


class FlacStream(NamedTuple):
    """The header of a FLAC stream.

    ``n_samples`` is 0, and ``md5`` zeros, where an encoder could not go back to fill them in.
    """

    sampling_rate: int
    n_bits: int
    n_samples: int
    md5: bytes

    @property
    def dtype(self) -> str:
        """The narrowest integers that libsndfile can give its samples in."""
        return "int16" if self.n_bits <= 16 else "int32"


def read_flac_header(data: bytes) -> FlacStream:
    """The STREAMINFO block, held against the first frame.

    Parameters
    ----------
    data : bytes

    Raises
    ------
    UnreadableCell
        ``truncated`` where the data end before the first frame, ``decode`` where the two
        disagree about the sampling rate.
    """
    if len(data) < _END:
        raise _cut()
    packed = int.from_bytes(data[_START + 10 : _START + 18], "big")
    rate, n_bits = packed >> 44, (packed >> 36 & 31) + 1
    first = _first_frame(data)
    named = _RATES.get(data[first + 2] & 15)
    if named is not None and named != rate:
        raise UnreadableCell(
            "decode", f"damaged FLAC header: it says {rate} Hz, the first frame {named} Hz"
        )
    return FlacStream(rate, n_bits, packed & (1 << 36) - 1, data[_END - 16 : _END])


def _first_frame(data: bytes) -> int:
    """Where the frames begin: behind the last block of metadata."""
    position = 4
    while position + 4 <= len(data):
        is_last = data[position] & 0x80
        position += 4 + int.from_bytes(data[position + 1 : position + 4], "big")
        if is_last:
            break
    if position + 4 > len(data):
        raise _cut()
    return position


def closed_flac(data: bytes) -> bytes:
    """A stream that leaves its length open, with the number of its samples filled in.

    libsndfile reads no open streams.

    Parameters
    ----------
    data : bytes

    Raises
    ------
    UnreadableCell
        ``truncated`` unless the data end with a whole frame, by its checksum.
    """
    n_samples = _samples_up_to(data, _last_frame(data))
    closed = bytearray(data)
    packed = int.from_bytes(data[_START + 10 : _START + 18], "big") >> 36 << 36
    closed[_START + 10 : _START + 18] = (packed | n_samples).to_bytes(8, "big")
    return bytes(closed)


def ends_whole(data: bytes) -> bool:
    """Whether the last frame is the one that the header's number of samples ends with.

    Cheap, and not the last word: tags behind the frames give False as well.
    """
    try:
        n_samples = _samples_up_to(data, _last_frame(data))
    except UnreadableCell:
        return False
    return n_samples == read_flac_header(data).n_samples


def _last_frame(data: bytes) -> int:
    first = _first_frame(data)
    start = len(data)
    for _ in range(64):  # the two bytes that begin a frame may occur within one as well
        start = max(data.rfind(sync, first, start) for sync in (b"\xff\xf8", b"\xff\xf9"))
        if start < 0 or len(data) - start > _LARGEST_FRAME:
            break
        if crc16(data[start:]) == 0:  # as over any data that end with their own checksum
            return start
    raise _cut()


def _samples_up_to(data: bytes, frame: int) -> int:
    """Samples of the stream up to the end of a frame, by the number in its header."""
    head = data[frame : frame + 16]
    n_more = _n_leading_ones(head[4])
    number = head[4] & (0xFF >> n_more + 1)
    n_more = max(n_more - 1, 0)
    for byte in head[5 : 5 + n_more]:
        number = number << 6 | byte & 63
    rest = head[5 + n_more :]
    length = _block_length(head[2] >> 4, rest)
    if head[1] & 1:  # blocks of different lengths: the number counts samples
        return number + length
    return number * int.from_bytes(data[_START : _START + 2], "big") + length


def _n_leading_ones(byte: int) -> int:
    return 8 - (byte ^ 0xFF).bit_length()


def _block_length(code: int, rest: bytes) -> int:
    """Samples of a block: by a code, or in the bytes that follow."""
    if code == 1:
        return 192
    if code in (6, 7):
        return int.from_bytes(rest[: code - 5], "big") + 1
    return 576 << code - 2 if code <= 5 else 256 << code - 8


def crc16(data: bytes) -> int:
    """The checksum of FLAC's frames: 16 bits, polynomial 0x8005, starting at zero.

    Examples
    --------
    >>> hex(crc16(b"123456789"))
    '0xfee8'
    """
    table = _table()
    crc = 0
    for byte in data:
        crc = (crc << 8 & 0xFFFF) ^ table[crc >> 8 ^ byte]
    return crc


def _table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ (_POLYNOMIAL if crc & 0x8000 else 0)
        table.append(crc & 0xFFFF)
    return table


def check_flac_samples(samples: np.ndarray, stream: FlacStream) -> None:
    """Raise UnreadableCell if the samples are not those that were encoded.

    Parameters
    ----------
    samples : ndarray of shape (n_samples, n_channels), of ``stream.dtype``
        Left-justified, as libsndfile gives them.
    stream : FlacStream
    """
    if not any(stream.md5):
        return
    values = samples >> (8 * samples.itemsize - stream.n_bits)
    n_bytes = -(-stream.n_bits // 8)
    if n_bytes == 3:
        packed = values.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    else:
        packed = values.astype(f"<i{n_bytes}").tobytes()
    # To find damage, not attackers: that is what the format has it for.
    if hashlib.md5(packed, usedforsecurity=False).digest() != stream.md5:
        raise UnreadableCell(
            "decode", "the samples do not match the FLAC stream's checksum: get the file again"
        )


def _cut() -> UnreadableCell:
    return UnreadableCell("truncated", "the last FLAC frame is cut: get the file again")
