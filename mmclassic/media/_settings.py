"""What beside the cell decides a vectorizer's result, in plain words that JSON can hold."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import numbers
import os
from importlib import metadata
from typing import Any

import numpy as np

from mmclassic.media._limits import Limits

# Parameters that never change a result.
_IRRELEVANT = {"n_jobs", "cache", "on_unreadable", "batch_size", "root", "allow_paths", "verbose"}
_DECODERS = (
    "opencv-python-headless",
    "opencv-python",
    "opencv-contrib-python-headless",
    "opencv-contrib-python",
    "Pillow",
    "soundfile",
    "soxr",
)


def settings_of(vectorizer: Any) -> dict:
    """Everything that changes what a vectorizer computes from a cell.

    Parameters
    ----------
    vectorizer : estimator
        Its class, ``_feature_version`` and parameters count; ``limits`` does, since a cell
        beyond them must be refused though it was read before under wider ones.

    Returns
    -------
    settings : dict
        Serialisable by :mod:`json`.

    Raises
    ------
    ValueError
        If a parameter cannot be described, such as a function.
    """
    return {"estimator": _describe_estimator(vectorizer), "decoders": dict(decoder_versions())}


@functools.cache
def decoder_versions() -> tuple[tuple[str, str], ...]:
    """Name and version of each installed package that decodes pictures or sound."""
    found = []
    for name in _DECODERS:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue  # one of OpenCV's four flavours is there, not all
    return tuple(found)


def _describe_estimator(estimator: Any) -> dict:
    kind = type(estimator)
    parameters = {}
    for name, value in estimator.get_params(deep=False).items():
        if name in _IRRELEVANT:
            continue
        if name == "limits" and value is None:
            value = Limits()
        parameters[name] = _describe(value, f"{kind.__name__}({name}=...)")
    return {
        "class": f"{kind.__module__}.{kind.__qualname__}",
        "version": getattr(estimator, "_feature_version", None),
        "parameters": parameters,
    }


def _describe(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.generic):
        return _describe(value.item(), where)
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, bytes | bytearray):
        return {"bytes": hashlib.blake2b(value, digest_size=20).hexdigest()}
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        content = _describe(value.tobytes(), where)
        return {"dtype": value.dtype.str, "shape": list(value.shape), "array": content}
    return _describe_compound(value, where)


def _describe_compound(value: Any, where: str) -> Any:
    if isinstance(value, list | tuple):
        return [_describe(item, where) for item in value]
    if isinstance(value, dict):
        return {str(name): _describe(item, where) for name, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"class": type(value).__name__, **_describe(dataclasses.asdict(value), where)}
    if hasattr(value, "_settings"):  # an estimator that knows better, such as a backbone
        return value._settings()
    if hasattr(value, "get_params") and not isinstance(value, type):
        return _describe_estimator(value)
    if isinstance(value, type | np.dtype):
        return str(value)
    raise ValueError(
        f"{where} is a {type(value).__name__}, which the store cannot describe: pass cache=None."
    )
