"""Compiled loops around a hash table of byte strings, and over the counts of terms.

A slot of the table holds zero where it is empty, else the number of a term plus one in its
lower half and the upper half of the term's hash above it.
"""

from __future__ import annotations

import numpy as np
from numba.core import types

from mmclassic._jit import compiled_for, inlined
from mmclassic.text._types_kernel import (
    BYTES,
    ENDS,
    INT,
    NUMBERS,
    OUT_BYTES,
    OUT_ENDS,
    OUT_FLOATS,
    OUT_NUMBERS,
    OUT_SLOTS,
    SLOTS,
    SPANS,
)

_LOWER = np.uint64(0xFFFFFFFF)
_BASIS = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)
_ONE = np.uint64(1)
_EMPTY = np.uint64(0)


@inlined
def _hash(data, start, stop):
    """FNV-1a, and a multiplication that spreads it over all bits."""
    value = _BASIS
    for position in range(start, stop):
        value = (value ^ np.uint64(data[position])) * _PRIME
    value = (value ^ (value >> _HALF)) * _MIX
    return value ^ (value >> _HALF)


@inlined
def _same(data, start, stop, text, first):
    i = 0
    while i < stop - start and data[start + i] == text[first + i]:
        i += 1
    return i == stop - start


@inlined
def _locate(data, start, stop, hashed, slots, text, offsets):
    """The slot of a term, or the empty one where it belongs."""
    last = np.uint64(len(slots) - 1)
    slot = hashed & last
    while slots[slot] != _EMPTY:
        if slots[slot] >> _HALF == hashed >> _HALF:
            term = np.int64(slots[slot] & _LOWER) - 1
            first = offsets[term]
            if offsets[term + 1] - first == stop - start and _same(data, start, stop, text, first):
                break
        slot = (slot + _ONE) & last
    return slot


@compiled_for(types.void, BYTES, SPANS, SLOTS, BYTES, ENDS, OUT_NUMBERS)
def find_terms(data, spans, slots, text, offsets, ids):
    """Numbers of the terms that spans hold, -1 where they are unknown."""
    for i in range(len(spans)):
        start, stop = spans[i, 0], spans[i, 1]
        hashed = _hash(data, start, stop)
        slot = _locate(data, start, stop, hashed, slots, text, offsets)
        ids[i] = np.int64(slots[slot] & _LOWER) - 1


@compiled_for(INT, BYTES, SPANS, OUT_SLOTS, OUT_BYTES, OUT_ENDS, INT, OUT_NUMBERS)
def add_terms(data, spans, slots, text, offsets, n_terms, ids):
    """Numbers of the terms that spans hold; new terms are added. Returns how many there are.

    There must be room for every span as a new term, and an empty slot thereafter.
    """
    for i in range(len(spans)):
        start, stop = spans[i, 0], spans[i, 1]
        hashed = _hash(data, start, stop)
        slot = _locate(data, start, stop, hashed, slots, text, offsets)
        if slots[slot] == _EMPTY:
            first = offsets[n_terms]
            for position in range(stop - start):
                text[first + position] = data[start + position]
            n_terms += 1
            offsets[n_terms] = first + stop - start
            slots[slot] = ((hashed >> _HALF) << _HALF) | np.uint64(n_terms)
        ids[i] = np.int64(slots[slot] & _LOWER) - 1
    return n_terms


@compiled_for(types.void, BYTES, ENDS, OUT_SLOTS)
def fill_slots(text, offsets, slots):
    """Put the terms, all different, into an empty table."""
    last = np.uint64(len(slots) - 1)
    for term in range(len(offsets) - 1):
        hashed = _hash(text, offsets[term], offsets[term + 1])
        slot = hashed & last
        while slots[slot] != _EMPTY:
            slot = (slot + _ONE) & last
        slots[slot] = ((hashed >> _HALF) << _HALF) | np.uint64(term + 1)


@compiled_for(OUT_ENDS, NUMBERS, ENDS, NUMBERS, ENDS, INT)
def document_frequencies(ids, ends, parts, part_ends, n_terms):
    """In how many rows each term occurs; a row's ids name parts, which hold the terms."""
    frequencies = np.zeros(n_terms, np.int64)
    seen_in = np.full(n_terms, -1, np.int32)
    for row in range(len(ends) - 1):
        for i in range(ends[row], ends[row + 1]):
            for j in range(part_ends[ids[i]], part_ends[ids[i] + 1]):
                term = parts[j]
                if seen_in[term] != row:
                    seen_in[term] = row
                    frequencies[term] += 1
    return frequencies


@inlined
def _sort(values):
    """In place; most rows are short."""
    if len(values) > 48:
        values.sort()
        return
    for i in range(1, len(values)):
        value = values[i]
        j = i
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            j -= 1
        values[j] = value


@inlined
def _write_runs(values, columns, counts, n):
    """Each value of a sorted array once, and how often it was there."""
    for i in range(len(values)):
        if i and values[i] == values[i - 1]:
            counts[n - 1] += 1
        else:
            columns[n] = values[i]
            counts[n] = 1.0
            n += 1
    return n


@compiled_for(INT, NUMBERS, ENDS, NUMBERS, ENDS, OUT_NUMBERS, OUT_NUMBERS, OUT_FLOATS, OUT_ENDS)
def count_parts(ids, ends, parts, part_ends, scratch, columns, counts, row_ends):
    """Terms and their numbers in each row, sorted; parts below zero are left out.

    ``columns`` and ``counts`` have room for all terms of all rows, ``scratch`` for those of
    the longest. Returns how many were written.
    """
    n = 0
    row_ends[0] = 0
    for row in range(len(ends) - 1):
        length = 0
        for i in range(ends[row], ends[row + 1]):
            for j in range(part_ends[ids[i]], part_ends[ids[i] + 1]):
                if parts[j] >= 0:
                    scratch[length] = parts[j]
                    length += 1
        _sort(scratch[:length])
        n = _write_runs(scratch[:length], columns, counts, n)
        row_ends[row + 1] = n
    return n
