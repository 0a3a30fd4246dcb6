"""Colour histograms against a count by loops."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from mmclassic.image import ColorHistogramVectorizer, color_histogram


def count_by_loops(image, bins):
    """Shares of the joint bins, with the standard library's HSV."""
    counts = np.zeros(bins)
    for red, green, blue in image.reshape(-1, 3) / 255:
        hsv = colorsys.rgb_to_hsv(red, green, blue)
        # OpenCV stores hue in 180 steps, saturation and value in 256, each rounded.
        stored = (
            round(hsv[0] * 180) % 180 / 180,
            round(hsv[1] * 255) / 256,
            round(hsv[2] * 255) / 256,
        )
        counts[tuple(int(part * n) for part, n in zip(stored, bins, strict=True))] += 1
    return (counts / counts.sum()).ravel()


def test_equals_a_count_by_loops():
    image = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    found = color_histogram(image, bins=(6, 3, 2))
    # Rounding moves the odd pixel to the next bin: 1 of 1200 is .0008.
    np.testing.assert_allclose(found**2, count_by_loops(image, (6, 3, 2)), atol=0.003)


@pytest.mark.parametrize(
    ("color", "place"),
    [
        ((255, 0, 0), (0, 3, 3)),
        ((0, 255, 0), (2, 3, 3)),
        ((0, 0, 255), (5, 3, 3)),
        ((255, 255, 255), (0, 0, 3)),
        ((0, 0, 0), (0, 0, 0)),
        ((100, 100, 100), (0, 0, 1)),
    ],
)
def test_pure_colours_fall_into_their_bin(color, place):
    image = np.full((3, 5, 3), color, dtype=np.uint8)
    expected = np.zeros((8, 4, 4))
    expected[place] = 1
    np.testing.assert_array_equal(color_histogram(image), expected.ravel())


def test_squares_sum_to_one_and_places_do_not_matter():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    features = color_histogram(image)
    assert features.dtype == np.float32
    assert np.sum(features**2) == pytest.approx(1)
    shuffled = rng.permutation(image.reshape(-1, 3)).reshape(32, 8, 3)
    np.testing.assert_array_equal(color_histogram(shuffled), features)


def test_a_grey_picture_is_one_of_three_equal_channels():
    grey = np.random.default_rng(0).integers(0, 256, (9, 9), dtype=np.uint8)
    np.testing.assert_array_equal(
        color_histogram(grey), color_histogram(np.repeat(grey[..., None], 3, axis=2))
    )


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4)), np.zeros((4, 4, 4), np.uint8), np.zeros(4, np.uint8)]
)
def test_bad_pictures(image):
    with pytest.raises(ValueError, match="Expected a uint8 picture"):
        color_histogram(image)


@pytest.mark.parametrize("bins", [(8, 4), (8, 4, 0), [8, 4, 2.5]])
def test_bad_bins(bins):
    with pytest.raises(ValueError, match="bins must be 3 integers"):
        ColorHistogramVectorizer(bins=bins).fit([None])


def test_longer_sides_are_shrunk_first():
    image = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    found = ColorHistogramVectorizer(size=(20, 100)).fit_transform([image])[0]
    averaged = np.round(image.reshape(20, 3, 90, 3).mean(axis=1)).astype(np.uint8)
    np.testing.assert_allclose(found**2, color_histogram(averaged) ** 2, atol=0.01)
    whole = ColorHistogramVectorizer(size=None).fit_transform([image])[0]
    np.testing.assert_array_equal(whole, color_histogram(image))


@pytest.mark.parametrize("size", [(8,), (8, 0), [8, 2.5]])
def test_bad_size(size):
    with pytest.raises(ValueError, match="size must be 2 integers"):
        ColorHistogramVectorizer(size=size).fit([None])


def test_feature_names_say_which_colour():
    vectorizer = ColorHistogramVectorizer()
    green = np.full((4, 4, 3), (0, 255, 0), dtype=np.uint8)
    features = vectorizer.fit_transform([green])[0]
    assert vectorizer.get_feature_names_out()[features > 0] == ["hsv_hue2_saturation3_value3"]
