"""The steps of the learned convolution, each against a loop or a fact."""

from __future__ import annotations

import numpy as np

from mmclassic.image._patches import (
    all_patches,
    normalise_contrast,
    pool_areas,
    random_patches,
    triangle,
    whitening,
)


def test_patches_are_cut_where_they_should_be():
    image = np.random.default_rng(0).integers(0, 256, (7, 6, 3), dtype=np.uint8)
    patches = all_patches(image, 3)
    assert patches.shape == (5, 4, 27)
    np.testing.assert_array_equal(patches[4, 1], image[4:7, 1:4].ravel())
    np.testing.assert_array_equal(all_patches(image, 3, stride=2), patches[::2, ::2])


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
    mean, matrix = whitening(patches, 1e-6)
    white = (patches - mean) @ matrix
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(6), atol=1e-3)
    scales = np.linalg.norm(matrix, axis=0)
    assert (np.diff(scales) >= 0).all()  # the strongest direction first


def test_distances_are_those_of_zca_whitening():
    rng = np.random.default_rng(0)
    patches = (rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6))).astype(np.float32)
    mean, matrix = whitening(patches, 0.1)
    values, vectors = np.linalg.eigh(np.cov(patches.T, bias=True))
    zca = (patches - mean) @ vectors / np.sqrt(values + 0.1) @ vectors.T
    white = (patches - mean) @ matrix
    for i, j in [(0, 1), (2, 300), (17, 18)]:
        np.testing.assert_allclose(
            np.linalg.norm(white[i] - white[j]), np.linalg.norm(zca[i] - zca[j]), rtol=1e-4
        )


def test_whitening_with_epsilon_damps_weak_directions():
    patches = np.random.default_rng(0).normal(size=(5000, 2)) * [10, 0.1]
    mean, matrix = whitening(patches.astype(np.float32), 1.0)
    variances = np.var((patches - mean) @ matrix, axis=0)
    np.testing.assert_allclose(variances, [100 / 101, 0.01 / 1.01], rtol=0.1)


def test_whitening_leaves_out_what_does_not_vary():
    grey = np.random.default_rng(0).normal(size=(1000, 4)).astype(np.float32)
    assert whitening(np.repeat(grey, 3, axis=1), 0.1)[1].shape == (12, 4)
    assert whitening(np.zeros((10, 3), np.float32), 0.1)[1].shape == (3, 1)


def test_contrast_of_flat_patches_stays_small():
    patches = np.array([[10.0, 10.5, 10.0, 10.5], [0, 255, 0, 255]], dtype=np.float32)
    deviations = normalise_contrast(patches, 10.0).std(axis=1)
    assert deviations[0] < 0.1
    assert 0.99 < deviations[1] < 1


def test_activations_against_loops():
    rng = np.random.default_rng(0)
    patches = rng.normal(size=(5, 4)).astype(np.float32)
    filters = rng.normal(size=(3, 4)).astype(np.float32)
    expected = np.zeros((5, 3))
    for i in range(5):
        distances = [np.linalg.norm(patches[i] - filters[k]) for k in range(3)]
        for k in range(3):
            expected[i, k] = max(0, np.mean(distances) - distances[k])
    np.testing.assert_allclose(triangle(patches, filters), expected, atol=1e-5)


def test_areas_sum_to_the_whole():
    activations = np.random.default_rng(0).random((7, 5, 3))
    for n_areas in (1, 2, 3, 5):
        sums = pool_areas(activations, n_areas).reshape(n_areas, n_areas, 3)
        np.testing.assert_allclose(sums.sum(axis=(0, 1)), activations.sum(axis=(0, 1)))
    np.testing.assert_array_equal(sums, activations[[0, 2, 3, 5, 6]] + _second_rows(activations))


def _second_rows(activations):
    """Of seven rows in five areas, area y * 5 // 7: rows 1 to 7 go to 0, 0, 1, 2, 2, 3, 4."""
    second = np.zeros((5, 5, 3))
    second[0], second[2] = activations[1], activations[4]
    return second
