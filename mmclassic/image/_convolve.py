"""A learned convolution of whole pictures: two matrix products, and one pass before and after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from mmclassic.image._patches import all_patches, normalise_contrast, pool_areas, triangle


class Layer(NamedTuple):
    """A learned convolutional layer.

    Parameters
    ----------
    mean : ndarray of shape (n_values,), float32
        Of normalised patches.
    whitening : ndarray of shape (n_values, n_directions), float32
    filters : ndarray of shape (n_filters, n_directions), float32
    side : int
        Of a patch, in pixels: ``n_values = side * side * n_channels``.
    stride : int
        From one patch to the next, in pixels.
    n_areas : int
        Areas along each axis over which activations are summed.
    contrast_epsilon : float
        Added to the variance of a patch.
    """

    mean: np.ndarray
    whitening: np.ndarray
    filters: np.ndarray
    side: int
    stride: int
    n_areas: int
    contrast_epsilon: float


class _Kernels(NamedTuple):
    normalised_patches: Callable
    pool_triangles: Callable


@cache
def conv_kernels() -> _Kernels | None:
    """The compiled passes, or None where numba cannot be imported."""
    try:
        from mmclassic.image._conv_kernel import normalised_patches, pool_triangles
    except ImportError:
        return None
    return _Kernels(normalised_patches, pool_triangles)


def convolve_by_numpy(image: np.ndarray, layer: Layer) -> np.ndarray:
    """Features of one picture, step by step; see :func:`convolve`."""
    patches = all_patches(image, layer.side, layer.stride)
    n_rows, n_columns, n_values = patches.shape
    patches = normalise_contrast(patches.reshape(-1, n_values), layer.contrast_epsilon)
    white = (patches - layer.mean) @ layer.whitening
    activations = triangle(white, layer.filters)
    return pool_areas(activations.reshape(n_rows, n_columns, -1), layer.n_areas)


def convolve(images: Sequence[np.ndarray], layer: Layer) -> np.ndarray:
    """Features of some pictures of one size.

    Every patch is normalised, whitened, and compared with every filter; how much nearer than
    average each filter is gets summed over areas of the picture.

    Parameters
    ----------
    images : sequence of ndarray of shape (h, w, n_channels), uint8
    layer : Layer

    Returns
    -------
    features : ndarray of shape (n_images, n_areas * n_areas * n_filters), float32
        A picture's features do not depend on the others, to the last bit.

    Raises
    ------
    ValueError
        If the layer was learned from patches of another size.

    Notes
    -----
    Patches are whitened before they meet the filters, instead of whitening the filters:
    their whitened lengths are needed anyway, and fewer directions than pixels remain. Each
    picture has its own two products, because how BLAS adds depends on the number of rows;
    the memory for them is shared.

    References
    ----------
    A. Coates, H. Lee and A. Y. Ng, "An analysis of single-layer networks in unsupervised
    feature learning", AISTATS 2011.
    """
    n_values = layer.side**2 * images[0].shape[2]
    if n_values != len(layer.mean):
        raise ValueError(
            f"The filters were learned from patches of {len(layer.mean)} values, not {n_values} "
            f"(patch_size={layer.side}, {images[0].shape[2]} channels): fit again."
        )
    compiled = conv_kernels()
    if compiled is None:
        return np.stack([convolve_by_numpy(image, layer) for image in images])
    return _compiled_convolve(images, layer, *compiled)


def _compiled_convolve(
    images: Sequence[np.ndarray],
    layer: Layer,
    normalised_patches: Callable,
    pool_triangles: Callable,
) -> np.ndarray:
    height, width, n_channels = images[0].shape
    shape = tuple((length - layer.side) // layer.stride + 1 for length in (height, width))
    n_patches, n_filters = shape[0] * shape[1], len(layer.filters)
    patches = np.empty((n_patches, len(layer.mean)), np.float32)
    white = np.empty((n_patches, layer.whitening.shape[1]), np.float32)
    products = np.empty((n_patches, n_filters), np.float32)
    columns = np.ascontiguousarray(layer.filters.T) * np.float32(-2)
    squares = np.einsum("ij,ij->i", layer.filters, layer.filters)
    # The kernels are compiled for memory that may be written to, though they do not.
    mean = np.require(layer.mean, requirements=("C", "W"))
    settings = (n_channels, layer.side, layer.stride, float(layer.contrast_epsilon), mean)
    features = np.empty((len(images), layer.n_areas**2, n_filters), np.float32)
    for image, sums in zip(images, features, strict=True):
        rows = np.require(image, np.uint8, ("C", "W")).reshape(height, -1)
        normalised_patches(rows, *settings, patches)
        np.dot(patches, layer.whitening, out=white)
        np.dot(white, columns, out=products)
        pool_triangles(white, products, squares, shape, layer.n_areas, sums)
    return features.reshape(len(images), -1)
