"""A cell made small enough to be put inside a page: a thumbnail, a short clip, a piece of text."""

from __future__ import annotations

import base64
import io
import wave
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmclassic._cells import is_missing
from mmclassic._errors import UnreadableCell
from mmclassic.media._audio import decode_audio
from mmclassic.media._image import decode_image
from mmclassic.media._text import decode_text

SIDE = 160
N_CHARACTERS = 400
# Speech is clear at the lower rate; short clips can afford the higher one. Two bytes a sample.
HIGH_RATE, LOW_RATE = 16000, 8000
CLIP_BYTES = 5 * LOW_RATE * 2
# Below this a clip says nothing.
MIN_SECONDS = 0.75


@dataclass(frozen=True)
class Exhibit:
    """One cell as shown.

    Attributes
    ----------
    kind : {"text", "image", "audio", "note"}
    text : str
        The text, or what to know about the cell: that it was cut, or why it is not shown.
    uri : str
        Data of a picture or recording; "" for others.
    width, height : int
        Pixels of a picture.
    """

    kind: str
    text: str
    uri: str = ""
    width: int = 0
    height: int = 0


def exhibit_of(
    cell: Any, medium: str, *, side: int = SIDE, clip_bytes: int = CLIP_BYTES
) -> Exhibit:
    """A cell as it can be shown; what cannot be read becomes a note that says why.

    Parameters
    ----------
    cell : object
    medium : {"text", "image", "audio"}
    side : int, default=160
        Pixels of the longest side of pictures.
    clip_bytes : int, default=80000
        Size at which recordings are cut: five seconds.

    Examples
    --------
    >>> exhibit_of("a  cat", "text")
    Exhibit(kind='text', text='a cat', uri='', width=0, height=0)
    >>> exhibit_of(None, "image").text
    'missing'
    """
    if is_missing(cell):
        return Exhibit("note", "missing")
    try:
        if medium == "text":
            return _text(cell)
        return _image(cell, side) if medium == "image" else _audio(cell, clip_bytes)
    except UnreadableCell as error:
        return Exhibit("note", f"unreadable: {error.reason}")


def thumbnail(pixels: np.ndarray, side: int = SIDE) -> tuple[bytes, int, int]:
    """A picture as a small JPEG file, its width and its height.

    Parameters
    ----------
    pixels : uint8 ndarray of shape (h, w, 3)
    side : int, default=160
        Longest side; smaller pictures stay as they are.

    Examples
    --------
    >>> data, width, height = thumbnail(np.zeros((400, 200, 3), np.uint8))
    >>> data[:2], width, height
    (b'\\xff\\xd8', 80, 160)
    """
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=75 if max(image.size) > 64 else 92, optimize=True)
    return buffer.getvalue(), image.width, image.height


def wav_bytes(signal: np.ndarray, rate: int) -> bytes:
    """A mono signal as a 16-bit WAV file.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,)
        Full scale is 1.0; louder signals are turned down to it.
    rate : int
        Hertz.

    Examples
    --------
    >>> len(wav_bytes(np.zeros(100), 8000))
    244
    """
    loudest = max(float(np.abs(signal).max(initial=0.0)), 1.0)
    samples = np.round(signal / loudest * 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()


def data_uri(data: bytes, kind: str) -> str:
    """Bytes as an address that holds them.

    Examples
    --------
    >>> data_uri(b"abc", "image/jpeg")
    'data:image/jpeg;base64,YWJj'
    """
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _text(cell: Any) -> Exhibit:
    text = " ".join(decode_text(cell).split())
    return Exhibit("text", text if len(text) <= N_CHARACTERS else f"{text[:N_CHARACTERS]} …")


def _image(cell: Any, side: int) -> Exhibit:
    data, width, height = thumbnail(decode_image(cell, at_least=(side, side)), side)
    return Exhibit("image", "", data_uri(data, "image/jpeg"), width, height)


def _audio(cell: Any, clip_bytes: int) -> Exhibit:
    signal, rate = decode_audio(cell, sampling_rate=HIGH_RATE), HIGH_RATE
    length = len(signal) / HIGH_RATE
    if 2 * len(signal) > clip_bytes:
        import soxr

        signal, rate = soxr.resample(signal, HIGH_RATE, LOW_RATE), LOW_RATE
        signal = signal[: clip_bytes // 2]
    shown = len(signal) / rate
    if shown < min(MIN_SECONDS, length - 0.05):
        return Exhibit("note", f"{length:.1f} s, left out: the page would be too large")
    words = f"{length:.1f} s" if shown > length - 0.05 else f"first {shown:.1f} of {length:.1f} s"
    return Exhibit("audio", words, data_uri(wav_bytes(signal, rate), "audio/wav"))
