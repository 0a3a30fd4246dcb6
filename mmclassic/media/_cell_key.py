"""A short digest of what a cell holds, without decoding it."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import numpy as np

from mmclassic.media._source import resolve_path

_SIZE = 20
# A picture that Pillow has not yet loaded is decoded to be hashed: not beyond this size.
_MAX_PIXELS = 100_000_000


def digest(*parts: bytes | memoryview) -> bytes:
    """One 20-byte BLAKE2b digest of several parts, however they are cut.

    Examples
    --------
    >>> digest(b"ab", b"c") == digest(b"a", b"bc")
    False
    """
    state = hashlib.blake2b(digest_size=_SIZE)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.digest()


def cell_digest(
    cell: Any, root: str | os.PathLike | None = None, allow_paths: bool = True
) -> bytes | None:
    """Digest of a cell's content; for a path, of the file's identity and times.

    Parameters
    ----------
    cell : object
    root, allow_paths
        As for reading: a file that may not be read has no digest.

    Returns
    -------
    digest : bytes of length 20, or None for a cell that is not to be stored

    Examples
    --------
    >>> cell_digest(b"abc") == cell_digest({"bytes": b"abc", "path": "x.jpg"})
    True
    >>> cell_digest("no/such/file.jpg") is None
    True
    """
    try:
        return _digest_of(cell, root, allow_paths)
    except Exception:
        # A key is only a shortcut: whatever is wrong with the cell, reading it will say so.
        return None


def _digest_of(cell: Any, root: Any, allow_paths: bool) -> bytes | None:
    if isinstance(cell, dict):
        return _digest_of_dict(cell, root, allow_paths)
    if isinstance(cell, bytes | bytearray | memoryview):
        return digest(b"bytes", bytes(cell))
    if isinstance(cell, str | os.PathLike):
        return _digest_of_file(cell, root) if allow_paths else None
    if isinstance(cell, np.ndarray):
        return _digest_of_array(cell)
    if isinstance(cell, tuple) and len(cell) == 2:
        return _digest_of_sound(*cell)
    if hasattr(cell, "tobytes") and hasattr(cell, "mode"):
        return _digest_of_pillow(cell)
    return None


def _digest_of_dict(cell: dict, root: Any, allow_paths: bool) -> bytes | None:
    if cell.get("array") is not None:
        return _digest_of_sound(cell["array"], cell["sampling_rate"])
    content = cell.get("bytes")
    return _digest_of(cell["path"] if content is None else content, root, allow_paths)


def _digest_of_file(path: str | os.PathLike, root: Any) -> bytes:
    real = os.path.realpath(resolve_path(path, root))
    status = os.stat(real)
    # The time of the last change of the inode (ctime) cannot be set back by a user.
    numbers = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return digest(b"file", os.fsencode(real), repr(numbers).encode())


def _digest_of_array(array: np.ndarray) -> bytes | None:
    if array.dtype.hasobject:
        return None
    head = f"{array.dtype.str} {array.shape}".encode()
    samples = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return digest(b"array", head, samples.data)


def _digest_of_sound(array: Any, sampling_rate: Any) -> bytes | None:
    samples = _digest_of_array(np.asarray(array))
    return (
        None if samples is None else digest(b"sound", samples, str(float(sampling_rate)).encode())
    )


def _digest_of_pillow(image: Any) -> bytes | None:
    if image.width * image.height > _MAX_PIXELS:
        return None
    pixels = image.tobytes()
    palette = image.getpalette("RGBA") if image.mode in ("P", "PA") else None
    head = (image.mode, image.size, palette, image.info.get("transparency"))
    orientation = image.getexif().get(0x0112)
    return digest(b"pillow", repr((head, orientation)).encode(), pixels)
