"""Linear projections of two paired blocks into one space, in closed form."""

from __future__ import annotations

import numpy as np
from sklearn.utils.extmath import svd_flip


def shrunken(variances: np.ndarray, shrinkage: float) -> np.ndarray:
    """Variances drawn towards their mean: a ridge in units of the mean variance.

    Examples
    --------
    >>> shrunken(np.array([3.0, 1.0]), 0.5)
    array([2.5, 1.5])
    """
    return (1 - shrinkage) * variances + shrinkage * variances.mean()


def canonical(
    first: np.ndarray,
    second: np.ndarray,
    *,
    n_components: int,
    shrinkage: float = 0.0,
    power: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Regularised canonical correlation analysis of two blocks on their principal components.

    Whitens each block with its shrunken variances (the canonical ridge) and decomposes the
    cross-covariance; a component then counts as its canonical correlation to some power.

    Parameters
    ----------
    first : ndarray of shape (n_pairs, rank of the first)
        Columns of mean zero, not correlated with each other.
    second : ndarray of shape (n_pairs, rank of the second)
    n_components : int
        At most this many.
    shrinkage : float between 0 and 1
        0 is the textbook's, 1 whitens nothing.
    power : float
        0 leaves the components as they are.

    Returns
    -------
    first_weights : ndarray of shape (rank of the first, n_found)
    second_weights : ndarray of shape (rank of the second, n_found)
    correlations : ndarray of shape (n_found,)
        In falling order.

    References
    ----------
    H. D. Vinod: Canonical ridge and econometrics of joint production. Journal of Econometrics,
    1976. The weights by powers: Y. Gong, Q. Ke, M. Isard, S. Lazebnik: A multi-view embedding space
    for modeling internet images, tags, and their semantics. IJCV 2014.

    Examples
    --------
    >>> first = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    >>> weights, _, correlations = canonical(first, first[:, [1]], n_components=2)
    >>> correlations, np.abs(weights).ravel()
    (array([1.]), array([0., 1.]))
    """
    n_pairs = len(first)
    scales = [
        1 / np.sqrt(shrunken((block**2).sum(axis=0) / n_pairs, shrinkage))
        for block in (first, second)
    ]
    left, values, right = _decompose(first * scales[0], second * scales[1], n_components)
    strength = values**power if power else np.ones_like(values)
    return scales[0][:, None] * left * strength, scales[1][:, None] * right * strength, values


def partial_least_squares(
    first: np.ndarray, second: np.ndarray, *, n_components: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Projections with the largest covariances, not correlations (PLS-SVD).

    Parameters
    ----------
    first : ndarray of shape (n_pairs, n_features of the first)
        Columns of mean zero.
    second : ndarray of shape (n_pairs, n_features of the second)
    n_components : int

    Returns
    -------
    first_weights, second_weights : ndarray of shape (n_features, n_found)
    covariances : ndarray of shape (n_found,)

    References
    ----------
    J. A. Wegelin: A survey of partial least squares (PLS) methods. University of Washington, 2000.

    Examples
    --------
    >>> first = np.array([[2.0, 1.0], [-2.0, 1.0], [2.0, -1.0], [-2.0, -1.0]])
    >>> partial_least_squares(first, first, n_components=1)[2]
    array([4.])
    """
    left, values, right = _decompose(first, second, n_components)
    return left, right, values


def two_way_ridge(
    first: np.ndarray, second: np.ndarray, *, n_components: int, shrinkage: float
) -> tuple[np.ndarray, np.ndarray, int]:
    """Each block beside the other's ridge prediction of it, on the leading components of both.

    A row of the first block becomes (itself, the second predicted from it), one of the second (the
    first predicted from it, itself).

    Parameters
    ----------
    first : ndarray of shape (n_pairs, rank of the first)
        Columns of mean zero, not correlated with each other, the largest variances first.
    second : ndarray of shape (n_pairs, rank of the second)
    n_components : int
        Leading components of each block that are kept, and predicted.
    shrinkage : float between 0 and 1
        The penalty is shrinkage / (1 - shrinkage) times the mean variance.

    Returns
    -------
    first_weights : ndarray of shape (rank of the first, width)
    second_weights : ndarray of shape (rank of the second, width)
    n_first : int
        How many of the ``width`` columns are of the first block.

    Examples
    --------
    >>> first = np.array([[1.0], [-1.0]])
    >>> two_way_ridge(first, 3 * first, n_components=1, shrinkage=0.0)
    (array([[1., 3.]]), array([[0.33333333, 1.        ]]), 1)
    """
    n_pairs = len(first)
    shared = first.T @ second / n_pairs
    ahead = shared / shrunken((first**2).sum(axis=0) / n_pairs, shrinkage)[:, None]
    back = shared.T / shrunken((second**2).sum(axis=0) / n_pairs, shrinkage)[:, None]
    n_first = min(n_components, first.shape[1])
    n_second = min(n_components, second.shape[1])
    return (
        np.hstack([np.eye(first.shape[1], n_first), ahead[:, :n_second]]),
        np.hstack([back[:, :n_first], np.eye(second.shape[1], n_second)]),
        n_first,
    )


def _decompose(
    first: np.ndarray, second: np.ndarray, n_components: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Leading singular vectors and values of the cross-covariance, their signs settled."""
    left, values, right = np.linalg.svd(first.T @ second / len(first), full_matrices=False)
    left, right = svd_flip(left, right)
    return left[:, :n_components], values[:n_components], right[:n_components].T
