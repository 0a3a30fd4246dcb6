"""Resizing, and how much of a picture each vectorizer asks for."""

from __future__ import annotations

import numpy as np
import pytest

import mmclassic.image._reading as reading
from mmclassic.image import (
    BackboneVectorizer,
    ColorHistogramVectorizer,
    ConvVectorizer,
    HOGVectorizer,
)
from mmclassic.image._kernels import kernels
from mmclassic.image._reading import (
    ImageReader,
    PictureNeeds,
    check_integers,
    join_needs,
    resize,
    shrink,
)


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


def test_every_vectorizer_says_how_much_of_a_picture_it_needs():
    needs = {
        HOGVectorizer(size=(16, 32)): PictureNeeds(grey=True, at_least=(32, 64)),
        HOGVectorizer(size=(16, 32), color=True): PictureNeeds(grey=False, at_least=(32, 64)),
        ColorHistogramVectorizer(): PictureNeeds(grey=False, at_least=(256, 256)),
        ColorHistogramVectorizer(size=None): PictureNeeds(grey=False, at_least=None),
    }
    for vectorizer, needed in needs.items():
        assert type(vectorizer)._decode is ImageReader._decode
        assert vectorizer._needs() == needed
    for kind in (ConvVectorizer, BackboneVectorizer):
        assert kind._decode is ImageReader._decode


def test_needs_are_joined_to_what_serves_all():
    small, tall = PictureNeeds(True, (10, 20)), PictureNeeds(True, (30, 5))
    assert join_needs([small]) == small
    assert join_needs([small, tall]) == PictureNeeds(True, (30, 20))
    assert join_needs([small, PictureNeeds(False, (1, 1))]) == PictureNeeds(False, (10, 20))
    assert join_needs([small, PictureNeeds(True, None)]) == PictureNeeds(True, None)


@pytest.mark.parametrize("shape", [(37, 51), (150, 131, 3), (33, 600), (1999, 40, 3), (64, 48)])
@pytest.mark.parametrize("size", [(32, 32), (17, 29), (1, 1)])
def test_compiled_shrinking_is_averaging_areas(shape, size):
    """OpenCV as the oracle; two ways to round a sum may differ by one level."""
    cv2 = pytest.importorskip("cv2")
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    expected = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA).astype(int)
    out = np.empty((*size, *shape[2:]), dtype=np.uint8)
    as_3d = image.reshape(*shape[:2], -1)
    kernels().shrink(as_3d, *size, out.reshape(*size, -1))
    assert np.abs(out - expected).max() <= 1
    assert np.mean(out != expected) < 0.1


def test_pictures_that_do_not_lie_in_order_are_shrunk_alike():
    image = np.random.default_rng(0).integers(0, 256, (50, 61, 3), dtype=np.uint8)
    expected = shrink(image, 20, 20)
    turned = np.ascontiguousarray(image.swapaxes(0, 1)).swapaxes(0, 1)
    locked = image.copy()
    locked.flags.writeable = False
    for other in (turned, locked):
        np.testing.assert_array_equal(shrink(other, 20, 20), expected)


def test_shrinking_never_enlarges():
    image = np.random.default_rng(0).integers(0, 256, (10, 40), dtype=np.uint8)
    assert shrink(image, 20, 15).shape == (10, 15)
    assert shrink(image, 20, 50) is image


def test_without_numba_opencv_shrinks(monkeypatch):
    image = np.random.default_rng(0).integers(0, 256, (50, 61, 3), dtype=np.uint8)
    compiled = shrink(image, 20, 20).astype(int)
    monkeypatch.setattr(reading, "kernels", lambda: None)
    assert np.abs(shrink(image, 20, 20) - compiled).max() <= 1
