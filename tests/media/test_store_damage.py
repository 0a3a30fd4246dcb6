"""No accident to the file of a store gives a wrong value."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from mmclassic._errors import DataQualityWarning
from mmclassic.media._store import CellStore

ROW = np.array([1.5, -2.0, np.nan], dtype=np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "cells.sqlite"


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


def keys_of(store, n):
    return [store.key(f"cell {i}".encode()) for i in range(n)]


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


def test_a_database_of_somebody_else_is_left_alone(tmp_path):
    path = tmp_path / "orders.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (id INTEGER)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    store = CellStore(path, {})
    with pytest.warns(DataQualityWarning, match="other tables"):
        store.put({store.key(b"a"): ROW})
    assert path.read_bytes() == before
