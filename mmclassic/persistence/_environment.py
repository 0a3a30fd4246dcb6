"""What in a model belongs to the machine it is on: folders, stores, caches."""

from __future__ import annotations

import hashlib
from inspect import Parameter, signature
from typing import Any

from sklearn.base import BaseEstimator


def set_reading(value: Any, *, root: Any, allow_paths: bool) -> Any:
    """``value``, where it reads cells, with these two parameters and without a store.

    Parameters
    ----------
    value : object
        Any part of a model.
    root : path-like or None
        Folder that paths in cells are relative to, and confined to.
    allow_paths : bool
        Whether a cell may be a path.

    Returns
    -------
    value : object
        The same object, changed.
    """
    names = _parameters_of(value)
    if {"root", "allow_paths"} <= names:
        value.root, value.allow_paths = root, allow_paths
        if "cache" in names:
            value.cache = None
    return value


def forget_memory(value: Any) -> Any:
    """``value`` without the joblib cache that a pipeline or fusion may have: it holds pickles.

    Parameters
    ----------
    value : object
        Any part of a model.

    Returns
    -------
    value : object
        The same object, changed.
    """
    if "memory" in _parameters_of(value):
        value.memory = None
    return value


def embedded_file(value: Any) -> dict | None:
    """Size and SHA-256 of the file that an estimator carries as bytes in its ``model``."""
    content = getattr(value, "model", None)
    if not isinstance(content, bytes) or "model" not in _parameters_of(value):
        return None
    digest = hashlib.sha256(content).hexdigest()
    return {"in": type(value).__name__, "bytes": len(content), "sha256": digest}


def check_network(value: Any) -> Any:
    """``value``, unless it would open a file as its network: :func:`save` puts it inside.

    Parameters
    ----------
    value : object
        Any part of a loaded model.

    Returns
    -------
    value : object

    Raises
    ------
    ValueError
        If ``value`` reads cells and its ``model`` is not bytes.
    """
    if {"model", "allow_paths"} <= _parameters_of(value) and not isinstance(value.model, bytes):
        raise ValueError(f"a {type(value).__name__} names a network outside of the file")
    return value


def refuse_file_reader(value: Any) -> Any:
    """``value``, unless it takes cells for names of files and opens whatever they name.

    Parameters
    ----------
    value : object
        Any part of a model.

    Returns
    -------
    value : object

    Raises
    ------
    ValueError
        If it is one of scikit-learn's text vectorizers with ``input="filename"``.
    """
    if "input" in _parameters_of(value) and value.input == "filename":
        raise ValueError(
            f'a {type(value).__name__} with input="filename" opens every file that a cell names: '
            "read the texts first and pass them as cells"
        )
    return value


def complete(value: Any) -> Any:
    """``value`` with the defaults of parameters that are newer than its file.

    Parameters
    ----------
    value : object
        Any part of a loaded model; only this library's estimators are changed.

    Returns
    -------
    value : object
        The same object.
    """
    if type(value).__module__.startswith("mmclassic.") and isinstance(value, BaseEstimator):
        parameters = signature(type(value).__init__).parameters
        for name in _parameters_of(value) - vars(value).keys():
            default = parameters[name].default
            if default is not Parameter.empty:
                setattr(value, name, default)
    return value


def _parameters_of(value: Any) -> set[str]:
    return set(type(value)._get_param_names()) if isinstance(value, BaseEstimator) else set()
