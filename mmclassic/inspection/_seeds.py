"""Chance that depends on what a cell holds, not on where it stands."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import numpy as np

from mmclassic.media._cell_key import digest


def content_of(cell: Any) -> bytes:
    """What a cell holds, as bytes that are equal for equal cells.

    Examples
    --------
    >>> content_of("cat") == content_of(np.str_("cat")), content_of(1.0) == content_of(1)
    (True, False)
    """
    if isinstance(cell, np.generic):
        cell = cell.item()
    if isinstance(cell, str | os.PathLike):
        return digest(b"text", str(cell).encode("utf-8", "surrogatepass"))
    if isinstance(cell, bytes | bytearray | memoryview):
        return digest(b"bytes", bytes(cell))
    if isinstance(cell, np.ndarray) and not cell.dtype.hasobject:
        return digest(b"array", f"{cell.dtype.str} {cell.shape}".encode(), cell.tobytes())
    if isinstance(cell, dict):
        cell = sorted(cell.items(), key=repr)
    if isinstance(cell, list | tuple | np.ndarray):
        return digest(b"parts", *(content_of(part) for part in cell))
    if hasattr(cell, "tobytes"):  # a PIL image
        return digest(b"image", cell.tobytes())
    return digest(b"other", repr(cell).encode("utf-8", "surrogatepass"))


class Seeder:
    """Seeds for cells, from ``random_state`` and the content of each.

    Equal cells get different seeds, by the order in which they come. So damage done by these
    seeds is the same however the rows are ordered, but for rows with equal cells.

    Parameters
    ----------
    random_state : int

    Examples
    --------
    >>> there, back = Seeder(0), Seeder(0)
    >>> [there(cell) for cell in "ab"] == [back(cell) for cell in "ba"][::-1]
    True
    >>> there("a") == back("c")
    False
    """

    def __init__(self, random_state: int):
        self.random_state = random_state
        self._seen: Counter[bytes] = Counter()

    def __call__(self, cell: Any) -> int:
        content = content_of(cell)
        self._seen[content] += 1
        drawn = digest(repr((self.random_state, self._seen[content])).encode(), content)
        return int.from_bytes(drawn[:8], "little")
