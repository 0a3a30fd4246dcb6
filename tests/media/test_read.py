"""Every cell of a column once, and the errors numbered by row."""

from __future__ import annotations

import pickle
import threading
import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from joblib import cpu_count, parallel_config
from threadpoolctl import threadpool_info, threadpool_limits

from mmclassic import _threads
from mmclassic._errors import CellError, DataQualityWarning, UnreadableCell, settle
from mmclassic.media import _read
from mmclassic.media._chunks import ChunkReader, OneByOne
from mmclassic.media._progress import progress_to
from mmclassic.media._read import CHUNK, read_column, read_matrix, stack_rows
from mmclassic.media._store import CellStore


class Counting:
    """The length of a bytes cell, and how often it was asked for."""

    def __init__(self):
        self.calls = []
        self.threads = set()

    def __call__(self, cell):
        self.calls.append(cell)
        self.threads.add(threading.get_ident())
        if cell.startswith(b"bad"):
            raise UnreadableCell("decode", "it is bad")
        return np.array([len(cell)], dtype=np.float32)


@pytest.fixture
def column():
    """100 cells of which some are missing and some bad: more than one chunk."""
    cells = [b"x" * (row + 1) for row in range(100)]
    cells[3] = cells[50] = None
    cells[7] = cells[CHUNK] = cells[99] = b"bad"
    return cells


@pytest.mark.parametrize("n_jobs", [None, 1, 2, 3])
def test_results_and_errors_by_row(column, n_jobs):
    count = Counting()
    frame = pd.DataFrame({"clip": column}, index=np.arange(100) % 10)
    results, errors = read_column(frame, count, n_jobs=n_jobs)
    assert len(count.calls) == 98
    assert [error.row for error in errors] == [7, CHUNK, 99]
    assert {(e.column, e.source, e.code, e.reason) for e in errors} == {
        ("clip", "bytes (3 B)", "decode", "it is bad")
    }
    absent = [row for row, result in enumerate(results) if result is None]
    assert absent == [3, 7, CHUNK, 50, 99]
    assert all(results[row] == row + 1 for row in range(100) if row not in absent)


def test_other_exceptions_are_not_hidden():
    def broken(cell):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_column([b"a"], broken)


def test_nothing_to_do():
    assert read_column([], Counting()) == ([], [])
    assert read_column([None, float("nan")], Counting()) == ([None, None], [])


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_the_store_saves_work_and_changes_nothing(column, tmp_path, n_jobs):
    count = Counting()
    plain, plain_errors = read_column(column, Counting())
    # One bad cell comes twice in a chunk. The second time only the bad ones are tried again.
    for expected in (97, 2):
        count.calls.clear()
        store = CellStore(tmp_path / "s", {})
        results, errors = read_column(column, count, store=store, n_jobs=n_jobs)
        assert len(count.calls) == expected
        assert errors == plain_errors
        for one, other in zip(results, plain, strict=True):
            np.testing.assert_array_equal(one, other)
    assert not (tmp_path / "s-wal").exists()  # all in one file, but for the journal


def test_with_a_store_one_content_is_computed_once(tmp_path):
    count = Counting()
    results, _ = read_column([b"a", b"b", b"a"], count, store=CellStore(tmp_path / "s", {}))
    assert count.calls == [b"a", b"b"]
    assert results[0] is results[2]


def test_a_run_that_was_interrupted_goes_on(tmp_path):
    cells = [b"%d" % row for row in range(3 * CHUNK)]

    def interrupted(cell):
        if cell == b"%d" % (2 * CHUNK + 5):
            raise KeyboardInterrupt
        return np.ones(1, dtype=np.float32)

    with pytest.raises(KeyboardInterrupt):
        read_column(cells, interrupted, store=CellStore(tmp_path / "s", {}))
    count = Counting()
    read_column(cells, count, store=CellStore(tmp_path / "s", {}))
    assert len(count.calls) == CHUNK


def ends(cell):
    if not cell:
        raise UnreadableCell("empty", "0 bytes")
    return np.array([cell[0], cell[-1]], dtype=np.float32)


def read_ends(cells, **options):
    reader = ChunkReader(OneByOne(ends), options.pop("store", None))
    return read_matrix(cells, reader, lambda: 2, **options)


@pytest.mark.parametrize("options", [{}, {"chunk": 1}, {"chunk": 7}, {"n_jobs": 2}, {"chunk": 999}])
def test_a_matrix_has_one_row_per_cell_whatever_the_chunks(options):
    cells = [bytes([row, 7]) for row in range(100)]
    cells[3], cells[50], cells[99] = None, b"", b""
    matrix, errors = read_ends(pd.Series(cells, name="clip"), **options)
    assert matrix.dtype == np.float32
    expected = np.array([[row, 7] for row in range(100)], dtype=float)
    expected[[3, 50, 99]] = np.nan
    np.testing.assert_array_equal(matrix, expected)
    assert [(error.row, error.column) for error in errors] == [(50, "clip"), (99, "clip")]


def test_a_matrix_has_its_width_where_nothing_can_be_read():
    matrix, errors = read_ends([None, b""])
    assert matrix.shape == (2, 2)
    assert np.isnan(matrix).all()
    assert len(errors) == 1
    assert read_ends([])[0].shape == (0, 2)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_what_cannot_be_kept_leaves_no_limit_on_threads(n_jobs):
    """The error, whose traceback holds the stream of results, is alive."""
    cells = [np.zeros(3 + (row == 40), dtype=np.float32) for row in range(200)]
    inside = _threads._n_inside
    with pytest.raises(ValueError, match="could not broadcast") as caught:
        read_matrix(cells, ChunkReader(OneByOne(np.asarray)), lambda: 3, n_jobs=n_jobs)
    assert caught.value.__traceback__ is not None
    assert _threads._n_inside == inside


def test_a_row_is_kept_before_the_next_cell_is_read(monkeypatch):
    order = []
    keep = _read._Matrix.__setitem__

    def noted(self, row, features):
        order.append(f"keep {row}")
        keep(self, row, features)

    def read(cell):
        order.append(f"read {cell[0]}")
        return np.ones(1, dtype=np.float32)

    monkeypatch.setattr(_read._Matrix, "__setitem__", noted)
    read_matrix([b"0", b"1"], ChunkReader(OneByOne(read)), lambda: 1)
    assert order == ["read 48", "keep 0", "read 49", "keep 1"]


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_threads_are_limited_once_and_everywhere(n_jobs, monkeypatch):
    """Once for all chunks, since it takes as long as a cell; OpenMP in every thread of its own."""
    limited, seen = [], set()
    limit = _threads._limit

    def counted():
        limited.append(1)
        limit()

    def read(cell):
        seen.update(pool["num_threads"] for pool in threadpool_info())
        return np.ones(1, dtype=np.float32)

    with threadpool_limits(2):
        one_thread_first = {pool["num_threads"] for pool in threadpool_info()} == {1}
        monkeypatch.setattr(_threads, "_limit", counted)
        read_matrix([b"a"] * 8, ChunkReader(OneByOne(read)), lambda: 1, n_jobs=n_jobs, chunk=2)
    assert len(limited) == 1 or one_thread_first
    assert seen == {1}


@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing", "sequential"])
def test_a_surrounding_choice_of_workers_holds(backend, tmp_path):
    cells = [bytes([row, 7]) for row in range(100)]
    plain, _ = read_ends(cells)
    with parallel_config(backend=backend, n_jobs=2):
        np.testing.assert_array_equal(read_ends(cells)[0], plain)
        for _ in range(2):
            store = CellStore(tmp_path / "s", {})
            np.testing.assert_array_equal(read_ends(cells, store=store)[0], plain)
    assert len(store.get([store.key(cell) for cell in cells])) == 100


@pytest.mark.parametrize(
    ("n_jobs", "in_force", "several"), [(None, 1, False), (None, 2, True), (1, 2, False)]
)
def test_how_many_threads_work(n_jobs, in_force, several):
    threads = set()

    def work(cell):
        threads.add(threading.get_ident())
        time.sleep(0.001)
        return np.zeros(1, dtype=np.float32)

    with parallel_config(n_jobs=in_force):
        read_column([b"a"] * 200, work, n_jobs=n_jobs)
    assert (threads != {threading.get_ident()}) is several


def test_no_more_threads_than_cores():
    threads = set()

    def work(cell):
        threads.add(threading.get_ident())
        time.sleep(0.0005)

    read_column([b"a"] * 40 * CHUNK, work, n_jobs=64)
    assert len(threads) <= cpu_count()


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_memory_is_the_matrix_and_a_few_chunks(n_jobs):
    def wide(cell):
        return np.ones(10_000, dtype=np.float32)

    cells = [b"a"] * 1_000
    reader = ChunkReader(OneByOne(wide))
    tracemalloc.start()
    try:
        matrix, _ = read_matrix(cells, reader, lambda: 10_000, n_jobs=n_jobs)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert matrix.nbytes == 40_000_000
    assert peak - matrix.nbytes < 10 * CHUNK * 40_000  # rows of a list would be 40 MB more


def test_listeners_hear_of_every_chunk():
    heard = []
    with progress_to(lambda done, total, what: heard.append((done, total, what))):
        read_ends(pd.Series([b"a"] * 70 + [None], name="clip"))
    assert heard == [(32, 70, "clip"), (64, 70, "clip"), (70, 70, "clip")]


def test_stack_rows():
    matrix = stack_rows([None, np.ones(2)], 2)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, [[np.nan, np.nan], [1, 1]])
    assert stack_rows([], 5).shape == (0, 5)


def test_the_warning_carries_the_cells_and_survives_pickling():
    """For programs: a warning holds one record per cell that cannot be read."""
    record = CellError(3, "photo", "a.jpg", "empty", "0 bytes")
    with pytest.warns(DataQualityWarning, match="1 of 9 cells") as caught:
        settle([record], 9, "missing")
    for warning in (caught[0].message, pickle.loads(pickle.dumps(caught[0].message))):
        assert warning.errors == [record]
        assert "1 of 9 cells" in str(warning)
    assert DataQualityWarning("a fold was left out").errors == []
