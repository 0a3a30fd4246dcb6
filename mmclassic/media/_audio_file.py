"""An encoded recording as samples."""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np

from mmclassic._errors import DataQualityWarning, UnreadableCell
from mmclassic.media._complete_audio import check_complete_audio
from mmclassic.media._flac import (
    FlacStream,
    check_flac_samples,
    closed_flac,
    read_flac_header,
)
from mmclassic.media._limits import Limits
from mmclassic.media._sniff import sniff
from mmclassic.media._wav import closed_wav, n_trailing_bytes, plain_wav

_FORMATS = ("WAV", "FLAC", "OGG", "MP3", "AIFF", "AU", "CAF", "RF64")
# libsndfile's "I do not know how many": streams whose header was never completed.
_UNKNOWN_LENGTH = 1 << 40


def decode_audio_file(data: bytes, limits: Limits) -> tuple[np.ndarray, int]:
    """Samples of an encoded recording.

    Parameters
    ----------
    data : bytes
        WAV, FLAC, OGG (Vorbis, Opus), MP3, AIFF, AU, CAF or RF64, by content.
    limits : Limits
        Checked on the header.

    Returns
    -------
    samples : ndarray of shape (n_samples, n_channels), float32
        Full scale is 1.0.
    sampling_rate : int

    Raises
    ------
    UnreadableCell
    """
    wav = plain_wav(data)
    if wav is not None:
        check_sound(wav.n_samples, wav.n_channels, wav.sampling_rate, limits)
        return wav.samples(data), wav.sampling_rate
    kind = sound_format(data)
    if limits.truncated == "refuse":
        check_complete_audio(kind, data)
    if kind == "WAV":
        data = closed_wav(data)
        _warn_of_trailing_bytes(data)
    return _decode(kind, data, limits)


def sound_format(data: bytes) -> str:
    """Name of the format, one of those that are read.

    Raises
    ------
    UnreadableCell
        ``unsupported``.
    """
    kind = sniff(data)
    if kind not in _FORMATS:
        raise UnreadableCell(
            "unsupported",
            f"this is {kind}, not a recording that can be read ({', '.join(_FORMATS)})",
        )
    return kind


def _decode(kind: str, data: bytes, limits: Limits) -> tuple[np.ndarray, int]:
    import soundfile

    stream = read_flac_header(data) if kind == "FLAC" else None
    if stream is not None and stream.n_samples == 0:
        data = closed_flac(data)
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            check_sound(file.frames, file.channels, file.samplerate, limits)
            return _read(file, limits, stream), file.samplerate
    except UnreadableCell:
        raise
    except Exception as error:  # libsndfile's own, and OverflowError, MemoryError, ...
        raise damaged(kind, error) from None


def damaged(kind: str, error: Exception) -> UnreadableCell:
    """What libsndfile says, in our words."""
    reason = getattr(error, "error_string", "") or str(error) or type(error).__name__
    # A FLAC stream has a checksum in each frame: where one was cut, reading stops.
    code = "truncated" if kind == "FLAC" else "decode"
    return UnreadableCell(code, f"damaged {kind} data: {reason.strip()}")


def _read(file: Any, limits: Limits, stream: FlacStream | None) -> np.ndarray:
    longest = int(limits.max_seconds * file.samplerate)
    dtype = "float32" if stream is None else stream.dtype
    samples = file.read(frames=min(file.frames, longest + 1), dtype=dtype, always_2d=True)
    # Again, for a stream whose header left the length open.
    check_sound(len(samples), file.channels, file.samplerate, limits)
    if len(samples) < min(file.frames, longest) and limits.truncated == "refuse":
        raise UnreadableCell(
            "truncated",
            f"{len(samples)} of {file.frames} samples are there: get the file again",
        )
    if stream is None:
        return samples
    check_flac_samples(samples, stream)
    # A power of two: the numbers are those that libsndfile would give.
    full_scale = 2.0 ** (8 * samples.itemsize - 1)
    return np.multiply(samples, np.float32(1 / full_scale), dtype=np.float32)


def _warn_of_trailing_bytes(data: bytes) -> None:
    if n_trailing_bytes(data):
        # The same words each time, so that Python shows them once and not once per file.
        warnings.warn(
            "A WAV file holds data behind its samples that its header does not account for; they "
            "are ignored. mmclassic.check_table names such files.",
            DataQualityWarning,
            stacklevel=2,
        )


def check_sound(n_samples: int, n_channels: int, sampling_rate: float, limits: Limits) -> None:
    """Raise UnreadableCell for a recording beyond the limits, or without samples.

    A length that the header leaves open is for the reader to bound.
    """
    low, high = limits.min_sampling_rate, limits.max_sampling_rate
    if not low <= sampling_rate <= high:
        raise UnreadableCell(
            "limit",
            f"{sampling_rate:g} Hz is not between Limits(min_sampling_rate={low}) and "
            f"(max_sampling_rate={high})",
        )
    if n_channels > limits.max_channels:
        raise UnreadableCell(
            "limit",
            f"{n_channels} channels are more than Limits(max_channels={limits.max_channels})",
        )
    if n_samples == 0:
        raise UnreadableCell("empty", "0 samples")
    seconds = n_samples / sampling_rate
    if seconds > limits.max_seconds and n_samples < _UNKNOWN_LENGTH:
        raise UnreadableCell(
            "limit", f"{seconds:.1f} s are more than Limits(max_seconds={limits.max_seconds:g})"
        )
