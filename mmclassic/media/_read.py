"""Every cell of a column once, chunk by chunk, and the cells that cannot be read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, cpu_count, delayed
from joblib.parallel import get_active_backend

from mmclassic._cells import as_cells, column_name, missing_mask
from mmclassic._dask import NoWorkersError, WorkerDied, client_in_force, is_dask, run_on
from mmclassic._errors import CellError, UnreadableCell
from mmclassic._threads import one_thread
from mmclassic.media._apart import ReadApart
from mmclassic.media._chunks import ChunkReader, OneByOne
from mmclassic.media._gate import Gate
from mmclassic.media._progress import tracked
from mmclassic.media._source import describe
from mmclassic.media._store import CellStore

# Cells per chunk: large enough to hide the cost of a task and of a transaction of the store,
# small enough that an interrupted run has stored nearly all of its work.
CHUNK = 32
# Processes get as many chunks at a time, so that few results wait for being fetched.
_CHUNKS_PER_PROCESS = 8
# How long an interrupted call waits for its threads: a chunk of cells.
_SECONDS_TO_END = 2.0


def read_column(
    X: Any,
    function: Callable[[Any], Any],
    *,
    store: CellStore | None = None,
    n_jobs: int | None = None,
) -> tuple[list, list[CellError]]:
    """``function`` of every cell that is there.

    Parameters
    ----------
    X : column of n cells
        Anything :func:`mmclassic._cells.as_cells` takes.
    function : callable
        From one cell to its result; raises :class:`UnreadableCell` for a cell it cannot read.
    store : CellStore, optional
        Results of earlier runs; new results (float32 arrays) are added.
    n_jobs : int, optional
        Threads, or workers of the joblib backend in force; results do not depend on it.

    Returns
    -------
    results : list of length n
        None where the cell is missing or unreadable.
    errors : list of CellError
        In the order of the rows.
    """
    cells = as_cells(X)
    results: list[Any] = [None] * len(cells)
    errors = _read(
        cells, column_name(X), ChunkReader(OneByOne(function), store), results.__setitem__, n_jobs
    )
    return results, errors


class _Matrix:
    """Rows of one width, written in any order; made when the first of them is there."""

    def __init__(self, n_rows: int):
        self.values: np.ndarray | None = None
        self.absent = np.ones(n_rows, dtype=bool)
        self._lock = threading.Lock()

    def make(self, n_features: int) -> np.ndarray:
        with self._lock:
            if self.values is None:
                self.values = np.empty((len(self.absent), n_features), dtype=np.float32)
            return self.values

    def __setitem__(self, row: int, features: np.ndarray) -> None:
        values = self.make(len(features)) if self.values is None else self.values
        values[row] = features
        self.absent[row] = False


def read_matrix(
    X: Any,
    reader: ChunkReader,
    n_features: Callable[[], int],
    *,
    n_jobs: int | None = None,
    chunk: int = CHUNK,
) -> tuple[np.ndarray, list[CellError]]:
    """One row of features per cell; beside the matrix, memory holds a few chunks only.

    Parameters
    ----------
    X : column of n cells
    reader : ChunkReader
        Gives arrays of shape (n_features,).
    n_features : callable
        Their number; asked for only where no cell can be read.
    n_jobs : int, optional
        As in :func:`read_column`.
    chunk : int, default=CHUNK
        Cells per chunk; results do not depend on it.

    Returns
    -------
    matrix : ndarray of shape (n, n_features), float32
        NaN where the cell is missing or unreadable.
    errors : list of CellError
        In the order of the rows.

    Examples
    --------
    >>> def ends(word):
    ...     return np.array([word[0], word[-1]])
    >>> read_matrix([b"\\x01\\x02\\x03", None], ChunkReader(OneByOne(ends)), lambda: 2)[0]
    array([[ 1.,  3.],
           [nan, nan]], dtype=float32)
    """
    cells = as_cells(X)
    matrix = _Matrix(len(cells))
    errors = _read(cells, column_name(X), reader, matrix.__setitem__, n_jobs, chunk)
    values = matrix.make(n_features()) if matrix.values is None else matrix.values
    values[matrix.absent] = np.nan
    return values, errors


def _read(
    cells: list,
    name: str | None,
    reader: ChunkReader,
    keep: Callable[[int, Any], None],
    n_jobs: int | None,
    chunk: int = CHUNK,
) -> list[CellError]:
    """Give ``keep`` row and result of every cell that can be read; the errors of the others."""
    rows = np.flatnonzero(~missing_mask(cells))
    parts = [rows[start : start + chunk].tolist() for start in range(0, len(rows), chunk)]
    job = _Job(cells, name, reader, keep)
    try:
        # Around all of them: to set, and to restore, what libraries have takes 0.1 ms.
        with one_thread():
            done = tracked(job.do(parts, n_jobs), [len(part) for part in parts], name or "cells")
            return [error for errors in done for error in errors]
    finally:
        if reader.store is not None:
            reader.store.close()


@dataclass
class _Job:
    """Cells to read, in parts (lists of rows), and what to do with the results."""

    cells: list
    name: str | None
    reader: ChunkReader
    keep: Callable[[int, Any], None]

    def do(self, parts: list[list[int]], n_jobs: int | None) -> Iterator[list[CellError]]:
        """Errors of the parts in their order, read by the workers that joblib has for us."""
        backend, n_workers = _workers(n_jobs)
        client = client_in_force()
        if client is not None:
            results = run_on(client, self.reader, map(self.cells_of, parts))
            yield from self._settle_lost(parts, results)
        elif n_workers == 1 or is_dask(backend):
            yield from map(self.read, parts)
        elif getattr(backend, "supports_sharedmem", False):
            # The threads themselves keep the results, so that none wait for being fetched.
            parallel = Parallel(n_jobs=n_workers, prefer="threads", return_as="generator")
            gate = Gate()
            try:
                yield from parallel(delayed(gate.run)(self.read, part) for part in parts)
            finally:  # where it was interrupted, chunks are still being read
                gate.close(_SECONDS_TO_END)
        else:
            yield from self._settle_lost(parts, self._by_processes(parts, backend, n_workers))

    def _by_processes(self, parts: list[list[int]], backend: Any, n_workers: int) -> Iterator:
        """Results of the parts; WorkerDied where a process died over one of those beside it."""
        # joblib's "multiprocessing" waits for ever for a process that was killed.
        other = "loky" if type(backend).__name__ == "MultiprocessingBackend" else None
        step = n_workers * _CHUNKS_PER_PROCESS
        # Each cell is used once: no files of large arrays for all processes.
        with Parallel(n_jobs=n_workers, backend=other, max_nbytes=None) as parallel:
            for start in range(0, len(parts), step):
                wave = parts[start : start + step]
                try:
                    yield from parallel(delayed(self.reader)(self.cells_of(part)) for part in wave)
                except BrokenExecutor:
                    yield from [WorkerDied(alone=len(wave) == 1)] * len(wave)

    def _settle_lost(self, parts: list[list[int]], results: Iterable) -> Iterator[list[CellError]]:
        """Settle results, those that a dead worker left behind after another try."""
        apart = ReadApart(self.reader)
        try:
            for part, result in zip(parts, results, strict=True):
                if isinstance(result, WorkerDied):
                    result = apart(self.cells_of(part), one_by_one=result.alone)
                yield self.settle(part, result)
        except NoWorkersError as error:
            if apart.killers:  # these may be why
                names = ", ".join(apart.killers)
                raise RuntimeError(f"{error} Reading these ended a process: {names}.") from error
            raise
        finally:
            apart.close()

    def read(self, part: list[int]) -> list[CellError]:
        # Closed at once where a result cannot be kept: a stream holds a limit on threads.
        with closing(self.reader.stream(self.cells_of(part))) as results:
            return self.settle(part, results)

    def cells_of(self, part: list[int]) -> list:
        return [self.cells[row] for row in part]

    def settle(self, part: list[int], results: Iterable) -> list[CellError]:
        """Keep the results of a part; the errors among them."""
        errors = []
        for row, result in zip(part, results, strict=True):
            if isinstance(result, UnreadableCell):
                source = describe(self.cells[row])
                errors.append(CellError(row, self.name, source, result.code, result.reason))
            else:
                self.keep(row, result)
        return errors


def _workers(n_jobs: int | None) -> tuple[Any, int]:
    """The joblib backend in force, threads if none was chosen, and how many workers it has."""
    backend, _ = get_active_backend(prefer="threads")
    if n_jobs is None:
        # Asked for without a preference: with one, joblib forgets parallel_config(n_jobs=...).
        n_jobs = get_active_backend()[1]
    n_workers = backend.effective_n_jobs(backend.default_n_jobs if n_jobs is None else n_jobs)
    if getattr(backend, "uses_threads", False):
        # More threads than cores would only wait for each other.
        n_workers = min(n_workers, cpu_count())
    return backend, n_workers


def stack_rows(results: Sequence, n_features: int) -> np.ndarray:
    """Float32 matrix of shape (len(results), n_features), NaN where a result is None.

    Examples
    --------
    >>> stack_rows([np.ones(2), None], 2)
    array([[ 1.,  1.],
           [nan, nan]], dtype=float32)
    """
    matrix = np.full((len(results), n_features), np.nan, dtype=np.float32)
    for row, result in enumerate(results):
        if result is not None:
            matrix[row] = result
    return matrix
