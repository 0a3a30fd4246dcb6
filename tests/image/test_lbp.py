"""Uniform local binary patterns: skimage as the oracle, and facts about textures."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.image import LBPVectorizer
from mmclassic.image._lbp import pattern_histograms, uniform_patterns

CIRCLES = [(8, 1), (16, 2), (24, 3), (2, 1), (3, 0.5), (12, 2.5), (5, 6.3)]


def pictures():
    rng = np.random.default_rng(0)
    yield rng.integers(0, 256, (37, 53), dtype=np.uint8)
    yield (rng.integers(0, 3, (64, 20)) * 100).astype(np.uint8)  # many ties
    yield np.full((30, 40), 77, np.uint8)  # nothing but ties
    yield rng.integers(0, 256, (300, 3), dtype=np.uint8)  # less wide than the circle


@pytest.mark.parametrize(("n_points", "radius"), CIRCLES)
def test_patterns_are_those_of_skimage(n_points, radius):
    feature = pytest.importorskip("skimage.feature")
    for image in pictures():
        expected = feature.local_binary_pattern(image, n_points, radius, "uniform")
        np.testing.assert_array_equal(uniform_patterns(image, n_points, radius), expected)


def test_histograms_of_real_pictures_are_those_of_skimage(shared_data):
    feature = pytest.importorskip("skimage.feature")
    cv2 = pytest.importorskip("cv2")
    paths = sorted((shared_data / "products" / "images").glob("*.jpg"))[:3]
    size = (96, 64)
    cells = [cv2.resize(cv2.imread(str(path), 0), size[::-1]) for path in paths]
    found = LBPVectorizer(size=size).fit_transform(cells)
    for image, row in zip(cells, found, strict=True):
        expected = []
        for n_points, radius in ((8, 1), (16, 2)):
            patterns = feature.local_binary_pattern(image, n_points, radius, "uniform")
            counts, _ = np.histogram(patterns, bins=np.arange(n_points + 3))
            expected += [(counts / counts.sum()).astype(np.float32)]
        np.testing.assert_array_equal(row, np.concatenate(expected))


def test_patterns_ignore_brightness_and_contrast():
    image = np.random.default_rng(0).integers(0, 100, (30, 30), dtype=np.uint8)
    inside = np.s_[2:-2, 2:-2]  # beyond the picture it stays black
    brighter = uniform_patterns(image * 2 + 20, 16, 2)
    np.testing.assert_array_equal(brighter[inside], uniform_patterns(image, 16, 2)[inside])


def test_histograms_ignore_quarter_turns_and_see_textures():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (48, 48), dtype=np.uint8)
    steps = np.kron(rng.integers(0, 256, (12, 12)), np.ones((4, 4))).astype(np.uint8)
    vectorizer = LBPVectorizer(circles=[(8, 1)], size=(48, 48))
    features = vectorizer.fit_transform([noise, np.rot90(noise).copy(), steps])
    np.testing.assert_allclose(features[0], features[1], atol=0.02)
    assert np.abs(features[0] - features[2]).max() > 0.2


def test_cells_of_the_grid_against_loops():
    patterns = np.random.default_rng(0).integers(0, 5, (11, 7))
    found = pattern_histograms(patterns, 5, (3, 2))
    counts = np.zeros((3, 2, 5))
    for y in range(11):
        for x in range(7):
            counts[y * 3 // 11, x * 2 // 7, patterns[y, x]] += 1
    np.testing.assert_allclose(found, counts / counts.sum(axis=2, keepdims=True), rtol=1e-6)


def test_every_cell_of_every_circle_sums_to_one():
    cells = [np.random.default_rng(0).integers(0, 256, (50, 41, 3), dtype=np.uint8)]
    vectorizer = LBPVectorizer(size=(40, 32), grid=(2, 3))
    row = vectorizer.fit_transform(cells)[0]
    parts = np.split(row, [6 * 10])
    for part, n_bins in zip(parts, (10, 18), strict=True):
        np.testing.assert_allclose(part.reshape(6, n_bins).sum(axis=1), 1, rtol=1e-5)
    names = vectorizer.get_feature_names_out()
    assert names[0] == "lbp_points8_radius1_row0_column0_pattern0"
    assert names[-1] == "lbp_points16_radius2_row1_column2_pattern17"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"circles": 8}, "'circles' parameter"),
        ({"circles": []}, "at least one, and none twice"),
        ({"circles": [(8, 1), (8, 1)]}, "at least one, and none twice"),
        ({"circles": [(1, 1)]}, r"\(1, 1\) must be 2 to 64 points"),
        ({"circles": [(8, 0)]}, "a radius above 0"),
        ({"circles": [(8, 200)]}, "below 128"),
        ({"circles": [(8.0, 1)]}, "2 to 64 points"),
        ({"circles": [8, 1]}, "circles: 8 must be"),
        ({"size": (0, 5)}, "size must be 2 integers"),
        ({"grid": (1,)}, "grid must be 2 integers"),
        ({"grid": (200, 1)}, r"grid=\(200, 1\) has more cells than size=\(128, 128\)"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        LBPVectorizer(**parameters).fit([])
