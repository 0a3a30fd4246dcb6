"""One scale for blocks of any width."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler

from mmclassic import BlockScaler


def block(n_rows=50, width=7, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_rows, width)) * rng.uniform(0.1, 100, width) + rng.normal(size=width)


@pytest.mark.parametrize("width", [1, 7, 300])
def test_it_is_standardising_divided_by_the_root_of_the_width(width):
    X = block(width=width)
    scaled = BlockScaler().fit_transform(X)
    np.testing.assert_allclose(scaled, StandardScaler().fit_transform(X) / np.sqrt(width))
    assert scaled.var(axis=0).sum() == pytest.approx(1)


def test_constant_features_do_not_count_and_become_zero():
    X = np.column_stack([block(width=3), np.full(50, 0.1), np.zeros(50)])
    scaler = BlockScaler().fit(X)
    scaled = scaler.transform(X)
    np.testing.assert_allclose(scaled[:, 3:], 0, atol=1e-15)
    assert scaled.var(axis=0).sum() == pytest.approx(1)
    assert scaler.scale_[3:].tolist() == [1, 1]
    np.testing.assert_allclose(BlockScaler().fit_transform(np.full((4, 2), 0.1)), 0, atol=1e-15)


def test_nan_are_left_out_and_stay():
    X = block()
    X[::3, 2] = np.nan
    X[:, 5] = np.nan
    scaler = BlockScaler().fit(X)
    np.testing.assert_allclose(np.delete(scaler.mean_, 5), np.nanmean(np.delete(X, 5, 1), axis=0))
    scaled = scaler.transform(X)
    np.testing.assert_array_equal(np.isnan(scaled), np.isnan(X))
    assert np.nanvar(np.delete(scaled, 5, 1), axis=0).sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
def test_sparse_blocks_are_scaled_without_centring(kind):
    X = np.where(np.random.default_rng(0).random((50, 7)) < 0.3, block(), 0)
    scaler = BlockScaler().fit(kind(X))
    scaled = scaler.transform(kind(X))
    assert sparse.issparse(scaled)
    assert scaled.nnz == np.count_nonzero(X)
    np.testing.assert_allclose(scaled.toarray(), X / X.std(axis=0) / np.sqrt(7))
    assert not scaler.mean_.any()


def test_nan_in_sparse_blocks_are_left_out_and_stay():
    X = np.where(np.random.default_rng(0).random((50, 7)) < 0.3, block(), 0)
    X[[3, 8, 20], [1, 1, 4]] = np.nan
    scaled = BlockScaler().fit_transform(sparse.csr_array(X))
    np.testing.assert_allclose(scaled.toarray(), X / np.nanstd(X, axis=0) / np.sqrt(7))


def test_float32_stays_float32_and_is_counted_in_double_precision():
    rng = np.random.default_rng(0)
    X = (rng.normal(size=(20_000, 2)) + 1000).astype(np.float32)
    for container in (np.asarray, sparse.csr_array):
        scaler = BlockScaler().fit(container(X))
        assert scaler.transform(container(X)).dtype == np.float32
        exact = X.astype(np.float64).std(axis=0) * np.sqrt(2)
        np.testing.assert_allclose(scaler.scale_, exact, rtol=1e-6)


def test_only_training_rows_count():
    X = block()
    scaler = BlockScaler().fit(X[:30])
    expected = (X[30:] - X[:30].mean(axis=0)) / X[:30].std(axis=0) / np.sqrt(7)
    np.testing.assert_allclose(scaler.transform(X[30:]), expected)


def test_it_is_an_estimator():
    X = pd.DataFrame(block(width=3), columns=["a", "b", "c"])
    scaler = BlockScaler().set_output(transform="pandas")
    frame = scaler.fit_transform(X)
    assert frame.columns.tolist() == scaler.get_feature_names_out().tolist() == ["a", "b", "c"]
    for other in (clone(scaler).fit(X), pickle.loads(pickle.dumps(scaler))):
        pd.testing.assert_frame_equal(other.transform(X), frame)


@pytest.mark.parametrize(
    ("X", "match"),
    [
        (np.zeros(5), "Expected 2D array"),
        (np.zeros((0, 3)), "0 sample"),
        ([["a"]], "could not convert"),
        ([[np.inf, 1.0]], "infinity"),
    ],
)
def test_what_fit_refuses(X, match):
    with pytest.raises(ValueError, match=match):
        BlockScaler().fit(X)


def test_what_transform_refuses():
    with pytest.raises(NotFittedError):
        BlockScaler().transform(block())
    with pytest.raises(ValueError, match="X has 6 features, but BlockScaler is expecting 7"):
        BlockScaler().fit(block()).transform(block(width=6))
