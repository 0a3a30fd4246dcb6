"""Power spectra of sixteen frames at a time.

A frame of ``2 n`` real samples is transformed as ``n`` complex numbers, even samples real and
odd ones imaginary (Numerical Recipes, §12.3), by decimation in frequency, in place. Number
``k`` lies in two lines of sixteen floats, at ``32 k`` and ``32 k + 16``: one lane per frame.
After the first stage the parts are independent, and small enough for the nearest cache.
"""

from __future__ import annotations

import numpy as np

from mmclassic._jit import inlined
from mmclassic.audio._lanes_kernel import load, spread, store

HALF = np.float32(0.5)
HALF_ROOT_3 = np.float32(np.sqrt(0.75))
COSINE_1, COSINE_2 = np.float32(np.cos(0.4 * np.pi)), np.float32(np.cos(0.8 * np.pi))
SINE_1, SINE_2 = np.float32(np.sin(0.4 * np.pi)), np.float32(np.sin(0.8 * np.pi))


@inlined
def put(work, place, real, imaginary):
    store(work, 32 * place, real)
    store(work, 32 * place + 16, imaginary)


@inlined
def put_turned(work, place, real, imaginary, twiddles, at):
    """Store the product with a root of unity."""
    cosine, sine = spread(twiddles[at]), spread(twiddles[at + 1])
    put(work, place, real * cosine - imaginary * sine, real * sine + imaginary * cosine)


@inlined
def by_two(work, p, q, twiddles, at):
    a, b = load(work, 32 * p), load(work, 32 * p + 16)
    c, d = load(work, 32 * (p + q)), load(work, 32 * (p + q) + 16)
    put(work, p, a + c, b + d)
    put_turned(work, p + q, a - c, b - d, twiddles, at)


@inlined
def by_three(work, p, q, twiddles, at):
    a, b = load(work, 32 * p), load(work, 32 * p + 16)
    c, d = load(work, 32 * (p + q)), load(work, 32 * (p + q) + 16)
    e, f = load(work, 32 * (p + 2 * q)), load(work, 32 * (p + 2 * q) + 16)
    sum_real, sum_imaginary = c + e, d + f
    real, imaginary = a - spread(HALF) * sum_real, b - spread(HALF) * sum_imaginary
    height = spread(HALF_ROOT_3)
    u, v = height * (c - e), height * (d - f)
    put(work, p, a + sum_real, b + sum_imaginary)
    put_turned(work, p + q, real + v, imaginary - u, twiddles, at)
    put_turned(work, p + 2 * q, real - v, imaginary + u, twiddles, at + 2)


@inlined
def by_four(work, p, q, twiddles, at):
    a, b = load(work, 32 * p), load(work, 32 * p + 16)
    c, d = load(work, 32 * (p + q)), load(work, 32 * (p + q) + 16)
    e, f = load(work, 32 * (p + 2 * q)), load(work, 32 * (p + 2 * q) + 16)
    g, h = load(work, 32 * (p + 3 * q)), load(work, 32 * (p + 3 * q) + 16)
    even_real, even_imaginary, odd_real, odd_imaginary = a + e, b + f, c + g, d + h
    real, imaginary, u, v = a - e, b - f, c - g, d - h
    put(work, p, even_real + odd_real, even_imaginary + odd_imaginary)
    put_turned(work, p + q, real + v, imaginary - u, twiddles, at)
    real_2, imaginary_2 = even_real - odd_real, even_imaginary - odd_imaginary
    put_turned(work, p + 2 * q, real_2, imaginary_2, twiddles, at + 2)
    put_turned(work, p + 3 * q, real - v, imaginary + u, twiddles, at + 4)


@inlined
def by_five(work, p, q, twiddles, at):
    a, b = load(work, 32 * p), load(work, 32 * p + 16)
    c, d = load(work, 32 * (p + q)), load(work, 32 * (p + q) + 16)
    e, f = load(work, 32 * (p + 2 * q)), load(work, 32 * (p + 2 * q) + 16)
    g, h = load(work, 32 * (p + 3 * q)), load(work, 32 * (p + 3 * q) + 16)
    i, j = load(work, 32 * (p + 4 * q)), load(work, 32 * (p + 4 * q) + 16)
    cosine_1, cosine_2 = spread(COSINE_1), spread(COSINE_2)
    sine_1, sine_2 = spread(SINE_1), spread(SINE_2)
    real_1, imaginary_1, real_2, imaginary_2 = c + i, d + j, e + g, f + h
    u_1, v_1 = sine_1 * (c - i) + sine_2 * (e - g), sine_1 * (d - j) + sine_2 * (f - h)
    u_2, v_2 = sine_2 * (c - i) - sine_1 * (e - g), sine_2 * (d - j) - sine_1 * (f - h)
    put(work, p, a + real_1 + real_2, b + imaginary_1 + imaginary_2)
    real = a + cosine_1 * real_1 + cosine_2 * real_2
    imaginary = b + cosine_1 * imaginary_1 + cosine_2 * imaginary_2
    put_turned(work, p + q, real + v_1, imaginary - u_1, twiddles, at)
    put_turned(work, p + 4 * q, real - v_1, imaginary + u_1, twiddles, at + 6)
    real = a + cosine_2 * real_1 + cosine_1 * real_2
    imaginary = b + cosine_2 * imaginary_1 + cosine_1 * imaginary_2
    put_turned(work, p + 2 * q, real + v_2, imaginary - u_2, twiddles, at + 2)
    put_turned(work, p + 3 * q, real - v_2, imaginary + u_2, twiddles, at + 4)


@inlined
def stage(work, start, n_numbers, length, radix, twiddles, offset):
    """Part every ``length`` numbers from ``start`` into ``radix`` by the rest of the frequency."""
    q = length // radix
    for base in range(start, start + n_numbers, length):
        for j in range(q):
            at = offset + 2 * (radix - 1) * j
            if radix == 4:
                by_four(work, base + j, q, twiddles, at)
            elif radix == 2:
                by_two(work, base + j, q, twiddles, at)
            elif radix == 3:
                by_three(work, base + j, q, twiddles, at)
            else:
                by_five(work, base + j, q, twiddles, at)


@inlined
def transform(work, n, radices, twiddles):
    """Fourier transform of ``n`` complex numbers, which end up in the plan's places."""
    if radices.size == 0:
        return
    stage(work, 0, n, n, radices[0], twiddles, 0)
    part = n // radices[0]
    for start in range(0, n, part):
        offset, length = 2 * (radices[0] - 1) * part, part
        for number in range(1, radices.size):
            radix = radices[number]
            stage(work, start, part, length, radix, twiddles, offset)
            length //= radix
            offset += 2 * (radix - 1) * length


@inlined
def power_spectrum(work, n, places, roots, power):
    """Squared magnitudes of the frequencies 0 to n of ``2 n`` real samples."""
    real, imaginary = load(work, 0), load(work, 16)
    store(power, 0, (real + imaginary) * (real + imaginary))
    store(power, 16 * n, (real - imaginary) * (real - imaginary))
    half = spread(HALF)
    for k in range(1, n // 2 + 1):
        low, high = 32 * places[k], 32 * places[n - k]
        a, b, c, d = load(work, low), load(work, low + 16), load(work, high), load(work, high + 16)
        even_real, even_imaginary = half * (a + c), half * (b - d)
        odd_real, odd_imaginary = half * (b + d), half * (c - a)
        cosine, sine = spread(roots[2 * k]), spread(roots[2 * k + 1])
        u = odd_real * cosine - odd_imaginary * sine
        v = odd_real * sine + odd_imaginary * cosine
        real, imaginary = even_real + u, even_imaginary + v
        store(power, 16 * k, real * real + imaginary * imaginary)
        real, imaginary = even_real - u, even_imaginary - v
        store(power, 16 * (n - k), real * real + imaginary * imaginary)
