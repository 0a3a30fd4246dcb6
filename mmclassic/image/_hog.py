"""Histograms of oriented gradients: the shape of what is in a picture."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from numbers import Integral
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils._param_validation import Interval

from mmclassic.image._reading import ImageReader, check_integers, resize
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer

# Keeps empty blocks finite; skimage's constant, so that results agree.
EPSILON = 1e-5
# Largest entry of a block before it is normalised again (Dalal & Triggs, section 6.4).
CLIP = 0.2
# Differences of two uint8 pixels lie in -255 … 255.
N_DIFFERENCES = 511


def hog(
    image: np.ndarray,
    *,
    orientations: int = 9,
    pixels_per_cell: tuple[int, int] = (8, 8),
    cells_per_block: tuple[int, int] = (2, 2),
) -> np.ndarray:
    """Histogram of oriented gradients of one picture.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, n_channels)
        Of any real dtype. In colour, each pixel votes with the channel of its largest gradient.
    orientations : int, default=9
        Bins over 180 degrees.
    pixels_per_cell : (int, int), default=(8, 8)
        Height and width of a cell.
    cells_per_block : (int, int), default=(2, 2)
        Height and width of a block.

    Returns
    -------
    features : ndarray of shape (n_features,), float32
        Blocks row by row; within a block its cells row by row, each with its orientations.

    Raises
    ------
    ValueError
        If the picture has not two or three dimensions, or is smaller than one block.

    Notes
    -----
    Equal within 1e-5 to ``skimage.feature.hog(image, orientations, pixels_per_cell,
    cells_per_block, block_norm="L2-Hys")`` of the same array (with ``channel_axis=-1`` for
    colour). Like there, pixels are taken as they are: uint8 is not scaled to 0 … 1. Blocks
    are normalised, so the scale matters only where gradients are as small as 1e-5.
    A gradient whose direction rounds to 180 degrees counts as 0 degrees; skimage drops it.

    References
    ----------
    N. Dalal and B. Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.

    Examples
    --------
    >>> edge = np.zeros((16, 16), dtype=np.uint8)
    >>> edge[:, 8:] = 255
    >>> hog(edge, orientations=2).round(2)
    array([0.5, 0. , 0.5, 0. , 0.5, 0. , 0.5, 0. ], dtype=float32)
    """
    image = np.asarray(image)
    if image.ndim not in (2, 3):
        raise ValueError(f"Expected a picture (h, w) or (h, w, channels), got {image.shape}.")
    n_rows = image.shape[0] // pixels_per_cell[0]
    n_columns = image.shape[1] // pixels_per_cell[1]
    if n_rows < cells_per_block[0] or n_columns < cells_per_block[1]:
        raise ValueError(
            f"The picture of {image.shape[0]} x {image.shape[1]} pixels is smaller than one block "
            f"of {cells_per_block} cells of {pixels_per_cell} pixels."
        )
    image = image[..., None] if image.ndim == 2 else image
    magnitude, orientation = _gradients(image, orientations)
    histograms = _cell_histograms(
        magnitude, orientation, orientations, (n_rows, n_columns), pixels_per_cell
    )
    return _normalised_blocks(histograms, cells_per_block).astype(np.float32)


def _gradients(image: np.ndarray, orientations: int) -> tuple[np.ndarray, np.ndarray]:
    """Magnitude and orientation bin of the strongest channel's gradient, both (h, w)."""
    if image.dtype == np.uint8:
        codes = [_difference_codes(image[:, :, k]) for k in range(image.shape[2])]
        magnitude, code = _strongest([(_magnitude_table().take(c), c) for c in codes])
        return magnitude, _orientation_table(orientations).take(code)
    image = image.astype(np.float32 if image.dtype == np.float32 else np.float64, copy=False)
    channels = [_differences(image[:, :, k]) for k in range(image.shape[2])]
    magnitude, row, column = _strongest([(np.hypot(r, c), r, c) for r, c in channels])
    return magnitude, _orientation_bins(row, column, orientations)


def _strongest(channels: list[tuple]) -> tuple:
    """Pixel by pixel the arrays of the channel whose first array is largest; ties: the first."""
    best = channels[0]
    for channel in channels[1:]:
        larger = channel[0] > best[0]
        best = tuple(np.where(larger, new, old) for new, old in zip(channel, best, strict=True))
    return best


def _differences(channel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Central differences down the rows and along the columns, 0 at the border."""
    row, column = np.zeros_like(channel), np.zeros_like(channel)
    row[1:-1] = channel[2:] - channel[:-2]
    column[:, 1:-1] = channel[:, 2:] - channel[:, :-2]
    return row, column


def _difference_codes(channel: np.ndarray) -> np.ndarray:
    """Both differences of a uint8 channel as one index into the tables below."""
    row, column = _differences(channel.astype(np.intp))
    row *= N_DIFFERENCES
    row += column
    row += 255 * N_DIFFERENCES + 255
    return row


def _orientation_bins(row: np.ndarray, column: np.ndarray, orientations: int) -> np.ndarray:
    """Bin of each gradient's direction, the bins dividing 180 degrees evenly."""
    degrees = np.rad2deg(np.arctan2(row, column, dtype=np.float64)) % 180
    edges = 180.0 / orientations * np.arange(1, orientations)
    bins = np.searchsorted(edges, degrees, side="right")
    # The remainder of a tiny negative angle rounds to 180 itself, which is direction 0.
    return np.where(degrees < 180, bins, 0)


# Pixels of 8 bits have only 511 × 511 different gradients: looking them up is ten times
# faster than computing an arc tangent per pixel, and gives the same numbers.
@lru_cache(maxsize=1)
def _magnitude_table() -> np.ndarray:
    row, column = _all_differences()
    return np.hypot(row, column).ravel()


@lru_cache(maxsize=8)
def _orientation_table(orientations: int) -> np.ndarray:
    return _orientation_bins(*_all_differences(), orientations).ravel()


def _all_differences() -> tuple[np.ndarray, np.ndarray]:
    steps = np.arange(-255.0, 256.0)
    row, column = np.broadcast_arrays(steps[:, None], steps[None, :])
    return row, column


def _cell_histograms(magnitude, orientation, orientations, n_cells, pixels_per_cell):
    """Mean magnitude per cell and orientation, (n_rows, n_columns, orientations)."""
    (n_rows, n_columns), (height, width) = n_cells, pixels_per_cell
    row = np.arange(n_rows * height) // height * (n_columns * orientations)
    column = np.arange(n_columns * width) // width * orientations
    inside = np.s_[: n_rows * height, : n_columns * width]  # what is left over belongs to no cell
    index = orientation[inside] + row[:, None] + column
    length = n_rows * n_columns * orientations
    votes = np.bincount(index.ravel(), weights=magnitude[inside].ravel(), minlength=length)
    return votes.reshape(n_rows, n_columns, orientations) / (height * width)


def _normalised_blocks(histograms: np.ndarray, cells_per_block) -> np.ndarray:
    """All overlapping blocks, each normalised, clipped and normalised again ("L2-Hys")."""
    windows = sliding_window_view(histograms, cells_per_block, axis=(0, 1))
    blocks = np.moveaxis(windows, 2, -1)
    blocks = blocks.reshape(blocks.shape[0] * blocks.shape[1], -1)
    blocks = np.minimum(_unit_length(blocks), CLIP)
    return _unit_length(blocks).ravel()


def _unit_length(blocks: np.ndarray) -> np.ndarray:
    squares = np.einsum("ij,ij->i", blocks, blocks)
    return blocks / np.sqrt(squares + EPSILON**2)[:, None]


class HOGVectorizer(ImageReader, CellVectorizer):
    """Histogram of oriented gradients of every picture: shapes and outlines.

    Stateless: nothing is learned, ``fit`` only checks the parameters.

    Parameters
    ----------
    size : (int, int), default=(128, 128)
        Height and width, in pixels, that pictures are stretched to first.
    orientations : int, default=9
        Bins over 180 degrees.
    pixels_per_cell : int, default=8
        Side of a cell.
    cells_per_block : int, default=2
        Side of a block, in cells.
    color : bool, default=False
        Whether each pixel votes with the channel of its largest gradient; otherwise pictures
        are made grey.
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
    ColorHistogramVectorizer : Colours instead of shapes.
    hog : The same for one array, and how it compares to skimage.

    References
    ----------
    N. Dalal and B. Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.

    Examples
    --------
    >>> pictures = [np.eye(32, dtype=np.uint8) * 255, None]
    >>> HOGVectorizer(size=(32, 32)).fit_transform(pictures).shape
    (2, 324)
    """

    _parameter_constraints: ClassVar[dict] = {
        **READING_CONSTRAINTS,
        "size": [tuple, list],
        "orientations": [Interval(Integral, 1, None, closed="left")],
        "pixels_per_cell": [Interval(Integral, 1, None, closed="left")],
        "cells_per_block": [Interval(Integral, 1, None, closed="left")],
        "color": ["boolean"],
    }

    def __init__(
        self,
        *,
        size=(128, 128),
        orientations=9,
        pixels_per_cell=8,
        cells_per_block=2,
        color=False,
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.size = size
        self.orientations = orientations
        self.pixels_per_cell = pixels_per_cell
        self.cells_per_block = cells_per_block
        self.color = color
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    def _validate_params(self):
        super()._validate_params()
        height, width = check_integers(self.size, "size", 2)
        block = self.pixels_per_cell * self.cells_per_block
        if min(height, width) < block:
            raise ValueError(
                f"size={self.size!r} is smaller than one block of {block} x {block} pixels "
                "(pixels_per_cell times cells_per_block)."
            )

    def _extract(self, array):
        import cv2

        # Grey first: one channel is cheaper to resize than three.
        image = array if self.color else cv2.cvtColor(array, cv2.COLOR_RGB2GRAY)
        return hog(
            resize(image, *self.size),
            orientations=self.orientations,
            pixels_per_cell=(self.pixels_per_cell,) * 2,
            cells_per_block=(self.cells_per_block,) * 2,
        )

    def _feature_names(self):
        side = self.cells_per_block
        blocks = [length // self.pixels_per_cell - side + 1 for length in self.size]
        places = product(*map(range, (*blocks, side, side, self.orientations)))
        return ["hog_block{}_{}_cell{}_{}_bin{}".format(*place) for place in places]
