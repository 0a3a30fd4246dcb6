"""A picture cell, whatever it is, as one array of 8-bit pixels."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np

from mmclassic._errors import UnreadableCell
from mmclassic.media._image_file import check_pixels, decode_image_file, pillow_pixels
from mmclassic.media._limits import Limits
from mmclassic.media._pixels import check_picture_shape, eight_bits, without_alpha
from mmclassic.media._source import ENCODED, read_bytes


def decode_image(
    cell: Any,
    *,
    grey: bool = False,
    at_least: tuple[int, int] | None = None,
    limits: Limits | None = None,
    root: str | os.PathLike | None = None,
    allow_paths: bool = True,
) -> np.ndarray:
    """A picture cell as an array of pixels.

    Parameters
    ----------
    cell : path, bytes, ndarray, PIL image, or dict with ``bytes`` or ``path``
        Encoded pictures may be JPEG, PNG, GIF, WebP, TIFF, BMP, PPM, JPEG 2000 or AVIF,
        whatever their file is called. Arrays have shape (h, w), (h, w, 1), (h, w, 3) RGB or
        (h, w, 4) RGBA and hold uint8, uint16 with white at 65535, other integers from 0 to
        255, or floating-point numbers from 0.0 to 1.0; see the notes for 10 and 12 bits.
    grey : bool, default=False
        Give one channel: ITU-R BT.601 luma, 0.299 R + 0.587 G + 0.114 B. A JPEG stores it: it
        is given as stored, which is within rounding of the luma of its RGB pixels except where
        these had to be clipped.
    at_least : (int, int), optional
        Height and width that are enough. A JPEG is then decoded at a half, a quarter or an
        eighth of its size, if both its sides can be divided so and stay as long: its blocks of
        8 x 8 pixels are transformed to blocks of 4, 2 or 1, which is close to averaging
        neighbours. Other formats, and arrays, come at their own size.
    limits : Limits, optional
        ``max_bytes`` and ``max_pixels`` hold; checked before anything is decoded.
    root : str or path-like, optional
        Relative paths count from this folder, and no file outside it is read.
    allow_paths : bool, default=True
        False refuses cells that name files.

    Returns
    -------
    pixels : ndarray of shape (h, w, 3), RGB, or (h, w) with ``grey=True``, uint8
        Upright by the EXIF orientation; transparent parts on white; 16 bits divided by
        257; the first frame of an animation. C-contiguous, and never the cell's own memory.

    Raises
    ------
    UnreadableCell
        With the code that says what is wrong: ``empty``, ``truncated``, ``unsupported``,
        ``decode``, ``limit``, ``unsafe_path`` or ``type``.

    Notes
    -----
    How the vectorizers read cells: files and PIL images are turned upright by their EXIF
    orientation, arrays are taken as they are; transparent parts are laid on white; of an
    animation the first frame counts. White is 255, 65535 in 16 bits (divided by 257), and 1.0 in
    floating point, beyond which a picture is refused. Data of 10 or 12 bits in uint16 would be
    nearly black, with 4 or 16 grey levels left: pass ``(array >> 2)`` or ``(array >> 4)`` as uint8.

    A file that was cut is refused, whatever its format (``Limits(truncated="allow")`` takes what
    is left of a JPEG), and so is a PNG with any changed byte, by its checksums. The other formats
    carry none: a byte changed among their pixels is another picture, which nobody can tell.

    A vectorizer asks for what it needs (``grey``, ``at_least``), which for a JPEG is not quite
    what an array of its RGB pixels gives: ``decode_image(path)`` reads a file as such an array.

    Examples
    --------
    >>> decode_image(np.array([[0.0, 1.0]]))
    array([[[  0,   0,   0],
            [255, 255, 255]]], dtype=uint8)
    """
    limits = Limits() if limits is None else limits
    if isinstance(cell, np.ndarray):
        pixels = _from_array(cell, limits)
    elif _is_pillow(cell):
        check_pixels(cell.width, cell.height, limits)
        pixels = pillow_pixels(cell)
    elif isinstance(cell, ENCODED):
        data = read_bytes(cell, limits=limits, root=root, allow_paths=allow_paths)
        pixels = decode_image_file(data, limits, grey=grey, at_least=at_least)
    else:
        raise UnreadableCell(
            "type",
            f"a cell of type {type(cell).__name__} is no picture: expected a path, bytes, an "
            "array, a PIL image or a dict with bytes or path",
        )
    pixels = _as_asked(pixels, grey)
    return pixels.copy() if pixels is cell else pixels


def _is_pillow(cell: Any) -> bool:
    pillow = sys.modules.get("PIL.Image")  # no cell is a PIL image before PIL was imported
    # Another thread may be importing it just now.
    kind = getattr(pillow, "Image", None)
    return kind is not None and isinstance(cell, kind)


def _from_array(array: np.ndarray, limits: Limits) -> np.ndarray:
    check_picture_shape(array)
    check_pixels(array.shape[1], array.shape[0], limits)
    return without_alpha(eight_bits(array))


def _as_asked(pixels: np.ndarray, grey: bool) -> np.ndarray:
    import cv2

    if grey and pixels.ndim == 3:
        return cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    if not grey and pixels.ndim == 2:
        return cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_GRAY2RGB)
    if pixels.flags.c_contiguous and pixels.flags.owndata and pixels.flags.writeable:
        return pixels
    return pixels.copy(order="C")
