"""Every cell of a column once, and the errors numbered by row."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest

from mmclassic._errors import UnreadableCell
from mmclassic.media._read import CHUNK, read_column, stack_rows
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
    for expected in (98, 3):  # the second time only what cannot be read is tried again
        count.calls.clear()
        store = CellStore(tmp_path / "s", {})
        results, errors = read_column(column, count, store=store, n_jobs=n_jobs)
        assert len(count.calls) == expected
        assert errors == plain_errors
        for one, other in zip(results, plain, strict=True):
            np.testing.assert_array_equal(one, other)
    assert not (tmp_path / "s-wal").exists()  # closed, all in one file


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


def test_stack_rows():
    matrix = stack_rows([None, np.ones(2)], 2)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix, [[np.nan, np.nan], [1, 1]])
    assert stack_rows([], 5).shape == (0, 5)
