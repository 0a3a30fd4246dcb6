"""The one note in a camera's EXIF block that changes the pixels."""

from __future__ import annotations

from typing import Literal

_ORIENTATION = 0x0112


def exif_orientation(exif: bytes) -> int:
    """Orientation, 1 to 8, from an EXIF block; 1 where there is none or it is broken.

    Pillow parses all of the block, and warns about broken ones, which are common and no
    reason to refuse a picture.

    Parameters
    ----------
    exif : bytes
        With or without the leading ``Exif\\\\0\\\\0``.

    Examples
    --------
    >>> entry = bytes.fromhex("0112 0003 00000001 0006 0000")
    >>> exif_orientation(b"MM" + bytes.fromhex("002a 00000008 0001") + entry)
    6
    >>> exif_orientation(b"")
    1
    """
    exif = exif.removeprefix(b"Exif\0\0")
    order: Literal["little", "big"]
    if exif[:4] == b"II*\0":
        order = "little"
    elif exif[:4] == b"MM\0*":
        order = "big"
    else:
        return 1
    start = int.from_bytes(exif[4:8], order)
    n_entries = int.from_bytes(exif[start : start + 2], order)
    for position in range(start + 2, min(start + 2 + 12 * n_entries, len(exif) - 11), 12):
        if int.from_bytes(exif[position : position + 2], order) == _ORIENTATION:
            value = int.from_bytes(exif[position + 8 : position + 10], order)
            return value if 1 <= value <= 8 else 1
    return 1
