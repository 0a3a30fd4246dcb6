"""The compiled way to histograms of oriented gradients, for pictures of 8 bits.

A gradient (x, y) lies at or beyond the edge of a bin, an angle e, where x / y <= cot(e): no arc
tangent is needed. The magnitudes beyond each edge are summed over the cells, and the
difference of neighbouring edges is the histogram. Every loop over pixels runs along a strip of
cells, without branches, so that the compiler turns it into vector instructions.

The order of all sums is fixed: the same picture gives the same bits in any thread. Sums that
differ by nothing are equal to the last bit, hence empty bins are exactly zero.

Importing this module imports numba, so it is imported at first use.
"""

from __future__ import annotations

import math

import numpy as np

from mmclassic._jit import compiled, inlined
from mmclassic.image._hog_numpy import CLIP, EPSILON

# Rows that _sum_beyond adds up at once.
N_ROWS = 8


@inlined
def _grey_differences(flat, start, length, step, dy, dx):
    """Differences down and along at ``length`` neighbouring pixels; rows ``step`` apart."""
    above, below = flat[start - step :], flat[start + step :]
    left, right = flat[start - 1 :], flat[start + 1 :]
    for i in range(length):
        dy[i] = np.int32(below[i]) - np.int32(above[i])
        dx[i] = np.int32(right[i]) - np.int32(left[i])


@inlined
def _color_differences(flat, start, length, step, dy, dx):
    """The same of the channel, of three, with the largest gradient; ties: the first."""
    above, below = flat[3 * (start - step) :], flat[3 * (start + step) :]
    left, right = flat[3 * (start - 1) :], flat[3 * (start + 1) :]
    for i in range(length):
        y = np.int32(below[3 * i]) - np.int32(above[3 * i])
        x = np.int32(right[3 * i]) - np.int32(left[3 * i])
        for channel in (1, 2):
            j = 3 * i + channel
            other_y = np.int32(below[j]) - np.int32(above[j])
            other_x = np.int32(right[j]) - np.int32(left[j])
            larger = other_y * other_y + other_x * other_x > y * y + x * x
            y = other_y if larger else y
            x = other_x if larger else x
        dy[i] = y
        dx[i] = x


@inlined
def _differences(flat, n_channels, start, length, step, dy, dx):
    if n_channels == 1:
        _grey_differences(flat, start, length, step, dy, dx)
    else:
        _color_differences(flat, start, length, step, dy, dx)


@inlined
def _strongest_down(flat, place, step):
    """The largest difference down at one pixel of three channels."""
    strongest = 0
    for channel in range(3):
        above = np.int32(flat[3 * (place - step) + channel])
        y = np.int32(flat[3 * (place + step) + channel]) - above
        strongest = y if abs(y) > abs(strongest) else strongest
    return strongest


@inlined
def _strip_differences(flat, n_channels, shape, top, dy, dx):
    """Differences of the pixels of some whole rows, beginning with row ``top``."""
    height, width = shape
    bottom = top + dy.size // width
    first, last = max(top, 1), min(bottom, height - 1)
    if last > first:
        here, length = (first - top) * width, (last - first) * width
        _differences(flat, n_channels, first * width, length, width, dy[here:], dx[here:])
    for row in (0, height - 1):
        if top <= row < bottom:  # no difference down: the row above is the row itself
            here = (row - top) * width
            dy[here] = dy[here + width - 1] = 0
            start = row * width + 1
            _differences(flat, n_channels, start, width - 2, 0, dy[here + 1 :], dx[here + 1 :])
    for x in (0, width - 1):  # no difference along
        for row in range(top, bottom):
            dx[(row - top) * width + x] = 0
        if n_channels == 3:
            for row in range(first, last):
                dy[(row - top) * width + x] = _strongest_down(flat, row * width + x, width)


@inlined
def _polar(dy, dx, magnitude, cotangent):
    """Length and direction of each gradient; 0 degrees, whose cotangent is infinite, if level."""
    zero, infinite = np.float32(0), np.float32(np.inf)
    for i in range(dy.size):
        y, x = dy[i], dx[i]
        magnitude[i] = math.sqrt(x * x + y * y)
        cotangent[i] = infinite if y == zero else x / y


@inlined
def _beyond(magnitude, cotangent, edge, row, x):
    """The magnitude of a gradient, if it lies beyond an edge."""
    return magnitude[row, x] if cotangent[row, x] <= edge else np.float32(0)


@inlined
def _sum_beyond(magnitude, cotangent, edges, votes):
    """Add magnitudes of the gradients beyond each edge, down the columns of N_ROWS rows."""
    m, c = magnitude, cotangent
    for k in range(edges.size):
        edge, sums = edges[k], votes[k]
        for x in range(sums.size):
            first = _beyond(m, c, edge, 0, x) + _beyond(m, c, edge, 1, x)
            second = _beyond(m, c, edge, 2, x) + _beyond(m, c, edge, 3, x)
            third = _beyond(m, c, edge, 4, x) + _beyond(m, c, edge, 5, x)
            fourth = _beyond(m, c, edge, 6, x) + _beyond(m, c, edge, 7, x)
            sums[x] += (first + second) + (third + fourth)


@inlined
def _sum_pairs(values, n_pairs, sums):
    for i in range(n_pairs):
        sums[i] = values[2 * i] + values[2 * i + 1]


@inlined
def _sum_groups(values, spare, size):
    """Sums of each ``size`` neighbours, in the beginning of one of the two arrays."""
    n = values.size
    while size % 2 == 0:
        n, size = n // 2, size // 2
        _sum_pairs(values, n, spare)
        values, spare = spare, values
    if size == 1:
        return values
    for i in range(n // size):
        total = values[i * size]
        for j in range(1, size):
            total += values[i * size + j]
        spare[i] = total
    return spare


@inlined
def _histograms(flat, n_channels, shape, edges, cell, cells):
    """Mean magnitude per bin and cell into ``cells`` (n_bins, n_cells), cells row by row."""
    height, width = shape
    n_bins, n_columns = edges.size, width // cell[1]
    n_groups = -(-cell[0] // N_ROWS)  # rows below the strip have no magnitude
    dy, dx = np.empty(cell[0] * width, np.float32), np.empty(cell[0] * width, np.float32)
    magnitude = np.zeros((n_groups, N_ROWS, width), np.float32)
    cotangent = np.zeros((n_groups, N_ROWS, width), np.float32)
    inside = n_columns * cell[1]  # columns left over belong to no cell
    votes, spare = np.empty((n_bins, inside), np.float32), np.empty(n_bins * inside, np.float32)
    area = np.float32(1 / (cell[0] * cell[1]))
    for row in range(height // cell[0]):
        _strip_differences(flat, n_channels, shape, row * cell[0], dy, dx)
        _polar(dy, dx, magnitude.reshape(-1), cotangent.reshape(-1))
        votes[:] = 0
        for group in range(n_groups):
            _sum_beyond(magnitude[group], cotangent[group], edges, votes)
        beyond = _sum_groups(votes.reshape(-1), spare, cell[1])
        for k in range(n_bins):
            for i in range(n_columns):
                cells[k, row * n_columns + i] = area * beyond[k * n_columns + i]
    for k in range(n_bins - 1):
        for i in range(cells.shape[1]):
            cells[k, i] -= cells[k + 1, i]


@inlined
def _add_squares(values, scale, highest, totals):
    for i in range(totals.size):
        value = min(values[i] * scale[i], highest)
        totals[i] += value * value


@inlined
def _inverse_lengths(squares):
    for i in range(squares.size):
        squares[i] = np.float32(1) / math.sqrt(squares[i] + np.float32(EPSILON**2))


@inlined
def _transposed(cells):
    values = np.empty(cells.size, np.float32)
    for i in range(cells.shape[1]):
        for k in range(cells.shape[0]):
            values[i * cells.shape[0] + k] = cells[k, i]
    return values


@inlined
def _blocks(cells, n_columns, block, out):
    """All overlapping blocks, each normalised, clipped and normalised again ("L2-Hys").

    The cell at a fixed place within each block is the same list of cells, shifted. (Blocks
    that would begin in the last columns are computed with the others, and left out.)
    """
    n_bins = cells.shape[0]
    shifts = np.array([d * n_columns + e for d in range(block[0]) for e in range(block[1])])
    n_blocks = cells.shape[1] - shifts[-1]
    clip, infinite = np.float32(CLIP), np.float32(np.inf)
    ones = np.ones(cells.shape[1], np.float32)
    squares = np.zeros(cells.shape[1], np.float32)
    for k in range(n_bins):
        _add_squares(cells[k], ones, infinite, squares)
    scale, again = np.zeros(n_blocks, np.float32), np.zeros(n_blocks, np.float32)
    for shift in shifts:
        for i in range(n_blocks):
            scale[i] += squares[shift + i]
    _inverse_lengths(scale)
    for shift in shifts:
        for k in range(n_bins):
            _add_squares(cells[k, shift : shift + n_blocks], scale, clip, again)
    _inverse_lengths(again)
    bins = _transposed(cells)  # those of neighbouring cells are neighbours
    across, width = n_columns - block[1] + 1, block[1] * n_bins
    for b in range(out.shape[0]):
        i = b // across * n_columns + b % across
        factor, end = scale[i], again[i]
        for d in range(block[0]):
            start = (i + d * n_columns) * n_bins
            values, row = bins[start : start + width], out[b, d * width : (d + 1) * width]
            for k in range(width):
                row[k] = min(values[k] * factor, clip) * end


@compiled
def hog_blocks(flat, n_channels, shape, edges, cell, block, out):
    """Histogram of oriented gradients of a picture of 8 bits.

    Parameters
    ----------
    flat : ndarray of shape (height * width * n_channels,), uint8, contiguous
    n_channels : 1 or 3
    shape : (int, int)
        Height and width of the picture, at least a block.
    edges : ndarray of shape (n_bins,), float32
        Cotangent of the lower edge of each bin; infinity first.
    cell : (int, int)
        Height and width of a cell, in pixels.
    block : (int, int)
        Height and width of a block, in cells.
    out : ndarray of shape (n_blocks, n_cells_per_block * n_bins), float32
        The result, blocks row by row.
    """
    n_rows, n_columns = shape[0] // cell[0], shape[1] // cell[1]
    cells = np.empty((edges.size, n_rows * n_columns), np.float32)
    _histograms(flat, n_channels, shape, edges, cell, cells)
    _blocks(cells, n_columns, block, out)
