"""Derivatives and statistics over frames, compiled; sixteen rows are sorted at a time."""

from __future__ import annotations

import numpy as np

from mmclassic._jit import compiled, inlined
from mmclassic.audio._lanes_kernel import greater, lesser, load, store


@compiled
def derivatives(frames, weights):
    """Every window of frames times the weights; the first and last window at the edges.

    Parameters
    ----------
    frames : ndarray of shape (n_rows, n_frames), float32
    weights : ndarray of shape (width,), float32
        Of odd width, not more than ``n_frames``.

    Returns
    -------
    derivatives : ndarray of shape (n_rows, n_frames), float32
    """
    n_rows, n_frames = frames.shape
    half, n_windows = weights.size // 2, n_frames - weights.size + 1
    output = np.zeros((n_rows, n_frames), np.float32)
    for row in range(n_rows):
        inner = output[row, half : half + n_windows]
        for position in range(weights.size):
            weight = weights[position]
            for window in range(n_windows):
                inner[window] += weight * frames[row, window + position]
        for edge in range(half):
            output[row, edge] = inner[0]
            output[row, n_frames - 1 - edge] = inner[n_windows - 1]
    return output


@inlined
def put_in_order(columns, low, high):
    a, b = load(columns, 16 * low), load(columns, 16 * high)
    store(columns, 16 * low, lesser(a, b))
    store(columns, 16 * high, greater(a, b))


@inlined
def sort_columns(columns, n):
    """Sort sixteen columns of length n, with comparisons that do not depend on the values.

    Batcher's merge exchange: Knuth, *The Art of Computer Programming* 3, §5.2.2, algorithm M.
    """
    top = 1
    while top < n:
        top *= 2
    top //= 2
    p = top
    while p > 0:
        q, rest, distance = top, 0, p
        while True:
            for low in range(n - distance):
                if low & p == rest:
                    put_in_order(columns, low, low + distance)
            if q == p:
                break
            distance, q, rest = q - p, q // 2, p
        p //= 2


@inlined
def mean_and_deviation(values):
    """In float64: the rounding of float32 sums would depend on the number of frames."""
    total = 0.0
    for value in values:
        total += np.float64(value)
    mean = total / values.size
    squares = 0.0
    for value in values:
        squares += (np.float64(value) - mean) ** 2
    return mean, np.sqrt(squares / values.size)


@inlined
def interpolated(columns, lane, position):
    """Between the two sorted values that a fractional position lies between."""
    below = int(position)
    low = np.float64(columns[16 * below + lane])
    if below == position:
        return low
    return low + (np.float64(columns[16 * (below + 1) + lane]) - low) * (position - below)


@compiled
def statistics_of(frames, percentiles):
    """Mean, deviation and percentiles of each row.

    Parameters
    ----------
    frames : ndarray of shape (n_rows, n_frames), float32
    percentiles : ndarray of shape (n_percentiles,), float64
        Nothing is sorted where there are none.

    Returns
    -------
    statistics : ndarray of shape (n_rows, 2 + n_percentiles), float32
    """
    n_rows, n_frames = frames.shape
    output = np.empty((n_rows, 2 + percentiles.size), np.float32)
    for row in range(n_rows):
        output[row, 0], output[row, 1] = mean_and_deviation(frames[row])
    if percentiles.size == 0:
        return output
    columns = np.zeros(16 * n_frames, np.float32)
    for first in range(0, n_rows, 16):
        n_lanes = min(16, n_rows - first)
        for lane in range(n_lanes):
            for frame in range(n_frames):
                columns[16 * frame + lane] = frames[first + lane, frame]
        sort_columns(columns, n_frames)
        for lane in range(n_lanes):
            for number in range(percentiles.size):
                position = percentiles[number] / 100 * (n_frames - 1)
                output[first + lane, 2 + number] = interpolated(columns, lane, position)
    return output
