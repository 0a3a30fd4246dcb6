"""Pictures made worse: noise, blur, compression, a part covered."""

from __future__ import annotations

from typing import Any

import numpy as np

# What covers a part of a picture: neither black nor white.
MID_GREY = 128


def image_noise(pixels: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise on every pixel and channel.

    Parameters
    ----------
    pixels : ndarray of shape (h, w) or (h, w, 3), uint8
    severity : float
        Standard deviation in grey levels, of 255.
    rng : Generator

    Returns
    -------
    noisy : ndarray of the same shape, uint8

    Examples
    --------
    >>> pixels = np.full((100, 100), 128, dtype=np.uint8)
    >>> int(image_noise(pixels, 20, np.random.default_rng(0)).std().round())
    20
    """
    noise = rng.standard_normal(pixels.shape, dtype=np.float32) * np.float32(severity)
    return np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)


def image_blur(pixels: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """A Gaussian blur, as by a lens out of focus.

    Parameters
    ----------
    pixels : ndarray of shape (h, w) or (h, w, 3), uint8
    severity : float
        Standard deviation of the kernel in per cent of the shorter side, so that a picture is
        blurred alike at every size.
    rng : ignored

    Returns
    -------
    blurred : ndarray of the same shape, uint8

    Examples
    --------
    >>> pixels = np.zeros((50, 50), dtype=np.uint8)
    >>> pixels[:, 25:] = 200
    >>> image_blur(pixels, 4, np.random.default_rng(0))[0, ::10].tolist()
    [0, 0, 2, 199, 200]
    """
    import cv2

    sigma = severity / 100 * min(pixels.shape[:2])
    # Further than three standard deviations a kernel adds less than rounding.
    width = 2 * int(np.ceil(3 * sigma)) + 1
    return cv2.GaussianBlur(pixels, (width, width), sigma, borderType=cv2.BORDER_REFLECT_101)


def image_jpeg(pixels: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """What is left of a picture after it was stored as a JPEG.

    Parameters
    ----------
    pixels : ndarray of shape (h, w) or (h, w, 3) RGB, uint8
    severity : float
        The quality, from 100 down to 1, as libjpeg counts it; rounded.
    rng : ignored

    Returns
    -------
    stored : ndarray of the same shape, uint8

    Examples
    --------
    >>> pixels = np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))
    >>> errors = [np.abs(image_jpeg(pixels, quality, None) - 1.0 * pixels).mean()
    ...           for quality in (95, 20, 2)]
    >>> errors == sorted(errors)
    True
    """
    import cv2

    color = pixels.ndim == 3
    ordered = np.ascontiguousarray(pixels[:, :, ::-1]) if color else pixels
    _, data = cv2.imencode(".jpg", ordered, [cv2.IMWRITE_JPEG_QUALITY, round(severity)])
    stored: Any = cv2.imdecode(data, cv2.IMREAD_COLOR if color else cv2.IMREAD_GRAYSCALE)
    return np.ascontiguousarray(stored[:, :, ::-1]) if color else stored


def image_occlusion(pixels: np.ndarray, severity: float, rng: np.random.Generator) -> np.ndarray:
    """A grey rectangle, with the proportions of the picture, somewhere on it.

    Parameters
    ----------
    pixels : ndarray of shape (h, w) or (h, w, 3), uint8
    severity : float
        Share of the area that is covered.
    rng : Generator

    Returns
    -------
    covered : ndarray of the same shape, uint8

    Examples
    --------
    >>> pixels = np.zeros((10, 10), dtype=np.uint8)
    >>> float((image_occlusion(pixels, 0.25, np.random.default_rng(0)) > 0).mean())
    0.25
    """
    height, width = pixels.shape[:2]
    tall, wide = round(height * severity**0.5), round(width * severity**0.5)
    down, right = rng.random(2)
    top, left = round(down * (height - tall)), round(right * (width - wide))
    covered = pixels.copy()
    covered[top : top + tall, left : left + wide] = MID_GREY
    return covered
