"""The bytes of a cell: which files may be named, what is refused before anything is opened."""

from __future__ import annotations

import os
import re
import stat
from typing import Any

import numpy as np

from mmclassic._errors import UnreadableCell
from mmclassic.media._limits import Limits

# Two letters or more before "://", so that C:\ is no scheme; data: URIs have no slashes.
_URL = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]+://|data:[a-z]+/)")
# What holds an encoded file: the file's name, its bytes, or one of these in a dict.
ENCODED = (str, os.PathLike, bytes, bytearray, memoryview, dict)
_IN_MEMORY = (bytes, bytearray, memoryview)
_NAMES = (str, os.PathLike)
# A path longer than this is somebody's text or base64, and would flood an error message.
_SHOWN = 200


def describe(cell: Any) -> str:
    """What an error message calls a cell: its path as given, or its kind and size.

    Examples
    --------
    >>> describe("cats/1.jpg"), describe(b"abc"), describe(np.zeros((28, 28), np.uint8))
    ('cats/1.jpg', 'bytes (3 B)', 'array (28, 28) uint8')
    >>> describe({"bytes": b"abc", "path": None}), describe((np.zeros(9), 8000))
    ('bytes (3 B)', 'array (9,) float64 at 8000 Hz')
    """
    if isinstance(cell, _NAMES):
        return _shown(os.fspath(cell))
    if isinstance(cell, _IN_MEMORY):
        return f"bytes ({memoryview(cell).nbytes} B)"
    if isinstance(cell, np.ndarray):
        return f"array {cell.shape} {cell.dtype}"
    if isinstance(cell, dict):
        return _describe_dict(cell)
    if isinstance(cell, tuple) and len(cell) == 2:
        return f"{describe(cell[0])} at {_shown(cell[1])} Hz"
    if isinstance(cell, list):
        return f"list of {len(cell)}"
    if hasattr(cell, "mode") and hasattr(cell, "size"):
        return f"PIL image {cell.size} {cell.mode}"
    return type(cell).__name__


def _describe_dict(cell: dict) -> str:
    if cell.get("path") is not None:
        return describe(cell["path"])
    if cell.get("bytes") is not None:
        return describe(cell["bytes"])
    if cell.get("array") is not None:
        return describe((cell["array"], cell.get("sampling_rate")))
    return f"dict with keys {_shown(sorted(map(str, cell)))}"


def _shown(value: Any) -> str:
    text = str(value)
    if not text.isprintable():  # line breaks, NUL, lone surrogates
        text = ascii(text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


def resolve_path(path: str | os.PathLike, root: str | os.PathLike | None = None) -> str:
    """The file that a cell names, or UnreadableCell where it may not name it; opens nothing.

    Parameters
    ----------
    path : str or path-like
        Relative paths count from ``root``, without it from the working directory.
    root : str or path-like, optional
        Folder that the file must lie in, links followed.

    Raises
    ------
    UnreadableCell
        ``unsafe_path`` for a URL, a NUL, or a file outside ``root``.
    """
    name = os.fspath(path)
    if not isinstance(name, str):
        name = os.fsdecode(name)
    if "\0" in name:
        raise UnreadableCell("unsafe_path", "the path contains a NUL character: repair the table")
    if _URL.match(name):
        raise UnreadableCell(
            "unsafe_path", "this is a URL and nothing is downloaded: pass a local file or its bytes"
        )
    if root is None:
        return name
    folder = os.path.realpath(root)
    real = os.path.realpath(os.path.join(folder, name))
    if os.path.commonpath([folder, real]) != folder:
        raise UnreadableCell(
            "unsafe_path", f"the file lies outside root={_shown(os.fspath(root))}: move it there"
        )
    return real


def read_bytes(
    cell: Any,
    *,
    limits: Limits,
    root: str | os.PathLike | None = None,
    allow_paths: bool = True,
) -> bytes:
    """The encoded bytes of a cell that is a path, bytes, or a Hugging Face dict.

    Parameters
    ----------
    cell : str, path-like, bytes-like, or dict with ``bytes`` or ``path``
        In a dict the bytes win.
    limits : Limits
        ``max_bytes`` holds for files and for bytes.
    root, allow_paths
        Which files a cell may name.

    Returns
    -------
    data : bytes, at least one

    Raises
    ------
    UnreadableCell
        ``unsafe_path``, ``limit``, ``empty``, ``type``, or ``decode`` for a file that cannot
        be opened.
    """
    if isinstance(cell, dict):
        content = cell.get("bytes")
        cell = cell.get("path") if content is None else content
        if cell is None:
            raise UnreadableCell("empty", "the dict has neither bytes nor a path")
    if isinstance(cell, _IN_MEMORY):
        size = memoryview(cell).nbytes
        _check_size(size, limits)
        return bytes(cell)
    if isinstance(cell, _NAMES):
        if not allow_paths:
            raise UnreadableCell(
                "unsafe_path",
                "cells that name files are refused here (allow_paths=False): pass the bytes",
            )
        return _read_file(cell, limits, root)
    raise UnreadableCell(
        "type", f"a cell of type {type(cell).__name__} is neither a path nor encoded bytes"
    )


def _read_file(path: str | os.PathLike, limits: Limits, root: str | os.PathLike | None) -> bytes:
    try:
        name = resolve_path(path, root)
        # Ask before opening: opening a named pipe waits for ever, opening a device acts on it.
        _check_regular(os.stat(name), limits)
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(name, flags)
        try:
            # Ask again: the name may have been given to another file in between.
            data = _read_all(descriptor, _check_regular(os.fstat(descriptor), limits))
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        start = os.getcwd() if root is None else os.fspath(root)
        raise UnreadableCell(
            "decode", f"no such file (relative paths count from {_shown(start)}; see root=)"
        ) from None
    except (OSError, ValueError) as error:  # no permission, name too long or not encodable
        why = getattr(error, "strerror", None) or str(error)
        raise UnreadableCell("decode", f"the file cannot be opened: {why}") from None
    _check_size(len(data), limits)
    return data


def _read_all(descriptor: int, size: int) -> bytes:
    """Up to ``size`` bytes of an open file; a file object around it would cost a third more."""
    data = os.read(descriptor, size)
    while len(data) < size:  # a system may give less than it is asked for
        more = os.read(descriptor, size - len(data))
        if not more:
            break
        data += more
    return data


def _check_regular(status: os.stat_result, limits: Limits) -> int:
    """Size of a regular file within the limits; anything else is refused."""
    if not stat.S_ISREG(status.st_mode):
        kind = "a directory" if stat.S_ISDIR(status.st_mode) else "a pipe, device or socket"
        raise UnreadableCell("unsafe_path", f"not a regular file but {kind}")
    _check_size(status.st_size, limits)
    return status.st_size


def _check_size(n_bytes: int, limits: Limits) -> None:
    if n_bytes == 0:
        raise UnreadableCell("empty", "0 bytes")
    if n_bytes > limits.max_bytes:
        raise UnreadableCell(
            "limit", f"{n_bytes} bytes are more than Limits(max_bytes={limits.max_bytes})"
        )
