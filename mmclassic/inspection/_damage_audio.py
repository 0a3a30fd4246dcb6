"""Sound made worse: noise, clipping, lost pieces, a lower sampling rate."""

from __future__ import annotations

import numpy as np

# Seconds of a piece that is lost, as in a call over a bad network.
PIECE = 0.05


def audio_noise(
    signal: np.ndarray, severity: float, rng: np.random.Generator, *, sampling_rate: float
) -> np.ndarray:
    """White noise at a ratio of signal to noise.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), float32
    severity : float
        Power of the signal over that of the noise, in decibels.
    rng : Generator
    sampling_rate : ignored

    Returns
    -------
    noisy : ndarray of shape (n_samples,), float32
        A silent signal stays silent: it has no ratio.

    Examples
    --------
    >>> signal = np.sin(np.arange(1000, dtype=np.float32))
    >>> noise = audio_noise(signal, 20, np.random.default_rng(0), sampling_rate=8000) - signal
    >>> round(10 * np.log10(np.mean(signal**2) / np.mean(noise**2)))
    20
    """
    noise = rng.standard_normal(len(signal))
    wanted = np.mean(np.square(signal, dtype=np.float64)) / 10 ** (severity / 10)
    return (signal + noise * np.sqrt(wanted / np.mean(noise**2))).astype(np.float32)


def audio_clipping(
    signal: np.ndarray, severity: float, rng: np.random.Generator, *, sampling_rate: float
) -> np.ndarray:
    """The loudest samples cut off, as by a microphone that is driven too hard.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), float32
    severity : float
        Share of the samples that are cut off, below 1.
    rng, sampling_rate : ignored

    Returns
    -------
    clipped : ndarray of shape (n_samples,), float32

    Examples
    --------
    >>> signal = np.array([0.1, -0.2, 0.3, -0.4, 0.5], dtype=np.float32)
    >>> audio_clipping(signal, 0.5, None, sampling_rate=8000)
    array([ 0.1, -0.2,  0.3, -0.3,  0.3], dtype=float32)
    """
    loudest = np.quantile(np.abs(signal), 1 - severity)
    return np.clip(signal, -loudest, loudest).astype(np.float32)


def audio_dropped_pieces(
    signal: np.ndarray, severity: float, rng: np.random.Generator, *, sampling_rate: float
) -> np.ndarray:
    """Pieces of 50 ms replaced by silence.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), float32
    severity : float
        Share of the pieces that are lost, rounded to whole pieces.
    rng : Generator
    sampling_rate : float
        In hertz.

    Returns
    -------
    broken : ndarray of shape (n_samples,), float32

    Examples
    --------
    >>> signal = np.ones(8000, dtype=np.float32)
    >>> broken = audio_dropped_pieces(signal, 0.25, np.random.default_rng(0), sampling_rate=8000)
    >>> float(broken.mean())
    0.75
    """
    size = max(1, round(PIECE * sampling_rate))
    n_pieces = -(-len(signal) // size)
    # The first of one order, so that what a small share loses, a larger one loses, too.
    lost = rng.permutation(n_pieces)[: round(severity * n_pieces)]
    broken = signal.astype(np.float32)
    for piece in lost:
        broken[piece * size : (piece + 1) * size] = 0
    return broken


def audio_resampling(
    signal: np.ndarray, severity: float, rng: np.random.Generator, *, sampling_rate: float
) -> np.ndarray:
    """Brought to a lower sampling rate and back: frequencies above half of it are lost.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), float32
    severity : float
        The lower rate, in hertz. One that is not lower changes nothing.
    rng : ignored
    sampling_rate : float
        In hertz.

    Returns
    -------
    dull : ndarray of shape (n_samples,), float32

    Examples
    --------
    >>> time = np.arange(8000) / 8000
    >>> high = np.sin(2 * np.pi * 3000 * time).astype(np.float32)
    >>> dull = audio_resampling(high, 4000, None, sampling_rate=8000)
    >>> bool(np.abs(dull[1000:-1000]).max() < 0.01)
    True
    """
    import soxr

    if severity >= sampling_rate:
        return signal.astype(np.float32)
    lower = soxr.resample(signal.astype(np.float32), sampling_rate, severity, quality="HQ")
    back = soxr.resample(lower, severity, sampling_rate, quality="HQ")[: len(signal)]
    return np.pad(back, (0, len(signal) - len(back))).astype(np.float32)
