"""The store keeps what it is given, for threads and processes alike."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import warnings

import numpy as np
import pytest

from mmclassic.media import default_cache_path
from mmclassic.media._store import CellStore

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is a Unix thing")
ROW = np.array([1.5, -2.0, np.nan], dtype=np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "cells.sqlite"


def keys_of(store, n):
    return [store.key(f"cell {i}".encode()) for i in range(n)]


def test_what_was_put_is_got_bit_by_bit(path):
    store = CellStore(path, {"a": 1})
    arrays = dict(
        zip(keys_of(store, 3), [ROW, ROW.reshape(3, 1), np.zeros((0, 4), "f4")], strict=True)
    )
    store.put(arrays)
    for reader in (store, CellStore(path, {"a": 1}), pickle.loads(pickle.dumps(store))):
        found = reader.get([*arrays, None, store.key(b"other")])
        assert found.keys() == arrays.keys()
        for key, array in arrays.items():
            assert found[key].dtype == np.float32
            np.testing.assert_array_equal(found[key], array)


def test_nothing_is_pickled_into_the_file(path):
    store = CellStore(path, {})
    store.put({store.key(b"a"): ROW})
    store.close()
    assert ROW.tobytes() in path.read_bytes()
    assert b"numpy" not in path.read_bytes()


def test_more_keys_than_one_query_takes(path):
    store = CellStore(path, {})
    keys = keys_of(store, 1000)
    store.put(dict.fromkeys(keys, ROW))
    assert len(store.get(keys)) == 1000


def test_settings_separate(path):
    first, second = CellStore(path, {"a": 1}), CellStore(path, {"a": 2})
    assert first.key(b"x") != second.key(b"x")
    assert first.key(b"x") == CellStore(path, {"a": 1}).key(b"x")


def test_threads_share_a_store(path):
    store = CellStore(path, {})
    keys = keys_of(store, 80)

    def work(part):
        for key in part:
            store.put({key: np.full(50, key[0], "f4")})
            assert store.get([key])[key][0] == key[0]

    threads = [threading.Thread(target=work, args=(keys[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.get(keys)
    assert {key: float(array[7]) for key, array in found.items()} == {k: float(k[0]) for k in keys}


def _in_child(work) -> int:
    """Run ``work`` in a forked process; its id."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside other tests' threads
        child = os.fork()
    if child:
        return child
    status = 1
    try:
        warnings.simplefilter("error")
        work()
        status = 0
    finally:
        os._exit(status)


@needs_fork
def test_processes_share_a_file(path):
    """Four writers at once, on the same keys, of a file that is not there yet."""

    def work():
        for i in range(40):
            store = CellStore(path, {})
            store.put({store.key(b"%d" % i): np.full(9, i, "f4")})
            store.close()

    children = [_in_child(work) for _ in range(4)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    store = CellStore(path, {})
    found = store.get([store.key(b"%d" % i) for i in range(40)])
    assert sorted(float(array[0]) for array in found.values()) == list(range(40))


@needs_fork
def test_a_forked_child_opens_its_own_connection(path):
    store = CellStore(path, {})
    first, second = keys_of(store, 2)
    store.put({first: ROW})

    def work():
        inherited = store._connection
        store.put({second: store.get([first])[first] + 1})
        if store._connection is inherited:
            raise RuntimeError("SQLite forbids the use of a connection across a fork")

    child = _in_child(work)
    assert os.waitpid(child, 0)[1] == 0
    np.testing.assert_array_equal(store.get([second])[second], ROW + 1)


@needs_fork
def test_a_killed_writer_leaves_what_it_had_put(path):
    def work():
        store = CellStore(path, {})
        store.put({store.key(b"a"): ROW})
        os.kill(os.getpid(), signal.SIGKILL)

    assert os.waitpid(_in_child(work), 0)[1] == signal.SIGKILL
    store = CellStore(path, {})
    np.testing.assert_array_equal(store.get([store.key(b"a")])[store.key(b"a")], ROW)


def test_default_place(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_path() == tmp_path / "mmclassic" / "cells.sqlite"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored, says the standard
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache_path() == tmp_path / ".cache" / "mmclassic" / "cells.sqlite"
