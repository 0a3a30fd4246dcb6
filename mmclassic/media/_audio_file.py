"""An encoded recording as samples."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from mmclassic._errors import UnreadableCell
from mmclassic.media._complete_audio import check_complete_audio
from mmclassic.media._limits import Limits
from mmclassic.media._sniff import sniff
from mmclassic.media._wav import plain_wav

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
    kind = sniff(data)
    if kind not in _FORMATS:
        raise UnreadableCell(
            "unsupported",
            f"this is {kind}, not a recording that can be read ({', '.join(_FORMATS)})",
        )
    check_complete_audio(kind, data)
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            check_sound(file.frames, file.channels, file.samplerate, limits)
            return _read(file, limits), file.samplerate
    except UnreadableCell:
        raise
    except Exception as error:  # libsndfile's own, and OverflowError, MemoryError, ...
        reason = getattr(error, "error_string", "") or str(error) or type(error).__name__
        # A FLAC stream has a checksum in each frame: where one was cut, reading stops.
        code = "truncated" if kind == "FLAC" else "decode"
        raise UnreadableCell(code, f"damaged {kind} data: {reason.strip()}") from None


def _read(file: Any, limits: Limits) -> np.ndarray:
    longest = int(limits.max_seconds * file.samplerate)
    samples = file.read(frames=min(file.frames, longest + 1), dtype="float32", always_2d=True)
    # Again, for a stream whose header left the length open.
    check_sound(len(samples), file.channels, file.samplerate, limits)
    if len(samples) < min(file.frames, longest):
        raise UnreadableCell(
            "truncated",
            f"{len(samples)} of {file.frames} samples are there: get the file again",
        )
    return samples


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
