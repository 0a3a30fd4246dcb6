"""The compiled passes before and after the matrix products of a learned convolution.

All loops over values run along memory. Only two sums may be taken in another order than written,
the same one every time: equal input gives equal bits in any thread. Importing this module imports
numba, so it is imported at first use.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from mmclassic._jit import compiled, inlined

# Sums in several lanes at a time. Not all of fastmath: NaN stays NaN.
_in_lanes = njit(nogil=True, error_model="numpy", fastmath={"reassoc"})


@_in_lanes
def _total(values):
    total = np.float32(0)
    for i in range(values.size):
        total += values[i]
    return total


@_in_lanes
def _sum_of_squares(values):
    total = np.float32(0)
    for i in range(values.size):
        total += values[i] * values[i]
    return total


@inlined
def _add_down(rows, sums, squares):
    """Sum of the values, and of their squares, in each column of some rows of pixels."""
    for x in range(sums.size):
        sums[x] = 0
        squares[x] = 0
    for y in range(rows.shape[0]):
        row = rows[y]
        for x in range(sums.size):
            value = np.int32(row[x])
            sums[x] += value
            squares[x] += value * value


@inlined
def _normalise(rows, start, brightness, scale, mean, patch):
    """One patch: contrast normalised, the mean patch subtracted."""
    length = patch.size // rows.shape[0]
    for y in range(rows.shape[0]):
        values = rows[y, start : start + length]
        means, out = mean[y * length : (y + 1) * length], patch[y * length : (y + 1) * length]
        for x in range(length):
            out[x] = (np.float32(values[x]) - brightness) * scale - means[x]


@compiled
def normalised_patches(rows, n_channels, side, stride, epsilon, mean, patches):
    """All patches of a picture of 8 bits, ready to be whitened.

    Parameters
    ----------
    rows : ndarray of shape (h, w * n_channels), uint8, contiguous
    n_channels, side, stride : int
    epsilon : float
        Added to the variance of each patch.
    mean : ndarray of shape (n_values,), float32
        Mean of the normalised patches that were learned from.
    patches : ndarray of shape (n_rows * n_columns, n_values), float32
        The result.
    """
    sums = np.empty(rows.shape[1], np.int32)
    squares = np.empty(rows.shape[1], np.int32)
    length, n_values = side * n_channels, patches.shape[1]
    n_columns = (rows.shape[1] - length) // (stride * n_channels) + 1
    for i in range(patches.shape[0] // n_columns):
        strip = rows[i * stride : i * stride + side]
        _add_down(strip, sums, squares)
        for j in range(n_columns):
            start = j * stride * n_channels
            total, square = 0, 0
            for x in range(start, start + length):
                total += sums[x]
                square += squares[x]
            brightness = total / n_values
            # Integers: nothing is lost in the difference.
            variance = (square * n_values - total * total) / (n_values * n_values)
            scale = np.float32(1.0 / math.sqrt(variance + epsilon))
            patch = patches[i * n_columns + j]
            _normalise(strip, start, np.float32(brightness), scale, mean, patch)


@inlined
def _distances(products, own, squares, distances):
    zero = np.float32(0)
    for k in range(distances.size):
        distances[k] = math.sqrt(max(products[k] + (own + squares[k]), zero))


@inlined
def _add_gains(distances, average, sums):
    zero = np.float32(0)
    for k in range(sums.size):
        sums[k] += max(average - distances[k], zero)


@compiled
def pool_triangles(patches, products, squares, shape, n_areas, sums):
    """Activations of all patches, summed over areas of the picture.

    Parameters
    ----------
    patches : ndarray of shape (n_rows * n_columns, n_directions), float32
        Whitened.
    products : ndarray of shape (n_rows * n_columns, n_filters), float32
        Minus twice their products with the filters.
    squares : ndarray of shape (n_filters,), float32
        Squared lengths of the filters.
    shape : (int, int)
        ``n_rows`` and ``n_columns``.
    n_areas : int
        Along each axis.
    sums : ndarray of shape (n_areas * n_areas, n_filters), float32
        The result.
    """
    n_rows, n_columns = shape
    distances = np.empty(squares.size, np.float32)
    sums[:] = np.float32(0)
    for i in range(n_rows * n_columns):
        _distances(products[i], _sum_of_squares(patches[i]), squares, distances)
        average = _total(distances) / np.float32(squares.size)
        row, column = i // n_columns * n_areas // n_rows, i % n_columns * n_areas // n_columns
        _add_gains(distances, average, sums[row * n_areas + column])
