"""The steps of the learned convolution, each against a loop or a fact."""

from __future__ import annotations

import numpy as np

from mmclassic.image._patches import (
    activate,
    all_patches,
    normalise_contrast,
    pool,
    random_patches,
    zca_whitening,
)


def test_patches_are_cut_where_they_should_be():
    image = np.random.default_rng(0).integers(0, 256, (7, 6, 3), dtype=np.uint8)
    patches = all_patches(image, 3)
    assert patches.shape == (5, 4, 27)
    np.testing.assert_array_equal(patches[4, 1], image[4:7, 1:4].ravel())


def test_random_patches_are_patches_of_all_pictures():
    images = [np.full((4, 4, 3), value, np.uint8) for value in range(5)]
    patches = random_patches(images, 2, 200, np.random.RandomState(0))
    assert patches.shape == (200, 12)
    assert set(patches.ravel()) == {0, 1, 2, 3, 4}
    assert (patches == patches[:, :1]).all()


def test_random_patches_reach_every_place():
    image = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    patches = random_patches([image], 3, 200, np.random.RandomState(0))
    known = {tuple(patch) for patch in all_patches(image, 3).reshape(-1, 9)}
    assert {tuple(patch) for patch in patches} == known


def test_whitening_decorrelates():
    rng = np.random.default_rng(0)
    patches = (rng.normal(size=(2000, 6)) @ rng.normal(size=(6, 6)) + 3).astype(np.float32)
    mean, matrix = zca_whitening(patches, 1e-6)
    white = (patches - mean) @ matrix
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(6), atol=1e-3)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-5)  # ZCA, not PCA


def test_whitening_with_epsilon_damps_weak_directions():
    patches = np.random.default_rng(0).normal(size=(5000, 2)) * [10, 0.1]
    mean, matrix = zca_whitening(patches.astype(np.float32), 1.0)
    variances = np.var((patches - mean) @ matrix, axis=0)
    np.testing.assert_allclose(variances, [100 / 101, 0.01 / 1.01], rtol=0.1)


def test_contrast_of_flat_patches_stays_small():
    patches = np.array([[10.0, 10.5, 10.0, 10.5], [0, 255, 0, 255]], dtype=np.float32)
    deviations = normalise_contrast(patches, 10.0).std(axis=1)
    assert deviations[0] < 0.1
    assert 0.99 < deviations[1] < 1


def test_activations_against_loops():
    rng = np.random.default_rng(0)
    patches = rng.normal(size=(5, 4)).astype(np.float32)
    filters = rng.normal(size=(3, 4)).astype(np.float32)
    triangle, hard = np.zeros((5, 3)), np.zeros((5, 3))
    for i in range(5):
        distances = [np.linalg.norm(patches[i] - filters[k]) for k in range(3)]
        hard[i, np.argmin(distances)] = 1
        for k in range(3):
            triangle[i, k] = max(0, np.mean(distances) - distances[k])
    np.testing.assert_allclose(activate(patches, filters, "triangle"), triangle, atol=1e-5)
    np.testing.assert_array_equal(activate(patches, filters, "hard"), hard)


def test_quadrants_sum_to_the_whole():
    activations = np.random.default_rng(0).random((7, 5, 3))
    quadrants = pool(activations, "quadrants").reshape(4, 3)
    np.testing.assert_allclose(quadrants.sum(axis=0), pool(activations, "whole"))
    np.testing.assert_allclose(quadrants[1], activations[:4, 3:].sum(axis=(0, 1)))
