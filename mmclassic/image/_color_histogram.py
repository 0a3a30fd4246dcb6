"""Histogram of the colours of a picture."""

from __future__ import annotations

from itertools import product
from typing import ClassVar

import numpy as np

from mmclassic.image._reading import ImageReader, PictureNeeds, check_integers
from mmclassic.image._resize import shrink
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer

# Values of hue, saturation and value in OpenCV's 8-bit HSV (hue in steps of two degrees).
HSV_RANGES = (180, 256, 256)


def color_histogram(image: np.ndarray, *, bins: tuple[int, int, int] = (8, 4, 4)) -> np.ndarray:
    """Joint histogram of hue, saturation and value of one picture.

    The shares of the pixels sum to one; their square roots are returned, so that the Euclidean
    distance of two histograms is their Hellinger distance and a few large areas of one colour
    do not drown the rest.

    Parameters
    ----------
    image : ndarray of shape (h, w, 3), RGB, or (h, w), grey; uint8
    bins : (int, int, int), default=(8, 4, 4)
        Bins of hue, saturation and value. Hue is circular: its first bin starts at pure red.

    Returns
    -------
    features : ndarray of shape (n_hue * n_saturation * n_value,), float32
        Not negative, of Euclidean length 1; value runs fastest.

    Raises
    ------
    ValueError
        If the picture is not of that shape and dtype.

    Notes
    -----
    Hue, saturation and value are OpenCV's. A grey pixel has no hue and counts with hue 0 and
    saturation 0.

    References
    ----------
    M. J. Swain and D. H. Ballard, "Color indexing", IJCV 7, 1991. R. Arandjelović and
    A. Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012
    (the square root).

    Examples
    --------
    >>> image = np.zeros((2, 2, 3), dtype=np.uint8)
    >>> image[0] = 255  # white above black
    >>> color_histogram(image, bins=(1, 1, 2)).round(3)
    array([0.707, 0.707], dtype=float32)
    """
    import cv2

    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or image.shape[2:] not in ((), (3,)):
        raise ValueError(
            f"Expected a uint8 picture (h, w) or (h, w, 3), got {image.dtype} {image.shape}."
        )
    if image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    ranges = [bound for length in HSV_RANGES for bound in (0, length)]
    counts = cv2.calcHist([hsv], [0, 1, 2], None, list(bins), ranges).ravel()
    return np.sqrt(counts / counts.sum()).astype(np.float32)


class ColorHistogramVectorizer(ImageReader, CellVectorizer):
    """Histogram of hue, saturation and value of every picture: what colours it has.

    Stateless: nothing is learned, ``fit`` only checks the parameters.

    Parameters
    ----------
    bins : (int, int, int), default=(8, 4, 4)
        Bins of hue, saturation and value; the features are their product.
    size : (int, int) or None, default=(256, 256)
        Height and width, in pixels, that longer sides are shrunk to first, so that the cost of a
        picture does not grow with it; None takes every pixel as it is.
    root : path-like, optional
        Folder that relative paths start from and that no path may leave.
    allow_paths : bool, default=True
        Whether cells may name files at all.
    limits : Limits, optional
        How large a cell may be; ``None`` means ``Limits()``.
    cache : path-like, optional
        File that keeps features across runs.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether cells that cannot be read raise one error, or give NaN rows and one warning.
    n_jobs : int, optional
        Threads; the features do not depend on it.

    Attributes
    ----------
    n_features_in_ : int
        1, the column.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, where it has one.

    See Also
    --------
    HOGVectorizer : Shapes instead of colours.
    color_histogram : The same for one array, and what the numbers mean.
    mmclassic.media.decode_image : How cells are read: orientation, alpha, 10 to 16 bits, JPEGs.

    Notes
    -----
    Cells are read as by :func:`mmclassic.media.decode_image`: upright by EXIF, transparency on
    white, the first frame of an animation, 16 bits divided by 257 (for 10 or 12 bits in uint16
    pass uint8 instead), floating-point pixels from 0.0 to 1.0.
    JPEG files with sides at least twice ``size`` are decoded at a fraction of them, which moves
    features by about 1 %; ``decode_image(path)``, or ``size=None``, reads them whole.

    References
    ----------
    M. J. Swain and D. H. Ballard, "Color indexing", IJCV 7, 1991.

    Examples
    --------
    >>> pictures = [np.zeros((4, 4, 3), dtype=np.uint8), None]
    >>> ColorHistogramVectorizer(bins=(1, 1, 2)).fit_transform(pictures)
    array([[ 1.,  0.],
           [nan, nan]], dtype=float32)
    """

    _feature_version = 2

    _parameter_constraints: ClassVar[dict] = {
        **READING_CONSTRAINTS,
        "bins": [tuple, list],
        "size": [tuple, list, None],
    }

    def __init__(
        self,
        *,
        bins=(8, 4, 4),
        size=(256, 256),
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.bins = bins
        self.size = size
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    def _validate_params(self):
        super()._validate_params()
        check_integers(self.bins, "bins", 3)
        if self.size is not None:
            check_integers(self.size, "size", 2)

    def _needs(self):
        return PictureNeeds(at_least=None if self.size is None else tuple(self.size))

    def _extract(self, array):
        image = array if self.size is None else shrink(array, *self.size)
        return color_histogram(image, bins=self.bins)

    def _feature_names(self):
        places = product(*map(range, self.bins))
        return ["hsv_hue{}_saturation{}_value{}".format(*place) for place in places]
