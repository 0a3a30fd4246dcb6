"""Principal components by every route, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA

from mmclassic.joint import _principal
from mmclassic.joint._principal import principal_space


def matrix(n_rows, n_features, seed=0):
    rng = np.random.default_rng(seed)
    scales = np.linspace(3, 0.5, n_features)
    return rng.normal(size=(n_rows, n_features)) * scales + rng.normal(size=n_features)


@pytest.fixture(params=["long", "wide", "leading"])
def block(request, monkeypatch):
    if request.param == "leading":
        monkeypatch.setattr(_principal, "MAX_EXACT", 10)
        monkeypatch.setattr(_principal, "MAX_LEADING", 4)
        return matrix(30, 4) @ matrix(4, 20, seed=1)  # of rank four
    return matrix(30, 6) if request.param == "long" else matrix(6, 30)


@pytest.mark.parametrize("as_sparse", [False, True])
def test_scores_are_those_of_scikit_learn(block, as_sparse):
    X = block
    space = principal_space(sparse.csr_array(X) if as_sparse else X)
    rank = space.scores.shape[1]
    expected = PCA(rank, svd_solver="full").fit(X)
    np.testing.assert_allclose(np.abs(space.scores), np.abs(expected.transform(X)), atol=1e-6)
    np.testing.assert_allclose(
        (space.scores**2).sum(axis=0), expected.explained_variance_ * (len(X) - 1), rtol=1e-6
    )


@pytest.mark.parametrize("as_sparse", [False, True])
def test_a_map_takes_features_to_scores(block, as_sparse):
    features = sparse.csr_array(block) if as_sparse else block
    space = principal_space(features)
    intercept = np.arange(space.scores.shape[1], dtype=float)
    found = space.map(np.eye(space.scores.shape[1]), intercept)(features)
    np.testing.assert_allclose(found, space.scores + intercept, atol=1e-6)


def test_two_maps_in_a_row():
    X = matrix(40, 5)
    first = principal_space(X).map(np.eye(5)[:, :3], np.ones(3))
    second = principal_space(first(X)).map(np.eye(3), np.array([5.0, 6.0, 7.0]))
    np.testing.assert_allclose(first.then(second)(X), second(first(X)), atol=1e-9)


def test_nan_are_the_mean():
    X = matrix(30, 3)
    holes = X.copy()
    holes[4, 1] = np.nan
    filled = holes.copy()
    filled[4, 1] = np.nanmean(holes[:, 1])
    space, expected = principal_space(holes), principal_space(filled)
    np.testing.assert_allclose(space.scores, expected.scores, atol=1e-9)
    np.testing.assert_allclose(space.map(np.eye(3))(holes), expected.scores, atol=1e-9)


def test_what_does_not_vary_is_refused():
    with pytest.raises(ValueError, match="do not vary over the rows"):
        principal_space(np.ones((5, 3)))


def test_infinity_is_refused():
    X = matrix(30, 3)
    linear = principal_space(X).map(np.eye(3))
    X[4, 1] = np.inf
    for call in (principal_space, linear):
        with pytest.raises(ValueError, match="infinity"):
            call(X)
