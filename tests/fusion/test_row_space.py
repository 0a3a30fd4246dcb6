"""Many features, few rows: the rotation changes no prediction."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from mmclassic.fusion import _row_space
from mmclassic.fusion._row_space import RowSpace, join


@pytest.fixture
def blocks():
    """A dense block of 120 features and a sparse one of 300, for 40 training and 30 other rows."""
    rng = np.random.default_rng(0)
    y = np.arange(70) % 3
    dense = rng.normal(size=(70, 120)) / 10
    dense[:, :3] += np.eye(3)[y] / 2
    thin = sparse.random_array((70, 300), density=0.05, rng=rng, format="csr")
    return [dense, thin], y


def split(blocks, rows):
    return [block[rows] for block in blocks]


TRAIN, TEST = slice(0, 40), slice(40, 70)


@pytest.mark.parametrize("C", [0.3, 30.0])
def test_the_same_probabilities_as_on_all_features(blocks, C):
    blocks, y = blocks
    space = RowSpace(split(blocks, TRAIN))
    assert space.coordinates.shape == (40, 40)
    settings = {"C": C, "tol": 1e-8, "max_iter": 10_000}
    small = LogisticRegression(**settings).fit(space.coordinates, y[TRAIN])
    full = LogisticRegression(**settings).fit(join(split(blocks, TRAIN)), y[TRAIN])
    found = small.predict_proba(space.transform(split(blocks, TEST)))
    expected = full.predict_proba(join(split(blocks, TEST)))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(space.coefficients(small.coef_), full.coef_, atol=1e-4)


def test_the_rotation_keeps_inner_products(blocks):
    blocks, _ = blocks
    space = RowSpace(split(blocks, TRAIN))
    full = join(split(blocks, TRAIN)).toarray()
    np.testing.assert_allclose(space.coordinates @ space.coordinates.T, full @ full.T, atol=1e-10)
    np.testing.assert_allclose(space.transform(split(blocks, TRAIN)), space.coordinates, atol=1e-8)


def test_rows_of_lower_rank():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(3, 50))
    space = RowSpace([np.vstack([rows, rows, np.zeros((2, 50))])])
    assert space.coordinates.shape == (8, 3)
    np.testing.assert_allclose(space.transform([rows]), space.coordinates[:3], atol=1e-10)


@pytest.mark.parametrize("n_features", [5, 10])
def test_few_features_stay_as_they_are(n_features):
    X = np.random.default_rng(0).normal(size=(10, n_features))
    space = RowSpace([X])
    assert space.bases is None
    np.testing.assert_array_equal(space.coordinates, X)
    np.testing.assert_array_equal(space.transform([X[:2]]), X[:2])
    coefficients = np.ones((3, n_features))
    assert space.coefficients(coefficients) is coefficients


def test_many_rows_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(_row_space, "MAX_ROWS", 9)
    assert RowSpace([np.ones((10, 50))]).bases is None
    assert RowSpace([np.random.default_rng(0).normal(size=(9, 50))]).bases is not None


def test_join():
    dense, thin = np.ones((2, 2)), sparse.csr_array([[0.0, 5.0, 0.0], [1.0, 0.0, 0.0]])
    assert isinstance(join([dense, dense]), np.ndarray)
    joined = join([dense, thin])
    assert joined.format == "csr"
    np.testing.assert_array_equal(joined.toarray(), [[1, 1, 0, 5, 0], [1, 1, 1, 0, 0]])
