"""A sound cell, whatever it is, as one mono signal at one sampling rate."""

from __future__ import annotations

import math
import numbers
import os
import warnings
from typing import Any

import numpy as np

from mmclassic._errors import DataQualityWarning, UnreadableCell
from mmclassic.media._audio_file import check_sound, decode_audio_file
from mmclassic.media._limits import Limits
from mmclassic.media._source import ENCODED, read_bytes

# Full scale is 1.0. Mixes and filters may exceed it, but hardly by 24 dB: numbers beyond that
# are on the scale of integers.
LOUDEST = 16.0
# The shorter axis of an array of two are the channels, up to so many (7.1 sound).
_MOST_CHANNELS = 8
# Channels cancel out where their mean is this much weaker than they are: -40 dB.
_CANCELLED = 1e-2
_FULL_SCALE = {"int8": 2**7, "int16": 2**15, "int32": 2**31}


def decode_audio(
    cell: Any,
    *,
    sampling_rate: int = 22050,
    limits: Limits | None = None,
    root: str | os.PathLike | None = None,
    allow_paths: bool = True,
) -> np.ndarray:
    """A sound cell as a mono signal.

    Parameters
    ----------
    cell : path, bytes, ndarray, (array, sampling_rate), or dict
        Encoded recordings may be WAV, FLAC, OGG, MP3, AIFF, AU, CAF or RF64, whatever their
        file is called. A bare array is taken to be at ``sampling_rate`` already. Dicts hold
        ``array`` and ``sampling_rate``, or ``bytes``, or ``path``, and count in this order.
        Arrays have shape (n,), or (n, channels) or (channels, n) with up to 8 channels and
        more samples than these. They are floating point with full scale 1.0 (up to 16 is
        accepted, in files too), or int8, int16 or int32.
    sampling_rate : int, default=22050
        Of the result, in hertz.
    limits : Limits, optional
        ``max_bytes``, ``max_seconds``, ``max_channels`` and the sampling rates hold; checked
        on headers, before anything is decoded.
    root : str or path-like, optional
        Relative paths count from this folder, and no file outside it is read.
    allow_paths : bool, default=True
        False refuses cells that name files.

    Returns
    -------
    signal : ndarray of shape (n_samples,), float32
        The mean of the channels, resampled by soxr (quality "HQ") to
        ``ceil(n * sampling_rate / rate)`` samples: the values of ``librosa.load``. Never
        the cell's own memory.

    Raises
    ------
    UnreadableCell
        With the code that says what is wrong: ``empty``, ``truncated``, ``unsupported``,
        ``decode``, ``limit``, ``unsafe_path`` or ``type``.

    Warns
    -----
    DataQualityWarning
        If channels in antiphase cancel out: the signal is their mean all the same. Or if a WAV
        holds data behind its samples that its header does not account for.

    Notes
    -----
    A file that was cut is refused, whatever its format (``Limits(truncated="allow")`` takes what
    is left of WAV, AIFF, AU and MP3), and so are FLAC and OGG with any changed byte among their
    samples, by their checksums. The other formats carry none. WAV whose size is 0 or 0xFFFFFFFF
    and FLAC of unknown length, as streaming programs write them, are read to their end.

    Examples
    --------
    >>> decode_audio((np.zeros(8000), 8000), sampling_rate=16000).shape
    (16000,)
    """
    limits = Limits() if limits is None else limits
    samples, rate = samples_of(cell, sampling_rate, limits, root, allow_paths)
    check_samples(samples)
    return _resample(_mono(samples), rate, sampling_rate)


def samples_of(
    cell: Any, sampling_rate: int, limits: Limits, root: Any = None, allow_paths: bool = True
) -> tuple[np.ndarray, float]:
    """Samples as float32 of shape (n,) or (n, n_channels), and their rate."""
    if isinstance(cell, dict) and cell.get("array") is not None:
        cell = (cell["array"], cell.get("sampling_rate"))
    if isinstance(cell, np.ndarray):
        return _from_array(cell, sampling_rate, limits), sampling_rate
    if isinstance(cell, tuple) and len(cell) == 2:
        array, rate = cell
        if isinstance(rate, bool) or not isinstance(rate, numbers.Real):
            raise UnreadableCell("type", f"the sampling rate is {rate!r}: expected a number of Hz")
        return _from_array(array, float(rate), limits), float(rate)
    if isinstance(cell, ENCODED):
        data = read_bytes(cell, limits=limits, root=root, allow_paths=allow_paths)
        return decode_audio_file(data, limits)
    raise UnreadableCell(
        "type",
        f"a cell of type {type(cell).__name__} is no recording: expected a path, bytes, an "
        "array, (array, sampling_rate), or a dict with array and sampling_rate, bytes or path",
    )


def _from_array(array: Any, sampling_rate: float, limits: Limits) -> np.ndarray:
    try:
        array = np.asarray(array)  # a dict that came from JSON or Parquet holds a list
    except ValueError:
        raise UnreadableCell("type", "the samples are nested lists of unequal length") from None
    array = _channels_last(array)
    n_channels = 1 if array.ndim == 1 else array.shape[1]
    check_sound(len(array), n_channels, sampling_rate, limits)
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
            return array.astype(np.float32)
    full_scale = _FULL_SCALE.get(array.dtype.name)
    if full_scale is None:
        raise UnreadableCell(
            "type",
            f"samples of type {array.dtype}: expected floating point with full scale 1.0, or "
            f"{', '.join(_FULL_SCALE)}",
        )
    return (array / np.float64(full_scale)).astype(np.float32)


def _channels_last(array: np.ndarray) -> np.ndarray:
    """Samples of shape (n,) or (n, n_channels), from an array that may have the channels first."""
    if array.size == 0:
        raise UnreadableCell("empty", "0 samples")
    if array.ndim == 1:
        return array
    if array.ndim == 2 and min(array.shape) <= _MOST_CHANNELS < max(array.shape):
        return array if array.shape[0] > array.shape[1] else array.T
    raise UnreadableCell(
        "type",
        f"an array of shape {array.shape} is no recording: expected (n,), or (n, channels) or "
        f"(channels, n) with up to {_MOST_CHANNELS} channels and more samples than these",
    )


def check_samples(samples: np.ndarray) -> None:
    """Raise UnreadableCell for samples that are not finite, or far beyond full scale."""
    # NaN and infinity travel through both extremes.
    low, high = float(samples.min()), float(samples.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise UnreadableCell("decode", "samples that are NaN or infinite")
    if max(-low, high) > LOUDEST:
        raise UnreadableCell(
            "decode",
            f"samples up to {max(-low, high):.3g}, where full scale is 1.0: divide samples on the "
            "scale of 16-bit integers by 32768",
        )


def _mono(samples: np.ndarray) -> np.ndarray:
    if samples.ndim == 1:
        return samples
    if samples.shape[1] == 1:
        return samples[:, 0]
    n_channels = samples.shape[1]
    # The mean by hand: numpy's along a short last axis takes ten times as long.
    signal = samples[:, 0].copy()
    for channel in range(1, n_channels):
        signal += samples[:, channel]
    signal /= np.float32(n_channels)
    if _cancelled(signal, samples):
        # The same words each time, so that Python shows them once and not once per file.
        warnings.warn(
            "The channels of a recording cancel out (antiphase): their mean is nearly silent. "
            "Turn the sign of one channel in such recordings.",
            DataQualityWarning,
            stacklevel=2,
        )
    return signal


def channels_cancel_out(samples: np.ndarray) -> bool:
    """Whether the mean of the channels, shape (n, n_channels), is far weaker than they are."""
    return _cancelled(samples.mean(axis=1, dtype=np.float32), samples)


def _cancelled(signal: np.ndarray, samples: np.ndarray) -> bool:
    return _power(signal) < _CANCELLED**2 * _power(samples)


def _power(samples: np.ndarray) -> float:
    # einsum, not a matrix product: threads of BLAS would get into those of joblib's way.
    flat = samples.ravel()
    return float(np.einsum("i,i->", flat, flat)) / len(flat)


def _resample(signal: np.ndarray, rate: float, sampling_rate: float) -> np.ndarray:
    if rate == sampling_rate:
        return np.ascontiguousarray(signal)
    import soxr

    n_samples = math.ceil(len(signal) * sampling_rate / rate)
    resampled = soxr.resample(signal, rate, sampling_rate, quality="HQ")[:n_samples]
    return np.pad(resampled, (0, n_samples - len(resampled)))
