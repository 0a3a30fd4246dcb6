"""How the loops over bytes are compiled. Importing this module imports numba.

Each function is compiled once, for the types it names; arrays that are only read may be
read-only, as those over the bytes of a string are.
"""

from __future__ import annotations

from numba import njit
from numba.core import types

# For what is only called from compiled functions, and ends up inside them.
inlined = njit(nogil=True)

# Types of arguments: what is read, what is filled.
INT = types.int64
BYTES = types.Array(types.uint8, 1, "C", readonly=True)
FLAGS = types.Array(types.boolean, 1, "C", readonly=True)
NUMBERS = types.Array(types.int32, 1, "C", readonly=True)
ENDS = types.Array(types.int64, 1, "C", readonly=True)
SPANS = types.Array(types.int64, 2, "C", readonly=True)
SLOTS = types.Array(types.uint64, 1, "C", readonly=True)
OUT_BYTES = types.uint8[::1]
OUT_NUMBERS = types.int32[::1]
OUT_FLOATS = types.float32[::1]
OUT_ENDS = types.int64[::1]
OUT_SPANS = types.int64[:, ::1]
OUT_SLOTS = types.uint64[::1]


def compiled(result, *arguments):
    """Decorator: compile for these types, and keep it on disk where there is a place for it."""

    def decorate(function):
        signature = result(*arguments)
        try:
            return njit(signature, cache=True, nogil=True)(function)
        except RuntimeError:  # no folder that can be written to
            return njit(signature, nogil=True)(function)

    return decorate
