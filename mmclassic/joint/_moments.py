"""Mean and covariance of values that lack whole blocks, as a Gaussian model expects them."""

from __future__ import annotations

import numpy as np

from mmclassic.joint._gaussian import patterns_of


def expected_moments(
    values: np.ndarray,
    present: np.ndarray,
    mean: np.ndarray,
    loadings: np.ndarray,
    noise: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The expectation step: moments of complete values, given what is there and a model.

    What is absent enters with its conditional expectation, and with its conditional covariance:
    without the latter values that are filled in would look as if they had no noise.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_values)
    present : bool ndarray of shape (n_samples, n_values)
    mean : ndarray of shape (n_values,)
    loadings : ndarray of shape (n_values, n_factors)
    noise : ndarray of shape (n_values,)
        Variances, of x = mean + loadings · z + noise.

    Returns
    -------
    mean : ndarray of shape (n_values,)
    covariance : ndarray of shape (n_values, n_values)
        Divided by the number of rows.

    References
    ----------
    A. P. Dempster, N. M. Laird, D. B. Rubin: Maximum likelihood from incomplete data via the EM
    algorithm. Journal of the Royal Statistical Society B 39(1):1-38, 1977.

    Examples
    --------
    Half of the rows lack the second value, whose variance is 4 whatever the first is:

    >>> x = np.array([[1.0, 2.0], [-1.0, -2.0], [1.0, 0.0], [-1.0, 0.0]])
    >>> there = np.array([[True, True], [True, True], [True, False], [True, False]])
    >>> expected_moments(x, there, np.zeros(2), np.zeros((2, 1)), np.array([1.0, 4.0]))[1]
    array([[1., 1.],
           [1., 4.]])
    """
    filled = np.where(present, values - mean, 0.0)
    residual = np.zeros((len(mean), len(mean)))
    for pattern, rows in patterns_of(present):
        if pattern.all():
            continue
        weighted = loadings[pattern] / noise[pattern, None]
        precision = np.eye(loadings.shape[1]) + loadings[pattern].T @ weighted
        factors = np.linalg.solve(precision, (filled[np.ix_(rows, pattern)] @ weighted).T).T
        filled[np.ix_(rows, ~pattern)] = factors @ loadings[~pattern].T
        spread = loadings[~pattern] @ np.linalg.solve(precision, loadings[~pattern].T)
        residual[np.ix_(~pattern, ~pattern)] += len(rows) * (spread + np.diag(noise[~pattern]))
    shift = filled.mean(axis=0)
    centred = filled - shift
    return mean + shift, (centred.T @ centred + residual) / len(values)


def rows_with(mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Rows that have just this mean and covariance, for estimators that take nothing but rows.

    Returns
    -------
    rows : ndarray of shape (2 * n_values, n_values)

    Examples
    --------
    >>> rows = rows_with(np.array([1.0, 2.0]), np.array([[2.0, 1.0], [1.0, 2.0]]))
    >>> rows.mean(axis=0).round(9), np.cov(rows.T, bias=True).round(9)
    (array([1., 2.]), array([[2., 1.],
           [1., 2.]]))
    """
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    half = np.sqrt(np.maximum(values, 0) * len(mean))[:, None] * vectors.T
    return mean + np.vstack([half, -half])
