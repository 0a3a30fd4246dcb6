"""Files that want something else: none runs anything, each is refused at once and in words."""

from __future__ import annotations

import ast
import os
import pickle
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

import mmclassic
from mmclassic import load, read_card, save
from mmclassic.persistence._pack import PackedArray, PackedBytes, PackedDict, PackedList
from tests.persistence.payloads import BOMBS, PAYLOADS, put_model

SECONDS = 0.1
PACKAGE = Path(mmclassic.__file__).parent


@pytest.fixture(scope="module", autouse=True)
def _warm(tmp_path_factory):
    """skops is imported once, which takes half a second whatever the file."""
    path = tmp_path_factory.mktemp("warm") / "model.mmc"
    save(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), path)
    load(path)


@pytest.fixture
def no_pickle(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, refuse)


def test_there_are_enough():
    assert len(PAYLOADS) >= 40
    assert set(BOMBS) <= set(PAYLOADS)


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_malicious_file_is_refused(name, tmp_path, no_pickle):
    PAYLOADS[name](tmp_path)
    before = set(os.listdir(tmp_path))
    seconds = []
    for _ in range(3):  # the fastest: other programs run beside
        began = time.perf_counter()
        with pytest.raises(ValueError, match=r"cannot be loaded|damaged or forged|not trusted"):
            load(tmp_path / "model.mmc")
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < SECONDS
    assert set(os.listdir(tmp_path)) == before
    assert "witness" not in before


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_no_memory(name, tmp_path):
    PAYLOADS[name](tmp_path)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"cannot be loaded"):
        load(tmp_path / "model.mmc")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


def shared_parts(make, n):
    def build(shared):
        return [make(shared) for _ in range(n)]

    return build


FLAT, WIDE = np.zeros(1 << 20, dtype=np.uint8), np.zeros((1, 1 << 20), dtype=np.uint8)
SHARED = {
    "bytes": (shared_parts(PackedBytes, 100), FLAT),
    "bytes of a wide array": (shared_parts(PackedBytes, 100), WIDE),
    "arrays": (shared_parts(PackedArray, 100), FLAT),
    "lists": (shared_parts(PackedList, 100), FLAT),
    "lists of JSON": (
        shared_parts(PackedList, 100),
        PackedBytes(np.frombuffer(b"[" + b"1234," * 20_000 + b"1]", dtype=np.uint8)),
    ),
    "dicts": (
        shared_parts(lambda keys: PackedDict(keys, keys), 20),
        PackedList(np.arange(20_000)),
    ),
}


@pytest.mark.parametrize("kind", SHARED)
def test_parts_that_share_what_they_hold_count_each(kind, tmp_path):
    build, shared = SHARED[kind]
    model = GaussianNB().fit([[0.0], [1.0]], [0, 1])
    model.parts = build(shared)
    put_model(tmp_path, skops.io.dumps(model))
    tracemalloc.start()
    with pytest.raises(ValueError, match="unpacks to more than max_bytes=10000000 allows"):
        load(tmp_path / "model.mmc", max_bytes=10_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


@pytest.mark.parametrize("kind", [PackedBytes, PackedArray, PackedList])
@pytest.mark.parametrize("items", [[1, 2], "text", 3, np.array([None, "x"])], ids=str)
def test_stand_ins_that_hold_no_array(kind, items, tmp_path):
    model = GaussianNB().fit([[0.0], [1.0]], [0, 1])
    model.part = kind(items)
    put_model(tmp_path, skops.io.dumps(model))
    with pytest.raises(ValueError, match="what was packed as an array is something else"):
        load(tmp_path / "model.mmc")


def test_a_packed_list_of_dicts(tmp_path):
    model = GaussianNB().fit([[0.0], [1.0]], [0, 1])
    model.part = PackedList(b"[{},{}]")
    put_model(tmp_path, skops.io.dumps(model))
    with pytest.raises(ValueError, match="a packed list holds lists, or dicts"):
        load(tmp_path / "model.mmc")


@pytest.mark.parametrize("name", ["flat_bomb", "bomb_in_the_card", "truncated"])
def test_a_bomb_has_no_card_to_show(name, tmp_path):
    PAYLOADS[name](tmp_path)
    with pytest.raises(ValueError, match="cannot be loaded"):
        read_card(tmp_path / "model.mmc")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "model.mmc")
    for read in (load, read_card):
        with pytest.raises(ValueError, match="not a regular file"):
            read(tmp_path / "model.mmc")
    with pytest.raises(ValueError, match="not a regular file"):
        load(tmp_path)


def test_nothing_is_unpickled_on_the_way(tmp_path, no_pickle):
    model = LogisticRegression().fit(np.eye(3), ["a", "b", "c"])
    save(model, tmp_path / "model.mmc")
    loaded = load(tmp_path / "model.mmc")
    np.testing.assert_array_equal(loaded.predict_proba(np.eye(3)), model.predict_proba(np.eye(3)))


UNPICKLERS = {"pickle", "_pickle", "joblib", "marshal", "shelve", "dill", "cloudpickle"}


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "persistence").glob("*.py")), ids=lambda p: p.name
)
def test_no_module_of_persistence_knows_pickle(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        assert not UNPICKLERS & {name.split(".")[0] for name in names}


def test_no_module_lets_numpy_unpickle():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert ast.unparse(node.value) == "False", path
