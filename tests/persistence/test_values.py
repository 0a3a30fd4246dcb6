"""Whatever a model may hold comes back as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from sklearn.utils import Bunch

from mmclassic.media import Limits
from mmclassic.persistence import save
from tests.persistence.objects import Holder


def same(a, b):
    """Equal, of the same type, at every depth."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(map(repr, a)) == list(map(repr, b)) and all(
            same(x, y) for x, y in zip(a.values(), b.values(), strict=True)
        )
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if sparse.issparse(a):
        return a.dtype == b.dtype and a.shape == b.shape and (a != b).nnz == 0
    if isinstance(a, np.ndarray) and a.dtype == object:
        return a.shape == b.shape and all(same(x, y) for x, y in zip(a.flat, b.flat, strict=True))
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return a == b


def object_array(*items):
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


VALUES = {
    "bytes": b"\x00\xff" * 10,
    "float32 array": np.arange(5, dtype=np.float32),
    "Fortran order": np.asfortranarray(np.ones((2, 3))),
    "array with NaN": np.array([1.0, np.nan]),
    "text array": np.array(["ä", "日本"]),
    "object array": object_array("a", None, 3.5, (1, 2)),
    "array of arrays": object_array(np.zeros(3), np.ones(3)),
    "CSR matrix": sparse.csr_matrix(np.eye(3, dtype=np.float32)),
    "CSR array": sparse.csr_array(np.eye(3)),
    "numpy scalars": [np.float32(2.5), np.float64(0.1), np.int64(3), np.bool_(True), np.str_("x")],
    "tuples": (1, "a", (2.0, None)),
    "slice": slice(0, 3),
    "set": {1, 2},
    "frozenset": frozenset({1, 2}),
    "Bunch": Bunch(a=1, b=np.arange(3)),
    "Limits": Limits(max_seconds=3),
    "integer keys": {1: "a", 2: "b"},
    "boolean keys": {True: "yes", False: "no"},
    "tuple keys": {(True, False): np.arange(2), (True, True): None},
    "None as a key": {None: 1, "a": 2},
    "keys that look alike": {1: "number", "1": "text"},
    "numpy keys": {np.int64(4): 1, np.str_("b"): 2},
    "order of keys": {"b": 1, "a": 2},
    "odd text": ["\ud800", "a\0b", "\N{PILE OF POO}", ""],
    "large integer": 2**70,
    "infinity": float("inf"),
    "long list of text": [f"word {i}" for i in range(1000)],
    "long mixed list": [None, True, 1, 1.5, "1"] * 100,
    "long list of numbers": [np.int64(i) for i in range(500)],
    "long list of pairs": [(i, "a") for i in range(500)],
    "long object array": object_array(*(f"word {i}" for i in range(300))),
    "vocabulary": {f"word {i}": i for i in range(1000)},
    "vocabulary with numpy": {f"word {i}": np.int64(i) for i in range(1000)},
    "long dict of arrays": {i: np.full(2, i) for i in range(300)},
    "type": np.float32,
    "ufunc": np.log1p,
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_as_it_was(name, there_and_back):
    value = VALUES[name]
    assert same(there_and_back(Holder(value)).value, value)


def test_what_is_held_twice_is_still_one_object(there_and_back):
    shared = {"a": np.arange(3)}
    first, second = there_and_back(Holder([shared, shared])).value
    assert first is second


def test_a_path_becomes_text(there_and_back):
    assert there_and_back(Holder([Path("a") / "b"])).value == [str(Path("a") / "b")]


def test_a_memory_map_becomes_an_array(there_and_back, tmp_path):
    np.save(tmp_path / "map.npy", np.arange(4.0))
    loaded = there_and_back(Holder(np.load(tmp_path / "map.npy", mmap_mode="r"))).value
    assert type(loaded) is np.ndarray
    np.testing.assert_array_equal(loaded, np.arange(4.0))


def test_a_large_vocabulary_makes_a_small_file(tmp_path):
    path = tmp_path / "model.mmc"
    save(Holder({f"word {i}": i for i in range(50_000)}), path)
    assert path.stat().st_size < 400_000
