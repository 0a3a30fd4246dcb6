"""The compiled way to shrink a picture by averaging areas, two to four times as fast as OpenCV's.

Rows are averaged first, then the columns in the same way, as rows of the transposed picture:
every loop over pixels runs along memory. Importing this module imports numba.
"""

from __future__ import annotations

import numpy as np

from mmclassic._jit import compiled, inlined

# Rows that are transposed together, two lines of the processor's cache: the fastest of 8, 16, 32.
TILE = 32
# Numbers that are in work at a time: they stay in the cache, and reuse the same memory.
N_AT_A_TIME = 1 << 17


@inlined
def _add_rows(rows, places, weights, averages, i):
    """Add three weighted rows to row i."""
    j1, j2, j3 = places
    w1, w2, w3 = weights
    for x in range(averages.shape[1]):
        pair = w1 * np.float32(rows[j1, x]) + w2 * np.float32(rows[j2, x])
        averages[i, x] += pair + w3 * np.float32(rows[j3, x])


@inlined
def _average_rows(rows, first, n_averages, averages):
    """Row i of ``averages`` is the mean of share ``first + i`` of ``n_averages`` of ``rows``."""
    n_rows = rows.shape[0]
    share = n_rows / n_averages
    scale = n_averages / n_rows
    averages[:] = 0
    for i in range(averages.shape[0]):
        start = (first + i) * share
        stop = min(start + share, float(n_rows))
        # Three at a time, the usual number; what lies beyond the share has no weight.
        for j in range(int(start), min(n_rows, int(stop) + 1), 3):
            places = (j, min(j + 1, n_rows - 1), min(j + 2, n_rows - 1))
            weights = (
                np.float32(scale * (min(j + 1.0, stop) - max(float(j), start))),
                np.float32(scale * max(0.0, min(j + 2.0, stop) - (j + 1.0))),
                np.float32(scale * max(0.0, min(j + 3.0, stop) - (j + 2.0))),
            )
            _add_rows(rows, places, weights, averages, i)


@inlined
def _transpose(values, transposed):
    height, width = values.shape
    for top in range(0, height - TILE + 1, TILE):
        for x in range(width):
            tile = transposed[x, top : top + TILE]
            for y in range(TILE):
                tile[y] = values[top + y, x]
    for y in range(height - height % TILE, height):
        for x in range(width):
            transposed[x, y] = values[y, x]


@inlined
def _round(values, out):
    for i in range(out.size):
        out[i] = np.uint8(values[i] + np.float32(0.5))


@compiled
def shrink(image, height, width, out):
    """Average the areas that the pixels of a smaller picture cover.

    Parameters
    ----------
    image : ndarray of shape (h, w, n_channels), uint8, contiguous
    height, width : int
        At most h and w.
    out : ndarray of shape (height, width, n_channels), uint8, contiguous
        The result.
    """
    before, n_channels = image.shape[1], image.shape[2]
    rows = image.reshape(image.shape[0], before * n_channels)
    n_rows = max(TILE, N_AT_A_TIME // (before * n_channels) // TILE * TILE)
    for top in range(0, height, n_rows):
        band = min(n_rows, height - top)
        low = np.empty((band, before * n_channels), np.float32)
        _average_rows(rows, top, height, low)
        turned = np.empty((before * n_channels, band), np.float32)
        _transpose(low, turned)
        small = np.empty((width, n_channels * band), np.float32)
        _average_rows(turned.reshape(before, n_channels * band), 0, width, small)
        upright = np.empty((band, width * n_channels), np.float32)
        _transpose(small.reshape(width * n_channels, band), upright)
        _round(upright.reshape(-1), out[top : top + band].reshape(-1))
