"""Principal components of a block of features, wide or long, dense or sparse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA

from mmclassic.modalities._blocks import mean_without_nan

# Up to this many rows (or features) all components are found, exactly.
MAX_EXACT = 1_500
# Above it in both directions, this many leading ones.
MAX_LEADING = 300
# Components of less than this share of the largest variance are rounding errors.
TOLERANCE = 1e-10


@dataclass(frozen=True)
class LinearMap:
    """Values of features: ``(features - mean) @ weights + intercept``.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
        Stands in for what is NaN, too.
    weights : ndarray of shape (n_features, n_values)
    intercept : ndarray of shape (n_values,)
    """

    mean: np.ndarray
    weights: np.ndarray
    intercept: np.ndarray

    def __call__(self, features: Any) -> np.ndarray:
        """Values of shape (n_rows, n_values), float64."""
        if sparse.issparse(features):
            return features @ self.weights + (self.intercept - self.mean @ self.weights)
        return centred(features, self.mean) @ self.weights + self.intercept

    def then(self, second: LinearMap) -> LinearMap:
        """The map that applies another one to the values of this one."""
        intercept = (self.intercept - second.mean) @ second.weights + second.intercept
        return LinearMap(self.mean, self.weights @ second.weights, intercept)


@dataclass(frozen=True)
class PrincipalSpace:
    """The rows of a block on its principal components.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
    scores : ndarray of shape (n_rows, rank)
        Coordinates of the rows; their columns have mean zero and are uncorrelated.
    basis : ndarray
        The components, of shape (n_features, rank); or, where there are fewer rows than features,
        what makes them from the rows, of shape (n_rows, rank): fewer numbers by far.
    rows : {ndarray, CSR array} of shape (n_rows, n_features), optional
        The block in the second case.
    """

    mean: np.ndarray
    scores: np.ndarray
    basis: np.ndarray
    rows: Any = None

    def map(self, combination: np.ndarray, intercept: np.ndarray | None = None) -> LinearMap:
        """From features to combinations of the components.

        Parameters
        ----------
        combination : ndarray of shape (rank, n_values)
        intercept : ndarray of shape (n_values,), optional
            Default zeros.
        """
        mixed = self.basis @ combination
        if self.rows is None:
            weights = mixed
        elif sparse.issparse(self.rows):
            weights = self.rows.T @ mixed - np.outer(self.mean, mixed.sum(axis=0))
        else:
            weights = centred(self.rows, self.mean).T @ mixed
        intercept = np.zeros(combination.shape[1]) if intercept is None else intercept
        return LinearMap(self.mean, weights, intercept)


@dataclass(frozen=True)
class FeatureSpace:
    """The rows of a block as they are, where their components would be too many to find.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
        Taken off dense features; zeros for sparse ones, so that they stay sparse.
    scores : {ndarray, CSR array} of shape (n_rows, n_features)
    """

    mean: np.ndarray
    scores: Any

    def map(self, combination: np.ndarray, intercept: np.ndarray) -> LinearMap:
        """From features to combinations of them, as of :class:`PrincipalSpace`."""
        return LinearMap(self.mean, combination, intercept)


def lossless_space(features: Any) -> PrincipalSpace | FeatureSpace:
    """All principal components of a block; the block itself where both its sides are long.

    Parameters
    ----------
    features : {ndarray, CSR array} of shape (n_rows, n_features)

    Raises
    ------
    ValueError
        If no feature varies.
    """
    if min(features.shape) <= MAX_EXACT:
        return principal_space(features)
    if sparse.issparse(features):
        return FeatureSpace(np.zeros(features.shape[1]), features)
    mean = column_means(features)
    return FeatureSpace(mean, centred(features, mean))


def principal_space(features: Any) -> PrincipalSpace:
    """Principal components of a block: all that there are, or the leading ones of a large block.

    Parameters
    ----------
    features : {ndarray, CSR array} of shape (n_rows, n_features)
        NaN count as the mean of their column.

    Returns
    -------
    space : PrincipalSpace

    Raises
    ------
    ValueError
        If no feature varies.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(5, 50))
    >>> space = principal_space(X)
    >>> space.scores.shape
    (5, 4)
    >>> bool(np.allclose(space.map(np.eye(4))(X), space.scores))
    True
    """
    n_rows, n_features = features.shape
    mean = column_means(features)
    if not sparse.issparse(features) and min(n_rows, n_features) <= MAX_EXACT:
        features = centred(features, mean) + mean  # without NaN
    if n_features <= min(n_rows, MAX_EXACT):
        dense = features.toarray() if sparse.issparse(features) else features
        return _by_covariance(dense - mean, mean)
    if n_rows <= MAX_EXACT:
        return _by_rows(features, mean)
    return _leading(features, mean)


def column_means(features: Any) -> np.ndarray:
    """Mean of each column without its NaN; 0 where all are."""
    if sparse.issparse(features):
        return np.asarray(features.mean(axis=0), dtype=np.float64).ravel()
    return mean_without_nan(features)


def centred(features: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Deviations from the mean; none where a feature is NaN.

    Raises
    ------
    ValueError
        If a feature is infinite.
    """
    if np.isinf(features).any():
        column = int(np.flatnonzero(np.isinf(features).any(axis=0))[0])
        raise ValueError(f"features contain infinity, first in column {column}: leave it out.")
    return np.nan_to_num(features - mean, nan=0.0)


def _varying(values: np.ndarray) -> np.ndarray:
    """Which eigenvalues, in rising order, are more than rounding errors; the largest first."""
    if not values[-1] > 0:
        raise ValueError("its features do not vary over the rows to fit on, so nothing is learnt.")
    kept = np.flatnonzero(values > values[-1] * TOLERANCE)
    return kept[::-1]


def _by_covariance(deviations: np.ndarray, mean: np.ndarray) -> PrincipalSpace:
    values, vectors = np.linalg.eigh(deviations.T @ deviations)
    axes = vectors[:, _varying(values)]
    return PrincipalSpace(mean, deviations @ axes, axes)


def _by_rows(features: Any, mean: np.ndarray) -> PrincipalSpace:
    """From the inner products of the rows: as many as there are rows."""
    if sparse.issparse(features):
        products = (features @ features.T).toarray()
        products -= products.mean(axis=0)
        products -= products.mean(axis=1, keepdims=True)
    else:
        deviations = features - mean
        products = deviations @ deviations.T
    values, vectors = np.linalg.eigh((products + products.T) / 2)
    kept = _varying(values)
    roots = np.sqrt(values[kept])
    return PrincipalSpace(mean, vectors[:, kept] * roots, vectors[:, kept] / roots, features)


def _leading(features: Any, mean: np.ndarray) -> PrincipalSpace:
    """The leading components of a block that is both long and wide."""
    if sparse.issparse(features):
        # Centred without becoming dense; the start vector is the only chance in it.
        pca = PCA(MAX_LEADING, svd_solver="arpack", random_state=0).fit(features)
        axes = pca.components_.T
        return PrincipalSpace(mean, features @ axes - mean @ axes, axes)
    deviations = centred(features, mean)
    axes = PCA(MAX_LEADING, svd_solver="randomized", random_state=0).fit(deviations).components_.T
    return PrincipalSpace(mean, deviations @ axes, axes)
