"""Histograms of uniform local binary patterns: the texture of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from numbers import Integral, Real
from typing import ClassVar

import numpy as np

from mmclassic.image._kernels import kernels
from mmclassic.image._reading import ImageReader, PictureNeeds, as_grey, check_integers
from mmclassic.image._resize import resize
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer


class _Neighbour:
    """Where one neighbour of every pixel lies: two shifts, and shares of them, per axis."""

    def __init__(self, offsets: tuple[float, float], shape: tuple[int, int]):
        self.first, self.last, self.share = [], [], []
        for offset, length in zip(offsets, shape, strict=True):
            places = np.arange(length) + offset
            below = np.floor(places)
            self.first.append(int(np.floor(offset)))
            self.last.append(int(np.ceil(offset)))
            # Not the same everywhere: a place far from 0 has fewer digits behind the point.
            self.share.append(places - below)


@lru_cache(maxsize=16)
def _neighbours(n_points: int, radius: float, shape: tuple[int, int]) -> list[_Neighbour]:
    """On a circle, from the right and against the clock; rounded as skimage does."""
    angles = 2 * np.pi * np.arange(n_points, dtype=float) / n_points
    down, along = np.round(-radius * np.sin(angles), 5), np.round(radius * np.cos(angles), 5)
    return [_Neighbour((y, x), shape) for y, x in zip(down, along, strict=True)]


def _interpolate(padded: np.ndarray, border: int, neighbour: _Neighbour) -> np.ndarray:
    """Values at one neighbour of every pixel, by bilinear interpolation."""
    (y0, x0), (y1, x1) = neighbour.first, neighbour.last
    down, along = neighbour.share[0][:, None], neighbour.share[1]
    height, width = len(neighbour.share[0]), len(along)

    def shifted(y: int, x: int) -> np.ndarray:
        return padded[border + y : border + y + height, border + x : border + x + width]

    def between(y: int) -> np.ndarray:
        if x0 == x1:
            return shifted(y, x0)
        return (1 - along) * shifted(y, x0) + along * shifted(y, x1)

    return between(y0) if y0 == y1 else (1 - down) * between(y0) + down * between(y1)


def uniform_patterns(image: np.ndarray, n_points: int = 8, radius: float = 1) -> np.ndarray:
    """The uniform local binary pattern of every pixel.

    A neighbour counts as 1 if it is at least as bright as the pixel. With at most two changes
    between 0 and 1 around the circle the pattern is the number of ones, otherwise it is
    ``n_points + 1``: it depends neither on brightness and contrast, nor on rotations by the
    angle between two neighbours.

    Parameters
    ----------
    image : ndarray of shape (h, w), uint8
    n_points : int, default=8
        Neighbours, evenly spaced on a circle.
    radius : float, default=1
        Of the circle, in pixels. Beyond the picture all is black.

    Returns
    -------
    patterns : ndarray of shape (h, w), uint8
        From 0 to ``n_points + 1``.

    References
    ----------
    T. Ojala, M. Pietikäinen and T. Mäenpää, "Multiresolution gray-scale and rotation invariant
    texture classification with local binary patterns", PAMI 24, 2002. Equal to
    ``skimage.feature.local_binary_pattern(image, n_points, radius, "uniform")``.

    Examples
    --------
    >>> patterns = uniform_patterns(np.array([[9, 9, 9], [9, 5, 1], [1, 1, 1]], dtype=np.uint8))
    >>> int(patterns[1, 1])
    4
    """
    border = int(np.ceil(radius))
    grey = image.astype(np.float64)
    padded = np.pad(grey, border)
    ones = np.zeros(image.shape, dtype=np.uint8)
    changes = np.zeros(image.shape, dtype=np.uint8)
    before = None
    for neighbour in _neighbours(n_points, float(radius), image.shape):
        # The difference is never rounded to 0: comparing gives the same.
        brighter = _interpolate(padded, border, neighbour) >= grey
        ones += brighter
        if before is not None:
            changes += brighter != before
        before = brighter
    # Around the whole circle changes are even in number, so that the last one cannot matter.
    return np.where(changes <= 2, ones, np.uint8(n_points + 1))


def pattern_histograms(patterns: np.ndarray, n_bins: int, grid: tuple[int, int]) -> np.ndarray:
    """Share of every pattern in each cell of a grid over the picture.

    Parameters
    ----------
    patterns : ndarray of shape (h, w), integers from 0 to ``n_bins - 1``
    n_bins : int
    grid : (int, int)
        Rows and columns of cells. Pixel ``y`` of ``h`` lies in row ``y * grid[0] // h``.

    Returns
    -------
    shares : ndarray of shape (grid[0], grid[1], n_bins), float32
        Each cell sums to one.

    Examples
    --------
    >>> pattern_histograms(np.array([[0, 1], [2, 2]]), 3, (2, 1))
    array([[[0.5, 0.5, 0. ]],
    <BLANKLINE>
           [[0. , 0. , 1. ]]], dtype=float32)
    """
    height, width = patterns.shape
    rows = np.arange(height)[:, None] * grid[0] // height
    columns = np.arange(width) * grid[1] // width
    places = (rows * grid[1] + columns) * n_bins + patterns
    counts = np.bincount(places.ravel(), minlength=grid[0] * grid[1] * n_bins)
    counts = counts.reshape(*grid, n_bins)
    return (counts / counts.sum(axis=-1, keepdims=True)).astype(np.float32)


class LBPVectorizer(ImageReader, CellVectorizer):
    """Histograms of uniform local binary patterns of every picture: what texture it has.

    Stateless: nothing is learned, ``fit`` only checks the parameters. Pictures are made grey.

    Parameters
    ----------
    circles : sequence of (int, float), default=((8, 1), (16, 2))
        Number of neighbours, 2 to 64, and radius in pixels, of each circle of neighbours.
    size : (int, int), default=(128, 128)
        Height and width, in pixels, that pictures are stretched to.
    grid : (int, int), default=(1, 1)
        Rows and columns of cells, each with its own histograms: textures and where they are.
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
    HOGVectorizer : Shapes instead of textures.
    ColorHistogramVectorizer : Colours.
    mmclassic.media.decode_image : How cells are read: orientation, alpha, 10 to 16 bits, JPEGs.

    Notes
    -----
    Cells are read as by :func:`mmclassic.media.decode_image`: upright by EXIF, transparency on
    white, the first frame of an animation, 16 bits divided by 257 (for 10 or 12 bits in uint16
    pass uint8 instead), floating-point pixels from 0.0 to 1.0.
    Grey is the luma that a JPEG file stores, and large ones are decoded at a fraction of their
    size: their features differ a little (by 3 % in the median, for product photos) from those of
    the array of their RGB pixels. To mix files and arrays, pass ``decode_image(path)``.

    References
    ----------
    T. Ojala, M. Pietikäinen and T. Mäenpää, "Multiresolution gray-scale and rotation invariant
    texture classification with local binary patterns", PAMI 24, 2002.

    Examples
    --------
    >>> pictures = [np.zeros((4, 4), dtype=np.uint8), None]
    >>> LBPVectorizer(circles=[(2, 1)], size=(4, 4)).fit_transform(pictures)
    array([[ 0.,  0.,  1.,  0.],
           [nan, nan, nan, nan]], dtype=float32)
    """

    _feature_version = 2

    _parameter_constraints: ClassVar[dict] = {
        **READING_CONSTRAINTS,
        "circles": [tuple, list],
        "size": [tuple, list],
        "grid": [tuple, list],
    }

    def __init__(
        self,
        *,
        circles=((8, 1), (16, 2)),
        size=(128, 128),
        grid=(1, 1),
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.circles = circles
        self.size = size
        self.grid = grid
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    def _validate_params(self):
        super()._validate_params()
        size = check_integers(self.size, "size", 2)
        grid = check_integers(self.grid, "grid", 2)
        if grid[0] > size[0] or grid[1] > size[1]:
            raise ValueError(f"grid={self.grid!r} has more cells than size={self.size!r} pixels.")
        check_circles(self.circles, min(size))

    def _needs(self):
        return PictureNeeds(grey=True, at_least=tuple(self.size))

    def _start(self):
        super()._start()
        kernels()  # compiled code is loaded once, before threads start

    def _extract(self, array):
        grey = resize(as_grey(array), *self.size)
        parts = [
            pattern_histograms(uniform_patterns(grey, *circle), circle[0] + 2, tuple(self.grid))
            for circle in self.circles
        ]
        return np.concatenate([part.ravel() for part in parts])

    def _feature_names(self):
        names = []
        for n_points, radius in self.circles:
            places = product(range(self.grid[0]), range(self.grid[1]), range(n_points + 2))
            circle = f"lbp_points{n_points}_radius{radius:g}"
            names += [circle + "_row{}_column{}_pattern{}".format(*place) for place in places]
        return names


def check_circles(circles: Sequence, shortest: int) -> None:
    """Refuse what is no list of circles within pictures whose shorter side is ``shortest``.

    Examples
    --------
    >>> check_circles([(8, 1), (8, -1)], shortest=128)
    Traceback (most recent call last):
    ...
    ValueError: circles: (8, -1) must be 2 to 64 points and a radius above 0 and below 128.
    """
    for circle in circles:
        right = isinstance(circle, tuple | list) and len(circle) == 2
        right = right and not any(isinstance(value, bool) for value in circle)
        right = right and isinstance(circle[0], Integral) and isinstance(circle[1], Real)
        if not (right and 2 <= circle[0] <= 64 and 0 < circle[1] < shortest):
            raise ValueError(
                f"circles: {circle!r} must be 2 to 64 points and a radius above 0 "
                f"and below {shortest}."
            )
    if len(set(map(tuple, circles))) < max(1, len(circles)):
        raise ValueError(f"circles must hold at least one, and none twice, got {circles!r}.")
