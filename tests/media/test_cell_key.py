"""What a key means: one content, one key; a changed file has another."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest
from PIL import Image

from mmclassic.media._cell_key import cell_digest, names_file
from mmclassic.media._store import CellStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cells.sqlite"


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


def test_a_file_that_changes_twice_within_one_tick_of_the_clock_is_told_apart(tmp_path):
    """Same name, size and inode, and as a rule the same times: the race that git calls racy."""
    file = tmp_path / "a.bin"
    for _ in range(3):
        file.write_bytes(b"one")
        before = cell_digest(file)
        file.write_bytes(b"two")
        assert cell_digest(file) != before


def test_a_new_file_is_waited_for_and_no_longer_than_its_clock_ticks(tmp_path):
    file = tmp_path / "a.bin"
    file.write_bytes(b"one")
    first = cell_digest(file)
    start = time.perf_counter()
    assert [cell_digest(file) for _ in range(50)] == [first] * 50
    assert time.perf_counter() - start < 1


def test_a_time_of_modification_in_the_future_does_no_harm(tmp_path):
    file = tmp_path / "a.bin"
    file.write_bytes(b"one")
    os.utime(file, (4e9, 4e9))
    assert cell_digest(file) is not None


def test_a_file_that_keeps_changing_has_no_key(tmp_path, monkeypatch):
    file = tmp_path / "a.bin"
    file.write_bytes(b"one")
    monkeypatch.setattr(time, "sleep", lambda seconds: file.write_bytes(b"two"))
    assert cell_digest(file) is None


def test_a_link_has_the_key_of_what_it_leads_to_now(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"same")
    link = tmp_path / "link"
    link.symlink_to("one")
    before = cell_digest(link)
    link.unlink()
    link.symlink_to("two")
    assert cell_digest(link) != before


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("a", True),
        ({"path": "a"}, True),
        ({"path": "a", "bytes": None, "array": None}, True),
        ({"path": "a", "bytes": b"a"}, False),
        ({"path": "a", "array": np.ones(3), "sampling_rate": 8000}, False),
        (b"a", False),
        (np.ones(3), False),
    ],
)
def test_which_cells_name_a_file(cell, expected):
    assert names_file(cell) is expected
