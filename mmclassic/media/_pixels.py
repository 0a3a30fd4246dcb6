"""Arrays of any depth, with or without alpha, as 8-bit pixels; and their orientation."""

from __future__ import annotations

import numpy as np

from mmclassic._errors import UnreadableCell

# Interpolation and float32 rounding overshoot white by this much.
_TOLERANCE = 1e-5


def eight_bits(array: np.ndarray) -> np.ndarray:
    """Pixel values as uint8.

    Parameters
    ----------
    array : ndarray
        uint8; uint16, where 65535 is white; another integer type with values from 0 to
        255; or floating point from 0.0 (black) to 1.0 (white).

    Returns
    -------
    pixels : ndarray of the same shape, uint8

    Raises
    ------
    UnreadableCell
        ``type`` for other types and ranges, ``decode`` for values that are not finite.

    Examples
    --------
    >>> eight_bits(np.array([0.0, 0.5, 1.0])), eight_bits(np.array([257, 65535], np.uint16))
    (array([  0, 128, 255], dtype=uint8), array([  1, 255], dtype=uint8))
    """
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.uint16:
        return ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if array.dtype.kind in "iu":
        low, high = int(array.min()), int(array.max())
        if low < 0 or high > 255:
            raise UnreadableCell(
                "type",
                f"{array.dtype} values from {low} to {high}: expected 0 to 255, or uint16 with "
                "white at 65535",
            )
        return array.astype(np.uint8)
    if array.dtype.kind == "f":
        return _from_float(array)
    hint = "multiply by 255 and cast to uint8" if array.dtype == bool else "cast to uint8"
    raise UnreadableCell("type", f"pixels of type {array.dtype}: {hint}")


def _from_float(array: np.ndarray) -> np.ndarray:
    if not np.isfinite(array).all():
        raise UnreadableCell("decode", "pixels that are NaN or infinite")
    low, high = float(array.min()), float(array.max())
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        raise UnreadableCell(
            "type",
            f"{array.dtype} values from {low:.6g} to {high:.6g}: floating-point pixels lie "
            "between 0.0 and 1.0; cast values from 0 to 255 to uint8",
        )
    # float64, so that one picture gives the same bytes as float32 and as float64.
    return np.rint(np.clip(array.astype(np.float64), 0, 1) * 255).astype(np.uint8)


def check_picture_shape(array: np.ndarray) -> None:
    """Raise UnreadableCell unless the shape is (h, w), (h, w, 1), (h, w, 3) or (h, w, 4)."""
    shape = array.shape
    if array.size == 0:
        raise UnreadableCell("empty", f"an array of shape {shape} has no pixels")
    if len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4)):
        return
    hint = "pass one picture of shape (h, w) or (h, w, 3) per cell"
    if len(shape) == 3 and shape[0] in (1, 3, 4):
        hint = "the channels come first here: pass np.moveaxis(array, 0, -1)"
    raise UnreadableCell("type", f"an array of shape {shape} is no picture: {hint}")


def without_alpha(pixels: np.ndarray) -> np.ndarray:
    """Composite on white: (h, w, 4) to (h, w, 3), and (h, w, 1) to (h, w); uint8.

    What lies hidden under transparent pixels must not leak into features.

    Examples
    --------
    >>> without_alpha(np.array([[[10, 20, 30, 0], [10, 20, 30, 255]]], np.uint8))
    array([[[255, 255, 255],
            [ 10,  20,  30]]], dtype=uint8)
    """
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    if pixels.shape[2] == 1:
        return pixels[:, :, 0]
    alpha = pixels[:, :, 3:].astype(np.uint16)
    return ((pixels[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn and mirror as the EXIF orientation (1 to 8) says; any other number is 1.

    Examples
    --------
    >>> upright(np.array([[1, 2], [3, 4]]), 6)
    array([[3, 1],
           [4, 2]])
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
