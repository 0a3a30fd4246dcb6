"""The call that gives a benchmark's numbers again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def call_text(target: Any, arguments: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """A call of benchmark as code; what code cannot say in short is left to the reader.

    Parameters
    ----------
    target : str or array-like
    arguments, defaults : mapping
        By name, in order; those at their defaults are left out.

    Examples
    --------
    >>> print(call_text("mood", {"text": "caption", "cv": 3}, {"text": None, "cv": 5}))
    from mmclassic import benchmark
    <BLANKLINE>
    result = benchmark(table, "mood", text="caption", cv=3)
    """
    words = [_word("target", target)]
    for name, value in arguments.items():
        if value is not defaults[name] and not _same(value, defaults[name]):
            words.append(f"{name}={_word(name, value)}")
    call = f"result = benchmark(table, {', '.join(words)})"
    if len(call) > 88:
        call = "result = benchmark(\n    table,\n    " + ",\n    ".join(words) + ",\n)"
    return f"from mmclassic import benchmark\n\n{call}"


def _same(value: Any, default: Any) -> bool:
    return isinstance(value, str | int | float) and value == default


def _word(name: str, value: Any) -> str:
    """A literal in double quotes, or the argument's own name."""
    if isinstance(value, str):
        return '"' + repr(f"'{value}")[2:-1].replace('"', '\\"') + '"'
    if isinstance(value, int | float):
        return repr(value)
    is_list = isinstance(value, list | tuple) and len(value) < 50
    if is_list and all(isinstance(item, str) for item in value):
        return f"[{', '.join(_word(name, item) for item in value)}]"
    if is_list and all(isinstance(item, int | float) for item in value):
        return repr(list(value))
    return name
