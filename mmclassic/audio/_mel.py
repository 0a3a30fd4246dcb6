"""The window, the mel filter bank and the cosine basis: arrays that MFCC multiplies by.

The auditory scale is Slaney's (linear to 1 kHz, logarithmic above), as in librosa.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

# Slaney's scale: 200/3 Hz per mel up to 1 kHz, then 27 mels per factor of 6.4.
HERTZ_PER_MEL = 200.0 / 3
KNEE_HERTZ = 1000.0
KNEE_MEL = KNEE_HERTZ / HERTZ_PER_MEL
LOG_STEP = np.log(6.4) / 27.0


def hertz_to_mel(frequencies):
    """Slaney's mel scale of frequencies in hertz.

    Examples
    --------
    >>> hertz_to_mel(np.array([0.0, 500.0, 1000.0, 6400.0]))
    array([ 0. ,  7.5, 15. , 42. ])
    """
    frequencies = np.asarray(frequencies, dtype=np.float64)
    above = np.log(np.maximum(frequencies, KNEE_HERTZ) / KNEE_HERTZ) / LOG_STEP
    return np.where(frequencies < KNEE_HERTZ, frequencies / HERTZ_PER_MEL, KNEE_MEL + above)


def mel_to_hertz(mels):
    """Frequencies in hertz of points on Slaney's mel scale.

    Examples
    --------
    >>> mel_to_hertz(np.array([0.0, 7.5, 15.0, 42.0])).round(6)
    array([   0.,  500., 1000., 6400.])
    """
    mels = np.asarray(mels, dtype=np.float64)
    above = KNEE_HERTZ * np.exp(LOG_STEP * np.maximum(mels - KNEE_MEL, 0.0))
    return np.where(mels < KNEE_MEL, mels * HERTZ_PER_MEL, above)


@lru_cache(maxsize=16)
def mel_filters(
    sampling_rate: int, n_fft: int, n_mels: int, fmin: float, fmax: float | None
) -> np.ndarray:
    """Triangular filters, evenly spaced in mel, each of unit area.

    Parameters
    ----------
    sampling_rate : int
        In hertz.
    n_fft : int
        Samples per frame.
    n_mels : int
        Number of filters.
    fmin, fmax : float
        Range in hertz; fmax None is half the sampling rate.

    Returns
    -------
    filters : ndarray of shape (n_mels, 1 + n_fft // 2), float32, read-only
        A filter narrower than one frequency step is all zero, as in librosa.

    References
    ----------
    Slaney, *Auditory Toolbox*, Interval Research, 1998; values as ``librosa.filters.mel``.
    """
    bins = np.fft.rfftfreq(n_fft, 1.0 / sampling_rate)
    corners = _corners(sampling_rate, n_mels, fmin, fmax)
    lower, centre, upper = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising = (bins - lower) / (centre - lower)
    falling = (upper - bins) / (upper - centre)
    filters = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (upper - lower))
    filters = filters.astype(np.float32)
    filters.flags.writeable = False
    return filters


@lru_cache(maxsize=16)
def sparse_mel_filters(
    sampling_rate: int, n_fft: int, n_mels: int, fmin: float, fmax: float | None
) -> csr_array:
    """:func:`mel_filters` without its zeros: a frequency lies in two filters at most."""
    return csr_array(mel_filters(sampling_rate, n_fft, n_mels, fmin, fmax))


class MelSegments(NamedTuple):
    """:func:`mel_filters` frequency by frequency: one filter rises while the one below falls.

    Attributes
    ----------
    edges : ndarray of shape (n_mels + 2,), int64
        Filter ``m`` rises over the frequencies ``edges[m]`` to ``edges[m + 1] - 1`` and falls
        over those up to ``edges[m + 2] - 1``.
    rising, falling : ndarray of shape (1 + n_fft // 2,), float32
        Weight of each frequency in the filter that rises there, and in the one that falls.
    """

    edges: np.ndarray
    rising: np.ndarray
    falling: np.ndarray


@lru_cache(maxsize=16)
def mel_segments(
    sampling_rate: int, n_fft: int, n_mels: int, fmin: float, fmax: float | None
) -> MelSegments:
    """The two weights of each frequency in :func:`mel_filters`, with the same parameters.

    Examples
    --------
    >>> mel_segments(8000, 16, 2, 0.0, None).edges
    array([0, 2, 4, 9])
    """
    filters = mel_filters(sampling_rate, n_fft, n_mels, fmin, fmax)
    corners = _corners(sampling_rate, n_mels, fmin, fmax)
    bins = np.fft.rfftfreq(n_fft, 1.0 / sampling_rate)
    edges = np.searchsorted(bins, corners)
    edges[-1] = np.searchsorted(bins, corners[-1], side="right")
    segment = np.clip(np.searchsorted(edges, np.arange(len(bins)), side="right") - 1, 0, n_mels)
    framed = np.pad(filters, ((1, 1), (0, 0)))
    everywhere = np.arange(len(bins))
    return MelSegments(edges, framed[segment + 1, everywhere], framed[segment, everywhere])


def _corners(sampling_rate: int, n_mels: int, fmin: float, fmax: float | None) -> np.ndarray:
    """Where the filters begin, peak and end, in hertz, shape (n_mels + 2,)."""
    highest = sampling_rate / 2 if fmax is None else fmax
    return mel_to_hertz(np.linspace(hertz_to_mel(fmin), hertz_to_mel(highest), n_mels + 2))


@lru_cache(maxsize=16)
def hann(n_fft: int, dtype: type = np.float32) -> np.ndarray:
    """Periodic Hann window.

    Returns
    -------
    window : ndarray of shape (n_fft,), of that dtype, read-only

    Examples
    --------
    >>> hann(4)
    array([0. , 0.5, 1. , 0.5], dtype=float32)
    """
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    window = window.astype(dtype)
    window.flags.writeable = False
    return window


@lru_cache(maxsize=16)
def cosine_basis(n_outputs: int, n_inputs: int) -> np.ndarray:
    """First rows of the orthonormal DCT-II.

    Returns
    -------
    basis : ndarray of shape (n_outputs, n_inputs), float64, read-only

    Examples
    --------
    >>> cosine_basis(2, 4).round(3)
    array([[ 0.5  ,  0.5  ,  0.5  ,  0.5  ],
           [ 0.653,  0.271, -0.271, -0.653]])
    """
    angles = np.outer(np.arange(n_outputs), np.arange(n_inputs) + 0.5) * (np.pi / n_inputs)
    basis = np.cos(angles) * np.sqrt(2.0 / n_inputs)
    basis[0] = np.sqrt(1.0 / n_inputs)
    basis.flags.writeable = False
    return basis
