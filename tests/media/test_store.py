"""The store: what a key means, and that no accident gives a wrong value."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sqlite3
import threading
import warnings

import numpy as np
import pytest
from PIL import Image
from sklearn.base import BaseEstimator

from mmclassic._errors import DataQualityWarning
from mmclassic.media import Limits, default_cache_path
from mmclassic.media._store import CellStore, settings_of

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
            assert found[key].flags.writeable
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


def test_every_kind_of_cell_has_its_own_key(tmp_path):
    store = CellStore(tmp_path / "s", {})
    (tmp_path / "a").write_bytes(b"x")
    grey = Image.new("L", (2, 2))
    turned = grey.copy()
    turned.getexif()[0x0112] = 6
    cells = [
        b"x",
        b"y",
        str(tmp_path / "a"),
        np.zeros(4, "f4"),
        np.zeros((2, 2), "f4"),
        np.zeros(2, "f8"),
        np.zeros(4, "i4"),
        (np.zeros(4, "f4"), 8000),
        (np.zeros(4, "f4"), 16000),
        grey,
        turned,
        Image.new("L", (2, 2), 1),
        Image.new("P", (2, 2)),
    ]
    keys = [store.key(cell) for cell in cells]
    assert None not in keys
    assert len(set(keys)) == len(cells)
    assert all(len(key) == 20 for key in keys)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"x", {"bytes": b"x", "path": "p"}),
        (b"x", bytearray(b"x")),
        ((np.ones(3), 8000), {"array": np.ones(3), "sampling_rate": 8000.0}),
        (np.arange(4)[::2], np.array([0, 2])),
    ],
)
def test_the_same_content_has_the_same_key(path, one, other):
    store = CellStore(path, {})
    assert store.key(one) == store.key(other)


@pytest.mark.parametrize(
    "cell",
    [
        None,
        7,
        [1, 2],
        {},
        {"array": [[1], [2, 3]], "sampling_rate": 1},
        {"array": np.ones(3)},
        np.array([None]),
        (np.ones(3), "fast"),
        "no/such/file",
        "nul\0",
        "a\ud800",
        "https://example.org/a.jpg",
        "x" * 10000,
        Image.open,
    ],
)
def test_a_bad_cell_has_no_key_and_raises_nothing(path, cell):
    assert CellStore(path, {}).key(cell) is None


def test_a_changed_file_has_another_key(tmp_path):
    store, file = CellStore(tmp_path / "s", {}), tmp_path / "a.bin"
    file.write_bytes(b"one")
    before = store.key(str(file))
    assert store.key(file) == before
    assert CellStore(tmp_path / "s", {}, tmp_path).key("a.bin") == before
    status = file.stat()
    file.write_bytes(b"two")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
    later = store.key(file)
    assert later != before
    # Another file with the same size and times.
    (tmp_path / "b.bin").write_bytes(b"six")
    os.utime(tmp_path / "b.bin", ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
    os.replace(tmp_path / "b.bin", file)
    assert store.key(file) not in (before, later)


def test_a_file_that_may_not_be_read_has_no_key(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "a.bin").write_bytes(b"x")
    assert CellStore(tmp_path / "s", {}).key(tmp_path / "a.bin") is not None
    assert CellStore(tmp_path / "s", {}, tmp_path / "in").key("../a.bin") is None
    store = CellStore(tmp_path / "s", {}, allow_paths=False)
    assert store.key(tmp_path / "a.bin") is None
    assert store.key({"path": str(tmp_path / "a.bin")}) is None
    assert store.key(b"x") is not None


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE cells SET data = x'ff' || substr(data, 2)",
        "UPDATE cells SET shape = x'0400000000000000'",
        "UPDATE cells SET checksum = checksum + 1",
        "UPDATE cells SET data = 'text', shape = NULL",
        "UPDATE cells SET data = substr(data, 1, 5)",
    ],
)
def test_a_damaged_row_is_absent(path, damage):
    store = CellStore(path, {})
    key = store.key(b"a")
    store.put({key: ROW})
    store.close()
    connection = sqlite3.connect(path)
    connection.execute(damage)
    connection.commit()
    connection.close()
    with pytest.warns(DataQualityWarning, match="damaged rows"):
        assert store.get([key]) == {}
    assert store.get([key]) == {}  # and no second warning
    store.put({key: ROW})
    np.testing.assert_array_equal(store.get([key])[key], ROW)


def test_rows_do_not_answer_for_each_other(path):
    store = CellStore(path, {})
    first, second = keys_of(store, 2)
    store.put({first: ROW})
    store.close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE cells SET key = ?", (second,))
    connection.commit()
    connection.close()
    with pytest.warns(DataQualityWarning, match="damaged rows"):
        assert store.get([second]) == {}


def _not_a_database(path):
    path.write_bytes(b"this is no database" * 100)


def _newer_schema(path):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()


def _directory(path):
    path.mkdir()


def _cut(path):
    CellStore(path, {}).put({bytes([i] * 20): np.zeros(2000, "f4") for i in range(20)})
    path.write_bytes(path.read_bytes()[:30000])


@pytest.mark.parametrize("spoil", [_not_a_database, _newer_schema, _directory, _cut])
def test_an_unusable_file_switches_the_store_off_with_one_warning(tmp_path, spoil):
    path = tmp_path / "cells.sqlite"
    spoil(path)
    store = CellStore(path, {})
    key = store.key(b"a")
    with pytest.warns(DataQualityWarning, match="cannot be used"):
        store.put({key: ROW})
    store.put({key: ROW})  # a second warning would be an error
    assert store.get([key]) == {}
    store.close()


def test_a_folder_that_cannot_be_made_switches_the_store_off(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    store = CellStore(tmp_path / "file" / "cells.sqlite", {})
    with pytest.warns(DataQualityWarning, match="cannot be used"):
        store.put({store.key(b"a"): ROW})


def test_a_full_disk_switches_the_store_off(path):
    store = CellStore(path, {})
    keys = keys_of(store, 2)
    store.put({keys[0]: ROW})
    store._connection.execute("PRAGMA max_page_count=4")  # SQLite's own "disk is full"
    with pytest.warns(DataQualityWarning, match="full"):
        store.put({keys[1]: np.zeros(100_000, "f4")})
    assert store.get(keys) == {}
    assert CellStore(path, {}).get(keys).keys() == {keys[0]}  # what was there is intact


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


class Reader(BaseEstimator):
    _feature_version = 1

    def __init__(self, size=8, limits=None, cache=None, n_jobs=None, root=None, members=None):
        self.size = size
        self.limits = limits
        self.cache = cache
        self.n_jobs = n_jobs
        self.root = root
        self.members = members


@pytest.mark.parametrize(
    "same",
    [
        Reader(cache="x", n_jobs=4, root="y"),
        Reader(limits=Limits()),
        Reader(size=np.int64(8)),
    ],
)
def test_what_changes_no_result_changes_no_settings(same):
    assert settings_of(same) == settings_of(Reader())


@pytest.mark.parametrize(
    "other",
    [
        Reader(size=9),
        Reader(size=(8, 8)),
        Reader(size=b"8"),
        Reader(size=np.zeros(3)),
        Reader(size={"a": 1.5}),
        Reader(size=np.float32),
        Reader(limits=Limits(max_pixels=7)),
        Reader(members=[("a", Reader())]),
        Reader(members=[("a", Reader(size=9))]),
    ],
)
def test_what_changes_the_result_changes_the_settings(other):
    text = json.dumps(settings_of(other))
    assert text != json.dumps(settings_of(Reader()))
    assert json.dumps(settings_of(other)) == text


def test_settings_know_the_feature_version_and_the_decoders():
    settings = settings_of(Reader())
    newer = Reader()
    newer._feature_version = 2
    assert settings_of(newer) != settings
    assert {"Pillow", "soundfile", "soxr"} <= settings["decoders"].keys()
    assert any(name.startswith("opencv") for name in settings["decoders"])


def test_a_member_may_describe_itself():
    class Own(Reader):
        def _settings(self):
            return {"own": self.size}

    assert "own" in json.dumps(settings_of(Reader(members=[("a", Own())])))


def test_a_parameter_that_cannot_be_described_is_named():
    with pytest.raises(ValueError, match=r"Reader\(size=\.\.\.\) is a function.*cache=None"):
        settings_of(Reader(size=lambda: 0))


def test_default_place(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_path() == tmp_path / "mmclassic" / "cells.sqlite"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored, says the standard
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache_path() == tmp_path / ".cache" / "mmclassic" / "cells.sqlite"
