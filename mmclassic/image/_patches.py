"""Learned convolutions on arrays: patches, whitening, activation, pooling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def all_patches(image: np.ndarray, side: int) -> np.ndarray:
    """Every square patch of a picture.

    Parameters
    ----------
    image : ndarray of shape (h, w, n_channels)
    side : int
        Of a patch, in pixels.

    Returns
    -------
    patches : ndarray of shape (h - side + 1, w - side + 1, side * side * n_channels), float32

    Examples
    --------
    >>> all_patches(np.arange(6).reshape(2, 3, 1), 2)
    array([[[0., 1., 3., 4.],
            [1., 2., 4., 5.]]], dtype=float32)
    """
    windows = sliding_window_view(image.astype(np.float32), (side, side), axis=(0, 1))
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


def zca_whitening(patches: np.ndarray, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and symmetric matrix that decorrelate patches.

    Parameters
    ----------
    patches : ndarray of shape (n_patches, n_values)
    epsilon : float
        Added to the eigenvalues of the covariance: directions that hardly vary are not blown up.

    Returns
    -------
    mean : ndarray of shape (n_values,), float32
    matrix : ndarray of shape (n_values, n_values), float32
        ``(patches - mean) @ matrix`` has the covariance ``C (C + epsilon)^-1``.
    """
    mean = patches.mean(axis=0, dtype=np.float64)
    centred = patches - mean.astype(np.float32)
    covariance = (centred.T @ centred).astype(np.float64) / len(patches)
    values, vectors = np.linalg.eigh(covariance)
    matrix = (vectors / np.sqrt(np.maximum(values, 0.0) + epsilon)) @ vectors.T
    return mean.astype(np.float32), matrix.astype(np.float32)


def cluster_centers(patches: np.ndarray, count: int, rng) -> np.ndarray:
    """Centres of k-means: the dictionary of patches.

    Parameters
    ----------
    patches : ndarray of shape (n_patches, n_values), float32
    count : int
        Number of centres.
    rng : numpy.random.RandomState

    Returns
    -------
    centers : ndarray of shape (count, n_values), float32
    """
    from sklearn.cluster import MiniBatchKMeans  # importing it takes a quarter of a second

    # In mini-batches: the full algorithm adds its threads' sums in the order in which they
    # finish, so that two runs need not give the same centres.
    kmeans = MiniBatchKMeans(count, batch_size=2048, n_init=1, random_state=rng)
    return kmeans.fit(patches).cluster_centers_


def activate(patches: np.ndarray, filters: np.ndarray, activation: str) -> np.ndarray:
    """How much each patch belongs to each filter.

    Parameters
    ----------
    patches : ndarray of shape (n_patches, n_values), float32
    filters : ndarray of shape (n_filters, n_values), float32
        Centres of k-means.
    activation : {"triangle", "hard"}
        "triangle": how much nearer than average the filter is, 0 if it is farther;
        "hard": 1 for the nearest filter, 0 for the others.

    Returns
    -------
    activations : ndarray of shape (n_patches, n_filters), float32

    Examples
    --------
    >>> patches = np.array([[0.0], [1.0]], dtype=np.float32)
    >>> activate(patches, np.array([[0.0], [4.0]], dtype=np.float32), "triangle")
    array([[2., 0.],
           [1., 0.]], dtype=float32)
    """
    squared = patches @ filters.T
    squared *= -2
    squared += np.einsum("ij,ij->i", filters, filters)
    squared += np.einsum("ij,ij->i", patches, patches)[:, None]
    if activation == "hard":
        return (squared.argmin(axis=1)[:, None] == np.arange(len(filters))).astype(np.float32)
    distance = np.sqrt(np.maximum(squared, 0))
    return np.maximum(distance.mean(axis=1, keepdims=True) - distance, 0)


def pool(activations: np.ndarray, pooling: str) -> np.ndarray:
    """Sums of activations over parts of the picture.

    Parameters
    ----------
    activations : ndarray of shape (h, w, n_filters)
    pooling : {"quadrants", "whole"}
        The four quadrants (top left, top right, bottom left, bottom right; of odd lengths the
        first half is the longer one), or the whole picture.

    Returns
    -------
    features : ndarray of shape (4 * n_filters,) or (n_filters,)

    Examples
    --------
    >>> pool(np.arange(9.0).reshape(3, 3, 1), "quadrants")
    array([ 8.,  7., 13.,  8.])
    """
    if pooling == "whole":
        return activations.sum(axis=(0, 1))
    row, column = -(-activations.shape[0] // 2), -(-activations.shape[1] // 2)
    halves = (np.s_[:row], np.s_[row:]), (np.s_[:column], np.s_[column:])
    sums = [activations[top, left].sum(axis=(0, 1)) for top in halves[0] for left in halves[1]]
    return np.concatenate(sums)
