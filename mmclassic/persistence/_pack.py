"""Stand-ins for what the skops format cannot hold, or holds at great length.

skops writes the keys of a dict as JSON keys, which loses True and False and refuses None
and tuples; it spends some 300 bytes on every item of a vocabulary; it takes memory-mapped
arrays for a type of their own; it writes bytes as often as they are held, which for an estimator
and its fitted copy is a network twice; and it runs in circles in scikit-learn's metadata requests,
which point back at their estimator.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
from sklearn.utils.metadata_routing import MetadataRequest

# Collections of at least this many items are packed.
N_LARGE = 256
# From here on bytes, and arrays, are written once, however many parts of a model hold the same.
_LARGE_BYTES = 4096
_LARGE_ARRAY = 1 << 18
_JSON_ATOMS = (str, int, float, bool, type(None))


@dataclass
class PackedDict:
    """A dict as the list of its keys and the list of its values."""

    keys: Any
    values: Any


@dataclass
class PackedList:
    """A long list, or object array, of plain values: JSON text, or an array of one dtype."""

    items: Any
    as_array: bool = False


@dataclass
class PackedBytes:
    """Many bytes, as an array of uint8: the format writes one array once."""

    items: Any


@dataclass
class PackedArray:
    """A large array equal to one that was there before: written once, and two again once loaded."""

    items: Any


@dataclass
class PackedRequest:
    """Metadata that an estimator was told to request, by method."""

    methods: dict


class Packer:
    """Packs the parts of one model, so that what is large and equal is written once.

    Examples
    --------
    >>> pack_part = Packer()
    >>> pack_part(bytes(5000)) is pack_part(bytes(5000))
    True
    """

    def __init__(self):
        self._packed: dict[bytes, PackedBytes] = {}
        self._arrays: dict[tuple, np.ndarray] = {}

    def __call__(self, value: Any) -> Any:
        """``value``, or its stand-in."""
        if type(value) is bytes and len(value) >= _LARGE_BYTES:
            stand_in = PackedBytes(np.frombuffer(value, dtype=np.uint8))
            return self._packed.setdefault(value, stand_in)
        value = pack(value)
        is_large = type(value) is np.ndarray and value.nbytes >= _LARGE_ARRAY
        if is_large and not value.dtype.hasobject and value.flags.c_contiguous:
            digest = hashlib.sha256(value.reshape(-1).view(np.uint8)).digest()
            first = self._arrays.setdefault((value.dtype, value.shape, digest), value)
            return value if first is value else PackedArray(first)
        return value


def pack(value: Any) -> Any:
    """``value``, or its stand-in.

    Examples
    --------
    >>> pack({True: "yes"})
    PackedDict(keys=[True], values=['yes'])
    """
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, np.memmap):
        return np.array(value)
    if type(value) is dict and value and (len(value) >= N_LARGE or not _are_json_keys(value)):
        return PackedDict(list(value), list(value.values()))
    if type(value) is list and len(value) >= N_LARGE:
        return _pack_list(value, as_array=False) or value
    if type(value) is np.ndarray and value.dtype == object and value.ndim == 1:
        return value if len(value) < N_LARGE else _pack_list(list(value), as_array=True) or value
    if isinstance(value, MetadataRequest):
        methods = {name: getattr(value, name).requests for name in _methods_of(value)}
        return PackedRequest({name: dict(request) for name, request in methods.items() if request})
    return value


class Unpacker:
    """Unpacks the parts of one model, until they are larger than they may be.

    Parameters
    ----------
    max_bytes : int
        Of all stand-ins: in a forged file many can share one array.
    """

    def __init__(self, max_bytes: int):
        self.max_bytes = self._left = max_bytes

    def __call__(self, value: Any) -> Any:
        """What ``value`` stands for; ValueError beyond the limit."""
        if isinstance(value, PackedBytes | PackedList | PackedArray | PackedDict):
            self._left -= _bytes_of(value)
            if self._left < 0:
                raise ValueError(f"it unpacks to more than max_bytes={self.max_bytes} allows")
        return unpack(value)


def _bytes_of(stand_in: Any) -> int:
    """About what a stand-in takes once it is unpacked; ValueError if it holds no array."""
    if isinstance(stand_in, PackedDict):
        return 100 * len(stand_in.keys)
    items = stand_in.items
    if isinstance(stand_in, PackedList) and isinstance(items, bytes):
        return 10 * len(items)  # an object of 50 bytes takes five characters, with its comma
    if type(items) is not np.ndarray or items.dtype.hasobject:
        raise ValueError("what was packed as an array is something else")
    if isinstance(stand_in, PackedList):
        return 32 * items.size
    return items.nbytes


def unpack(value: Any) -> Any:
    """What ``value`` stands for, once its parts are unpacked.

    Examples
    --------
    >>> unpack(pack({True: "yes"}))
    {True: 'yes'}
    """
    if isinstance(value, PackedDict):
        return dict(zip(value.keys, value.values, strict=True))
    if isinstance(value, PackedList):
        packed = value.items
        items = json.loads(packed) if isinstance(packed, bytes) else list(packed)
        if any(isinstance(item, list | dict) for item in items):
            raise ValueError("a packed list holds lists, or dicts")
        if not value.as_array:
            return items
        array = np.empty(len(items), dtype=object)
        array[:] = items
        return array
    if isinstance(value, PackedArray):
        return value.items.copy()
    if isinstance(value, PackedBytes):
        return value.items.tobytes()
    if isinstance(getattr(value, "_metadata_request", None), PackedRequest):
        _restore_request(value)
    return value


def _are_json_keys(value: dict) -> bool:
    return {type(key) for key in value} in ({str}, {int})


def _pack_list(items: list, *, as_array: bool) -> PackedList | None:
    kinds = {type(item) for item in items}
    if kinds <= set(_JSON_ATOMS):
        return PackedList(json.dumps(items).encode(), as_array)
    if len(kinds) == 1 and issubclass(next(iter(kinds)), np.number):
        return PackedList(np.array(items), as_array)
    return None


def _methods_of(request: MetadataRequest) -> list[str]:
    return [name for name in vars(request) if hasattr(getattr(request, name), "requests")]


def _restore_request(estimator: Any) -> None:
    """Ask scikit-learn for the estimator's own requests and repeat what was set by hand."""
    methods = estimator._metadata_request.methods
    del estimator._metadata_request
    request = estimator._get_metadata_request()
    for name, wanted in methods.items():
        method = getattr(request, name)
        for parameter, alias in wanted.items():
            if (parameter, alias) not in method.requests.items():
                method.add_request(param=parameter, alias=alias)
    estimator._metadata_request = request
