"""Mel-frequency cepstral coefficients of one signal, compiled or with numpy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.fft import rfft

from mmclassic.audio._fft_plan import fourier_plan
from mmclassic.audio._kernels import kernels
from mmclassic.audio._mel import cosine_basis, hann, mel_segments, sparse_mel_filters

# Power below this is taken for it, before the logarithm (-100 dB).
LEAST_POWER = 1e-10
# Frames per block: their spectra stay in the processor's cache, and ten minutes of sound
# need no more memory than one second.
BLOCK = 256


class MfccSetting(NamedTuple):
    """What coefficients depend on beside the signal; see :func:`mfcc`."""

    sampling_rate: int = 22050
    n_fft: int = 2048
    hop_length: int = 512
    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None
    n_mfcc: int = 20
    top_db: float | None = 80.0

    @property
    def bank(self) -> tuple:
        """What :func:`mel_filters` takes."""
        return self.sampling_rate, self.n_fft, self.n_mels, self.fmin, self.fmax

    def compiled_arguments(self) -> tuple | None:
        """What compiled functions take beside the signal; None for an ``n_fft`` they lack."""
        plan = fourier_plan(self.n_fft)
        if plan is None:
            return None
        floor = math.inf if self.top_db is None else float(self.top_db)
        filters, basis = mel_segments(*self.bank), _padded_basis(self.n_mfcc, self.n_mels)
        return self.hop_length, hann(self.n_fft), plan, filters, basis, floor


def mfcc(
    signal: np.ndarray,
    *,
    sampling_rate: int = 22050,
    n_mfcc: int = 20,
    n_fft: int = 2048,
    hop_length: int = 512,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    top_db: float | None = 80.0,
) -> np.ndarray:
    """Mel-frequency cepstral coefficients of one signal.

    Frames are centred on multiples of ``hop_length`` with zeros beyond the ends and weighted
    by a periodic Hann window; their power spectrum goes through Slaney's mel filters, decibels
    and an orthonormal DCT-II. Where ``n_fft // 2`` is a product of 2, 3 and 5, compiled code does
    it in one pass; :func:`mfcc_by_numpy` does the same for every ``n_fft``.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        At least one sample, all finite, usually within -1 and 1.
    sampling_rate : int, default=22050
        In hertz.
    n_mfcc : int, default=20
        Coefficients to keep, at most ``n_mels``.
    n_fft, hop_length : int, default=2048, 512
        Length of a frame and distance between frames, in samples.
    n_mels : int, default=128
        Mel filters.
    fmin, fmax : float, default=0.0, None
        Range of the filters in hertz; None is half the sampling rate.
    top_db : float or None, default=80.0
        Decibels below the loudest value of the signal are raised to this distance.

    Returns
    -------
    coefficients : ndarray of shape (n_mfcc, 1 + n_samples // hop_length), float32

    References
    ----------
    S. B. Davis and P. Mermelstein, *IEEE Trans. ASSP* 28(4), 1980. Values as
    ``librosa.feature.mfcc`` (0.11) with its defaults.

    Examples
    --------
    >>> time = np.arange(22050) / 22050
    >>> coefficients = mfcc(np.sin(2 * np.pi * 440 * time))
    >>> coefficients.shape, coefficients.dtype
    ((20, 44), dtype('float32'))
    """
    signal = np.asarray(signal, dtype=np.float32)
    if signal.ndim != 1 or signal.size == 0:
        raise ValueError(f"signal must be one-dimensional and not empty, got {signal.shape}.")
    setting = MfccSetting(sampling_rate, n_fft, hop_length, n_mels, fmin, fmax, n_mfcc, top_db)
    arguments, compiled = setting.compiled_arguments(), kernels()
    if compiled is None or arguments is None:
        return mfcc_by_numpy(signal, setting)
    coefficients = compiled.coefficients(as_compiled_for(signal), *arguments)
    return coefficients[:n_mfcc, : 1 + signal.size // hop_length]


def as_compiled_for(array: np.ndarray) -> np.ndarray:
    """The array as the one kind that numba compiles for: float32, contiguous, writeable."""
    return np.require(array, np.float32, ["C", "W"])


def mfcc_by_numpy(signal: np.ndarray, setting: MfccSetting) -> np.ndarray:
    """:func:`mfcc` by numpy and scipy: the reference, and what runs without numba."""
    n_fft, hop_length, n_mels = setting.n_fft, setting.hop_length, setting.n_mels
    filters = sparse_mel_filters(*setting.bank)
    decibels = np.empty((n_mels, 1 + signal.size // hop_length), dtype=np.float32)
    for block, spectrum in spectra(signal, hann(n_fft), hop_length):
        power = spectrum.real**2 + spectrum.imag**2
        decibels[:, block] = filters @ power.T
    np.maximum(decibels, LEAST_POWER, out=decibels)
    np.log10(decibels, out=decibels)
    decibels *= 10.0
    if setting.top_db is not None:
        np.maximum(decibels, decibels.max() - np.float32(setting.top_db), out=decibels)
    # In float64: rounding would otherwise depend on the number of frames.
    return (cosine_basis(setting.n_mfcc, n_mels) @ decibels.astype(np.float64)).astype(np.float32)


def spectra(
    signal: np.ndarray, window: np.ndarray, hop_length: int
) -> Iterator[tuple[slice, np.ndarray]]:
    """Spectra of some frames after the other: which frames, and (n, 1 + n_fft // 2) numbers.

    These are complex64 for a float32 window, complex128 for a float64 one.

    Examples
    --------
    >>> [(block, spectrum.shape) for block, spectrum in spectra(np.ones(100, "f4"), hann(16), 10)]
    [(slice(0, 11, None), (11, 9))]
    """
    n_fft = len(window)
    padded = np.pad(signal, n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length]
    for start in range(0, len(frames), BLOCK):
        block = slice(start, min(start + BLOCK, len(frames)))
        yield block, rfft(frames[block] * window, axis=-1)


@lru_cache(maxsize=16)
def _padded_basis(n_mfcc: int, n_mels: int) -> np.ndarray:
    """The cosine basis, mel by mel, with zeros up to a multiple of four coefficients."""
    basis = np.zeros((n_mels, n_mfcc + -n_mfcc % 4), dtype=np.float32)
    basis[:, :n_mfcc] = cosine_basis(n_mfcc, n_mels).T
    basis.flags.writeable = False
    return basis
