"""Components of a block, and modalities that drop out."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from mmclassic.joint._inputs import drop_modalities, join_inputs, project
from mmclassic.modalities._principal import block_components


def test_components_keep_the_distances_of_a_block():
    X = np.random.default_rng(0).normal(size=(30, 4)) * [1, 5, 2, 0.1]
    components = project(block_components(X, 10), X)
    assert components.shape == (30, 4)
    np.testing.assert_allclose(components.var(axis=0, ddof=1).mean(), 1)
    distances = np.linalg.norm(X[:, None] - X, axis=2)
    ours = np.linalg.norm(components[:, None] - components, axis=2)
    np.testing.assert_allclose(ours / ours.max(), distances / distances.max(), atol=1e-9)


def test_sparse_blocks_have_the_components_of_dense_ones():
    X = np.random.default_rng(0).random((20, 9))
    X[X < 0.6] = 0.0
    dense = project(block_components(X, 3), X)
    found = project(block_components(sparse.csr_array(X), 3), sparse.csr_array(X))
    np.testing.assert_allclose(np.abs(found), np.abs(dense), atol=1e-6)


def test_a_block_that_does_not_vary_has_no_components():
    for X in (np.ones((5, 3)), np.ones((1, 3)), sparse.csr_array(np.ones((5, 3)))):
        assert project(block_components(X, 2), X).shape == (X.shape[0], 0)


def test_modalities_drop_out_at_their_rate_and_the_last_one_stays():
    rng = np.random.default_rng(0)
    present = rng.random((20_000, 3)) < 0.8
    kept = drop_modalities(present, 0.3, rng)
    assert not (kept & ~present).any()
    assert (kept.any(axis=1) == present.any(axis=1)).all()
    whole = present.all(axis=1)
    # A modality is kept, or else is the one that is left of three: 1 / 3 of .3³.
    expected = 0.7 + 0.3**3 / 3
    np.testing.assert_allclose(kept[whole].mean(axis=0), expected, atol=0.02)
    assert (drop_modalities(present, 0.0, rng) == present).all()


def test_what_is_dropped_is_not_seen():
    blocks = [np.full((2, 2), 5.0), np.full((2, 1), 7.0)]
    kept = np.array([[True, False], [True, True]])
    expected = [[5, 5, 0, 1, 0], [5, 5, 7, 1, 1]]
    assert join_inputs(blocks, kept).tolist() == expected
