"""Sixteen float32 numbers that numba computes with at once, as one value.

A kernel that holds frame 0 to 15 of a recording in one value, sample by sample, needs no
vectorisable loops and no luck with the compiler: ``a + b`` is one instruction (or two or
four, as wide as the processor is) on sixteen frames.

Numba notices a change of a file only for the functions that are cached from it: who edits
this file or ``_fft_kernel.py`` removes ``__pycache__/*.nb*`` beside it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.extending import (
    intrinsic,
    lower_builtin,
    models,
    register_model,
    type_callable,
)

N_LANES = 16
_FLOATS = ir.VectorType(ir.FloatType(), N_LANES)
_INTEGERS = ir.VectorType(ir.IntType(32), N_LANES)
_ALIGNMENT = 4  # bytes: a value may begin at any float32 of an array


class _Lanes(types.Type):
    def __init__(self):
        super().__init__(name="Lanes")


_lanes = _Lanes()


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, lanes_type):
        super().__init__(manager, lanes_type, _FLOATS)


def _operation(symbol: Callable, instruction: str) -> None:
    """Teach numba ``symbol`` (``operator.add``, …) of two values."""

    @type_callable(symbol)
    def _type_of(context):
        return lambda left, right: _lanes if left == right == _lanes else None

    @lower_builtin(symbol, _lanes, _lanes)
    def _lower(context, builder, signature, arguments):
        # "contract": a product and a sum may be one instruction. Nothing is reordered.
        return getattr(builder, instruction)(*arguments, flags=("contract",))


_operation(operator.add, "fadd")
_operation(operator.sub, "fsub")
_operation(operator.mul, "fmul")


def _address(context, builder, signature, arguments):
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.bitcast(builder.gep(array.data, [arguments[1]]), _FLOATS.as_pointer())


@intrinsic
def load(typing_context, array, start):
    """Sixteen consecutive items of a flat float32 array, from ``start``; not bounds-checked."""

    def generate(context, builder, signature, arguments):
        value = builder.load(_address(context, builder, signature, arguments))
        value.align = _ALIGNMENT
        return value

    return _lanes(array, types.intp), generate


@intrinsic
def store(typing_context, array, start, value):
    """Write sixteen consecutive items of a flat float32 array; not bounds-checked."""

    def generate(context, builder, signature, arguments):
        written = builder.store(arguments[2], _address(context, builder, signature, arguments))
        written.align = _ALIGNMENT
        return context.get_dummy_value()

    return types.void(array, types.intp, _lanes), generate


@intrinsic
def spread(typing_context, number):
    """The same float32 in every lane."""

    def generate(context, builder, signature, arguments):
        nothing = ir.Constant(_FLOATS, ir.Undefined)
        first = builder.insert_element(nothing, arguments[0], ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(first, nothing, _constant(0))

    return _lanes(types.float32), generate


def _constant(number: int) -> ir.Constant:
    return ir.Constant(_INTEGERS, [number] * N_LANES)


def _choice(builder, comparison: str, arguments):
    return builder.select(builder.fcmp_ordered(comparison, *arguments), *arguments)


@intrinsic
def greater(typing_context, left, right):
    """The greater of two values, lane by lane."""

    def generate(context, builder, signature, arguments):
        return _choice(builder, ">", arguments)

    return _lanes(_lanes, _lanes), generate


@intrinsic
def lesser(typing_context, left, right):
    """The lesser of two values, lane by lane."""

    def generate(context, builder, signature, arguments):
        return _choice(builder, "<", arguments)

    return _lanes(_lanes, _lanes), generate


@intrinsic
def exponent(typing_context, value):
    """Whole part of the logarithm to base 2, lane by lane; of positive normal numbers."""

    def generate(context, builder, signature, arguments):
        bits = builder.bitcast(arguments[0], _INTEGERS)
        return builder.sitofp(
            builder.sub(builder.lshr(bits, _constant(23)), _constant(127)), _FLOATS
        )

    return _lanes(_lanes), generate


@intrinsic
def significand(typing_context, value):
    """The number between 1 and 2 that, times a power of 2, is the value, lane by lane."""

    def generate(context, builder, signature, arguments):
        bits = builder.and_(builder.bitcast(arguments[0], _INTEGERS), _constant(0x7FFFFF))
        return builder.bitcast(builder.or_(bits, _constant(0x3F800000)), _FLOATS)

    return _lanes(_lanes), generate
