"""How slow loops are compiled. Importing this module imports numba: only kernels do."""

from __future__ import annotations

from typing import Any

from numba import njit

# Division by zero gives infinity, as in numpy, instead of a branch in every loop.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}

# For what is only called from compiled functions, and ends up inside them.
inlined = njit(forceinline=True, **_OPTIONS)


def compiled(function):
    """Compile at the first call, and keep the result on disk where there is a place for it."""
    try:
        return njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # no folder that can be written to
        return njit(**_OPTIONS)(function)


def compiled_for(result, *arguments):
    """Decorator: compile at import, for these types only, and keep it on disk likewise.

    Arrays that are only read may then be read-only without a second compilation.
    """

    def decorate(function):
        signature = result(*arguments)
        try:
            return njit(signature, cache=True, **_OPTIONS)(function)
        except RuntimeError:  # no folder that can be written to
            return njit(signature, **_OPTIONS)(function)

    return decorate
