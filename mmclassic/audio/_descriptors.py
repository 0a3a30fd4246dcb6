"""What else can be said of every frame beside its cepstral coefficients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mmclassic.audio._chroma import N_CLASSES, chroma
from mmclassic.audio._coefficients import spectra
from mmclassic.audio._contrast import LOWEST_HERTZ, contrast, octave_edges, peaks_and_valleys
from mmclassic.audio._mel import hann
from mmclassic.audio._spectral_shape import bandwidth, centroid, rolloff
from mmclassic.audio._zero_crossings import zero_crossing_rate

# From magnitudes (n_bins, n_frames) and frequencies to rows over the frames.
SPECTRAL: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "centroid": centroid,
    "bandwidth": bandwidth,
    "rolloff": rolloff,
    "contrast": peaks_and_valleys,
    "chroma": chroma,
}
DESCRIPTORS = ("zero_crossing_rate", *SPECTRAL)


def describe_frames(
    signal: np.ndarray,
    descriptors: Sequence[str],
    *,
    sampling_rate: int = 22050,
    n_fft: int = 2048,
    hop_length: int = 512,
) -> np.ndarray:
    """Rows over the frames, for each descriptor in turn; the frames are those of the MFCC.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), float32
    descriptors : sequence of str
        Some of ``DESCRIPTORS``.
    sampling_rate, n_fft, hop_length : int

    Returns
    -------
    rows : ndarray of shape (n_rows, 1 + n_samples // hop_length), float32
        Named by :func:`descriptor_names`.

    Examples
    --------
    >>> time = np.arange(22050) / 22050
    >>> tone = np.sin(2 * np.pi * 440 * time).astype(np.float32)
    >>> describe_frames(tone, ["zero_crossing_rate", "centroid", "chroma"]).shape
    (14, 44)
    """
    rows: dict[str, np.ndarray] = {}
    if "zero_crossing_rate" in descriptors:
        rows["zero_crossing_rate"] = zero_crossing_rate(signal, n_fft, hop_length)
    spectral = [name for name in descriptors if name in SPECTRAL]
    parts: dict[str, list[np.ndarray]] = {name: [] for name in spectral}
    if spectral:
        frequencies = np.fft.rfftfreq(n_fft, 1.0 / sampling_rate)
        # In float64: what float32 rounds off would fill the faint valleys beside loud tones.
        for _, spectrum in spectra(signal, hann(n_fft, np.float64), hop_length):
            magnitudes = np.abs(spectrum).T
            for name in spectral:
                parts[name].append(SPECTRAL[name](magnitudes, frequencies))
    rows |= {name: np.concatenate(blocks, axis=1) for name, blocks in parts.items()}
    if "contrast" in rows:  # its decibels are relative to the whole recording's loudest
        rows["contrast"] = contrast(rows["contrast"])
    return np.concatenate([rows[name] for name in descriptors])


def descriptor_names(descriptors: Sequence[str], sampling_rate: int) -> list[str]:
    """Names of the rows of :func:`describe_frames`.

    Examples
    --------
    >>> descriptor_names(["centroid", "contrast"], 1600)
    ['centroid', 'contrast_0', 'contrast_1', 'contrast_2']
    """
    n_rows = {"contrast": len(octave_edges(sampling_rate)) - 1, "chroma": N_CLASSES}
    return [
        name if name not in n_rows else f"{name}_{row}"
        for name in descriptors
        for row in range(n_rows.get(name, 1))
    ]


def check_descriptors(descriptors: Sequence[str], sampling_rate: int, n_fft: int) -> None:
    """Refuse descriptors that there are not, or that need finer frequencies.

    Raises
    ------
    ValueError
        Naming the value.
    """
    unknown = [name for name in descriptors if name not in DESCRIPTORS]
    if unknown or len(set(descriptors)) < len(descriptors):
        raise ValueError(
            f"descriptors must be some of {DESCRIPTORS}, each once, got {tuple(descriptors)!r}."
        )
    if "contrast" in descriptors and sampling_rate <= 2 * LOWEST_HERTZ:
        raise ValueError(
            f"The descriptor 'contrast' needs frequencies beyond {LOWEST_HERTZ:g} Hz: raise "
            f"sampling_rate={sampling_rate} above {2 * LOWEST_HERTZ:g}."
        )
    if "contrast" in descriptors and sampling_rate / n_fft > LOWEST_HERTZ:
        raise ValueError(
            f"The descriptor 'contrast' needs frequencies at most {LOWEST_HERTZ:g} Hz apart: raise "
            f"n_fft={n_fft} to {int(sampling_rate / LOWEST_HERTZ) + 1} or more."
        )
    if "chroma" in descriptors and n_fft % 2:
        raise ValueError(f"The descriptor 'chroma' needs an even n_fft, got {n_fft}.")
