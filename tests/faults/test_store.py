"""Whatever happens to the file of a store, and whoever shares it: never a wrong value."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest

from mmclassic import DataQualityWarning, HOGVectorizer
from mmclassic.media._store import CellStore
from tests.faults.processes import fork

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is a Unix thing")
N_CELLS = 200


def filled_store(path: Path) -> dict[bytes, np.ndarray]:
    """What was put into a store, in a few transactions."""
    rng = np.random.default_rng(0)
    store = CellStore(path, {})
    arrays = {store.key(b"%d" % i): rng.normal(size=100).astype(np.float32) for i in range(N_CELLS)}
    keys = list(arrays)
    for start in range(0, N_CELLS, 32):
        store.put({key: arrays[key] for key in keys[start : start + 32]})
    store.close()
    return arrays


def n_wrong(path: Path, arrays: dict[bytes, np.ndarray]) -> tuple[int, int]:
    """Wrong and right arrays that a store hands out; then it must take new ones or be off."""
    store = CellStore(path, {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        found = store.get(arrays)
        store.put({store.key(b"new"): np.ones(3, np.float32)})
        store.close()
    right = sum(array.tobytes() == arrays[key].tobytes() for key, array in found.items())
    return len(found) - right, right


def flip_bits(path: Path, n_flips: int) -> tuple[int, int]:
    """Wrong and right arrays after each of some flips, one at a time."""
    arrays = filled_store(path)
    intact = path.read_bytes()
    rng = np.random.default_rng(1)
    wrong = right = 0
    for _ in range(n_flips):
        damaged = bytearray(intact)
        damaged[rng.integers(len(intact))] ^= 1 << rng.integers(8)
        for leftover in path.parent.glob(path.name + "-*"):
            leftover.unlink()
        path.write_bytes(damaged)
        counts = n_wrong(path, arrays)
        wrong, right = wrong + counts[0], right + counts[1]
    return wrong, right


@pytest.mark.parametrize("n_flips", [200, pytest.param(1000, marks=pytest.mark.extra)])
def test_a_flipped_bit_gives_no_wrong_value(tmp_path, n_flips):
    wrong, right = flip_bits(tmp_path / "cells.sqlite", n_flips)
    assert wrong == 0
    assert right > 0.9 * n_flips * N_CELLS  # one bit costs few rows


@pytest.mark.parametrize("n_cuts", [50, pytest.param(200, marks=pytest.mark.extra)])
def test_a_cut_file_gives_no_wrong_value(tmp_path, n_cuts):
    path = tmp_path / "cells.sqlite"
    arrays = filled_store(path)
    intact = path.read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(n_cuts):
        for leftover in tmp_path.glob("cells.sqlite-*"):
            leftover.unlink()
        path.write_bytes(intact[: rng.integers(len(intact))])
        assert n_wrong(path, arrays)[0] == 0


def test_a_store_that_cannot_be_written_is_no_obstacle(table, tmp_path):
    hog = HOGVectorizer(cache=tmp_path / "cells.sqlite")
    half = hog.transform(table["photo"][:32])
    connection = sqlite3.connect(hog.cache)  # root may write to any file: a newer schema it is not
    connection.execute("PRAGMA user_version=2")
    connection.close()
    before = Path(hog.cache).read_bytes()
    with pytest.warns(DataQualityWarning, match="schema 2, this version reads 1") as told:
        values = hog.transform(table["photo"][:64])
    assert len(told) == 1
    assert values[:32].tobytes() == half.tobytes()
    assert Path(hog.cache).read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write all")
def test_a_store_without_the_right_to_write(table, tmp_path):
    hog = HOGVectorizer(cache=tmp_path / "folder" / "cells.sqlite")
    expected = hog.transform(table["photo"][:32])
    os.chmod(hog.cache, 0o444)
    os.chmod(tmp_path / "folder", 0o555)
    check_that_it_is_read_only(hog, table, expected)
    os.chmod(tmp_path / "folder", 0o755)


def check_that_it_is_read_only(hog, table, expected):
    """What is there is used; what is not is computed, with one word about the store."""
    assert hog.transform(table["photo"][:32]).tobytes() == expected.tobytes()
    with pytest.warns(DataQualityWarning, match="cannot be used") as told:
        assert hog.transform(table["photo"][:64])[:32].tobytes() == expected.tobytes()
    assert len(told) == 1


@pytest.mark.extra
def test_a_store_on_a_disk_that_is_read_only(table, small_disk):
    hog = HOGVectorizer(size=(16, 16), cache=small_disk / "cells.sqlite")
    expected = hog.transform(table["photo"][:32])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    check_that_it_is_read_only(hog, table, expected)


def value_of(i: int) -> np.ndarray:
    return np.full(50, i, np.float32)


def write_and_check(path: Path, cells: range) -> None:
    """Put and get, chunk by chunk; an error (and so a status of 1) at a wrong value."""
    warnings.simplefilter("ignore", DataQualityWarning)
    for start in range(0, len(cells), 5):
        store = CellStore(path, {})
        keys = {store.key(b"%d" % i): i for i in cells[start : start + 5]}
        store.put({key: value_of(i) for key, i in keys.items()})
        for key, array in store.get(keys).items():
            if array.tobytes() != value_of(keys[key]).tobytes():
                raise ValueError("a wrong value")
        store.close()


def delete_often(path: Path) -> None:
    """Somebody who clears the store: its rows, and then its files."""
    for _ in range(20):
        try:
            connection = sqlite3.connect(path, timeout=10)
            connection.execute("DELETE FROM cells")
            connection.commit()
            connection.close()
        except sqlite3.Error:
            pass  # not yet there, or gone: as it is for people
        for name in (path.name, path.name + "-journal"):
            path.with_name(name).unlink(missing_ok=True)


@needs_fork
@pytest.mark.parametrize("deleter", [False, True])
def test_eight_processes_share_a_store(tmp_path, deleter):
    path = tmp_path / "cells.sqlite"
    same, own = range(60), [range(100 * n, 100 * n + 60) for n in range(1, 5)]
    work = [lambda: write_and_check(path, same)] * 4
    work += [lambda cells=cells: write_and_check(path, cells) for cells in own]
    work += [lambda: delete_often(path)] * deleter
    children = [fork(job) for job in work]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(work)
    if not deleter:
        store = CellStore(path, {})
        keys = {store.key(b"%d" % i): i for cells in (same, *own) for i in cells}
        found = store.get(keys)
        assert {keys[key]: float(array[0]) for key, array in found.items()} == {
            i: float(i) for i in keys.values()
        }


# Files that change


def overwrite(path: str, level: int) -> None:
    """Another picture of the same size in bytes, with the times of the old one."""
    status = os.stat(path)
    bitmap = cv2.imencode(".bmp", np.full((24, 24, 3), level, np.uint8))[1].tobytes()
    Path(path).write_bytes(bitmap)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.fixture
def bitmaps(tmp_path) -> list[str]:
    rng = np.random.default_rng(0)
    paths = [str(tmp_path / f"{row}.bmp") for row in range(40)]
    for path in paths:
        cv2.imwrite(path, rng.integers(0, 256, (24, 24, 3), np.uint8))
    return paths


def test_a_file_that_changed_between_fit_and_predict_is_read_anew(bitmaps, tmp_path):
    hog = HOGVectorizer(cache=tmp_path / "cells.sqlite")
    before = hog.fit_transform(bitmaps)
    overwrite(bitmaps[7], 0)
    after = hog.transform(bitmaps)
    assert after.tobytes() == HOGVectorizer().transform(bitmaps).tobytes()
    assert np.flatnonzero((after != before).any(axis=1)).tolist() == [7]


def test_files_that_change_while_they_are_read_leave_nothing_stale(bitmaps, tmp_path):
    hog = HOGVectorizer(cache=tmp_path / "cells.sqlite", n_jobs=2)
    end = threading.Event()

    def change():
        rng = np.random.default_rng(0)
        while not end.is_set():
            overwrite(bitmaps[rng.integers(40)], int(rng.integers(256)))

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(5):
            hog.transform(pd_series(bitmaps))
    except ValueError:
        pass  # a half written file is unreadable at that moment
    finally:
        end.set()
        thread.join()
    assert hog.transform(bitmaps).tobytes() == HOGVectorizer().transform(bitmaps).tobytes()


def pd_series(cells):
    import pandas as pd

    return pd.Series(cells, name="photo")
