"""Dictionaries of filters: where the filters of a learned convolution come from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmclassic.image._patches import normalise_contrast, random_patches, whitening


def learn_layer(
    images: Sequence[np.ndarray],
    kind: str,
    count: int,
    *,
    side: int,
    n_patches: int,
    contrast_epsilon: float,
    whitening_epsilon: float,
    rng: np.random.RandomState,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a convolution learns from pictures, without labels.

    Parameters
    ----------
    images : sequence of ndarray of shape (h, w, n_channels), uint8
        All of one size.
    kind : {"kmeans", "pca", "random"}
    count : int
        Number of filters.
    side : int
        Of a patch, in pixels: ``n_values = side * side * n_channels``.
    n_patches : int
        How many are drawn to learn from.
    contrast_epsilon, whitening_epsilon : float
        See :func:`normalise_contrast` and :func:`whitening`.
    rng : numpy.random.RandomState

    Returns
    -------
    mean : ndarray of shape (n_values,), float32
    matrix : ndarray of shape (n_values, n_directions), float32
    filters : ndarray of shape (count, n_directions), float32
    """
    patches = random_patches(images, side, n_patches, rng)
    patches = normalise_contrast(patches, contrast_epsilon)
    mean, matrix = whitening(patches, whitening_epsilon)
    return mean, matrix, learn_filters((patches - mean) @ matrix, kind, count, rng)


def learn_filters(patches: np.ndarray, kind: str, count: int, rng) -> np.ndarray:
    """Filters for whitened patches.

    Parameters
    ----------
    patches : ndarray of shape (n_patches, n_directions), float32
        Whitened, the strongest direction first.
    kind : {"kmeans", "pca", "random"}
        Centres of k-means; principal directions; or patches drawn at random.
    count : int
        Number of filters.
    rng : numpy.random.RandomState

    Returns
    -------
    filters : ndarray of shape (count, n_directions), float32

    Raises
    ------
    ValueError
        If there are not so many filters of that kind.
    """
    if kind == "kmeans":
        return cluster_centers(patches, count, rng)
    return random_filters(patches, count, rng) if kind == "random" else directions(patches, count)


def cluster_centers(patches: np.ndarray, count: int, rng) -> np.ndarray:
    """Centres of k-means."""
    from sklearn.cluster import MiniBatchKMeans  # importing it takes a quarter of a second

    # In mini-batches: the full algorithm adds its threads' sums in the order in which they
    # finish, so that two runs need not give the same centres.
    kmeans = MiniBatchKMeans(count, batch_size=2048, n_init=1, random_state=rng)
    return kmeans.fit(patches).cluster_centers_


def random_filters(patches: np.ndarray, count: int, rng) -> np.ndarray:
    """Patches drawn at random; none twice, so that the many that are flat count as one.

    Examples
    --------
    >>> patches = np.float32([[0.0], [0.0], [0.0], [2.0]])
    >>> sorted(random_filters(patches, 2, np.random.RandomState(0)).ravel().tolist())
    [0.0, 2.0]
    """
    chosen: dict[bytes, int] = {}
    for i in rng.permutation(len(patches)):
        chosen.setdefault(patches[i].tobytes(), i)
        if len(chosen) == count:
            return patches[list(chosen.values())]
    raise ValueError(
        f'filters="random" found only {len(chosen)} different patches in the pictures: '
        f"n_filters={count} must not be more."
    )


def directions(patches: np.ndarray, count: int) -> np.ndarray:
    """The strongest principal directions, each with its opposite, as long as a patch is.

    Examples
    --------
    >>> directions(np.float32([[3.0, 4.0], [0.0, 5.0]]), 3)
    array([[ 5.,  0.],
           [-5., -0.],
           [ 0.,  5.]], dtype=float32)
    """
    n_directions = patches.shape[1]
    if count > 2 * n_directions:
        raise ValueError(
            f"The patches of these pictures vary in {n_directions} directions, hence "
            f'filters="pca" gives at most n_filters={2 * n_directions}, not {count}.'
        )
    length = np.linalg.norm(patches, axis=1).mean()
    one_way = np.eye(n_directions, dtype=np.float32) * length
    return np.stack([one_way, -one_way], axis=1).reshape(-1, n_directions)[:count]
