"""What skops would build, read before it builds anything.

skops asks whether the name of each type is trusted, not what is done with it. So it is checked
here that a file has types called only where saving has them called, and that arrays are read
from arrays.
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


def check_schema(schema: dict, called: frozenset[str] = CALLED) -> None:
    """Refuse a schema that saving would not have written.

    Parameters
    ----------
    schema : dict
        As :func:`parse_schema` gives it.
    called : frozenset of str
        Types that may be made by a call.

    Raises
    ------
    ValueError
        With what is wrong.
    """
    for node in _nodes(schema):
        loader = node["__loader__"]
        name = f"{node.get('__module__')}.{node.get('__class__')}"
        if loader == "ConstructorFromReduceNode" and name not in called:
            raise ValueError(f"it calls {name}, which saving does not")
        ending = _ENDINGS.get(loader)
        if ending and "file" in node and not str(node["file"]).endswith(ending):
            raise ValueError(f"a {loader} reads the part {str(node['file'])[:40]!r}")
        if loader == "DictNode" and not all(map(_is_key_type, node["key_types"]["content"])):
            raise ValueError("keys of a dict are made by something else than their type")


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
