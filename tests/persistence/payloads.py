"""Files that want something else than to be loaded, each as a function that writes one.

Each is given the folder to write ``model.mmc`` in; what runs code makes ``witness`` there.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import skops.io
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC
from sklearn.utils import Bunch

from mmclassic import BackboneVectorizer, save
from mmclassic.persistence._archive import CARD, MODEL, pack_archive
from mmclassic.persistence._pack import PackedBytes
from tests.persistence.raw_zip import Part, deflated_zeros, raw_zip

GOOD_CARD = {"format": 1, "embedded": []}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = np.arange(60) % 3


class Attack:
    """Unpickling it makes a file."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.system, (f"touch {self.folder / 'witness'}",)


def command(folder) -> str:
    return f"touch {folder / 'witness'}"


def put(folder: Path, content: bytes) -> None:
    (folder / "model.mmc").write_bytes(content)


def put_model(folder: Path, payload: bytes, **card) -> None:
    put(folder, pack_archive(GOOD_CARD | card, payload))


def put_schema(folder: Path, schema: dict, *parts: tuple[str, bytes]) -> None:
    """A skops payload with any schema, and any parts."""
    whole = {"protocol": 2, "_skops_version": "0.16.0", **schema}
    members = [("schema.json", json.dumps(whole, indent=2).encode()), *parts]
    put_model(folder, raw_zip([Part(name, data) for name, data in members]))


def node(loader, module, name, **more) -> dict:
    return {"__class__": name, "__module__": module, "__loader__": loader, **more}


def text_node(value) -> dict:
    return node("JsonNode", "builtins", "str", content=json.dumps(value), is_json=True)


def tuple_node(*parts) -> dict:
    return node("TupleNode", "builtins", "tuple", content=list(parts))


def dict_node(content=None, key_types=()) -> dict:
    keys = node("ListNode", "builtins", "list", content=list(key_types))
    return node("DictNode", "builtins", "dict", content=content or {}, key_types=keys)


def array_of(values, **options) -> bytes:
    np.save(buffer := io.BytesIO(), values, **options)
    return buffer.getvalue()


def with_schema(model, change: Callable[[dict], None]) -> bytes:
    """What skops writes of a model, with its schema changed."""
    payload = skops.io.dumps(model)
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        schema = json.loads(archive.read("schema.json"))
        change(schema)
        parts = [Part(n, archive.read(n)) for n in archive.namelist() if n != "schema.json"]
    return raw_zip([Part("schema.json", json.dumps(schema, indent=2).encode()), *parts])


def nodes_of(value, loader: str) -> list[dict]:
    if isinstance(value, list):
        return [found for part in value for found in nodes_of(part, loader)]
    if not isinstance(value, dict):
        return []
    own = [value] if value.get("__loader__") == loader else []
    return own + [found for part in value.values() for found in nodes_of(part, loader)]


def spoiled(folder: Path, model, spoil: Callable) -> None:
    """An honest file of a model whose arrays were changed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it keeps rows
        model.fit(X, Y)
        spoil(model)
        save(model, folder / "model.mmc")


# Pickles in disguise


def pickle_by_another_name(folder):
    put(folder, pickle.dumps(Attack(folder)))


def joblib_file(folder):
    joblib.dump([Attack(folder)], folder / "model.mmc")


def pickle_before_a_model(folder):
    save(LogisticRegression().fit(X, Y), folder / "model.mmc")
    put(folder, pickle.dumps(Attack(folder)) + (folder / "model.mmc").read_bytes())


def pickle_as_model(folder):
    put_model(folder, pickle.dumps(Attack(folder)))


def pickle_in_an_array(folder):
    array = array_of(np.array([Attack(folder)], dtype=object), allow_pickle=True)
    schema = node("NdArrayNode", "numpy", "ndarray", type="numpy", file="1.npy")
    put_schema(folder, schema, ("1.npy", array))


def pickle_as_bytes_of_an_array(folder):
    name = "00000000-0000-0000-0000-000000000000.bin"
    schema = node("NdArrayNode", "numpy", "ndarray", type="numpy", file=name)
    put_schema(folder, schema, (name, pickle.dumps(Attack(folder))))


# Schemas that name code


def calls_os_system(folder):
    arguments = tuple_node(text_node(command(folder)))
    put_schema(folder, node("ConstructorFromReduceNode", "os", "system", content=arguments))


def function_is_eval(folder):
    def change(schema):
        for function in nodes_of(schema, "FunctionNode"):
            function |= {"__class__": "eval", "__module__": "builtins"}

    put_model(folder, with_schema(FunctionTransformer(np.abs), change))


def operator_calls_a_method(folder):
    attributes = tuple_node(text_node("system"), text_node(command(folder)))
    put_schema(folder, node("OperatorFuncNode", "operator", "methodcaller", attrs=attributes))


def partial_of_popen(folder):
    content = {
        "func": node("FunctionNode", "subprocess", "Popen"),
        "args": tuple_node(text_node(["touch", str(folder / "witness")])),
        "kwds": dict_node(),
        "namespace": dict_node(),
    }
    put_schema(folder, node("PartialNode", "functools", "partial", content=content))


def keys_are_made_by_a_function(folder):
    content = {
        "func": node("FunctionNode", "sklearn.utils.validation", "check_array"),
        "args": tuple_node(),
        "kwds": dict_node(),
        "namespace": dict_node(),
    }
    call = node("PartialNode", "functools", "partial", content=content)
    put_schema(folder, dict_node({"a": text_node(1)}, [call]))


def keys_are_of_another_type(folder):
    put_schema(folder, dict_node({"ab": text_node(1)}, [node("TypeNode", "builtins", "tuple")]))


def calls_a_trusted_function(folder):
    labels = node("NdArrayNode", "numpy", "ndarray", type="numpy", file="1.npy")
    call = node(
        "ConstructorFromReduceNode",
        "sklearn.metrics._classification",
        "accuracy_score",
        content=tuple_node(labels, labels),
    )
    put_schema(folder, call, ("1.npy", array_of(Y)))


def method_of_a_trusted_type(folder):
    owner = node("ObjectNode", "sklearn.svm._classes", "SVC", content=dict_node())
    content = {"func": "__reduce__", "obj": owner}
    put_schema(folder, node("MethodNode", "sklearn.svm._classes", "SVC", content=content))


def generator_of_another_name(folder):
    state = dict_node(
        {"bit_generator": text_node("set_state")}, [node("TypeNode", "builtins", "str")]
    )
    content = {"bit_generator": state, "seed_seq": dict_node()}
    put_schema(
        folder, node("RandomGeneratorNode", "numpy.random._generator", "Generator", content=content)
    )


# Arguments and arrays that crash


def tree_with_a_billion_outputs(folder):
    """Its constructor reads as many numbers of classes."""

    def change(schema):
        for tree in nodes_of(schema, "TreeNode"):
            tree["__reduce__"]["args"]["content"][2] = text_node(10**9)

    put_model(folder, with_schema(RandomForestClassifier(2).fit(X, Y), change))


def tree_by_a_call(folder):
    arguments = tuple_node(
        text_node(4),
        node("NdArrayNode", "numpy", "ndarray", type="numpy", file="1.npy"),
        text_node(10**9),
    )
    schema = node("ConstructorFromReduceNode", "sklearn.tree._tree", "Tree", content=arguments)
    put_schema(folder, schema, ("1.npy", array_of(np.array([2]))))


def forest_with_children_elsewhere(folder):
    def spoil(model):
        state = model.estimators_[0].tree_.__getstate__()
        state["nodes"]["left_child"][0] = 10**9
        model.estimators_[0].tree_.__setstate__(state)

    spoiled(folder, RandomForestClassifier(2), spoil)


def boosting_without_trees(folder):
    def spoil(model):
        for tree in model.estimators_.ravel():
            tree.tree_ = Bunch(n_features=4, n_outputs=1)

    spoiled(folder, GradientBoostingClassifier(n_estimators=2), spoil)


def histogram_boosting_with_children_elsewhere(folder):
    def spoil(model):
        model._predictors[0][0].nodes["right"][0] = 10**9

    spoiled(folder, HistGradientBoostingClassifier(max_iter=2), spoil)


def neighbour_tree_with_rows_elsewhere(folder):
    def spoil(model):
        state = list(model._tree.__getstate__())
        state[1] = state[1] + 10**9
        model._tree.__setstate__(tuple(state))

    spoiled(folder, KNeighborsClassifier(algorithm="kd_tree"), spoil)


def neighbours_with_labels_elsewhere(folder):
    def spoil(model):
        model._y = model._y + 10**9

    spoiled(folder, KNeighborsClassifier(algorithm="brute"), spoil)


def support_vectors_that_are_not_there(folder):
    def spoil(model):
        model._n_support = model._n_support + np.int32(10**8)

    spoiled(folder, SVC(), spoil)


def sparse_coefficients_elsewhere(folder):
    def spoil(model):
        model.sparsify()
        model.coef_.indices[:] = 10**9

    spoiled(folder, LogisticRegression(), spoil)


def array_larger_than_memory(folder):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (%d,), }" % 10**15
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    schema = node("NdArrayNode", "numpy", "ndarray", type="numpy", file="1.npy")
    put_schema(folder, schema, ("1.npy", array + bytes(64)))


def array_of_nothing_without_end(folder):
    header = b"{'descr': '|S0', 'fortran_order': False, 'shape': (%d,), }" % 10**15
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    schema = node("NdArrayNode", "numpy", "ndarray", type="numpy", file="1.npy")
    put_schema(folder, schema, ("1.npy", array))


# Archives


def flat_bomb(folder):
    """One megabyte that becomes one gigabyte."""
    bomb = Part(MODEL, deflated_zeros(1000), True, 1000 * 2**20, 0)
    put(folder, raw_zip([Part(CARD, json.dumps(GOOD_CARD).encode()), bomb]))


def bomb_with_a_false_size(folder):
    bomb = Part(MODEL, deflated_zeros(1000), True, 2**20, 0)
    put(folder, raw_zip([Part(CARD, json.dumps(GOOD_CARD).encode()), bomb]))


def bomb_in_the_card(folder):
    bomb = Part(CARD, deflated_zeros(1000), True, 1000 * 2**20, 0)
    put(folder, raw_zip([bomb, Part(MODEL, b"")]))


def nested_bomb(folder):
    """A sparse matrix of one megabyte that becomes one gigabyte."""
    matrix = raw_zip([Part("data.npy", deflated_zeros(1000), True, 1000 * 2**20, 0)])
    schema = node("SparseMatrixNode", "scipy.sparse._csr", "csr_matrix", type="scipy", file="1.npz")
    put_schema(folder, schema, ("1.npz", matrix))


def parts_within_each_other(folder):
    """Each part holds the next, header and all: one megabyte, read three hundred times."""
    names = [f"{i:08d}-0000-0000-0000-000000000000.bin" for i in range(300)]
    nodes = [node("BytesNode", "builtins", "bytes", file=name) for name in names]
    schema = node("ListNode", "builtins", "list", content=nodes, protocol=2)
    first = raw_zip([Part("schema.json", json.dumps(schema, indent=2).encode())])
    list_start = struct.unpack("<L", first[-6:-2])[0]
    body, entries = bytes(2**20), []
    for name in reversed(names):
        part = raw_zip([Part(name, body)])
        body = part[: 30 + len(name) + len(body)]
        entries.append(part[len(body) : -22])
    directory = first[list_start:-22]
    for i, entry in enumerate(reversed(entries)):
        place = list_start + i * (30 + len(names[0]))
        directory += entry[:42] + struct.pack("<L", place) + entry[46:]
    whole = first[:list_start] + body + directory
    sizes = (len(directory), list_start + len(body))
    put_model(folder, whole + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 301, 301, *sizes, 0))


def parts_over_each_other(folder):
    """A thousand arrays of one megabyte in the same place."""
    array = array_of(np.zeros(2**17))
    schema = json.dumps(node("JsonNode", "builtins", "str", content="1", protocol=2)).encode()
    first = Part("schema.json", schema)
    start = 30 + len("schema.json") + len(schema)
    overlaid = [Part("0.npy", array), *(Part(f"{i}.npy", array, at=start) for i in range(1, 1000))]
    put_model(folder, raw_zip([first, *overlaid]))


def many_parts(folder):
    """More names than anybody needs, for one byte each."""
    entry = raw_zip([Part("1.npy")])
    directory = entry[35:-22] * 150_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 35, 0)
    put_model(folder, entry[:35] + directory + end)


def mostly_brackets(folder):
    """JSON of empty lists, which takes twenty times its size in memory."""
    schema = b'{"protocol": 2, "content": [' + b"[]," * 10**6 + b"[]]}"
    put_model(folder, raw_zip([Part("schema.json", schema)]))


def deep_schema(folder):
    deep = b'{"content":' * 10**5 + b"1" + b"}" * 10**5
    put_model(folder, raw_zip([Part("schema.json", deep + b" " * len(deep) * 5)]))


def path_traversal(folder):
    parts = [Part(CARD, b"{}"), Part(MODEL), Part("../witness", b"x")]
    put(folder, raw_zip(parts))


def path_traversal_inside(folder):
    put_schema(folder, text_node(1), ("../../witness", b"x"))


def two_parts_of_one_name(folder):
    good = Part(CARD, json.dumps(GOOD_CARD).encode())
    put(folder, raw_zip([good, Part(MODEL, b"1"), Part(MODEL, b"2")]))


def two_inner_parts_of_one_name(folder):
    put_schema(folder, text_node(1), ("schema.json", b"{}"))


def symbolic_link(folder):
    (folder / "target").write_bytes(b"secret")
    link = Part(MODEL, str(folder / "target").encode(), mode=stat.S_IFLNK | 0o777)
    put(folder, raw_zip([Part(CARD, json.dumps(GOOD_CARD).encode()), link]))


def truncated(folder):
    save(LogisticRegression().fit(X, Y), folder / "model.mmc")
    put(folder, (folder / "model.mmc").read_bytes()[:-100])


# Numbers and claims


def newer_format(folder):
    put_model(folder, skops.io.dumps(LogisticRegression()), format=2)


def format_without_end(folder):
    card = b'{"format": ' + b"9" * 10**5 + b"}"
    put(folder, raw_zip([Part(CARD, card), Part(MODEL, skops.io.dumps(LogisticRegression()))]))


def newer_skops(folder):
    put_schema(folder, {**text_node(1), "protocol": 10**30})


def card_that_lies(folder):
    model = LogisticRegression().fit(X, Y)
    put_model(folder, skops.io.dumps(model), classes=["harmless", "harmful"])


def network_elsewhere(folder):
    put_model(folder, skops.io.dumps(make_pipeline(BackboneVectorizer("/etc/network.onnx"))))


def bytes_that_are_addresses(folder):
    """The bytes of an array of objects are where these lie in memory."""
    model = GaussianNB().fit(X, Y)
    model.note = PackedBytes(np.array([object] * 600, dtype=object))
    put_model(folder, skops.io.dumps(model))


def holds_itself(folder):
    inner = node("CachedNode", "builtins", "list", __id__=1)
    put_schema(folder, node("ListNode", "builtins", "list", content=[inner], __id__=1))


PAYLOADS: dict[str, Callable[[Path], None]] = {
    function.__name__: function
    for function in [
        pickle_by_another_name, joblib_file, pickle_before_a_model, pickle_as_model,
        pickle_in_an_array, pickle_as_bytes_of_an_array,
        calls_os_system, function_is_eval, operator_calls_a_method, partial_of_popen,
        keys_are_made_by_a_function, keys_are_of_another_type, calls_a_trusted_function,
        method_of_a_trusted_type, generator_of_another_name,
        tree_with_a_billion_outputs, tree_by_a_call,
        forest_with_children_elsewhere, boosting_without_trees,
        histogram_boosting_with_children_elsewhere, neighbour_tree_with_rows_elsewhere,
        neighbours_with_labels_elsewhere, support_vectors_that_are_not_there,
        sparse_coefficients_elsewhere, array_larger_than_memory, array_of_nothing_without_end,
        flat_bomb, bomb_with_a_false_size, bomb_in_the_card, nested_bomb, parts_over_each_other,
        parts_within_each_other,
        many_parts, mostly_brackets, deep_schema,
        path_traversal, path_traversal_inside, two_parts_of_one_name, two_inner_parts_of_one_name,
        symbolic_link, truncated,
        newer_format, format_without_end, newer_skops, card_that_lies, network_elsewhere,
        holds_itself, bytes_that_are_addresses,
    ]
}  # fmt: skip
BOMBS = (
    "flat_bomb", "bomb_with_a_false_size", "bomb_in_the_card", "nested_bomb",
    "parts_over_each_other", "parts_within_each_other", "many_parts", "mostly_brackets",
    "deep_schema",
    "array_larger_than_memory", "array_of_nothing_without_end",
)  # fmt: skip
