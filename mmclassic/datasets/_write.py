"""A frame to a file whose ending says of what kind it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from mmclassic._optional import import_optional


def writer_of(path: str | Path) -> Callable[[Any], None]:
    """What writes a frame to a file; found before the work, so that a bad name costs none.

    Parameters
    ----------
    path : path-like
        Ending in ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson``, ``.parquet`` or ``.pq``.

    Returns
    -------
    write : callable
        Of a pandas.DataFrame; its index is left out.

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
    >>> writer_of(path)(pd.DataFrame({"a": [1, 2]}))
    >>> path.read_text()
    '{"a":1}\\n{"a":2}\\n'
    """
    ending = Path(path).suffix.lower()
    if ending not in _WRITERS:
        raise ValueError(f"{path}: give the file a name that ends in {', '.join(_WRITERS)}.")
    if ending in _PARQUET:
        import_optional("pyarrow", "parquet")
    return partial(_WRITERS[ending], path=path)


def _write_separated(frame: Any, path: str | Path, separator: str) -> None:
    frame.to_csv(path, index=False, sep=separator)


def _write_lines(frame: Any, path: str | Path) -> None:
    frame.to_json(path, orient="records", lines=True, force_ascii=False)


def _write_parquet(frame: Any, path: str | Path) -> None:
    frame.to_parquet(path, index=False)


_PARQUET = (".parquet", ".pq")
_WRITERS: dict[str, Callable] = {
    ".csv": partial(_write_separated, separator=","),
    ".tsv": partial(_write_separated, separator="\t"),
    **dict.fromkeys((".jsonl", ".ndjson"), _write_lines),
    **dict.fromkeys(_PARQUET, _write_parquet),
}
