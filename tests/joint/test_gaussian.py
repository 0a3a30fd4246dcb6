"""Gaussian models with gaps, against dense algebra and scipy's densities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.linear_model import LinearRegression, Ridge

from mmclassic.joint._gaussian import (
    fill_by_regression,
    log_likelihood,
    posterior_mean,
    reduced_rank_map,
)

RNG = np.random.default_rng(0)
LOADINGS = RNG.normal(size=(6, 2))
NOISE = RNG.random(6) + 0.3
DENSE = LOADINGS @ LOADINGS.T + np.diag(NOISE)
VALUES = RNG.multivariate_normal(np.zeros(6), DENSE, size=50)
PRESENT = RNG.random((50, 6)) < 0.7
PRESENT[0] = False


def test_the_density_of_what_is_there_is_the_marginal_one():
    found = log_likelihood(VALUES, PRESENT, LOADINGS, NOISE)
    assert found[0] == 0
    for row in range(1, 50):
        there = PRESENT[row]
        marginal = multivariate_normal(np.zeros(there.sum()), DENSE[np.ix_(there, there)])
        np.testing.assert_allclose(found[row], marginal.logpdf(VALUES[row, there]))


def test_factors_are_the_conditional_expectation():
    found = posterior_mean(VALUES, PRESENT, LOADINGS, NOISE)
    np.testing.assert_array_equal(found[0], 0)
    for row in range(1, 50):
        there = PRESENT[row]
        own = DENSE[np.ix_(there, there)]
        expected = LOADINGS[there].T @ np.linalg.solve(own, VALUES[row, there])
        np.testing.assert_allclose(found[row], expected)


def test_a_map_of_full_rank_is_a_ridge_regression():
    centred = VALUES - VALUES.mean(axis=0)
    covariance = centred.T @ centred / 50
    observed = np.array([True, True, True, True, False, False])
    plain = LinearRegression().fit(centred[:, :4], centred[:, 4:])
    found = reduced_rank_map(covariance, observed, 4, 0.0)
    np.testing.assert_allclose(found, plain.coef_.T, atol=1e-8)
    penalty = 0.3 * 50 * np.trace(covariance[:4, :4]) / 4
    ridge = Ridge(penalty).fit(centred[:, :4], centred[:, 4:])
    found = reduced_rank_map(covariance, observed, 4, 0.3)
    np.testing.assert_allclose(found, ridge.coef_.T, atol=1e-8)


def test_a_map_of_lower_rank_is_the_best_of_its_rank():
    """Izenman's: the fitted values of least squares, projected to their principal axes."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(200, 4))
    Y = X @ rng.normal(size=(4, 3)) + rng.normal(size=(200, 3))
    both = np.hstack([X, Y])
    both -= both.mean(axis=0)
    covariance = both.T @ both / 200
    found = reduced_rank_map(covariance, np.arange(7) < 4, 1, 0.0)
    assert np.linalg.matrix_rank(found, tol=1e-8) == 1
    error = ((both[:, 4:] - both[:, :4] @ found) ** 2).sum()
    full = reduced_rank_map(covariance, np.arange(7) < 4, 3, 0.0)
    fitted = both[:, :4] @ full
    singular = np.linalg.svd(fitted, compute_uv=False)
    best = ((both[:, 4:] - fitted) ** 2).sum() + (singular[1:] ** 2).sum()
    np.testing.assert_allclose(error, best)


def test_filling_changes_nothing_that_is_there():
    covariance = VALUES.T @ VALUES / 50
    filled = fill_by_regression(VALUES, PRESENT, covariance, 3, 0.1)
    np.testing.assert_array_equal(filled[PRESENT], VALUES[PRESENT])
    np.testing.assert_array_equal(filled[0], 0)
    row = 7
    there = PRESENT[row]
    coefficients = reduced_rank_map(covariance, there, 3, 0.1)
    np.testing.assert_allclose(filled[row, ~there], VALUES[row, there] @ coefficients)


@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_values_that_never_vary_do_no_harm(ridge):
    values = np.c_[VALUES, np.zeros(50)]
    present = np.c_[PRESENT, PRESENT[:, 0]]
    filled = fill_by_regression(values, present, values.T @ values / 50, 3, ridge)
    assert np.isfinite(filled).all()
    np.testing.assert_allclose(filled[:, 6], 0, atol=1e-6)
