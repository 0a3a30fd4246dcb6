"""extract: features of a table of any length, part by part, resumed where it stopped."""

from __future__ import annotations

import json
import os
import warnings
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from joblib import parallel_config

from mmclassic._cells import column_name
from mmclassic._dask import WorkerDied, client_in_force, run_on
from mmclassic._errors import CellError, DataQualityWarning, UnreadableCellsError
from mmclassic.extraction._chunks import Chunk, ChunkedTable, open_table, seen_from
from mmclassic.extraction._parts import (
    ERRORS,
    MANIFEST,
    ROW,
    PartNote,
    errors_as_csv,
    make_folder,
    part_path,
    read_note,
    remove_others,
    write_part,
    write_text,
)
from mmclassic.extraction._reader import PartReader
from mmclassic.media._progress import progress_to, tell
from mmclassic.media._vectorizer import CellVectorizer

# With so many cells of a column tried and none of them read, something is wrong with all.
_N_HOPELESS = 100


def extract(
    vectorizer: CellVectorizer | Mapping[str, CellVectorizer],
    table: Any,
    out: str | os.PathLike,
    *,
    column: str | None = None,
    keep: str | Sequence[str] = (),
    rows_per_part: int = 1000,
    max_error_rate: float = 0.05,
) -> list[CellError]:
    """Write the features of a table's cells to a folder of Parquet files, part by part.

    For tables whose pictures and sounds take hours, or whose features do not fit into memory:
    memory holds a part at a time, and a run that was interrupted goes on with the part where it
    stopped. A part is taken over from an earlier run only if the settings, its rows and the files
    that they name are what they were. Under ``joblib.parallel_config("dask")`` the parts are read
    by the cluster, which tries them again where a worker dies; this process writes them.

    Parameters
    ----------
    vectorizer : vectorizer, or dict from column to vectorizer
        Stateless ones: ``HOGVectorizer``, ``MFCCVectorizer``, ``BackboneVectorizer``,
        ``CellUnion`` and so on. Their ``on_unreadable`` is not used.
    table : path-like, frame, or column of cells
        A CSV or Parquet file, or a folder of Parquet files, is read in chunks, and relative paths
        in it are seen from its folder (where the vectorizer has no ``root``); a frame is taken as
        it is.
    out : path-like
        The folder, made where it is absent. One run at a time may write to it.
    column : str, optional
        The column of the cells, for a single vectorizer and a table with several columns.
    keep : str or sequence of str, default=()
        Columns to write beside the features, such as an id and the label. From CSV they are
        text, word for word.
    rows_per_part : int, default=1000
        Rows of a part: what is in memory, and what an interruption may cost.
    max_error_rate : float, default=0.05
        Share of a column's cells that may be unreadable.

    Returns
    -------
    errors : list of CellError
        The unreadable cells, numbered by table row; ``_errors.csv`` in the folder lists them,
        too. Their features are NaN, as those of missing cells.

    Raises
    ------
    UnreadableCellsError
        At the end, above ``max_error_rate``; early where not one of the first cells of a column
        can be read. What was written stays.
    ValueError
        If a column is not there, or a vectorizer has to be fitted.
    ImportError
        Without pyarrow (``pip install "mmclassic[parquet]"``).

    See Also
    --------
    BlockScaler : Before a classifier of the features.

    Notes
    -----
    ``pandas.read_parquet(out)`` reads the folder: column ``row`` is the position in the table,
    then come the kept columns and float32 features called ``column__feature``. Files whose names
    begin with an underscore are no data: ``_manifest.json`` (written last: where it is, the folder
    is complete) and ``_errors.csv``. On a cluster, the files and the vectorizers' ``cache`` are
    those that each worker sees: a store is a local file of the worker, since SQLite
    needs file locks that network drives do not keep.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> import pandas as pd
    >>> from mmclassic import ColorHistogramVectorizer, extract
    >>> pictures = [np.full((8, 8, 3), 50 * n, dtype=np.uint8) for n in range(4)]
    >>> table = pd.DataFrame({"id": list("abcd"), "photo": pictures})
    >>> with TemporaryDirectory() as out:
    ...     colors = {"photo": ColorHistogramVectorizer(bins=(2, 1, 1))}
    ...     errors = extract(colors, table, out, keep="id", rows_per_part=3)
    ...     features = pd.read_parquet(out)
    >>> features.columns.tolist()
    ['row', 'id', 'photo__hsv_hue0_saturation0_value0', 'photo__hsv_hue1_saturation0_value0']
    >>> features["id"].tolist()
    ['a', 'b', 'c', 'd']
    """
    reader = PartReader(_by_column(vectorizer, table, column))
    keep = [keep] if isinstance(keep, str) else list(keep)
    if ROW in keep:
        raise ValueError(f"keep= names {ROW!r}, which is what the row numbers are called.")
    if rows_per_part < 1:
        raise ValueError(f"rows_per_part must be at least 1, got {rows_per_part!r}.")
    if not 0 <= max_error_rate <= 1:  # nor NaN
        raise ValueError(f"max_error_rate must be from 0 to 1, got {max_error_rate!r}.")
    source = open_table(table, list(reader.vectorizers), keep)
    run = _Run(reader, source, make_folder(out), rows_per_part)
    run.do()
    run.end(max_error_rate)
    return run.errors


def _by_column(vectorizer: Any, table: Any, column: str | None) -> dict[str, CellVectorizer]:
    """Vectorizers by column, each of them stateless."""
    if isinstance(vectorizer, Mapping):
        if column is not None:
            raise ValueError("column= goes with a single vectorizer, not with a dict of them.")
        members = dict(vectorizer)
    else:
        name = column if column is not None else column_name(table)
        if name is None and (hasattr(table, "columns") or isinstance(table, str | os.PathLike)):
            raise ValueError("Which column holds the cells? Name it with column=.")
        members = {name or "cell": vectorizer}
    if not members:
        raise ValueError("Name at least one column and its vectorizer.")
    for name, member in members.items():
        if not isinstance(member, CellVectorizer):
            raise ValueError(
                f"extract takes vectorizers that learn nothing, such as HOGVectorizer; the one "
                f"for column {name!r} is a {type(member).__name__}: fit it on the table itself."
            )
        member._validate_params()
    return members


@dataclass
class _Run:
    """One call of extract: what it reads, and what it has met so far."""

    reader: PartReader
    source: ChunkedTable
    folder: Path
    rows_per_part: int
    errors: list[CellError] = field(default_factory=list)
    n_cells: Counter = field(default_factory=Counter)
    n_parts: int = 0
    n_replaced: int = 0
    n_rows: int = 0

    def do(self) -> None:
        """Read and write the parts that are not there, in their order."""
        complete = self.folder / MANIFEST
        complete.unlink(missing_ok=True)
        waiting: deque[tuple[int, Chunk, str]] = deque()
        for (features, errors), (number, chunk, fingerprint) in self._read(waiting):
            rows = range(chunk.start, chunk.start + chunk.n_rows)
            errors = [replace(error, row=rows[error.row]) for error in errors]
            note = PartNote(fingerprint, self.reader.n_cells(chunk), errors)
            named = list(zip(self.reader.names(), features, strict=True))
            write_part(part_path(self.folder, number), chunk, named, note)
            self._count(note, chunk)
        if self.n_rows == 0:
            raise ValueError(f"{self.source.name} has no rows.")

    def _read(self, waiting: deque) -> Iterator[tuple[tuple, tuple]]:
        """Results of the parts that are to be read, and which they are."""
        client = client_in_force()
        cells = self._to_read(waiting)
        if client is None:
            results: Iterable = map(self._read_here, cells)
        else:
            results = run_on(client, self.reader.with_jobs(None), cells)
        for result in results:
            part = waiting.popleft()
            if isinstance(result, WorkerDied):
                # In processes that may die: the file is named.
                with parallel_config("loky", n_jobs=2), progress_to(None):
                    result = self.reader.with_jobs(None)(part[1].cells)
            yield result, part

    def _read_here(self, cells: dict[str, list]) -> tuple:
        with progress_to(None):  # this call tells of rows
            return self.reader(cells)

    def _to_read(self, waiting: deque) -> Iterator[dict[str, list]]:
        """Cells of the parts that are not there; which they are goes to ``waiting``."""
        for number, chunk in enumerate(self.source.chunks(self.rows_per_part)):
            chunk = self._located(chunk)
            self.n_parts = number + 1
            # Before it is read: a part of files that changed since is not taken over next time.
            fingerprint = self.reader.fingerprint(chunk)
            note = read_note(part_path(self.folder, number))
            if note is not None and note.fingerprint == fingerprint:
                self._count(note, chunk)
                continue
            self.n_replaced += note is not None
            waiting.append((number, chunk, fingerprint))
            yield chunk.cells

    def _located(self, chunk: Chunk) -> Chunk:
        """The chunk with paths seen from the table's folder."""
        folder = self.source.folder
        if folder is None:
            return chunk
        members = self.reader.vectorizers.items()
        cells = {
            column: seen_from(chunk.cells[column], folder)
            if member.root is None
            else chunk.cells[column]
            for column, member in members
        }
        return replace(chunk, cells=cells)

    def _count(self, note: PartNote, chunk: Chunk) -> None:
        self.errors += note.errors
        self.n_cells.update(note.n_cells)
        self.n_rows += chunk.n_rows
        tell(self.n_rows, self.source.n_rows, "rows")
        for column, n_errors in Counter(error.column for error in self.errors).items():
            if n_errors == self.n_cells[column] >= _N_HOPELESS:
                raise UnreadableCellsError(
                    self._errors_of(column), n_errors, "Not one cell could be read so far."
                )

    def _errors_of(self, column: str | None) -> list[CellError]:
        return [error for error in self.errors if error.column == column]

    def end(self, max_error_rate: float) -> None:
        """Sum up: the files of errors and of what there is; the error or the warning."""
        n_gone = self.n_replaced + remove_others(self.folder, self.n_parts)
        if n_gone:
            warnings.warn(
                f"{n_gone} parts in {self.folder} were of another table, other settings or files "
                "that have changed: they were replaced, or removed.",
                DataQualityWarning,
                stacklevel=3,
            )
        self.errors.sort(key=lambda error: error.row)
        write_text(self.folder / ERRORS, errors_as_csv(self.errors))
        for column, n_cells in self.n_cells.items():
            unreadable = self._errors_of(column)
            if len(unreadable) > max_error_rate * n_cells:
                advice = (
                    f"That is more than max_error_rate={max_error_rate} of column {column!r}: "
                    "repair the cells and run this again (only the parts that they are in are "
                    "read again), or raise max_error_rate."
                )
                raise UnreadableCellsError(unreadable, n_cells, advice)
        about = {
            "rows": self.n_rows,
            "parts": self.n_parts,
            "unreadable_cells": len(self.errors),
            "source": self.source.name,
            **self.reader.settings(),
        }
        write_text(self.folder / MANIFEST, json.dumps(about, indent=2))
        if self.errors:
            n_cells = sum(self.n_cells.values())
            warnings.warn(
                f"{len(self.errors)} of {n_cells} cells cannot be read: their features are NaN, "
                f"and {self.folder / ERRORS} lists them; the first: {self.errors[0]}",
                DataQualityWarning,
                stacklevel=3,
            )
