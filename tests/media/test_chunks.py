"""A chunk with a store: looked up, read, kept; never what does not belong to a cell."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from mmclassic._errors import UnreadableCell
from mmclassic.media._chunks import ChunkReader, OneByOne
from mmclassic.media._store import CellStore


def first_byte(cell) -> np.ndarray:
    data = cell if isinstance(cell, bytes) else Path(cell).read_bytes()
    if not data:
        raise UnreadableCell("empty", "0 bytes")
    return np.array([data[0]], dtype=np.float32)


class Recording:
    """``first_byte`` of many, and which cells were asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, cells):
        self.asked.append(list(cells))
        return OneByOne(first_byte)(cells)


def test_only_what_is_unknown_is_read_and_each_content_once(tmp_path):
    record = Recording()
    reader = ChunkReader(record, CellStore(tmp_path / "s", {}))
    assert [float(r[0]) for r in reader([b"a", b"b", b"a"])] == [97, 98, 97]
    assert [float(r[0]) for r in reader([b"b", b"c", b"c", b"a"])] == [98, 99, 99, 97]
    assert record.asked == [[b"a", b"b"], [b"c"]]


def test_what_cannot_be_read_is_not_kept(tmp_path):
    record = Recording()
    reader = ChunkReader(record, CellStore(tmp_path / "s", {}))
    for _ in range(2):
        results = reader([b"", b"a", b""])
        assert [isinstance(result, UnreadableCell) for result in results] == [True, False, True]
    assert record.asked == [[b"", b"a"], [b""]]


def test_cells_without_a_key_are_read_every_time(tmp_path):
    record = Recording()
    reader = ChunkReader(record, CellStore(tmp_path / "s", {}, allow_paths=False))
    (tmp_path / "a").write_bytes(b"a")
    reader([str(tmp_path / "a"), str(tmp_path / "a")])
    assert len(record.asked[0]) == 2


def test_a_file_that_changes_while_it_is_read_is_not_kept(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"old")

    def changing(cell):
        result = first_byte(cell)
        if result[0] == ord("o"):
            file.write_bytes(b"new")
        return result

    store = CellStore(tmp_path / "s", {})
    before = store.key(str(file))
    reader = ChunkReader(OneByOne(changing), store)
    assert reader([str(file)])[0] == ord("o")
    assert store.get([before, store.key(str(file))]) == {}
    assert reader([str(file)])[0] == ord("n")
    assert len(store.get([store.key(str(file))])) == 1


def test_a_link_that_is_turned_while_its_file_is_read_is_not_kept(tmp_path):
    """The file that the link led to first has not changed; its key must not get these bytes."""
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(name.encode())
    link = tmp_path / "link"
    link.symlink_to("one")

    def turning(cell):
        link.unlink()
        link.symlink_to("two")
        return first_byte(cell)

    store = CellStore(tmp_path / "s", {})
    before = store.key(link)
    ChunkReader(OneByOne(turning), store)([link])
    assert store.get([before]) == {}


class Startable:
    started = 0

    def start(self):
        Startable.started += 1

    def read(self, cells):
        return cells


def test_a_copy_in_another_process_is_started():
    tool = Startable()
    reader = ChunkReader(tool.read, None, tool.start)
    copy = pickle.loads(pickle.dumps(reader))
    assert Startable.started == 1
    assert copy([b"a"]) == [b"a"]


def test_other_exceptions_are_not_hidden():
    with pytest.raises(FileNotFoundError):
        ChunkReader(OneByOne(first_byte))(["no such file"])


def test_a_result_can_be_kept_before_the_next_cell_is_read():
    """So that rows of a matrix need no second copy of a chunk."""
    order = []

    def read(cell):
        order.append(f"read {cell}")
        return cell

    results = ChunkReader(OneByOne(read)).stream([1, 2])
    order.extend(f"keep {result}" for result in results)
    assert order == ["read 1", "keep 1", "read 2", "keep 2"]
