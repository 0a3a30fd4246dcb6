"""Walk through everything that a model holds, and replace parts of it."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np


def rebuild(
    value: Any,
    *,
    enter: Callable[[Any], Any] | None = None,
    leave: Callable[[Any], Any] | None = None,
) -> Any:
    """``value`` with every object within it replaced by what the callables return.

    Lists, dicts, object arrays and attributes are changed in place; what is held twice is
    visited once and stays shared.

    Parameters
    ----------
    value : object
        A model, or any part of one.
    enter : callable, optional
        Called with each object before its parts; its parts are those of the replacement.
    leave : callable, optional
        Called with each object after its parts.

    Examples
    --------
    >>> rebuild({"a": [1, (2,)]}, leave=lambda part: part + 1 if isinstance(part, int) else part)
    {'a': [2, (3,)]}
    """
    return _rebuild(value, enter or _same, leave or _same, {})


def _same(value: Any) -> Any:
    return value


def _rebuild(value: Any, enter: Callable, leave: Callable, seen: dict) -> Any:
    if id(value) in seen:
        return seen[id(value)][1]
    entered = enter(value)
    # The original is kept beside its replacement, so that no other object takes its id.
    seen[id(value)] = seen[id(entered)] = (value, entered, entered)
    result = leave(_rebuild_parts(entered, lambda part: _rebuild(part, enter, leave, seen)))
    seen[id(value)] = seen[id(entered)] = (value, result, entered)
    return result


def _rebuild_parts(value: Any, recurse: Callable[[Any], Any]) -> Any:
    if isinstance(value, tuple):
        return _rebuild_tuple(value, recurse)
    if isinstance(value, list):
        value[:] = [recurse(part) for part in value]
    elif isinstance(value, dict):
        for key, part in list(value.items()):
            value[key] = recurse(part)
    elif isinstance(value, np.ndarray):
        if value.dtype == object:
            for place in np.ndindex(value.shape):
                value[place] = recurse(value[place])
    elif _has_attributes(value):
        for name in _saved_names(value):
            vars(value)[name] = recurse(vars(value)[name])
    return value


def _rebuild_tuple(value: tuple, recurse: Callable[[Any], Any]) -> tuple:
    parts = [recurse(part) for part in value]
    if all(new is old for new, old in zip(parts, value, strict=True)):
        return value
    return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)


def _has_attributes(value: Any) -> bool:
    is_code = isinstance(value, type | ModuleType | FunctionType | MethodType)
    return hasattr(value, "__dict__") and not is_code


def _saved_names(value: Any) -> list[str]:
    """Attributes that are saved: an object may leave out what it can make again."""
    state = value.__getstate__()
    return [name for name in vars(value) if not isinstance(state, dict) or name in state]
