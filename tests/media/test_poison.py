"""A cell that ends the process which reads it is named; the others are read as ever."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config

from mmclassic._errors import UnreadableCell
from mmclassic.media import _apart
from mmclassic.media._apart import ReadApart
from mmclassic.media._chunks import ChunkReader, OneByOne
from mmclassic.media._read import read_matrix
from mmclassic.media._store import CellStore

DEATHS = {
    b"killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    b"segfault": lambda: ctypes.string_at(0),
    b"exit 0": lambda: os._exit(0),
    b"exit 1": lambda: os._exit(1),
}

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="SIGKILL is a Unix thing")


class DyingReader:
    """The numbers in a file; four words in it end the process, one says that it is bad."""

    def __call__(self, path: str) -> np.ndarray:
        data = Path(path).read_bytes()
        if data in DEATHS:
            DEATHS[data]()
        if data == b"bad":
            raise UnreadableCell("decode", "it is bad")
        return np.frombuffer(data, dtype=np.uint8).astype(np.float32)


def write_cells(folder: Path, n: int, poison: dict[int, bytes]) -> pd.Series:
    """A column of paths, with poison in some of the files."""
    paths = [str(folder / f"{row:04}.bin") for row in range(n)]
    for row, path in enumerate(paths):
        Path(path).write_bytes(poison.get(row, bytes([row % 251, 7])))
    return pd.Series(paths, name="clip", index=np.arange(n) % 7)


def read(column, store=None):
    return read_matrix(column, ChunkReader(OneByOne(DyingReader()), store), lambda: 2)


def expected(n: int, absent: set[int]) -> np.ndarray:
    values = np.array([[row % 251, 7] for row in range(n)], dtype=np.float32)
    values[list(absent)] = np.nan
    return values


@pytest.mark.parametrize(
    "backend", ["loky", pytest.param("multiprocessing", marks=pytest.mark.extra)]
)
def test_the_file_that_killed_a_worker_is_named(tmp_path, backend):
    column = write_cells(tmp_path, 300, {77: b"killed", 200: b"bad"})
    start = time.monotonic()
    with parallel_config(backend=backend, n_jobs=2):
        values, errors = read(column, CellStore(tmp_path / "cells.sqlite", {}))
    assert time.monotonic() - start < 120  # seconds; no hang, on a busy machine, too
    assert [(e.row, e.column, e.source, e.code) for e in errors] == [
        (77, "clip", column.iloc[77], "crash"),
        (200, "clip", column.iloc[200], "decode"),
    ]
    assert "ended the process" in errors[0].reason
    np.testing.assert_array_equal(values, expected(300, {77, 200}))


@pytest.mark.extra
def test_every_way_to_die_among_a_thousand_cells(tmp_path):
    poison = dict(zip([3, 500, 501, 999], DEATHS, strict=True))
    column = write_cells(tmp_path, 1000, poison)
    with parallel_config("loky", n_jobs=2):
        values, errors = read(column)
    assert [(e.row, e.code) for e in errors] == [(row, "crash") for row in poison]
    np.testing.assert_array_equal(values, expected(1000, set(poison)))


class Once:
    """Dies over a cell the first time only, as under an accident that is not the cell's fault."""

    def __call__(self, cells: list) -> list:
        mark = Path(cells[0])
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return [np.ones(1, np.float32)] * len(cells)


def test_a_cell_is_blamed_only_if_the_process_dies_twice(tmp_path):
    apart = ReadApart(ChunkReader(Once()))
    try:
        assert [array.tolist() for array in apart([tmp_path / "mark"])] == [[1.0]]
    finally:
        apart.close()


class AlwaysDies:
    def __call__(self, cells: list) -> list:
        os._exit(1)


@pytest.mark.extra
def test_where_every_cell_kills_it_is_not_the_cells(monkeypatch):
    monkeypatch.setattr(_apart, "MAX_KILLERS", 0)
    apart = ReadApart(ChunkReader(AlwaysDies()))
    with pytest.raises(RuntimeError, match=r"the first: bytes \(1 B\)"):
        apart([b"a"])
