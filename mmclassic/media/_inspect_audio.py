"""What the header of a recording says, before hours of work; nothing compressed is decoded."""

from __future__ import annotations

import io
import os
from typing import Any

import numpy as np

from mmclassic._errors import UnreadableCell
from mmclassic.media._audio import channels_cancel_out, check_samples, samples_of
from mmclassic.media._audio_file import check_sound, damaged, decode_audio_file, sound_format
from mmclassic.media._complete_audio import check_complete_audio
from mmclassic.media._flac import closed_flac, ends_whole, read_flac_header
from mmclassic.media._limits import Limits
from mmclassic.media._remarks import Remark, remark_on_name
from mmclassic.media._source import ENCODED, read_bytes
from mmclassic.media._wav import closed_wav, n_trailing_bytes, plain_wav

# Of full scale: -80 dB from the lowest to the highest sample is nothing to hear.
_SILENT = 1e-4
# Samples at full scale, and the share of them beyond which peaks were cut off.
_FULL, _CLIPPED = 0.999, 1e-3
_UNCOMPRESSED = ("PCM_", "FLOAT", "DOUBLE")


def inspect_audio(
    cell: Any,
    *,
    limits: Limits | None = None,
    root: str | os.PathLike | None = None,
    min_seconds: float = 0.0,
    decode: bool = False,
) -> list[Remark]:
    """Remarks about a sound cell that can be read.

    Parameters
    ----------
    cell : as :func:`mmclassic.media.decode_audio` takes it
    limits : Limits, optional
    root : str or path-like, optional
    min_seconds : float, default=0.0
        A shorter recording is refused.
    decode : bool, default=False
        Also decode what is compressed; samples that lie there as they are, are always looked at.

    Returns
    -------
    remarks : list of Remark
        ``extension`` or ``trailing_bytes``, and, where samples were looked at, ``silent``,
        ``clipped`` or ``antiphase``.

    Raises
    ------
    UnreadableCell
        As decoding does, for what its header shows; ``empty`` below ``min_seconds``.

    Examples
    --------
    >>> [remark.code for remark in inspect_audio((np.zeros(8000), 8000))]
    ['silent']
    """
    limits = Limits() if limits is None else limits
    is_array = isinstance(cell, dict) and cell.get("array") is not None
    if is_array or not isinstance(cell, ENCODED):
        samples, rate = samples_of(cell, 22050, limits)
        _check_duration(len(samples), rate, min_seconds)
        return _remarks_on_samples(samples)
    data = read_bytes(cell, limits=limits, root=root)
    kind = sound_format(data)
    if limits.truncated == "refuse":
        check_complete_audio(kind, data)
    remarks = remark_on_name(cell, kind)
    if kind == "WAV":
        data = closed_wav(data)
        remarks += _remark_on_rest(data)
    plain = _read_header(kind, data, limits, min_seconds)
    if plain or decode or (kind == "FLAC" and not ends_whole(data)):
        remarks += _remarks_on_samples(_samples(data, limits))
    return remarks


def _read_header(kind: str, data: bytes, limits: Limits, min_seconds: float) -> bool:
    """Hold the header against the limits; whether the samples lie there uncompressed."""
    wav = plain_wav(data)
    if wav is not None:
        check_sound(wav.n_samples, wav.n_channels, wav.sampling_rate, limits)
        _check_duration(wav.n_samples, wav.sampling_rate, min_seconds)
        return True
    if kind == "FLAC":
        data = closed_flac(data) if read_flac_header(data).n_samples == 0 else data
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            n_samples, rate, subtype = file.frames, file.samplerate, file.subtype
            check_sound(n_samples, file.channels, rate, limits)
    except UnreadableCell:
        raise
    except Exception as error:
        raise damaged(kind, error) from None
    _check_duration(n_samples, rate, min_seconds)
    return kind != "FLAC" and subtype.startswith(_UNCOMPRESSED)


def _samples(data: bytes, limits: Limits) -> np.ndarray:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said as a remark
        return decode_audio_file(data, limits)[0]


def _check_duration(n_samples: int, rate: float, min_seconds: float) -> None:
    if n_samples < max(1, int(min_seconds * rate)):
        raise UnreadableCell(
            "empty",
            f"{n_samples / rate:.3g} s of sound, less than min_duration={min_seconds:g} s: "
            "leave it out or lower min_duration",
        )


def _remark_on_rest(data: bytes) -> list[Remark]:
    n_bytes = n_trailing_bytes(data)
    if not n_bytes:
        return []
    reason = f"{n_bytes} bytes behind the samples are ignored: the header may say too little"
    return [Remark("trailing_bytes", "warning", reason)]


def _remarks_on_samples(samples: np.ndarray) -> list[Remark]:
    check_samples(samples)
    low, high = float(samples.min()), float(samples.max())
    if high - low < _SILENT:
        return [Remark("silent", "warning", "nothing to hear: all samples are the same")]
    remarks = []
    if samples.ndim == 2 and samples.shape[1] > 1 and channels_cancel_out(samples):
        reason = "the channels cancel out (antiphase): their mean is nearly silent"
        remarks.append(Remark("antiphase", "warning", reason))
    share = float(np.mean(np.abs(samples) >= _FULL)) if max(-low, high) >= _FULL else 0.0
    if share > _CLIPPED:
        remarks.append(Remark("clipped", "note", f"{share:.1%} of the samples are at full scale"))
    return remarks
