"""Cells that hold the same: duplicates, and what they do to a benchmark."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from mmclassic._cells import is_missing
from mmclassic._errors import UnreadableCell
from mmclassic.media._cell_key import cell_digest, digest, names_file
from mmclassic.media._limits import Limits
from mmclassic.media._source import read_bytes, resolve_path


def groups_of_identical(
    cells: Sequence[Any], medium: str, root: str | os.PathLike | None = None
) -> np.ndarray:
    """A number for each cell that at least one other equals; -1 for the others.

    Texts are compared without regard to case and spaces, files by their content: only files of
    equal size are opened. Missing cells equal nothing.

    Parameters
    ----------
    cells : sequence of n_rows cells
    medium : {"text", "image", "audio"}
    root : str or path-like, optional
        Folder that relative paths are seen from, and that holds all files.

    Returns
    -------
    numbers : int ndarray of shape (n_rows,)

    Examples
    --------
    >>> groups_of_identical(["a  cat", "a dog", "A cat", None, None], "text")
    array([ 0, -1,  0, -1, -1])
    """
    rows_of: dict[Any, list[int]] = defaultdict(list)
    for row, key in enumerate(_keys(cells, medium, root)):
        if key is not None:
            rows_of[key].append(row)
    numbers = np.full(len(cells), -1)
    several = [rows for rows in rows_of.values() if len(rows) > 1]
    for number, rows in enumerate(several):
        numbers[rows] = number
    return numbers


def mixed_groups(numbers: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Rows whose group holds more than one value: bool of shape (n_rows,).

    Parameters
    ----------
    numbers : int ndarray of shape (n_rows,)
        As :func:`groups_of_identical` gives them.
    values : int ndarray of shape (n_rows,)
        Fold or label of each row.

    Examples
    --------
    >>> mixed_groups(np.array([0, -1, 0, 1, 1]), np.array([2, 2, 3, 4, 4]))
    array([ True, False,  True, False, False])
    """
    mixed = np.zeros(len(numbers), dtype=bool)
    order = np.argsort(numbers, kind="stable")
    order = order[np.searchsorted(numbers[order], 0) :]
    if not len(order):
        return mixed
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    low = np.minimum.reduceat(values[order], starts)
    high = np.maximum.reduceat(values[order], starts)
    mixed[order] = np.repeat(low < high, np.diff(np.append(starts, len(order))))
    return mixed


def _keys(cells: Sequence[Any], medium: str, root: Any) -> list[Any]:
    if medium == "text":
        return [_text_key(cell) for cell in cells]
    keys: list[Any] = [None] * len(cells)
    rows_of_size: dict[int, list[int]] = defaultdict(list)
    for row, cell in enumerate(cells):
        if is_missing(cell):
            continue
        if not names_file(cell):
            keys[row] = cell_digest(cell)
            continue
        try:
            name = resolve_path(_path(cell), root)
            rows_of_size[os.stat(name).st_size].append(row)
        except (OSError, ValueError, TypeError, UnreadableCell):
            continue  # a file that cannot be found is counted as unreadable, not here
    for rows in rows_of_size.values():
        if len(rows) > 1:
            for row in rows:
                keys[row] = _content_key(cells[row], root)
    return keys


def _path(cell: Any) -> Any:
    return cell["path"] if isinstance(cell, dict) else cell


def _text_key(cell: Any) -> str | None:
    return None if is_missing(cell) else " ".join(str(cell).casefold().split())


def _content_key(cell: Any, root: Any) -> bytes | None:
    try:
        return digest(b"content", read_bytes(cell, limits=Limits(), root=root))
    except UnreadableCell:
        return None  # counted as unreadable
