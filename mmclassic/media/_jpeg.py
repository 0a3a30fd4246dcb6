"""The headers of a JPEG: size, channels, orientation, and whether its end is there."""

from __future__ import annotations

import struct
from typing import NamedTuple

from mmclassic._errors import UnreadableCell
from mmclassic.media._exif import exif_orientation

_CUT = (
    "the JPEG data have no end mark: get the file again, or pass "
    'Limits(truncated="allow") to take what is there'
)
# Start of frame, of all kinds; C4, C8 and CC between them are tables.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# 0xFF, kind, and length of what follows the kind; height, width and number of channels.
_segment = struct.Struct(">BBH").unpack_from
_size = struct.Struct(">HHB").unpack_from


class JpegHeader(NamedTuple):
    """What a JPEG says of itself before its pixels begin."""

    width: int
    height: int
    n_channels: int
    orientation: int

    def largest_divisor(self, at_least: tuple[int, int] | None) -> int:
        """1, 2, 4 or 8: what divides both sides and leaves them long enough.

        Parameters
        ----------
        at_least : (int, int) or None
            Height and width of the upright picture; None for its own.

        Examples
        --------
        >>> JpegHeader(640, 480, 3, 1).largest_divisor((128, 128))
        2
        """
        if at_least is None:
            return 1
        height, width = at_least[::-1] if self.orientation >= 5 else at_least
        for divisor in (8, 4, 2):
            # A side that cannot be divided would end in part of a pixel, and all be shifted.
            whole = self.height % divisor == 0 and self.width % divisor == 0
            if whole and self.height >= divisor * height and self.width >= divisor * width:
                return divisor
        return 1


def read_jpeg_header(data: bytes) -> JpegHeader:
    """Walk the segments up to the pixels, some microseconds.

    Parameters
    ----------
    data : bytes

    Raises
    ------
    UnreadableCell
        ``truncated`` without an end mark behind the beginning of the pixels, ``decode`` for
        broken headers.
    """
    width = height = n_channels = 0
    orientation = 1
    position = 2
    while position + 4 <= len(data):
        begin, marker, length = _segment(data, position)
        if begin != 0xFF:
            raise UnreadableCell("decode", "damaged JPEG headers")
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if 0xD0 <= marker <= 0xD8 or marker == 0x01:  # markers without content
            position += 2
            continue
        if marker == 0xDA:
            # The pixels begin. 0xFF 0xD9 cannot occur within them, while it does occur before:
            # at the end of an embedded preview.
            if data.rfind(b"\xff\xd9", position) < 0:
                break
            return _checked(JpegHeader(width, height, n_channels, orientation))
        end = position + 2 + length
        if marker in _FRAMES and position + 10 <= len(data):
            height, width, n_channels = _size(data, position + 5)
        elif marker == 0xE1 and data[position + 4 : position + 10] == b"Exif\0\0":
            orientation = exif_orientation(data[position + 4 : end])
        position = end
    raise UnreadableCell("truncated", _CUT)


def _checked(header: JpegHeader) -> JpegHeader:
    if header.n_channels == 0:
        raise UnreadableCell("decode", "damaged JPEG headers: no size before the pixels")
    return header
