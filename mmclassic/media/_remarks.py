"""What can be said of a cell without refusing it."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

# What the end of a file's name promises.
_FORMAT_OF_ENDING = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".jpe": "JPEG", ".jfif": "JPEG", ".png": "PNG",
    ".apng": "PNG", ".gif": "GIF", ".webp": "WebP", ".tif": "TIFF", ".tiff": "TIFF",
    ".bmp": "BMP", ".dib": "BMP", ".ppm": "PPM", ".pgm": "PPM", ".pbm": "PPM", ".pnm": "PPM",
    ".jp2": "JPEG 2000", ".j2k": "JPEG 2000", ".avif": "AVIF", ".wav": "WAV", ".wave": "WAV",
    ".flac": "FLAC", ".ogg": "OGG", ".oga": "OGG", ".opus": "OGG", ".mp3": "MP3",
    ".aif": "AIFF", ".aiff": "AIFF", ".aifc": "AIFF", ".au": "AU", ".snd": "AU", ".caf": "CAF",
}  # fmt: skip


class Remark(NamedTuple):
    """Something odd about one cell.

    Attributes
    ----------
    code : str
        One word.
    severity : {"note", "warning"}
        A warning where the features will hardly be what the user wants.
    reason : str
    """

    code: str
    severity: str
    reason: str


def remark_on_name(cell: Any, kind: str) -> list[Remark]:
    """A remark where a file's name promises another format than it holds.

    Examples
    --------
    >>> remark_on_name("cat.jpg", "PNG")
    [Remark(code='extension', severity='note', reason='this is PNG, whatever its name ends in')]
    >>> remark_on_name("cat.PNG", "PNG"), remark_on_name(b"...", "PNG")
    ([], [])
    """
    if isinstance(cell, dict):
        cell = cell.get("path")
    if not isinstance(cell, str | os.PathLike):
        return []
    ending = os.path.splitext(os.fspath(cell))[1].lower()
    promised = _FORMAT_OF_ENDING.get(ending)
    if promised in (None, kind) or (promised, kind) == ("WAV", "RF64"):
        return []
    return [Remark("extension", "note", f"this is {kind}, whatever its name ends in")]
