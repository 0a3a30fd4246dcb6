"""A table in chunks of rows: from a CSV or Parquet file that is never held whole, or a frame."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmclassic._cells import as_cells, column_name
from mmclassic._optional import import_optional
from mmclassic.datasets._table import (
    _check_file,
    _check_header,
    _word,
    check_columns,
    read_table,
    resolve_paths,
)


@dataclass(frozen=True)
class Chunk:
    """Some rows of a table that follow each other.

    Attributes
    ----------
    start : int
        Position of the first of them in the table.
    n_rows : int
    cells : dict from column to list
        The cells to read.
    kept : dict from column to pyarrow array
        What goes with the features.
    """

    start: int
    n_rows: int
    cells: dict[str, list]
    kept: dict[str, Any]


@dataclass(frozen=True)
class ChunkedTable:
    """A table that can be gone through in chunks.

    Attributes
    ----------
    name : str
        The file, or what the table is.
    n_rows : int or None
        None where they are known only at the end.
    folder : Path or None
        What relative paths in it are seen from; None for the working directory.
    chunks : callable
        From a number of rows to an iterator of chunks of that many; the last may be shorter.
    """

    name: str
    n_rows: int | None
    folder: Path | None
    chunks: Callable[[int], Iterator[Chunk]]


def open_table(table: Any, columns: Sequence[str], keep: Sequence[str]) -> ChunkedTable:
    """A table of files, or in memory, ready to be gone through.

    Parameters
    ----------
    table : path-like, frame, or column
        A CSV or Parquet file, or a folder of Parquet files, is read chunk by chunk. JSON is read
        whole.
    columns : sequence of str
        Those of the cells.
    keep : sequence of str
        Those that go with the features. From CSV they are text, word for word.

    Raises
    ------
    FileNotFoundError, ValueError
        As :func:`mmclassic.read_table`.
    """
    if not isinstance(table, str | os.PathLike):
        return _open_frame(table, columns, keep)
    path = Path(table)
    if path.is_dir() or path.suffix.lower() in (".parquet", ".pq"):
        return _open_parquet(path, columns, keep)
    if path.suffix.lower() in (".csv", ".tsv"):
        return _open_csv(path, columns, keep)
    frame = read_table(path, literal=[*columns, *keep])
    return _open_frame(frame, columns, keep, path)


def _open_csv(path: Path, columns: Sequence[str], keep: Sequence[str]) -> ChunkedTable:
    import pandas as pd

    _check_file(path)
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    options: dict = {
        "sep": separator,
        "encoding": "utf-8-sig",
        "index_col": False,
        "dtype": str,
        "keep_default_na": False,
    }
    wanted = list(dict.fromkeys([*columns, *keep]))

    def chunks(n_rows: int) -> Iterator[Chunk]:
        with _told(path):
            header = pd.read_csv(path, header=None, nrows=1, **options).iloc[0]
            _check_header(path, [name for name in header if name], wanted)
            # All columns: pandas does not see rows that are too long where it skips some.
            file = pd.read_csv(path, chunksize=n_rows, **options)
        with file:
            start = 0
            while True:
                with _told(path):
                    frame = next(file, None)
                if frame is None:
                    return
                yield _chunk_of_words(start, frame, columns, keep)
                start += len(frame)

    return ChunkedTable(str(path), None, path.parent, chunks)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What is wrong with a CSV file, as read_table says it."""
    import pandas as pd

    with warnings.catch_warnings():
        # pandas drops cells for which there is no column, with this warning.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            yield
        except pd.errors.ParserWarning as error:
            raise ValueError(f"{path}: a row has more cells than the header.") from error
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{path} is not UTF-8 text ({error.reason}): save it as UTF-8."
            ) from error
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise ValueError(f"{path} is no table: {error}".rstrip()) from error


def _chunk_of_words(start: int, frame: Any, columns: Sequence[str], keep: Sequence[str]) -> Chunk:
    arrow = import_optional("pyarrow", "parquet")
    words = {name: [_word(cell) for cell in frame[name]] for name in [*columns, *keep]}
    kept = {name: arrow.array(words[name], arrow.string()) for name in keep}
    return Chunk(start, len(frame), {name: words[name] for name in columns}, kept)


def _open_parquet(path: Path, columns: Sequence[str], keep: Sequence[str]) -> ChunkedTable:
    parquet = import_optional("pyarrow.parquet", "parquet")
    from pyarrow import ArrowException

    paths = [path]
    if path.is_dir():
        paths = [Path(name) for name in sorted(glob.glob(f"{glob.escape(str(path))}/*.parquet"))]
    if not paths:
        raise ValueError(f"{path} is a folder without Parquet files (*.parquet).")
    _check_file(paths[0])
    try:
        n_rows = sum(parquet.ParquetFile(part).metadata.num_rows for part in paths)
        for part in paths:
            check_columns([*columns, *keep], parquet.read_schema(part).names, str(part))
    except ArrowException as error:
        raise ValueError(f"{path} is no Parquet file: {error}") from error
    wanted = list(dict.fromkeys([*columns, *keep]))

    def batches(n_rows: int) -> Iterator[Any]:
        for part in paths:
            with parquet.ParquetFile(part) as file:
                yield from file.iter_batches(n_rows, columns=wanted)

    def chunks(n_rows: int) -> Iterator[Chunk]:
        start = 0
        for rows in _of_equal_length(batches(n_rows), n_rows):
            cells = {name: rows.column(name).to_pylist() for name in columns}
            kept = {name: rows.column(name) for name in keep}
            yield Chunk(start, rows.num_rows, cells, kept)
            start += rows.num_rows

    folder = path if path.is_dir() else path.parent
    return ChunkedTable(str(path), n_rows, folder, chunks)


def _of_equal_length(batches: Iterator[Any], n_rows: int) -> Iterator[Any]:
    """Arrow batches put together or cut to so many rows; the last may have fewer."""
    from pyarrow import Table, concat_tables

    held: Any = None
    for batch in batches:
        more = Table.from_batches([batch])
        held = more if held is None else concat_tables([held, more])
        while held.num_rows >= n_rows:
            yield held.slice(0, n_rows)
            held = held.slice(n_rows)
    if held is not None and held.num_rows:
        yield held


def _open_frame(
    table: Any, columns: Sequence[str], keep: Sequence[str], path: Path | None = None
) -> ChunkedTable:
    if not hasattr(table, "columns"):
        cells = {column_name(table) or "cell": as_cells(table)}
    else:
        check_columns([*columns, *keep], list(map(str, table.columns)))
        cells = {column: as_cells(table[column]) for column in columns}
    check_columns(columns, list(cells))
    n_rows = len(cells[columns[0]])
    kept = {column: _as_arrow(table[column], column) for column in keep}

    def chunks(n: int) -> Iterator[Chunk]:
        for start in range(0, n_rows, n):
            part = {column: cells[column][start : start + n] for column in columns}
            size = len(part[columns[0]])
            yield Chunk(start, size, part, {c: kept[c].slice(start, size) for c in keep})

    folder = None if path is None else path.parent
    return ChunkedTable("the table" if path is None else str(path), n_rows, folder, chunks)


def _as_arrow(values: Any, column: str) -> Any:
    arrow = import_optional("pyarrow", "parquet")
    try:
        return values.to_arrow() if hasattr(values, "to_arrow") else arrow.array(values)
    except (arrow.ArrowInvalid, arrow.ArrowTypeError) as error:
        raise ValueError(
            f"Column {column!r} of keep= cannot be written as Parquet: {error}"
        ) from error


def seen_from(cells: Sequence, folder: str | os.PathLike) -> list:
    """Relative paths among cells, seen from a folder.

    Examples
    --------
    >>> seen_from(["cat.jpg", None], "photos")
    ['photos/cat.jpg', None]
    """
    import pandas as pd

    return resolve_paths(pd.Series(list(cells), dtype=object), folder).tolist()
