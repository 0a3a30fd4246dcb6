"""A text cell as one normalised string."""

from __future__ import annotations

import unicodedata
from typing import Any

from mmclassic._errors import UnreadableCell
from mmclassic.media._limits import Limits


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
