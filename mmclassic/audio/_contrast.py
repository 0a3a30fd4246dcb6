"""How far the peaks of a spectrum stand above its valleys, octave by octave."""

from __future__ import annotations

import numpy as np

# The lowest band ends here; each of the others is an octave.
LOWEST_HERTZ = 200.0
N_OCTAVES = 6
# Part of a band's frequencies that make its peak, and its valley.
PART = 0.02
LEAST = 1e-10
TOP_DB = 80.0


def octave_edges(sampling_rate: float) -> np.ndarray:
    """Edges of the bands in hertz: 0, 200, 400, … six octaves, or as many as begin below Nyquist.

    Examples
    --------
    >>> octave_edges(8000)
    array([   0.,  200.,  400.,  800., 1600., 3200., 6400.])
    """
    edges = LOWEST_HERTZ * 2.0 ** np.arange(N_OCTAVES + 1)
    n_octaves = min(N_OCTAVES, int((edges < sampling_rate / 2).sum()))
    return np.append(0.0, edges[: n_octaves + 1])


def peaks_and_valleys(magnitudes: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Mean of the greatest, and of the least, 2 % of the magnitudes of each band.

    Parameters
    ----------
    magnitudes : ndarray of shape (n_bins, n_frames)
    frequencies : ndarray of shape (n_bins,)
        In hertz, from 0 to half the sampling rate, not more than 200 Hz apart.

    Returns
    -------
    levels : ndarray of shape (2 * n_bands, n_frames), float32
        All peaks, then all valleys. The second half goes to :func:`contrast`.
    """
    edges = octave_edges(2 * frequencies[-1])
    n_bands = len(edges) - 1
    levels = np.empty((2 * n_bands, magnitudes.shape[1]), dtype=np.float32)
    for band in range(n_bands):
        inside = np.flatnonzero((frequencies >= edges[band]) & (frequencies <= edges[band + 1]))
        # A band begins one bin early, and all but the last end one early.
        start = inside[0] - (band > 0)
        end = len(frequencies) if band == n_bands - 1 else inside[-1] + 1
        n_part = max(1, int(np.rint(PART * (end - start))))
        ordered = np.sort(magnitudes[start : end - (band < n_bands - 1)], axis=0)
        levels[band] = ordered[-n_part:].mean(axis=0)
        levels[n_bands + band] = ordered[:n_part].mean(axis=0)
    return levels


def contrast(levels: np.ndarray) -> np.ndarray:
    """Decibels from valley to peak, in every band and frame of a whole recording.

    Parameters
    ----------
    levels : ndarray of shape (2 * n_bands, n_frames)
        Of :func:`peaks_and_valleys`. Peaks more than 80 dB below the recording's greatest peak
        are raised to that, and valleys likewise.

    Returns
    -------
    contrast : ndarray of shape (n_bands, n_frames), float32
        Values as ``librosa.feature.spectral_contrast``.

    References
    ----------
    D.-N. Jiang et al., "Music type classification by spectral contrast feature", ICME 2002.

    Examples
    --------
    >>> contrast(np.array([[10.0], [1.0]], dtype=np.float32))
    array([[10.]], dtype=float32)
    """
    peaks, valleys = np.split(10 * np.log10(np.maximum(levels, LEAST)), 2)
    return np.maximum(peaks, peaks.max() - TOP_DB) - np.maximum(valleys, valleys.max() - TOP_DB)
