"""The compiled way to resize along one axis, the rows of a matrix. Importing it imports numba.

A picture is resized as rows, and then as rows of its transpose: every loop over pixels runs along
memory.
"""

from __future__ import annotations

import numpy as np

from mmclassic._jit import compiled, inlined


@inlined
def _add_rows(rows, places, weights, total):
    """Add three weighted rows."""
    j1, j2, j3 = places
    w1, w2, w3 = weights
    for x in range(total.size):
        pair = w1 * np.float32(rows[j1, x]) + w2 * np.float32(rows[j2, x])
        total[x] += pair + w3 * np.float32(rows[j3, x])


@inlined
def _average(rows, i, n, total):
    """Row i of n: the mean of an equal share of the rows, in parts of rows."""
    n_rows = rows.shape[0]
    share, scale = n_rows / n, n / n_rows
    start = i * share
    stop = min(start + share, float(n_rows))
    total[:] = 0
    # Three at a time, the usual number; what lies beyond the share has no weight.
    for j in range(int(start), min(n_rows, int(stop) + 1), 3):
        places = (j, min(j + 1, n_rows - 1), min(j + 2, n_rows - 1))
        weights = (
            np.float32(scale * (min(j + 1.0, stop) - max(float(j), start))),
            np.float32(scale * max(0.0, min(j + 2.0, stop) - (j + 1.0))),
            np.float32(scale * max(0.0, min(j + 3.0, stop) - (j + 2.0))),
        )
        _add_rows(rows, places, weights, total)


@inlined
def _interpolate(rows, i, n, total):
    """Row i of n: between the two rows whose middles lie around its own."""
    last = rows.shape[0] - 1
    place = min(max((i + 0.5) * rows.shape[0] / n - 0.5, 0.0), float(last))
    j = int(place)
    before, after = rows[j], rows[min(j + 1, last)]
    weight = np.float32(place - j)
    for x in range(total.size):
        value = np.float32(before[x])
        total[x] = value + weight * (np.float32(after[x]) - value)


@compiled
def resize_rows(rows, first, n, bias, out):
    """Rows averaged to fewer, or interpolated to more.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, m), uint8 or float32, contiguous
    first, n : int
        The result is some of n rows, beginning with this one.
    bias : float
        Added to every value: one half rounds where the result holds integers.
    out : ndarray of shape (at most n, m), float32 or uint8, contiguous
        The result.
    """
    total, bias = np.empty(rows.shape[1], np.float32), np.float32(bias)
    for i in range(out.shape[0]):
        if n <= rows.shape[0]:
            _average(rows, first + i, n, total)
        else:
            _interpolate(rows, first + i, n, total)
        row = out[i]
        for x in range(row.size):
            # Sums of millions of rows round to a little more than white.
            row[x] = min(total[x] + bias, np.float32(255))
