"""Mel-frequency cepstral coefficients in one pass over a recording, sixteen frames at a time."""

from __future__ import annotations

import numpy as np

from mmclassic._jit import compiled, inlined
from mmclassic.audio._fft_kernel import power_spectrum, put, transform
from mmclassic.audio._lanes_kernel import (
    exponent,
    greater,
    load,
    significand,
    spread,
    store,
)

LEAST_POWER = np.float32(1e-10)
# Decibels of a factor of 2.
DECIBELS = np.float32(10 * np.log10(2))
MIDDLE = np.float32(1.5)
NOTHING = np.float32(0)
# log2(1.5 + x) for x within -1/2 and 1/2, highest power first: Chebyshev's fit of degree 9,
# off by less than 1e-8.
POLYNOMIAL = tuple(
    np.float32(c)
    for c in (
        0.00541389234459,
        -0.00887469665176,
        0.0117334063217,
        -0.0206858549599,
        0.0380339339712,
        -0.0712830113506,
        0.142486717637,
        -0.32059766592,
        0.961796715186,
        0.584962494496,
    )
)


@inlined
def decibels(power):
    """10 log10 of positive numbers."""
    x = significand(power) - spread(MIDDLE)
    value = spread(POLYNOMIAL[0])
    value = value * x + spread(POLYNOMIAL[1])
    value = value * x + spread(POLYNOMIAL[2])
    value = value * x + spread(POLYNOMIAL[3])
    value = value * x + spread(POLYNOMIAL[4])
    value = value * x + spread(POLYNOMIAL[5])
    value = value * x + spread(POLYNOMIAL[6])
    value = value * x + spread(POLYNOMIAL[7])
    value = value * x + spread(POLYNOMIAL[8])
    value = value * x + spread(POLYNOMIAL[9])
    return (exponent(power) + value) * spread(DECIBELS)


@inlined
def turn(signal, first, hop_length, n_columns, n_rows, turned):
    """Samples from ``first``, cut into rows of ``hop_length``, as columns; zeros beyond the ends.

    Consecutive frames then lie side by side: sample ``s`` of sixteen frames is the sixteen
    items from ``(s % hop_length) * n_rows + s // hop_length``.
    """
    for row in range(n_rows):
        start = first + row * hop_length
        begin = min(max(-start, 0), n_columns)
        end = max(min(signal.size - start, n_columns), begin)
        for column in range(begin):
            turned[column * n_rows + row] = NOTHING
        for column in range(begin, end):
            turned[column * n_rows + row] = signal[start + column]
        for column in range(end, n_columns):
            turned[column * n_rows + row] = NOTHING


@inlined
def take_frames(turned, hop_length, n_rows, window, work):
    """Windowed samples of sixteen frames, two of them as one complex number."""
    row, column = 0, 0
    for number in range(window.size // 2):
        real = load(turned, column * n_rows + row) * spread(window[2 * number])
        row, column = following(row, column, hop_length)
        imaginary = load(turned, column * n_rows + row) * spread(window[2 * number + 1])
        row, column = following(row, column, hop_length)
        put(work, number, real, imaginary)


@inlined
def following(row, column, hop_length):
    """Where the next sample lies."""
    column += 1
    return (row + 1, 0) if column == hop_length else (row, column)


@inlined
def mel_decibels(power, edges, rising, falling, output, start):
    """Decibels within each filter, from ``start`` on.

    Between two edges, filter ``m`` rises while ``m - 1`` falls.
    """
    below = spread(NOTHING)
    for m in range(edges.size - 1):
        up, down = spread(NOTHING), spread(NOTHING)
        for k in range(edges[m], edges[m + 1]):
            line = load(power, 16 * k)
            up = up + line * spread(rising[k])
            down = down + line * spread(falling[k])
        if m > 0:
            value = decibels(greater(below + down, spread(LEAST_POWER)))
            store(output, start + 16 * (m - 1), value)
        below = up


@inlined
def loudest(levels, n_mels, n_frames):
    """The greatest level of a recording, whose last frame is first copied to the idle lanes."""
    last = (n_frames - 1) // 16 * n_mels * 16
    for lane in range((n_frames - 1) % 16 + 1, 16):
        for m in range(n_mels):
            levels[last + 16 * m + lane] = levels[last + 16 * m + (n_frames - 1) % 16]
    top = load(levels, 0)
    for start in range(16, levels.size, 16):
        top = greater(load(levels, start), top)
    lanes = np.empty(16, np.float32)
    store(lanes, 0, top)
    return lanes.max()


@inlined
def cosine_transform(levels, start, floor, basis, output, column, width):
    """Coefficients of sixteen frames, four at once; basis of shape (n_mels, n_outputs)."""
    for c in range(0, basis.shape[1], 4):
        a, b, d, e = spread(NOTHING), spread(NOTHING), spread(NOTHING), spread(NOTHING)
        for m in range(basis.shape[0]):
            line = greater(load(levels, start + 16 * m), floor)
            a = a + line * spread(basis[m, c])
            b = b + line * spread(basis[m, c + 1])
            d = d + line * spread(basis[m, c + 2])
            e = e + line * spread(basis[m, c + 3])
        store(output, c * width + column, a)
        store(output, (c + 1) * width + column, b)
        store(output, (c + 2) * width + column, d)
        store(output, (c + 3) * width + column, e)


@compiled
def coefficients(signal, hop_length, window, plan, filters, basis, top_db):
    """Coefficients of a recording; frames are centred on multiples of ``hop_length``.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), float32
    hop_length : int
    window : ndarray of shape (n_fft,), float32
    plan : FourierPlan
        For ``n_fft``.
    filters : MelSegments
    basis : ndarray of shape (n_mels, n_outputs), float32
        ``n_outputs`` a multiple of four.
    top_db : float
        Infinite for none.

    Returns
    -------
    coefficients : ndarray of shape (n_outputs, n), float32
        Whose first ``1 + n_samples // hop_length`` columns count.
    """
    n = window.size // 2
    n_mels = basis.shape[0]
    n_frames = 1 + signal.size // hop_length
    n_blocks = (n_frames + 15) // 16
    n_rows = 16 + (window.size - 1) // hop_length
    n_columns = min(hop_length, window.size)
    turned = np.empty(n_columns * n_rows, np.float32)
    work = np.empty(32 * n, np.float32)
    power = np.empty(16 * (n + 1), np.float32)
    levels = np.empty(n_blocks * n_mels * 16, np.float32)
    for block in range(n_blocks):
        turn(signal, 16 * block * hop_length - n, hop_length, n_columns, n_rows, turned)
        take_frames(turned, hop_length, n_rows, window, work)
        transform(work, n, plan.radices, plan.twiddles)
        power_spectrum(work, n, plan.places, plan.roots, power)
        start = block * n_mels * 16
        mel_decibels(power, filters.edges, filters.rising, filters.falling, levels, start)
    floor = spread(np.float32(loudest(levels, n_mels, n_frames) - top_db))
    output = np.empty(basis.shape[1] * n_blocks * 16, np.float32)
    for block in range(n_blocks):
        start = block * n_mels * 16
        cosine_transform(levels, start, floor, basis, output, 16 * block, 16 * n_blocks)
    return output.reshape(basis.shape[1], 16 * n_blocks)
