"""An encoded picture, or a PIL image, as 8-bit pixels."""

from __future__ import annotations

import importlib
import io
from typing import Any

import numpy as np

from mmclassic._errors import UnreadableCell
from mmclassic.media._complete_image import (
    check_complete_image,
    check_png_rows,
    check_raw_rows,
    check_tiff_strips,
    png_chunks,
)
from mmclassic.media._exif import exif_orientation
from mmclassic.media._jpeg import read_jpeg_header
from mmclassic.media._limits import Limits
from mmclassic.media._pixels import eight_bits, upright, without_alpha
from mmclassic.media._sniff import sniff

# The reader of each format. They are called directly, because PIL.Image.open warns about
# large pictures by a bound of its own, which is global to the process.
_READERS = {
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "WebP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "PPM": ("PIL.PpmImagePlugin", "PpmImageFile"),
    "JPEG 2000": ("PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
}
_ORIENTATION = 0x0112
_JPEG_END = b"\xff\xd9"


def decode_image_file(
    data: bytes,
    limits: Limits,
    *,
    grey: bool = False,
    at_least: tuple[int, int] | None = None,
) -> np.ndarray:
    """Pixels of an encoded picture, the first frame where there are several.

    Parameters
    ----------
    data : bytes
        JPEG, PNG, GIF, WebP, TIFF, BMP, PPM, JPEG 2000 or AVIF, by content.
    limits : Limits
    grey : bool, default=False
        Whether one channel is enough; what comes may have three all the same.
    at_least : (int, int), optional
        Height and width that are enough; what comes may be larger.

    Returns
    -------
    pixels : ndarray of shape (h, w), grey, or (h, w, 3), RGB, uint8
        Upright, on white.

    Raises
    ------
    UnreadableCell
    """
    kind = picture_format(data)
    pixels = _jpeg(data, limits, grey, at_least) if kind == "JPEG" else None
    if pixels is None:
        pixels = _others(kind, data, limits)
    return pixels


def picture_format(data: bytes) -> str:
    """Name of the format, one of those that are read.

    Raises
    ------
    UnreadableCell
        ``unsupported``.
    """
    kind = sniff(data)
    if kind not in _READERS:
        raise UnreadableCell(
            "unsupported",
            f"this is {kind}, not a picture that can be read ({', '.join(_READERS)})",
        )
    return kind


def open_image(kind: str, data: bytes, limits: Limits) -> Any:
    """A picture whose header was read and held against the limits; no pixels yet.

    Parameters
    ----------
    kind : str
        As :func:`picture_format` names it.
    data : bytes
    limits : Limits

    Returns
    -------
    image : PIL.Image.Image, or JpegHeader

    Raises
    ------
    UnreadableCell
    """
    if kind == "JPEG":
        header = read_jpeg_header(data + _JPEG_END if limits.truncated == "allow" else data)
        check_pixels(header.width, header.height, limits)
        return header
    check_complete_image(kind, data)
    image = _open(kind, data)
    check_pixels(image.width, image.height, limits)
    if kind == "TIFF":
        check_tiff_strips(image.tag_v2, len(data))
    if kind in ("BMP", "PPM"):
        check_raw_rows(image.tile, len(data))
    return image


def _jpeg(
    data: bytes, limits: Limits, grey: bool, at_least: tuple[int, int] | None
) -> np.ndarray | None:
    header = open_image("JPEG", data, limits)
    if limits.truncated == "allow":
        # The end mark makes libjpeg give what it has; behind one that is there it is ignored.
        data += _JPEG_END
    # Four channels are CMYK, whose luma is not stored.
    grey = header.n_channels == 1 or (grey and header.n_channels == 3)
    pixels = _opencv_pixels(data, grey=grey, divisor=header.largest_divisor(at_least))
    return None if pixels is None else upright(pixels, header.orientation)


def _others(kind: str, data: bytes, limits: Limits) -> np.ndarray:
    if kind == "JPEG":  # Pillow's turn, where OpenCV gave up
        image = _open(kind, data)
        check_pixels(image.width, image.height, limits)
    else:
        image = open_image(kind, data, limits)
    if kind == "PNG":
        if _is_plain_png(data):
            pixels = _opencv_pixels(data, grey=data[25] == 0, deep=data[24] == 16)
            if pixels is not None:
                return upright(pixels, _png_orientation(data))
        check_png_rows(data)  # Pillow would fill up missing rows with zeros
    return pillow_pixels(image)


def check_pixels(width: int, height: int, limits: Limits) -> None:
    """Raise UnreadableCell for a picture beyond ``max_pixels``, or without pixels."""
    if width < 1 or height < 1:
        raise UnreadableCell("empty", f"a picture of {width} x {height} has no pixels")
    if width * height > limits.max_pixels:
        raise UnreadableCell(
            "limit",
            f"{width} x {height} pixels are more than Limits(max_pixels={limits.max_pixels})",
        )


def _open(kind: str, data: bytes) -> Any:
    """A PIL image of which only the header was read."""
    module, name = _READERS[kind]
    try:
        return getattr(importlib.import_module(module), name)(io.BytesIO(data), "")
    except Exception as error:  # Pillow raises nearly everything, SyntaxError included
        raise UnreadableCell("decode", f"damaged {kind} header: {error}") from None


def _opencv_pixels(
    data: bytes, *, grey: bool, deep: bool = False, divisor: int = 1
) -> np.ndarray | None:
    """Pixels as stored, not turned; None if damaged, or of a kind that OpenCV does not know."""
    import cv2

    if divisor == 1:
        flags = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR
    else:
        flags = getattr(cv2, f"IMREAD_REDUCED_{'GRAYSCALE' if grey else 'COLOR'}_{divisor}")
    flags |= cv2.IMREAD_IGNORE_ORIENTATION | (cv2.IMREAD_ANYDEPTH if deep else 0)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
        if pixels is None:
            return None
        return eight_bits(pixels if grey else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
    except cv2.error:
        return None


def _is_plain_png(data: bytes) -> bool:
    """Neither alpha nor animation, on which OpenCV's versions differ."""
    head = data[: data.find(b"IDAT")]
    return data[25] in (0, 2, 3) and b"tRNS" not in head and b"acTL" not in head


def _png_orientation(data: bytes) -> int:
    if b"eXIf" not in data:
        return 1
    for name, start, end in png_chunks(data):
        if name == b"eXIf":
            return exif_orientation(data[start:end])
    return 1


def _orientation(image: Any) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:
        # Broken notes of the camera are no reason to refuse a good picture.
        return 1


def pillow_pixels(image: Any) -> np.ndarray:
    """Pixels of a PIL image.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode; opened from a file, or made.

    Returns
    -------
    pixels : ndarray of shape (h, w) or (h, w, 3), uint8
        Upright, on white.

    Raises
    ------
    UnreadableCell
    """
    try:
        image.load()
        array = _as_array(image)
    except UnreadableCell:
        raise
    except Exception as error:  # Pillow raises nearly everything, SyntaxError included
        raise _unreadable(error) from None
    # Asked after load, since the reader of TIFF turns the picture itself and drops the note.
    return upright(array, _orientation(image))


def _as_array(image: Any) -> np.ndarray:
    if image.mode.startswith("I;16"):
        return eight_bits(np.asarray(image).astype(np.uint16))
    if image.has_transparency_data:
        return without_alpha(np.asarray(image.convert("RGBA")))
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if image.mode == "F":
        return eight_bits(np.asarray(image))
    if image.mode == "I":
        # Pillow spreads deep PGM to 16 bits; otherwise 32-bit integers have no known white.
        array = np.asarray(image)
        return eight_bits(array.astype(np.uint16) if image.format == "PPM" else array)
    return np.asarray(image.convert("RGB"))


def _unreadable(error: Exception) -> UnreadableCell:
    text = str(error) or type(error).__name__
    cut = "truncated" in text or isinstance(error, EOFError)
    return UnreadableCell("truncated" if cut else "decode", f"the pixels cannot be read: {text}")
