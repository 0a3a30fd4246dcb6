"""How a picture gets its size: averaged areas where it shrinks, interpolation where it grows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mmclassic.image._kernels import for_kernels, kernels

# Numbers that are in work at a time: they stay in the processor's cache.
_AT_A_TIME = 1 << 17
# Added before numbers are cut to integers: this rounds them.
_HALF = 0.5


def resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Picture stretched to a fixed size, whatever its proportions.

    An axis that shrinks is averaged over pixel areas, one that grows is interpolated
    linearly; a picture that has the size already comes back unchanged.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, 3), uint8
    height, width : int
        In pixels.

    Returns
    -------
    resized : ndarray of shape (height, width) or (height, width, 3), uint8
        Within one level of OpenCV's ``INTER_AREA`` along axes that shrink, and of its
        ``INTER_LINEAR`` along those that grow (of millions of pixels into one, some levels).

    Examples
    --------
    >>> resize(np.array([[0, 100], [200, 100]], dtype=np.uint8), 1, 1)
    array([[100]], dtype=uint8)
    """
    import cv2

    before = image.shape[:2]
    if before == (height, width):
        return image
    compiled = kernels()
    if compiled is None:
        return _by_opencv(image, height, width)
    if before[0] % height == 0 and before[1] % width == 0:
        # OpenCV has a fast way for whole numbers of pixels.
        return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return _by_rows(compiled.resize_rows, image, height, width)


def shrink(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Picture of at most this size: an axis that is longer is averaged over pixel areas.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, 3), uint8
    height, width : int
        In pixels.

    Returns
    -------
    shrunk : ndarray of shape (min(h, height), min(w, width)) and channels, uint8
        The picture itself where it is not larger.
    """
    return resize(image, min(image.shape[0], height), min(image.shape[1], width))


def _by_opencv(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """In two steps: OpenCV averages areas only where both axes shrink."""
    import cv2

    least = min(image.shape[0], height), min(image.shape[1], width)
    if image.shape[:2] != least:
        image = cv2.resize(image, least[::-1], interpolation=cv2.INTER_AREA)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)


def _by_rows(resize_rows: Callable, image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Along one axis, and transposed along the other: first the one that makes it smaller."""
    import cv2

    before, n_channels = image.shape[:2], 1 if image.ndim == 2 else image.shape[2]
    rows = for_kernels(image).reshape(before[0], -1)
    out = np.empty((height, width * n_channels), dtype=np.uint8)
    if before[1] == width:
        resize_rows(rows, 0, height, _HALF, out)
    elif before[0] > height:
        step = max(1, _AT_A_TIME // rows.shape[1])
        for top in range(0, height, step):
            band = out[top : top + step]
            upright = np.empty((len(band), rows.shape[1]), dtype=np.float32)
            resize_rows(rows, top, height, 0.0, upright)
            _resize_columns(resize_rows, upright, n_channels, band)
    elif before[0] == height:
        _resize_columns(resize_rows, rows, n_channels, out)
    else:
        turned = cv2.transpose(rows).reshape(before[1], -1)
        resized = np.empty((width, turned.shape[1]), dtype=np.float32)
        resize_rows(turned, 0, width, 0.0, resized)
        resize_rows(cv2.transpose(resized.reshape(-1, before[0])), 0, height, _HALF, out)
    return out.reshape(height, width, *image.shape[2:])


def _resize_columns(
    resize_rows: Callable, matrix: np.ndarray, n_channels: int, out: np.ndarray
) -> None:
    """Fill a matrix of as many rows, and of rounded values, with columns of another."""
    import cv2

    before, width = matrix.shape[1] // n_channels, out.shape[1] // n_channels
    turned = cv2.transpose(matrix).reshape(before, -1)
    resized = np.empty((width, turned.shape[1]), dtype=np.uint8)
    resize_rows(turned, 0, width, _HALF, resized)
    cv2.transpose(resized.reshape(-1, len(matrix)), out)
