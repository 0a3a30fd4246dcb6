"""Learned convolutions on arrays: patches, whitening, activation, pooling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# Directions of patches that would keep less than this share of their unit variance in spite
# of epsilon are left out: the colours of grey pictures, what the JPEG format removed.
LEAST_VARIANCE = 1e-3


def all_patches(image: np.ndarray, side: int, stride: int = 1) -> np.ndarray:
    """Every square patch of a picture, or every ``stride``-th along both axes.

    Parameters
    ----------
    image : ndarray of shape (h, w, n_channels)
    side : int
        Of a patch, in pixels.
    stride : int, default=1
        From one patch to the next, in pixels.

    Returns
    -------
    patches : ndarray of shape (n_rows, n_columns, side * side * n_channels), float32
        ``n_rows = (h - side) // stride + 1``, columns likewise.

    Examples
    --------
    >>> all_patches(np.arange(6).reshape(2, 3, 1), 2)
    array([[[0., 1., 3., 4.],
            [1., 2., 4., 5.]]], dtype=float32)
    """
    windows = sliding_window_view(image.astype(np.float32), (side, side), axis=(0, 1))
    windows = windows[::stride, ::stride]
    return np.moveaxis(windows, 2, -1).reshape(*windows.shape[:2], -1)


def random_patches(images: Sequence, side: int, count: int, rng) -> np.ndarray:
    """Patches from random places of random pictures.

    Parameters
    ----------
    images : sequence of ndarray of shape (h, w, n_channels)
        All of one size.
    side : int
        Of a patch, in pixels.
    count : int
        Number of patches.
    rng : numpy.random.RandomState

    Returns
    -------
    patches : ndarray of shape (count, side * side * n_channels), float32
    """
    height, width, n_channels = images[0].shape
    which = rng.randint(len(images), size=count)
    top = rng.randint(height - side + 1, size=count)
    left = rng.randint(width - side + 1, size=count)
    patches = np.empty((count, side, side, n_channels), dtype=np.float32)
    for i, (k, y, x) in enumerate(zip(which, top, left, strict=True)):
        patches[i] = images[k][y : y + side, x : x + side]
    return patches.reshape(count, -1)


def normalise_contrast(patches: np.ndarray, epsilon: float) -> np.ndarray:
    """Patches of mean 0 and deviation near 1, flat ones near 0.

    Parameters
    ----------
    patches : ndarray of shape (..., n_values), float32
        Pixels from 0 to 255.
    epsilon : float
        Added to the variance: noise in flat patches stays small.

    Returns
    -------
    normalised : ndarray like patches

    Examples
    --------
    >>> normalise_contrast(np.array([[0, 20]], dtype=np.float32), epsilon=0.0)
    array([[-1.,  1.]], dtype=float32)
    """
    centred = patches - patches.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + np.float32(epsilon))


def whitening(patches: np.ndarray, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and matrix that decorrelate patches.

    The columns of the matrix are the principal directions of the patches, the strongest first,
    each divided by the root of its variance. (ZCA whitening is this and a rotation back to
    pixels, which changes no distance between patches.)

    Parameters
    ----------
    patches : ndarray of shape (n_patches, n_values)
    epsilon : float
        Added to the variances: directions that hardly vary are not blown up. Those that would
        still keep less than a thousandth of their variance are left out.

    Returns
    -------
    mean : ndarray of shape (n_values,), float32
    matrix : ndarray of shape (n_values, n_directions), float32
        ``(patches - mean) @ matrix`` has variances ``v / (v + epsilon)`` and no covariances.
        At least one direction is there.
    """
    mean = patches.mean(axis=0, dtype=np.float64)
    centred = patches - mean.astype(np.float32)
    covariance = (centred.T @ centred).astype(np.float64) / len(patches)
    variances, vectors = np.linalg.eigh(covariance)
    variances, vectors = np.maximum(variances[::-1], 0.0), vectors[:, ::-1]
    kept = max(1, int((variances / (variances + epsilon) >= LEAST_VARIANCE).sum()))
    matrix = vectors[:, :kept] / np.sqrt(variances[:kept] + epsilon)
    return mean.astype(np.float32), np.ascontiguousarray(matrix, dtype=np.float32)


def triangle(patches: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """How much nearer than the average filter each filter is to a patch; 0 if it is farther.

    Parameters
    ----------
    patches : ndarray of shape (n_patches, n_values), float32
    filters : ndarray of shape (n_filters, n_values), float32

    Returns
    -------
    activations : ndarray of shape (n_patches, n_filters), float32

    Examples
    --------
    >>> patches = np.array([[0.0], [1.0]], dtype=np.float32)
    >>> triangle(patches, np.array([[0.0], [4.0]], dtype=np.float32))
    array([[2., 0.],
           [1., 0.]], dtype=float32)
    """
    squared = patches @ filters.T
    squared *= -2
    squared += np.einsum("ij,ij->i", filters, filters)
    squared += np.einsum("ij,ij->i", patches, patches)[:, None]
    distance = np.sqrt(np.maximum(squared, 0))
    return np.maximum(distance.mean(axis=1, keepdims=True) - distance, 0)


def pool_areas(activations: np.ndarray, n_areas: int) -> np.ndarray:
    """Sums of activations over equal areas of the picture.

    Parameters
    ----------
    activations : ndarray of shape (h, w, n_filters)
    n_areas : int
        Areas along each axis: 2 for quadrants. Where a length cannot be divided evenly, place
        ``y`` of ``h`` belongs to area ``y * n_areas // h``.

    Returns
    -------
    features : ndarray of shape (n_areas * n_areas * n_filters,)
        Areas row by row.

    Examples
    --------
    >>> pool_areas(np.arange(9.0).reshape(3, 3, 1), 2)
    array([ 8.,  7., 13.,  8.])
    """
    height, width, _ = activations.shape
    tops = -(-np.arange(n_areas) * height // n_areas)
    lefts = -(-np.arange(n_areas) * width // n_areas)
    rows = np.add.reduceat(activations, tops, axis=0)
    return np.add.reduceat(rows, lefts, axis=1).ravel()
