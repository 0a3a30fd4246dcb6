"""A text cell as one normalised string."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from mmclassic._cells import is_missing
from mmclassic._errors import CellError, UnreadableCell
from mmclassic.media._limits import Limits
from mmclassic.media._progress import tracked
from mmclassic.media._source import describe

# Cells between two reports of progress.
_CHUNK = 512


def decode_texts(
    cells: Sequence[Any],
    *,
    name: str | None = None,
    encoding: str = "utf-8",
    limits: Limits | None = None,
) -> tuple[list[str | None], list[CellError]]:
    """A column of text cells as strings, as by :func:`decode_text`.

    Parameters
    ----------
    cells : sequence of n cells
    name : str, optional
        Of the column.
    encoding : str, default="utf-8"
        Of bytes.
    limits : Limits, optional

    Returns
    -------
    texts : list of n str
        None where a cell is missing, unreadable, or blank when decoded.
    errors : list of CellError
        In the order of the rows.

    Examples
    --------
    >>> texts, errors = decode_texts(["a cat", None, b"a dog", 3, b" "])
    >>> texts, [(error.row, error.code) for error in errors]
    (['a cat', None, 'a dog', None, None], [(3, 'type')])
    """
    limits = Limits() if limits is None else limits
    texts: list[str | None] = []
    errors: list[CellError] = []
    for first, chunk in _chunks(cells, name):
        if _all_plain(chunk, limits.max_characters):
            texts += [text if text and not text.isspace() else None for text in chunk]
            continue
        for row, cell in enumerate(chunk, first):
            plain = _all_plain([cell], limits.max_characters)
            text = cell if plain else None
            if not plain and not is_missing(cell):
                try:
                    text = decode_text(cell, encoding=encoding, limits=limits)
                except UnreadableCell as error:
                    errors.append(CellError(row, name, describe(cell), error.code, error.reason))
            texts.append(None if is_missing(text) else text)
    return texts, errors


def _all_plain(cells: Sequence[Any], longest: int) -> bool:
    """Whether all cells are strings that are their own composed form, and short enough.

    >>> _all_plain(["a cat", ""], 5), _all_plain(["a cat"], 4), _all_plain(["a", None], 5)
    (True, False, False)
    """
    # By calls that loop in C: a tenth of the time of asking cell by cell.
    return (
        set(map(type, cells)) == {str}
        and all(map(str.isascii, cells))
        and max(map(len, cells)) <= longest
    )


def _chunks(cells: Sequence[Any], name: str | None) -> Iterator[tuple[int, Sequence[Any]]]:
    """Slices of the cells, and the row of the first one in each."""
    firsts = range(0, len(cells), _CHUNK)
    sizes = [min(_CHUNK, len(cells) - first) for first in firsts]
    slices = (cells[first : first + _CHUNK] for first in firsts)
    yield from zip(firsts, tracked(slices, sizes, name or "cells"), strict=True)


def decode_text(cell: Any, *, encoding: str = "utf-8", limits: Limits | None = None) -> str:
    """A text cell as a string in Unicode's composed form (NFC).

    Parameters
    ----------
    cell : str or bytes
    encoding : str, default="utf-8"
        Of bytes.
    limits : Limits, optional
        ``max_characters`` holds, and ``max_bytes`` for bytes.

    Returns
    -------
    text : str
        Composed, so that "é" is the same word however it was typed; otherwise as given.

    Raises
    ------
    UnreadableCell
        ``type`` for any other type, ``decode`` for bytes in another encoding, ``limit``.
    LookupError
        If there is no such encoding.

    Examples
    --------
    >>> decode_text("cafe\\u0301") == decode_text("café".encode()) == "caf\\u00e9"
    True
    """
    limits = Limits() if limits is None else limits
    if isinstance(cell, bytes | bytearray | memoryview):
        text = _decode_bytes(cell, encoding, limits)
    elif isinstance(cell, str):
        text = str(cell)  # a numpy.str_ becomes a plain str
    else:
        raise UnreadableCell(
            "type", f"expected a text, got a cell of type {type(cell).__name__}: {_hint(cell)}"
        )
    if len(text) > limits.max_characters:
        raise UnreadableCell(
            "limit",
            f"{len(text)} characters are more than Limits(max_characters={limits.max_characters})",
        )
    return unicodedata.normalize("NFC", text)


def _decode_bytes(cell: bytes | bytearray | memoryview, encoding: str, limits: Limits) -> str:
    data = bytes(cell)
    if len(data) > limits.max_bytes:
        raise UnreadableCell(
            "limit", f"{len(data)} bytes are more than Limits(max_bytes={limits.max_bytes})"
        )
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise UnreadableCell(
            "decode", f"not {encoding} at byte {error.start}: pass the right encoding="
        ) from None


def _hint(cell: Any) -> str:
    if isinstance(cell, list | tuple):
        return "join the words with spaces"
    return "convert the column to strings"
