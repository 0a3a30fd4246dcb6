"""Byte strings of any length in order, by whole arrays."""

from __future__ import annotations

import numpy as np

_WIDTH = 8  # bytes that one comparison of integers covers
_BATCH = 1 << 16  # terms whose bytes are gathered together; bounds the memory only


def order_of_terms(text: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Numbers of the terms in the order of their bytes, which is that of their code points.

    Eight bytes of each term are compared as one integer; terms that are still equal have the
    next eight compared, and so on.

    Parameters
    ----------
    text : uint8 array
    offsets : int64 array of shape (n_terms + 1,)
        Where each term begins in ``text``, and where the last one ends; all different.

    Returns
    -------
    order : int32 array of shape (n_terms,)

    Examples
    --------
    >>> text = np.frombuffer(b"bananaban", dtype=np.uint8)  # banana, b, an
    >>> order_of_terms(text, np.array([0, 6, 7, 9]))
    array([2, 1, 0], dtype=int32)
    """
    order = np.arange(len(offsets) - 1, dtype=np.int32)
    # Places in the order that are still open: all, but if an empty term is the only one.
    places = order.copy() if len(text) else order[:0]
    group = np.zeros(len(order), dtype=np.int32)  # equal so far
    skip = 0
    while len(places):
        terms = order[places]
        keys, lengths = _eight_bytes(text, offsets, terms, skip)
        columns = (lengths, keys, group) if skip else (lengths, keys)
        sorting = np.lexsort(columns).astype(np.int32)
        order[places] = terms[sorting]
        keys, lengths, group = keys[sorting], lengths[sorting], group[sorting]
        changes = keys[1:] != keys[:-1]
        changes |= lengths[1:] != lengths[:-1]
        changes |= group[1:] != group[:-1]
        # Open are those that equal a neighbour.
        equal = np.zeros(len(places) + 1, dtype=bool)
        equal[1:-1] = ~changes
        still = equal[1:] | equal[:-1]
        group[0] = 0
        np.cumsum(changes, out=group[1:])
        places, group = places[still], group[still]
        skip += _WIDTH
    return order


def _eight_bytes(text, offsets, terms, skip) -> tuple[np.ndarray, np.ndarray]:
    """Eight bytes of each term as one integer, zeros after its end; how many are left, up to 9."""
    keys = np.zeros(len(terms), dtype=np.uint64)
    lengths = np.empty(len(terms), dtype=np.int8)
    for first in range(0, len(terms), _BATCH):
        part = slice(first, first + _BATCH)
        starts = offsets[terms[part]] + skip
        left = np.minimum(offsets[terms[part] + 1] - starts, _WIDTH + 1)
        lengths[part] = left
        for i in range(_WIDTH):
            byte = np.where(i < left, text[np.minimum(starts + i, len(text) - 1)], 0)
            keys[part] = (keys[part] << np.uint64(8)) | byte.astype(np.uint64)
    return keys, lengths
