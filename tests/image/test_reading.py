"""Resizing, and that all picture vectorizers decode alike."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.image import (
    BackboneVectorizer,
    ColorHistogramVectorizer,
    ConvVectorizer,
    HOGVectorizer,
)
from mmclassic.image._reading import ImageReader, check_integers, resize


def test_shrinking_averages_areas():
    image = np.random.default_rng(0).integers(0, 256, (12, 8, 3), dtype=np.uint8)
    expected = image.reshape(4, 3, 2, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(resize(image, 4, 2), expected, atol=0.51)


def test_growing_interpolates_linearly():
    image = np.array([[0, 100]], dtype=np.uint8)
    np.testing.assert_array_equal(resize(image, 1, 4), [[0, 25, 75, 100]])


def test_one_axis_may_shrink_while_the_other_grows():
    image = np.tile(np.array([[10, 30]], dtype=np.uint8), (1, 30_000))  # 1 x 60 000 pixels
    resized = resize(image, 16, 16)
    assert resized.shape == (16, 16)
    np.testing.assert_array_equal(resized, 20)


def test_the_right_size_is_left_alone():
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(resize(image, 5, 7), image)


@pytest.mark.parametrize("values", [5, (5,), (5, 0), (5, 2.0), (5, True), "ab", None])
def test_bad_integers_are_named(values):
    with pytest.raises(ValueError, match="size must be 2 integers, each at least 1"):
        check_integers(values, "size", 2)


def test_all_vectorizers_decode_the_whole_colour_picture():
    image = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    kinds = [
        HOGVectorizer(size=(16, 16)),
        ColorHistogramVectorizer(),
        ConvVectorizer(size=8),
        BackboneVectorizer("net.onnx"),
    ]
    for vectorizer in kinds:
        assert type(vectorizer)._decode is ImageReader._decode
        np.testing.assert_array_equal(vectorizer._decode(image), image)
