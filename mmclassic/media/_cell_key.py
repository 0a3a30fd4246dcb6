"""A short digest of what a cell holds, without decoding it."""

from __future__ import annotations

import hashlib
import os
import time
from functools import lru_cache
from typing import Any

import numpy as np

from mmclassic.media._source import resolve_path

_SIZE = 20
# A picture that Pillow has not yet loaded is decoded to be hashed: not beyond this size.
_MAX_PIXELS = 100_000_000
# Nanoseconds in which a file may change twice with the same times: the clock of most file
# systems ticks every 10 ms or faster, that of the coarsest every 2 s.
_TICK = 20_000_000
_COARSE_TICK = 2_100_000_000


def digest(*parts: bytes | memoryview) -> bytes:
    """One 20-byte BLAKE2b digest of several parts, however they are cut.

    Examples
    --------
    >>> digest(b"ab", b"c") == digest(b"a", b"bc")
    False
    """
    lengths = repr([len(part) for part in parts])
    state = hashlib.blake2b(lengths.encode(), digest_size=_SIZE)
    for part in parts:
        state.update(part)
    return state.digest()


def cell_digest(
    cell: Any, root: str | os.PathLike | None = None, allow_paths: bool = True
) -> bytes | None:
    """Digest of a cell's content; for a path, of the file's name, inode, size and times.

    A file that changed less than 20 ms ago (2 s, where times are in seconds) is waited for:
    its times would not tell one more change.

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
    if isinstance(cell, str | os.PathLike):
        return _digest_of_file(cell, root) if allow_paths else None
    if isinstance(cell, dict):
        return _digest_of_dict(cell, root, allow_paths)
    if isinstance(cell, bytes | bytearray | memoryview):
        return digest(b"bytes", bytes(cell))
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


def names_file(cell: Any) -> bool:
    """Whether a cell stands for a file, whose content may change.

    Examples
    --------
    >>> names_file("cat.jpg"), names_file({"bytes": b"abc", "path": "cat.jpg"})
    (True, False)
    """
    if isinstance(cell, dict):
        return cell.get("array") is None and cell.get("bytes") is None
    return isinstance(cell, str | os.PathLike)


def _digest_of_file(path: str | os.PathLike, root: Any) -> bytes | None:
    name = resolve_path(path, root)
    if not os.path.isabs(name):
        name = os.path.abspath(name)
    status = os.stat(name)  # of the file itself where the name is a link
    wait = _seconds_until_settled(status)
    if wait > 0:
        time.sleep(wait)
        status = os.stat(name)
        if _seconds_until_settled(status) > 0:
            return None  # somebody keeps writing to it
    return _digest_of_state(
        name, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
    )


# A file is asked for its state before and after it is read: mostly it is the same.
@lru_cache(maxsize=256)
def _digest_of_state(name: str, *numbers: int) -> bytes:
    return digest(b"file", os.fsencode(name), repr(numbers).encode())


def _seconds_until_settled(status: os.stat_result) -> float:
    """How long the file may still change without its times showing it; at most some seconds."""
    # A user can set the time of the last modification, but not that of the inode's change.
    changed = status.st_mtime_ns if os.name == "nt" else status.st_ctime_ns
    coarse = changed % 1_000_000_000 == 0  # a file system that counts in seconds, or two
    tick = _COARSE_TICK if coarse else _TICK
    # A time in the future (the clock of a file server) tells nothing about the next change.
    age = max(time.time_ns() - changed, 0)
    return max(tick - age, 0) / 1e9


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
