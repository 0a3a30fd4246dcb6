"""How often a signal changes its sign: high for hissing, low for voiced sounds."""

from __future__ import annotations

import numpy as np

# Samples nearer to zero than this have no sign of their own and count as positive.
THRESHOLD = 1e-10


def zero_crossing_rate(signal: np.ndarray, n_fft: int, hop_length: int) -> np.ndarray:
    """Changes of sign per sample, in centred frames.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        At least one sample; the first and last are repeated beyond the ends.
    n_fft, hop_length : int
        Length of a frame and distance between frames, in samples.

    Returns
    -------
    rate : ndarray of shape (1, 1 + n_samples // hop_length), float32
        Within 0 and 1; values as ``librosa.feature.zero_crossing_rate``.

    Examples
    --------
    >>> zero_crossing_rate(np.array([1.0, -1.0, 1.0, -1.0]), 4, 2)
    array([[0.25, 0.75, 0.25]], dtype=float32)
    """
    padded = np.pad(signal, n_fft // 2, mode="edge")
    negative = padded < -THRESHOLD
    # n_before[i] is the number of changes up to sample i; a frame's first sample makes none.
    n_before = np.append(0, np.cumsum(negative[1:] != negative[:-1]))
    starts = np.arange(0, len(padded) - n_fft + 1, hop_length)
    rate = (n_before[starts + n_fft - 1] - n_before[starts]) / n_fft
    return rate[None].astype(np.float32)
