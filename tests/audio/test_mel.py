"""The filter bank and the cosine basis against librosa and scipy."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
import scipy.fft
import scipy.signal

from mmclassic.audio._mel import (
    cosine_basis,
    hann,
    hertz_to_mel,
    mel_filters,
    mel_segments,
    mel_to_hertz,
    sparse_mel_filters,
)

SETTINGS = [
    (22050, 2048, 128, 0.0, None),
    (8000, 512, 40, 0.0, None),
    (16000, 400, 26, 300.0, 7600.0),
    (44100, 1025, 64, 0.0, 20000.0),
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_filters_equal_librosas(settings):
    sampling_rate, n_fft, n_mels, fmin, fmax = settings
    expected = librosa.filters.mel(
        sr=sampling_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax
    )
    filters = mel_filters(*settings)
    assert filters.dtype == np.float32
    np.testing.assert_allclose(filters, expected, atol=1e-8)
    np.testing.assert_array_equal(sparse_mel_filters(*settings).toarray(), filters)


@pytest.mark.parametrize(
    "settings", [*SETTINGS, (8000, 16, 2, 0.0, None), (22050, 64, 40, 0, None)]
)
def test_segments_are_the_filters(settings):
    """Rising and falling weights, put where the edges say, are the matrix again."""
    edges, rising, falling = mel_segments(*settings)
    filters = np.zeros((settings[2], 1 + settings[1] // 2), dtype=np.float32)
    for m, row in enumerate(filters):
        row[edges[m] : edges[m + 1]] = rising[edges[m] : edges[m + 1]]
        row[edges[m + 1] : edges[m + 2]] = falling[edges[m + 1] : edges[m + 2]]
    np.testing.assert_array_equal(filters, mel_filters(*settings))


def test_scale_equals_librosas_and_is_its_own_inverse():
    frequencies = np.linspace(0, 20000, 101)
    np.testing.assert_allclose(hertz_to_mel(frequencies), librosa.hz_to_mel(frequencies))
    np.testing.assert_allclose(mel_to_hertz(hertz_to_mel(frequencies)), frequencies)


def test_cosine_basis_is_scipys_dct():
    values = np.random.default_rng(0).normal(size=(40, 5))
    expected = scipy.fft.dct(values, axis=0, type=2, norm="ortho")
    np.testing.assert_allclose(cosine_basis(13, 40) @ values, expected[:13], atol=1e-5)
    np.testing.assert_allclose(cosine_basis(40, 40) @ cosine_basis(40, 40).T, np.eye(40), atol=1e-5)


@pytest.mark.parametrize("n_fft", [2, 401, 2048])
def test_window_is_scipys_periodic_hann(n_fft):
    np.testing.assert_allclose(hann(n_fft), scipy.signal.get_window("hann", n_fft), atol=1e-7)


def test_shared_arrays_cannot_be_changed():
    for array in (hann(64), cosine_basis(3, 8), mel_filters(8000, 64, 8, 0.0, None)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
