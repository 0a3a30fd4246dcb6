"""What skops would build, read before it builds anything.

skops asks whether the name of each type is trusted, not what is done with it. Three things are
therefore checked here: that a file has types called only where saving has them called, that
arrays are read from arrays, and that the trees of scikit-learn are made of arguments that fit
(their constructor does not look).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

# Types that skops saves as a call with arguments, of those that load trusts. All others are
# made empty and get attributes.
CALLED = frozenset({"builtins.frozenset"})
_KEY_MODULES = ("builtins", "numpy")
_KEY_TYPES = frozenset(
    {"str", "int", "float", "bool", "str_", "bool_", "int64", "int32", "float64", "float32"}
)
_ENDINGS = {
    "NdArrayNode": ".npy",
    "SparseMatrixNode": ".npz",
    "BytesNode": ".bin",
    "BytearrayNode": ".bin",
}
_TREE = "sklearn.tree._tree.Tree"
# skops writes some 200 bytes for each list or object; JSON of empty ones takes twenty times
# its size in memory.
_BYTES_PER_BRACKET = 40


def parse_schema(text: bytes) -> dict:
    """The schema, unless it is a bomb of empty lists.

    Raises
    ------
    ValueError
        If it is no JSON object, or mostly brackets.
    """
    if (text.count(b"[") + text.count(b"{")) * _BYTES_PER_BRACKET > len(text) + 4096:
        raise ValueError("its schema.json is mostly brackets, which skops does not write")
    schema = json.loads(text)
    if not isinstance(schema, dict):
        raise ValueError("its schema.json is no object")
    return schema


def check_schema(
    schema: dict, shapes: dict[str, tuple[int, ...]], called: frozenset[str] = CALLED
) -> None:
    """Refuse a schema that saving would not have written.

    Parameters
    ----------
    schema : dict
        As :func:`parse_schema` gives it.
    shapes : dict of str to tuple of int
        Shapes of the arrays in the file, by the names of their parts.
    called : frozenset of str
        Types that may be made by a call.

    Raises
    ------
    ValueError
        With what is wrong.
    """
    looked_at: dict[Any, dict] = {}
    for node in _nodes(schema):
        name = f"{node.get('__module__')}.{node.get('__class__')}"
        loader = node["__loader__"]
        if loader == "ConstructorFromReduceNode" and name not in called:
            raise ValueError(f"it calls {name}, which saving does not")
        ending = _ENDINGS.get(loader)
        if ending and "file" in node and not str(node["file"]).endswith(ending):
            raise ValueError(f"a {loader} reads the part {str(node['file'])[:40]!r}")
        if (loader == "TreeNode") != (name == _TREE):
            raise ValueError(f"{name} is read by {loader}")
        parts: list[dict] = []
        if loader == "DictNode":
            parts = [node["key_types"], *node["key_types"]["content"]]
            is_list = parts[0]["__loader__"] == "ListNode"
            if not is_list or not all(map(_is_key_type, parts[1:])):
                raise ValueError("keys of a dict are made by something else than their type")
        if loader == "TreeNode":
            arguments = node["__reduce__"]["args"]
            parts = [arguments, *arguments["content"]]
            if arguments["__loader__"] != "TupleNode" or not _fits(parts[1:], shapes):
                raise ValueError("the arguments of a tree do not fit each other")
        looked_at |= {part["__id__"]: part for part in parts if "__id__" in part}
    # skops builds one part for all that have the same id: those looked at must be what it builds.
    for node in _nodes(schema):
        other = looked_at.get(node.get("__id__"))
        if other is not None and other != node:
            raise ValueError("two different parts have one id")


def _nodes(schema: dict) -> Iterator[dict]:
    """Every part of the model, without recursion."""
    waiting: list[Any] = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "__loader__" in value:
                yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _is_key_type(node: dict) -> bool:
    return (
        node["__loader__"] == "TypeNode"
        and node["__module__"] in _KEY_MODULES
        and node["__class__"] in _KEY_TYPES
    )


def _fits(arguments: list[dict], shapes: dict[str, tuple[int, ...]]) -> bool:
    """Whether a tree has as many numbers of classes as outputs."""
    n_features, n_classes, n_outputs = arguments
    loaders = [argument["__loader__"] for argument in arguments]
    if loaders != ["JsonNode", "NdArrayNode", "JsonNode"] or n_classes["type"] != "numpy":
        return False
    numbers = [json.loads(number["content"]) for number in (n_features, n_outputs)]
    if any(type(number) is not int or number < 1 for number in numbers):
        return False
    return shapes.get(n_classes["file"]) == (numbers[1],)
