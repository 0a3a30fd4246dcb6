"""Apply a function to every cell of a column, once, and note the cells that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from mmclassic._cells import as_cells, column_name, is_missing
from mmclassic._errors import CellError, UnreadableCell
from mmclassic.media._progress import tracked
from mmclassic.media._source import describe
from mmclassic.media._store import CellStore

# Cells per task: large enough to hide joblib's cost, small enough that an interrupted
# run has stored nearly all of its work.
CHUNK = 32


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
        Threads; results do not depend on it.

    Returns
    -------
    results : list of length n
        None where the cell is missing or unreadable.
    errors : list of CellError
        In the order of the rows.
    """
    cells = as_cells(X)
    name = column_name(X)
    rows = [row for row, cell in enumerate(cells) if not is_missing(cell)]
    chunks = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
    try:
        parallel = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")
        reading = parallel(
            delayed(_read_chunk)([cells[row] for row in chunk], function, store) for chunk in chunks
        )
        read = list(tracked(reading, [len(chunk) for chunk in chunks], name or "cells"))
    finally:
        if store is not None:
            store.close()
    results: list[Any] = [None] * len(cells)
    errors = []
    for chunk, outcomes in zip(chunks, read, strict=True):
        for row, outcome in zip(chunk, outcomes, strict=True):
            if isinstance(outcome, UnreadableCell):
                source = describe(cells[row])
                errors.append(CellError(row, name, source, outcome.code, outcome.reason))
            else:
                results[row] = outcome
    return results, errors


def _read_chunk(cells: Sequence, function: Callable, store: CellStore | None) -> list:
    """Results of some cells, an exception in place of a result where one cannot be read."""
    if store is None:
        return [_attempt(function, cell) for cell in cells]
    keys = [store.key(cell) for cell in cells]
    known = store.get(keys)
    fresh: dict[bytes, Any] = {}
    outcomes = []
    for cell, key in zip(cells, keys, strict=True):
        # In fresh, where the same cell comes twice in this chunk.
        outcome = None if key is None else known.get(key, fresh.get(key))
        if outcome is None:
            outcome = _attempt(function, cell)
            if key is not None and not isinstance(outcome, UnreadableCell):
                fresh[key] = outcome
        outcomes.append(outcome)
    store.put(fresh)
    return outcomes


def _attempt(function: Callable, cell: Any) -> Any:
    try:
        return function(cell)
    except UnreadableCell as error:
        return error.with_traceback(None)


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
