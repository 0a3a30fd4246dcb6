"""Whether an encoded picture is all there: structure only, nothing is decoded."""

from __future__ import annotations

import zlib
from typing import Any, Literal

from mmclassic._errors import UnreadableCell

_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2))  # fmt: skip
_CHANNELS_OF_PNG = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_BYTES_OF_TIFF_TYPE = {1: 1, 3: 2, 4: 4, 7: 1, 16: 8}
# Bits per sample, places and sizes of strips and tiles, colours, JPEG tables.
_NEEDED_TIFF_TAGS = {258, 273, 279, 320, 324, 325, 347}
# Never inflate more than this at once: the size is only counted.
_PIECE = 1 << 20


def check_complete_image(kind: str, data: bytes) -> None:
    """Raise UnreadableCell if a picture's data end before the format says so.

    Parameters
    ----------
    kind : str
        As named by :func:`mmclassic.media._sniff.sniff`; formats without a cheap check
        pass.
    data : bytes

    Raises
    ------
    UnreadableCell
        ``truncated``, or ``decode`` where a checksum is wrong.
    """
    check = _CHECKS.get(kind)
    if check is not None:
        check(data)


def _truncated(why: str) -> UnreadableCell:
    return UnreadableCell("truncated", f"{why}: get the file again")


def png_chunks(data: bytes) -> list[tuple[bytes, int, int]]:
    """(name, start, end) of each chunk's content, checksums verified.

    Raises
    ------
    UnreadableCell
        ``truncated`` if the end chunk is not reached, ``decode`` for a wrong checksum.
    """
    chunks = []
    position = 8
    while position + 12 <= len(data):
        end = position + 8 + int.from_bytes(data[position : position + 4], "big")
        if end + 4 > len(data):
            break
        name = data[position + 4 : position + 8]
        stored = int.from_bytes(data[end : end + 4], "big")
        if zlib.crc32(memoryview(data)[position + 4 : end]) != stored:
            raise UnreadableCell("decode", f"wrong checksum in PNG chunk {name!r}")
        chunks.append((name, position + 8, end))
        if name == b"IEND":
            return chunks
        position = end + 4
    raise _truncated("the PNG data have no end chunk")


def check_png_rows(data: bytes) -> None:
    """Raise UnreadableCell if the compressed rows are fewer than the header promises."""
    chunks = png_chunks(data)
    start = chunks[0][1]
    width = int.from_bytes(data[start : start + 4], "big")
    height = int.from_bytes(data[start + 4 : start + 8], "big")
    depth, colour, interlaced = data[start + 8], data[start + 9], data[start + 12]
    bits = depth * _CHANNELS_OF_PNG.get(colour, 4)
    expected = _n_png_bytes(width, height, bits, bool(interlaced))
    inflate = zlib.decompressobj()
    found = 0
    try:
        for name, first, last in chunks:
            rest = data[first:last] if name == b"IDAT" else b""
            while rest and found < expected:
                found += len(inflate.decompress(rest, _PIECE))
                rest = inflate.unconsumed_tail
    except zlib.error:
        raise UnreadableCell("decode", "damaged PNG data") from None
    if found < expected:
        raise _truncated("the PNG has fewer rows than its header says")


def _n_png_bytes(width: int, height: int, bits: int, interlaced: bool) -> int:
    """Bytes of the rows before compression, one filter byte per row."""
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    total = 0
    for x, y, step_x, step_y in passes:
        columns = max(0, -(-(width - x) // step_x))
        rows = max(0, -(-(height - y) // step_y))
        total += rows * (1 + -(-columns * bits // 8)) if columns else 0
    return total


def _check_gif(data: bytes) -> None:
    if len(data) < 13:
        raise _truncated("the GIF header is cut")
    position = 13 + _n_palette_bytes(data[10])
    while position < len(data):
        block = data[position]
        if block == 0x3B:
            return
        if block == 0x21:  # extension
            position += 2
        elif block == 0x2C and position + 9 < len(data):  # a frame
            position += 11 + _n_palette_bytes(data[position + 9])
        else:
            break
        while position < len(data) and data[position]:  # sub-blocks, up to an empty one
            position += 1 + data[position]
        position += 1
    raise _truncated("the GIF data have no end mark")


def _n_palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _check_webp(data: bytes) -> None:
    if len(data) < 8 + int.from_bytes(data[4:8], "little"):
        raise _truncated("the WebP data are shorter than their header says")


def _check_boxes(data: bytes) -> None:
    """JPEG 2000 and AVIF files are a row of boxes, each with its length."""
    if data[:4] == b"\xff\x4f\xff\x51":  # a bare JPEG 2000 stream
        if b"\xff\xd9" not in data[-16:]:
            raise _truncated("the JPEG 2000 data have no end mark")
        return
    position = 0
    while position < len(data):
        if position + 8 > len(data):
            raise _truncated("the head of a box of the file is cut")
        size = int.from_bytes(data[position : position + 4], "big")
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size == 0:  # up to the end
            return
        if size < 8 or position + size > len(data):
            raise _truncated("the last box of the file is cut")
        position += size


def _check_tiff(data: bytes) -> None:
    """The directory of the first picture, which may lie at the end, is whole."""
    order: Literal["little", "big"] = "little" if data[:1] == b"I" else "big"
    big = data[:4] in (b"II+\0", b"MM\0+")
    width, counter, entry = (8, 8, 20) if big else (4, 2, 12)

    def number(position: int, n_bytes: int) -> int:
        return int.from_bytes(data[position : position + n_bytes], order)

    start = number(width, width)
    end = start + counter + number(start, counter) * entry
    if len(data) < end:
        raise _truncated("the directory of the TIFF is cut")
    for position in range(start + counter, end, entry):
        size = number(position + 4, width) * _BYTES_OF_TIFF_TYPE.get(number(position + 2, 2), 0)
        needed = number(position, 2) in _NEEDED_TIFF_TAGS
        if needed and size > width and number(position + 4 + width, width) + size > len(data):
            raise _truncated("the directory of the TIFF is cut")


def check_tiff_strips(tags: Any, n_bytes: int) -> None:
    """Raise UnreadableCell if a strip or tile lies beyond the end.

    Parameters
    ----------
    tags : mapping from TIFF tag to value
    n_bytes : int
        Of the file.
    """
    for offsets, counts in ((273, 279), (324, 325)):
        pairs = zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)
        if any(offset + count > n_bytes for offset, count in pairs):
            raise _truncated("pixels of the TIFF are missing")


def check_raw_rows(tiles: Any, n_bytes: int) -> None:
    """Raise UnreadableCell if the rows of a BMP or PPM that is not compressed are not all there.

    Parameters
    ----------
    tiles : list of (codec, extents, offset, arguments)
        Pillow's description of where the pixels lie.
    n_bytes : int
        Of the file.
    """
    for codec, (_, _, width, height), offset, arguments in tiles:
        mode, stride, *_ = arguments if isinstance(arguments, tuple) else (arguments, 0)
        if codec == "raw" and mode in _BITS_OF_MODE:
            row = -(-width * _BITS_OF_MODE[mode] // 8)
            if offset + (stride or row) * (height - 1) + row > n_bytes:
                raise _truncated("rows of pixels are missing")


# Pillow's names of pixels as they lie in a file.
_BITS_OF_MODE = {"1": 1, "1;I": 1, "L": 8, "P": 8, "RGB": 24, "BGR": 24, "BGRX": 32, "I;16B": 16}

_CHECKS = {
    "TIFF": _check_tiff,
    "PNG": png_chunks,
    "GIF": _check_gif,
    "WebP": _check_webp,
    "JPEG 2000": _check_boxes,
    "AVIF": _check_boxes,
}
