"""Gaussian models of values that lack whole blocks: filling them in, and how likely rows are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.linalg import cho_factor, cho_solve


def patterns_of(present: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Each pattern of what is there, and the rows that have it.

    Parameters
    ----------
    present : bool ndarray of shape (n_samples, n_values)

    Examples
    --------
    >>> for pattern, rows in patterns_of(np.array([[True, False], [True, True], [True, False]])):
    ...     print(pattern, rows)
    [ True False] [0 2]
    [ True  True] [1]
    """
    patterns, which = np.unique(present, axis=0, return_inverse=True)
    for index, pattern in enumerate(patterns):
        yield pattern, np.flatnonzero(which.ravel() == index)


def reduced_rank_map(
    covariance: np.ndarray, observed: np.ndarray, rank: int, ridge: float
) -> np.ndarray:
    """Reduced-rank ridge regression of what is absent on what is observed, in closed form.

    Parameters
    ----------
    covariance : ndarray of shape (n_values, n_values)
    observed : bool ndarray of shape (n_values,)
    rank : int
        Of the coefficients, at most.
    ridge : float
        What is added to the variances of the observed values, in units of their mean.

    Returns
    -------
    coefficients : ndarray of shape (n_observed, n_absent)

    References
    ----------
    A. J. Izenman: Reduced-rank regression for the multivariate linear model. Journal of
    Multivariate Analysis 5(2):248-264, 1975.

    Examples
    --------
    >>> covariance = np.array([[2.0, 1.0], [1.0, 2.0]])
    >>> reduced_rank_map(covariance, np.array([True, False]), rank=1, ridge=0.0)
    array([[0.5]])
    """
    own = covariance[np.ix_(observed, observed)]
    floor = max(ridge, 1e-10) * max(float(np.trace(own)) / max(len(own), 1), 1e-300)
    penalised = own + floor * np.eye(len(own))
    coefficients = cho_solve(cho_factor(penalised), covariance[np.ix_(observed, ~observed)])
    if rank >= min(coefficients.shape):
        return coefficients
    # The directions in which the fitted values vary most.
    axes = np.linalg.eigh(coefficients.T @ own @ coefficients)[1][:, -rank:]
    return coefficients @ axes @ axes.T


def fill_by_regression(
    values: np.ndarray, present: np.ndarray, covariance: np.ndarray, rank: int, ridge: float
) -> np.ndarray:
    """Values with what is absent regressed on what is there.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_values)
        Centred.
    present : bool ndarray of shape (n_samples, n_values)
    covariance, rank, ridge
        As in :func:`reduced_rank_map`.

    Returns
    -------
    filled : ndarray of shape (n_samples, n_values)
        Zeros, the mean, for rows that have nothing.
    """
    filled = np.where(present, values, 0.0)
    for pattern, rows in patterns_of(present):
        if pattern.any() and not pattern.all():
            coefficients = reduced_rank_map(covariance, pattern, rank, ridge)
            filled[np.ix_(rows, ~pattern)] = values[np.ix_(rows, pattern)] @ coefficients
    return filled


def posterior_mean(
    values: np.ndarray, present: np.ndarray, loadings: np.ndarray, noise: np.ndarray
) -> np.ndarray:
    """Expected factors of x = loadings · z + noise, given what is there of x.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_values)
        Centred.
    present : bool ndarray of shape (n_samples, n_values)
    loadings : ndarray of shape (n_values, n_factors)
    noise : ndarray of shape (n_values,)
        Variances.

    Returns
    -------
    factors : ndarray of shape (n_samples, n_factors)

    Examples
    --------
    >>> x, there = np.array([[1.0, 3.0]]), np.array([[True, False]])
    >>> posterior_mean(x, there, np.array([[1.0], [1.0]]), np.array([1.0, 1.0]))
    array([[0.5]])
    """
    factors = np.zeros((len(values), loadings.shape[1]))
    for pattern, rows in patterns_of(present):
        weighted = loadings[pattern] / noise[pattern, None]
        precision = np.eye(loadings.shape[1]) + loadings[pattern].T @ weighted
        factors[rows] = np.linalg.solve(precision, (values[np.ix_(rows, pattern)] @ weighted).T).T
    return factors


def log_likelihood(
    values: np.ndarray, present: np.ndarray, loadings: np.ndarray, noise: np.ndarray
) -> np.ndarray:
    """Logarithm of the density of what is there of x = loadings · z + noise.

    Parameters
    ----------
    values, present, loadings, noise
        As in :func:`posterior_mean`.

    Returns
    -------
    logarithms : ndarray of shape (n_samples,)
        0 for rows that have nothing.

    Examples
    --------
    >>> x, there = np.array([[0.0, 3.0]]), np.array([[True, False]])
    >>> log_likelihood(x, there, np.array([[1.0], [1.0]]), np.array([1.0, 1.0])).round(4)
    array([-1.2655])
    """
    found = np.zeros(len(values))
    for pattern, rows in patterns_of(present):
        weighted = loadings[pattern] / noise[pattern, None]
        precision = np.eye(loadings.shape[1]) + loadings[pattern].T @ weighted
        own = values[np.ix_(rows, pattern)]
        projected = own @ weighted
        # Woodbury: the inverse of W Wᵀ + Ψ by that of a matrix of factors.
        distance = (own**2 / noise[pattern]).sum(axis=1)
        distance -= (projected * np.linalg.solve(precision, projected.T).T).sum(axis=1)
        log_determinant = np.linalg.slogdet(precision)[1] + np.log(noise[pattern]).sum()
        found[rows] = -0.5 * (distance + log_determinant + pattern.sum() * np.log(2 * np.pi))
    return found
