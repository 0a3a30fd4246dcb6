"""Types of the arguments of compiled loops over bytes: what is read, what is filled.

Arrays that are only read may be read-only, as those over the bytes of a string are.
"""

from __future__ import annotations

from numba.core import types

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
