"""Where the weight of a spectrum lies: its centre, its spread, and how far up it reaches.

Every function goes from magnitudes of shape (n_bins, n_frames) and the frequencies of the
bins, in hertz, to one float32 row over the frames. A silent frame gives zero.
"""

from __future__ import annotations

import numpy as np

# Part of the magnitude that lies below the roll-off.
ROLLED_OFF = 0.85


def centroid(magnitudes: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Mean frequency, weighted by magnitude, in hertz.

    Values as ``librosa.feature.spectral_centroid``.

    Examples
    --------
    >>> centroid(np.array([[0.0], [1.0], [3.0]]), np.array([0.0, 100.0, 200.0]))
    array([[175.]], dtype=float32)
    """
    return (frequencies @ _shares(magnitudes))[None].astype(np.float32)


def bandwidth(magnitudes: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Standard deviation of the frequency, weighted by magnitude, in hertz.

    Values as ``librosa.feature.spectral_bandwidth`` (p=2).

    Examples
    --------
    >>> bandwidth(np.array([[1.0], [0.0], [1.0]]), np.array([0.0, 100.0, 200.0]))
    array([[100.]], dtype=float32)
    """
    shares = _shares(magnitudes)
    deviations = frequencies[:, None] - frequencies @ shares
    return np.sqrt((shares * deviations**2).sum(axis=0, keepdims=True)).astype(np.float32)


def rolloff(magnitudes: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Lowest frequency below or at which 85 % of the magnitude lie, in hertz.

    Values as ``librosa.feature.spectral_rolloff``.

    Examples
    --------
    >>> rolloff(np.array([[8.0], [1.0], [1.0]]), np.array([0.0, 100.0, 200.0]))
    array([[100.]], dtype=float32)
    """
    below = np.cumsum(magnitudes, axis=0, dtype=np.float64)
    reached = below >= ROLLED_OFF * below[-1]
    return frequencies[reached.argmax(axis=0)][None].astype(np.float32)


def _shares(magnitudes: np.ndarray) -> np.ndarray:
    """Each frequency's part of its frame, float64; nothing where a frame is silent."""
    magnitudes = np.asarray(magnitudes, dtype=np.float64)
    totals = magnitudes.sum(axis=0)
    return magnitudes / np.where(totals < np.finfo(np.float32).tiny, 1.0, totals)
