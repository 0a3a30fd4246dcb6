"""Derivatives against librosa, and short clips."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from mmclassic.audio._delta import delta, delta_by_numpy, derivative_weights


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("n_frames", "width"), [(9, 9), (44, 9), (30, 5), (7, 3)])
def test_equals_librosas(order, n_frames, width):
    frames = np.random.default_rng(0).normal(size=(20, n_frames)).astype(np.float32)
    expected = librosa.feature.delta(frames, order=order, width=width)
    derivative = delta(frames, order=order, width=width)
    assert derivative.dtype == np.float32
    np.testing.assert_allclose(derivative, expected, atol=1e-5)


@pytest.mark.parametrize("n_frames", [9, 10, 101])
def test_what_is_compiled_equals_numpys(n_frames):
    frames = np.random.default_rng(0).normal(size=(7, n_frames)).astype(np.float32)
    expected = delta_by_numpy(frames, derivative_weights(9, 1))
    np.testing.assert_allclose(delta(frames), expected, atol=1e-6)


@pytest.mark.parametrize("n_frames", range(1, 12))
def test_slope_of_a_line_however_short(n_frames):
    line = 3.0 * np.arange(n_frames)[None] + 1
    expected = 3.0 if n_frames >= 3 else 0.0
    np.testing.assert_allclose(delta(line), np.full((1, n_frames), expected), rtol=1e-5)


def test_acceleration_of_a_parabola():
    parabola = np.arange(12.0)[None] ** 2
    np.testing.assert_allclose(delta(parabola, order=2), np.full((1, 12), 2.0), rtol=1e-4)
    np.testing.assert_array_equal(delta(parabola[:, :3], order=3), np.zeros((1, 3)))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"width": 4}, "odd number"),
        ({"width": 1}, "odd number"),
        ({"order": 0}, "order must be"),
        ({"order": 9}, "order must be"),
    ],
)
def test_bad_arguments(options, match):
    with pytest.raises(ValueError, match=match):
        delta(np.zeros((2, 20)), **options)
