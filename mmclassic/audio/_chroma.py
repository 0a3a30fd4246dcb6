"""How strong each of the twelve pitch classes is, whatever the octave."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

N_CLASSES = 12
# A above middle C; four octaves below it is the zero of the octave scale.
A4_HERTZ = 440.0
# Octaves count most around this one, and less by a Gaussian of this width.
CENTRE_OCTAVE = 5.0
OCTAVE_WIDTH = 2.0
# Semitones from A up to C, with which the classes begin.
A_TO_C = 3


@lru_cache(maxsize=16)
def chroma_filters(sampling_rate: int, n_fft: int) -> np.ndarray:
    """Weight of every frequency in every pitch class, C first; A4 is 440 Hz.

    Parameters
    ----------
    sampling_rate : int
        In hertz.
    n_fft : int
        Samples per frame.

    Returns
    -------
    filters : ndarray of shape (12, 1 + n_fft // 2), float32, read-only
        A Gaussian around each class, as wide as the bins are apart but at least a semitone,
        of unit length over the classes. Values as ``librosa.filters.chroma(tuning=0)``.

    References
    ----------
    D. Ellis, "Chroma feature analysis and synthesis", Columbia University, 2007.
    """
    # All of the transform's bins, though only half are kept: the width of the last depends on it.
    frequencies: np.ndarray = np.arange(1, n_fft) * sampling_rate / n_fft
    semitones = N_CLASSES * np.log2(frequencies / (A4_HERTZ / 16))
    # Zero hertz has no pitch: one and a half octaves below the first bin.
    semitones = np.append(semitones[0] - 1.5 * N_CLASSES, semitones)
    widths = np.append(np.maximum(np.diff(semitones), 1.0), 1.0)
    distances: np.ndarray = semitones - np.arange(N_CLASSES)[:, None]
    half = N_CLASSES / 2
    distances = (distances + half) % N_CLASSES - half
    weights = np.exp(-0.5 * (2 * distances / widths) ** 2)
    weights /= np.linalg.norm(weights, axis=0)
    octaves = (semitones / N_CLASSES - CENTRE_OCTAVE) / OCTAVE_WIDTH
    weights = np.roll(weights * np.exp(-0.5 * octaves**2), -A_TO_C, axis=0)
    filters = np.ascontiguousarray(weights[:, : n_fft // 2 + 1], dtype=np.float32)
    filters.flags.writeable = False
    return filters


def chroma(magnitudes: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Power of each pitch class in each frame, the strongest 1.

    Parameters
    ----------
    magnitudes : ndarray of shape (n_bins, n_frames)
    frequencies : ndarray of shape (n_bins,)
        In hertz, from 0 to half the sampling rate; of an even number of samples per frame.

    Returns
    -------
    chroma : ndarray of shape (12, n_frames), float32
        C, C sharp, …, B; zero where a frame is silent. Values as
        ``librosa.feature.chroma_stft(tuning=0)``: no tuning is estimated, so that a clip's
        features mean the same as every other's.
    """
    n_fft = 2 * (len(frequencies) - 1)
    filters = chroma_filters(round(2 * frequencies[-1]), n_fft)
    # In float64: rounding would otherwise depend on the number of frames.
    classes = filters.astype(np.float64) @ np.square(magnitudes, dtype=np.float64)
    strongest = classes.max(axis=0)
    return (classes / np.where(strongest < np.finfo(np.float32).tiny, 1.0, strongest)).astype(
        np.float32
    )
