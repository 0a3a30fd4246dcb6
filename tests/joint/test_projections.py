"""Projections in closed form, against scikit-learn's iterative ones."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cross_decomposition import CCA, PLSSVD
from sklearn.linear_model import Ridge

from mmclassic.joint._principal import principal_space
from mmclassic.joint._projections import (
    canonical,
    partial_least_squares,
    shrunken,
    two_way_ridge,
)


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(300, 3)) * [3, 2, 1]
    first = shared @ rng.normal(size=(3, 5)) + rng.normal(size=(300, 5))
    second = shared @ rng.normal(size=(3, 4)) + rng.normal(size=(300, 4))
    return first - first.mean(axis=0), second - second.mean(axis=0)


@pytest.fixture(scope="module")
def spaces(pairs):
    return [principal_space(block) for block in pairs]


def correlation(one, other):
    return abs(np.corrcoef(one, other)[0, 1])


def test_cca_is_that_of_scikit_learn(pairs, spaces):
    first, second = (space.scores for space in spaces)
    left, right, correlations = canonical(first, second, n_components=4)
    expected = CCA(n_components=4, max_iter=5000, tol=1e-12).fit(*pairs).transform(*pairs)
    found = first @ left, second @ right
    for component in range(4):
        for mine, theirs in zip(found, expected, strict=True):
            assert correlation(mine[:, component], theirs[:, component]) > 1 - 1e-6
        own = correlation(found[0][:, component], found[1][:, component])
        assert own == pytest.approx(correlations[component], abs=1e-9)
    np.testing.assert_allclose((found[0] ** 2).mean(axis=0), 1)


def test_a_power_weighs_the_components(spaces):
    first, second = (space.scores for space in spaces)
    plain, _, correlations = canonical(first, second, n_components=3)
    weighed, _, _ = canonical(first, second, n_components=3, power=2)
    np.testing.assert_allclose(weighed, plain * correlations**2)


def test_full_shrinkage_is_pls(spaces):
    """Up to a scale for each block."""
    first, second = (space.scores for space in spaces)
    shrunk = canonical(first, second, n_components=3, shrinkage=1.0)
    plain = partial_least_squares(first, second, n_components=3)
    for one, other in zip(shrunk[:2], plain[:2], strict=True):
        np.testing.assert_allclose(one / np.linalg.norm(one, axis=0), other, atol=1e-9)


def test_pls_is_that_of_scikit_learn(pairs, spaces):
    expected = PLSSVD(n_components=3, scale=False).fit(*pairs).transform(*pairs)
    left, right, covariances = partial_least_squares(
        spaces[0].scores, spaces[1].scores, n_components=3
    )
    found = spaces[0].scores @ left, spaces[1].scores @ right
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.abs(mine), np.abs(theirs), atol=1e-9)
    np.testing.assert_allclose((found[0] * found[1]).mean(axis=0), covariances)


@pytest.mark.parametrize("shrinkage", [0.1, 0.6])
def test_ridge_is_that_of_scikit_learn(spaces, shrinkage):
    first, second = (space.scores for space in spaces)
    left, right, n_first = two_way_ridge(first, second, n_components=2, shrinkage=shrinkage)
    assert n_first == 2
    for weights, source, target, columns in (
        (left, first, second, slice(2, 4)),
        (right, second, first, slice(0, 2)),
    ):
        alpha = shrinkage / (1 - shrinkage) * (source**2).sum(axis=0).mean()
        model = Ridge(alpha=alpha, fit_intercept=False).fit(source, target[:, :2])
        expected = source @ model.coef_.T / (1 - shrinkage)
        np.testing.assert_allclose(source @ weights[:, columns], expected, atol=1e-9)
    np.testing.assert_array_equal((first @ left)[:, :2], first[:, :2])
    np.testing.assert_array_equal((second @ right)[:, 2:], second[:, :2])


def test_shrinkage_keeps_the_total():
    values = np.array([4.0, 1.0, 1.0])
    assert shrunken(values, 0.3).sum() == pytest.approx(6)
    np.testing.assert_array_equal(shrunken(values, 0.0), values)
