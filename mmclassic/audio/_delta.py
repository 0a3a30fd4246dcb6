"""How features change from frame to frame."""

from __future__ import annotations

from functools import lru_cache
from math import factorial

import numpy as np

from mmclassic.audio._kernels import kernels

# Frames that a derivative is estimated over; fewer frames than three have no derivative.
WIDTH = 9
N_LEAST = 3


def delta(frames: np.ndarray, *, order: int = 1, width: int = WIDTH) -> np.ndarray:
    """Derivative of each row along its frames, by a local polynomial fit.

    A polynomial of degree ``order`` is fitted to ``width`` frames around each frame
    (Savitzky-Golay). The first and last ``width // 2`` frames take the derivative of the first
    and last full window, which is what scipy calls ``mode="interp"``.

    Parameters
    ----------
    frames : ndarray of shape (n_rows, n_frames)
    order : int, default=1
        1 for the speed of change per frame, 2 for its acceleration.
    width : int, default=9
        Odd number of frames. A clip with fewer frames uses the largest odd number it has;
        one with fewer than three frames, or not more than ``order``, has a derivative of zero.

    Returns
    -------
    derivative : ndarray of shape (n_rows, n_frames), float32

    References
    ----------
    A. Savitzky and M. J. E. Golay, *Analytical Chemistry* 36(8), 1964. Values as
    ``librosa.feature.delta``.

    Examples
    --------
    >>> delta(np.array([[0.0, 2.0, 4.0, 6.0, 8.0]])).round(4)
    array([[2., 2., 2., 2., 2.]], dtype=float32)
    """
    if width < N_LEAST or width % 2 == 0:
        raise ValueError(f"width must be an odd number of at least {N_LEAST} frames, got {width}.")
    if order < 1 or order >= width:
        raise ValueError(f"order must be between 1 and width - 1, got {order}.")
    frames = np.asarray(frames, dtype=np.float32)
    n_frames = frames.shape[-1]
    weights, compiled = derivative_weights(window_width(n_frames, width), order), kernels()
    if compiled is not None and frames.ndim == 2:
        return compiled.derivatives(np.require(frames, requirements=["C", "W"]), weights)
    return delta_by_numpy(frames, weights)


def delta_by_numpy(frames: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Every window times the weights, repeated at the edges; what runs without numba."""
    width = len(weights)
    derivative = np.lib.stride_tricks.sliding_window_view(frames, width, axis=-1) @ weights
    return np.pad(derivative, ((0, 0), (width // 2, width // 2)), mode="edge")


@lru_cache(maxsize=64)
def derivative_weights(width: int, order: int) -> np.ndarray:
    """Weights of the frames of a window in the derivative at its centre.

    The fitted polynomial has degree ``order``, so its derivative of that order is the same
    everywhere in the window: the edges need no fit of their own.

    Returns
    -------
    weights : ndarray of shape (width,), float32, read-only
        Zeros, where the window is too narrow to tell.

    Examples
    --------
    >>> derivative_weights(3, 2).round(4), derivative_weights(1, 1)
    (array([ 1., -2.,  1.], dtype=float32), array([0.], dtype=float32))
    """
    weights = np.zeros(width)
    if width >= N_LEAST and width > order:
        positions = np.arange(width) - width // 2
        powers = np.vander(positions, order + 1, increasing=True)
        weights = factorial(order) * np.linalg.pinv(powers)[order]
    return _shared(weights)


@lru_cache(maxsize=64)
def slope_table(width: int, n_orders: int) -> np.ndarray:
    """:func:`derivative_weights` of order 1 to ``n_orders``, shape (n_orders, width), read-only.

    Examples
    --------
    >>> slope_table(9, 2).shape
    (2, 9)
    """
    rows = [derivative_weights(width, order + 1) for order in range(n_orders)]
    return _shared(np.array(rows).reshape(n_orders, width))


def window_width(n_frames: int, width: int = WIDTH) -> int:
    """``width``, or the largest odd number of frames that there are.

    Examples
    --------
    >>> window_width(44), window_width(6), window_width(1)
    (9, 5, 1)
    """
    return min(width, n_frames - 1 + n_frames % 2)


def _shared(weights: np.ndarray) -> np.ndarray:
    weights = np.ascontiguousarray(weights, dtype=np.float32)
    weights.flags.writeable = False
    return weights
