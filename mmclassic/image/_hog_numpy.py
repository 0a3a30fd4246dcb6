"""Histograms of oriented gradients in numpy: of any pixels, and what compiled code must equal."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# Keeps empty blocks finite; skimage's constant, so that results agree.
EPSILON = 1e-5
# Largest entry of a block before it is normalised again (Dalal & Triggs, section 6.4).
CLIP = 0.2
# Differences of two uint8 pixels lie in -255 … 255.
N_DIFFERENCES = 511


def hog_by_numpy(
    image: np.ndarray, orientations: int, cell: tuple[int, int], block: tuple[int, int]
) -> np.ndarray:
    """What :func:`mmclassic.image.hog` returns.

    Parameters
    ----------
    image : ndarray of shape (h, w, n_channels)
        Of any real dtype, not smaller than one block.
    orientations : int
    cell : (int, int)
        Height and width of a cell, in pixels.
    block : (int, int)
        Height and width of a block, in cells.

    Returns
    -------
    features : ndarray of shape (n_features,), float32
    """
    n_cells = (image.shape[0] // cell[0], image.shape[1] // cell[1])
    magnitude, orientation = _gradients(image, orientations)
    histograms = _cell_histograms(magnitude, orientation, orientations, n_cells, cell)
    return _normalised_blocks(histograms, block).astype(np.float32)


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
