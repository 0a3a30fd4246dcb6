"""The tables of a Fourier transform: how a length factors, and the roots of unity it needs."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

# Factors that a stage can take out of a length, the dearest first: fewer, larger stages.
RADICES = (4, 2, 3, 5)


class FourierPlan(NamedTuple):
    """What a transform of ``n_fft`` real numbers, as ``n_fft // 2`` complex ones, looks up.

    Attributes
    ----------
    radices : ndarray of shape (n_stages,), int64
        Factors of ``n_fft // 2``, the first stage first.
    twiddles : ndarray, float32
        Cosine and sine of every stage's factors, in the order in which they are used.
    places : ndarray of shape (n_fft // 2,), int64
        Where the last stage leaves each frequency.
    roots : ndarray of shape (2 * (1 + n_fft // 4),), float32
        Cosine and sine that part the even from the odd samples.
    """

    radices: np.ndarray
    twiddles: np.ndarray
    places: np.ndarray
    roots: np.ndarray


def factor(length: int) -> list[int] | None:
    """A length as a product of ``RADICES``; None where it has other factors.

    Examples
    --------
    >>> factor(1024), factor(200), factor(1), factor(7)
    ([4, 4, 4, 4, 4], [4, 2, 5, 5], [], None)
    """
    factors = []
    for radix in RADICES:
        while length % radix == 0:
            factors.append(radix)
            length //= radix
    return factors if length == 1 else None


@lru_cache(maxsize=16)
def fourier_plan(n_fft: int) -> FourierPlan | None:
    """The tables for frames of ``n_fft`` samples; None where there is no such transform.

    Examples
    --------
    >>> fourier_plan(8).radices, fourier_plan(8).places
    (array([4]), array([0, 1, 2, 3]))
    >>> fourier_plan(401) is None
    True
    """
    radices = factor(n_fft // 2)
    if n_fft % 2 or radices is None:
        return None
    length, twiddles = n_fft // 2, [np.empty(0, dtype=np.float32)]
    for radix in radices:
        steps = np.outer(np.arange(length // radix), np.arange(1, radix))
        twiddles.append(_cosine_and_sine(steps, length))
        length //= radix
    return FourierPlan(
        np.array(radices, dtype=np.int64),
        np.concatenate(twiddles),
        np.argsort(_frequencies(radices)),
        _cosine_and_sine(np.arange(n_fft // 4 + 1), n_fft),
    )


def _cosine_and_sine(steps: np.ndarray, length: int) -> np.ndarray:
    """Real and imaginary part, in turn, of exp(-2πi · steps / length)."""
    angles = -2 * np.pi * (steps.ravel() % length) / length
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32).ravel()


def _frequencies(radices: list[int]) -> np.ndarray:
    """Frequency at each place, after stages that leave one part per remainder."""
    if not radices:
        return np.zeros(1, dtype=np.int64)
    inner = _frequencies(radices[1:])
    return np.concatenate([radices[0] * inner + rest for rest in range(radices[0])])
