"""A frame to a file whose ending says of what kind it is."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from mmclassic._optional import import_optional

_COMPRESSED = (".gz", ".bz2", ".xz")


class FrameFile:
    """A file that a frame is to be written to; looked at before the work, so that none is lost.

    Parameters
    ----------
    path : path-like
        Ending in ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson`` (each also with ``.gz``, ``.bz2`` or
        ``.xz`` behind), ``.parquet`` or ``.pq``; without an ending it is CSV.

    Raises
    ------
    ValueError
        For another ending.
    ImportError
        For Parquet, where its optional part is not installed.

    Examples
    --------
    >>> import tempfile, pandas as pd
    >>> path = Path(tempfile.mkdtemp()) / "a.jsonl"
    >>> FrameFile(path).write(pd.DataFrame({"a": [1, 2]}))
    >>> path.read_text()
    '{"a":1}\\n{"a":2}\\n'
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        compressed = self.path.suffix.lower() in _COMPRESSED
        name = self.path.with_suffix("") if compressed else self.path
        self._ending = name.suffix.lower() or ".csv"
        if self._ending not in _WRITERS or (compressed and self._ending in _PARQUET):
            endings = ", ".join(_WRITERS)
            raise ValueError(f"{path}: give the file a name that ends in {endings}.")
        if self._ending in _PARQUET:
            import_optional("pyarrow", "parquet")

    def check(self, frame: Any) -> None:
        """Raise ValueError if a column of a frame does not fit into such a file."""
        for name in frame.columns:
            if self._ending not in _PARQUET and any(map(_holds_bytes, frame[name])):
                raise ValueError(
                    f"column {name!r} holds bytes, which {self._ending} files cannot: write "
                    "Parquet."
                )
            try:
                _TRIALS[self._ending](frame[[name]])
            except (ValueError, TypeError, OverflowError) as error:  # of pyarrow, too
                raise ValueError(
                    f"column {name!r} cannot be written to a {self._ending} file: {error}"
                ) from error

    def write(self, frame: Any) -> None:
        """Write a pandas.DataFrame; its index is left out."""
        _WRITERS[self._ending](frame, self.path)


def _holds_bytes(cell: Any) -> bool:
    if isinstance(cell, dict):
        return any(map(_holds_bytes, cell.values()))
    if isinstance(cell, list | tuple):
        return any(map(_holds_bytes, cell))
    return isinstance(cell, bytes | bytearray)


def _write_separated(frame: Any, path: Path | None, separator: str) -> str | None:
    texts = frame.select_dtypes(exclude="number")
    # Python's csv leaves it bare, and readers take it for the end of the line.
    words = [*frame.columns, *(cell for name in texts for cell in texts[name])]
    returns = any("\r" in word for word in words if isinstance(word, str))
    quoting = csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL
    return frame.to_csv(path, index=False, sep=separator, quoting=quoting)


def _write_lines(frame: Any, path: Path | None) -> str | None:
    return frame.to_json(
        path,
        orient="records",
        lines=True,
        force_ascii=False,
        double_precision=15,
        date_format="iso",
    )


def _write_parquet(frame: Any, path: Path) -> None:
    frame.to_parquet(path, index=False)


def _try_text(write: Callable) -> Callable[[Any], object]:
    return lambda frame: write(frame, None).encode()  # fails for half a character


def _try_parquet(frame: Any) -> None:
    import_optional("pyarrow", "parquet").Table.from_pandas(frame)


_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_LINES = (".jsonl", ".ndjson")
_PARQUET = (".parquet", ".pq")
_WRITERS: dict[str, Callable] = {
    **{ending: partial(_write_separated, separator=s) for ending, s in _SEPARATORS.items()},
    **dict.fromkeys(_LINES, _write_lines),
    **dict.fromkeys(_PARQUET, _write_parquet),
}
_TRIALS = {
    ending: _try_parquet if ending in _PARQUET else _try_text(write)
    for ending, write in _WRITERS.items()
}
