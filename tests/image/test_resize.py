"""Pictures get their size as OpenCV would give it, within rounding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmclassic.image import _resize
from mmclassic.image._kernels import kernels
from mmclassic.image._resize import resize, shrink

SIDES = st.tuples(st.integers(1, 70), st.integers(1, 70))


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


@settings(deadline=None, max_examples=150)
@given(
    before=SIDES, after=SIDES, colour=st.booleans(), at_a_time=st.sampled_from([1, 200, 1 << 17])
)
def test_every_size_is_that_of_opencv(before, after, colour, at_a_time):
    """Averages where an axis shrinks, interpolation where it grows; sums may round elsewhere."""
    shape = (*before, 3) if colour else before
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_resize, "_AT_A_TIME", at_a_time)
        resized = resize(image, *after)
    assert resized.shape == (*after, *shape[2:])
    assert resized.flags.c_contiguous
    assert np.abs(resized - _resize._by_opencv(image, *after).astype(int)).max() <= 1


def _weights(n, m):
    """Shares of n pixels in each of m, float64 of shape (m, n)."""
    if m > n:
        places = np.clip((np.arange(m) + 0.5) * n / m - 0.5, 0, n - 1)
        return np.stack([np.interp(places, range(n), row) for row in np.eye(n)], axis=1)
    starts, pixels = np.arange(m)[:, None] * n / m, np.arange(n)
    overlap = np.minimum(starts + n / m, pixels + 1) - np.maximum(starts, pixels)
    return np.maximum(overlap, 0) * m / n


@pytest.mark.parametrize("size", [(128, 100), (128, 200), (2100, 30), (2100, 200)])
def test_sums_are_rounded_once(size):
    image = np.random.default_rng(0).integers(0, 256, (1999, 170), dtype=np.uint8)
    exact = _weights(1999, size[0]) @ image @ _weights(170, size[1]).T
    resized = resize(image, *size)
    assert np.abs(resized - exact).max() < 0.5001
    assert abs(np.mean(resized - exact)) < 0.01


def test_growing_and_shrinking_by_hand():
    image = np.array([[0, 40, 80], [100, 140, 180]], dtype=np.uint8)
    # Rows at -1/6, 1/2 and 7/6 of the way; columns of one and a half pixels.
    rows = np.array([[0, 40, 80], [50, 90, 130], [100, 140, 180]])
    expected = np.column_stack(
        [(2 * rows[:, 0] + rows[:, 1]) / 3, (rows[:, 1] + 2 * rows[:, 2]) / 3]
    )
    np.testing.assert_array_equal(resize(image, 3, 2), np.floor(expected + 0.5))


def test_pictures_that_do_not_lie_in_order_are_shrunk_alike():
    image = np.random.default_rng(0).integers(0, 256, (50, 61, 3), dtype=np.uint8)
    expected = shrink(image, 20, 20)
    turned = np.ascontiguousarray(image.swapaxes(0, 1)).swapaxes(0, 1)
    locked = image.copy()
    locked.flags.writeable = False
    compiled_for = len(kernels().resize_rows.signatures)
    for other in (turned, locked):
        np.testing.assert_array_equal(shrink(other, 20, 20), expected)
    assert len(kernels().resize_rows.signatures) == compiled_for


def test_millions_of_white_rows_stay_white():
    """Their sum in float32 is rounded to a little more, which must not become black."""
    assert (resize(np.full((12_208_305, 1), 255, dtype=np.uint8), 7, 1) == 255).all()


def test_shrinking_never_enlarges():
    image = np.random.default_rng(0).integers(0, 256, (10, 40), dtype=np.uint8)
    assert shrink(image, 20, 15).shape == (10, 15)
    assert shrink(image, 20, 50) is image


def test_without_numba_opencv_shrinks(monkeypatch):
    image = np.random.default_rng(0).integers(0, 256, (50, 61, 3), dtype=np.uint8)
    compiled = shrink(image, 20, 20).astype(int)
    monkeypatch.setattr(_resize, "kernels", lambda: None)
    assert np.abs(shrink(image, 20, 20) - compiled).max() <= 1
