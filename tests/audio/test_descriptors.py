"""Descriptors of frames against librosa, and by hand."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
import soundfile

from mmclassic.audio import MFCCVectorizer
from mmclassic.audio._chroma import chroma_filters
from mmclassic.audio._coefficients import BLOCK
from mmclassic.audio._descriptors import DESCRIPTORS, describe_frames, descriptor_names
from mmclassic.media import decode_audio

# Largest difference from librosa: a share, hertz, hertz, hertz, decibels, a share.
TOLERANCES = {
    "zero_crossing_rate": 1e-6,
    "centroid": 2e-3,
    "bandwidth": 2e-3,
    "rolloff": 1e-3,
    "contrast": 1e-3,
    "chroma": 1e-4,
}


def librosas(name: str, signal: np.ndarray, rate: int, n_fft: int, hop_length: int) -> np.ndarray:
    grid = {"hop_length": hop_length}
    if name == "zero_crossing_rate":
        return librosa.feature.zero_crossing_rate(signal, frame_length=n_fft, **grid)
    grid |= {"y": signal, "sr": rate, "n_fft": n_fft}
    if name == "chroma":
        return librosa.feature.chroma_stft(**grid, tuning=0.0)
    options = {"n_bands": 5} if name == "contrast" and rate == 8000 else {}
    return getattr(librosa.feature, f"spectral_{name}")(**grid, **options)


def melody(rate: int, n_samples: int) -> np.ndarray:
    """Tones and noise, then silence: every descriptor moves."""
    rng = np.random.default_rng(0)
    time = np.arange(n_samples) / rate
    tones = sum(np.sin(2 * np.pi * hertz * (1 + time / 9) * time) / 5 for hertz in (220, 277, 900))
    signal = tones + 0.05 * rng.normal(size=n_samples)
    signal[-n_samples // 4 :] = 0
    return signal.astype(np.float32)


@pytest.mark.parametrize("name", DESCRIPTORS)
@pytest.mark.parametrize(
    ("rate", "n_fft", "hop_length", "n_samples"),
    [(22050, 2048, 512, 512 * (BLOCK + 5) + 3), (16000, 512, 160, 16000), (8000, 512, 100, 3001)],
)
def test_equals_librosas(name, rate, n_fft, hop_length, n_samples):
    signal = melody(rate, n_samples)
    expected = librosas(name, signal, rate, n_fft, hop_length)
    rows = describe_frames(signal, [name], sampling_rate=rate, n_fft=n_fft, hop_length=hop_length)
    assert rows.dtype == np.float32
    assert rows.shape == expected.shape == (len(descriptor_names([name], rate)), rows.shape[1])
    np.testing.assert_allclose(rows, expected, atol=TOLERANCES[name], rtol=1e-6)


def test_equals_librosas_on_speech(shared_data):
    for file in sorted((shared_data / "digits" / "audio").iterdir())[::150]:
        signal, rate = soundfile.read(file, dtype="float32")
        for name, tolerance in TOLERANCES.items():
            expected = librosas(name, signal, rate, 512, 128)
            rows = describe_frames(signal, [name], sampling_rate=rate, n_fft=512, hop_length=128)
            np.testing.assert_allclose(rows, expected, atol=tolerance, rtol=1e-6)


@pytest.mark.parametrize("name", ["centroid", "bandwidth", "contrast"])
def test_faint_frequencies_beside_loud_ones_equal_librosas(name):
    """Above 4 kHz nothing but the window's faint skirts, as in telephone speech resampled."""
    time = np.arange(22050) / 22050
    for hertz in (440, 1000):
        tone = np.sin(2 * np.pi * hertz * time).astype(np.float32)
        for signal in (tone, decode_audio((tone[::3], 7350))):
            expected = librosas(name, signal, 22050, 2048, 512)
            rows = describe_frames(signal, [name])
            np.testing.assert_allclose(rows, expected, atol=TOLERANCES[name], rtol=1e-6)


def test_chroma_filters_are_librosas():
    for rate, n_fft in ((22050, 2048), (8000, 400)):
        expected = librosa.filters.chroma(sr=rate, n_fft=n_fft, tuning=0.0)
        np.testing.assert_allclose(chroma_filters(rate, n_fft), expected, atol=1e-6)


def test_a_tone_has_its_frequency_pitch_and_crossings():
    time = np.arange(22050) / 22050
    tone = np.sin(2 * np.pi * 440 * time).astype(np.float32)
    middle = dict(
        zip(
            descriptor_names(DESCRIPTORS, 22050),
            describe_frames(tone, DESCRIPTORS)[:, 20],
            strict=True,
        )
    )
    assert middle["zero_crossing_rate"] == pytest.approx(2 * 440 / 22050, abs=1e-3)
    assert middle["centroid"] == pytest.approx(440, abs=5)
    assert middle["rolloff"] == pytest.approx(440, abs=2 * 22050 / 2048)
    assert middle["chroma_9"] == 1  # A, counted from C
    assert middle["contrast_2"] > middle["contrast_5"]  # 400 to 800 Hz


def test_silence_is_finite():
    for signal in (np.zeros(22050, np.float32), np.zeros(1, np.float32)):
        assert np.isfinite(describe_frames(signal, DESCRIPTORS)).all()


# In the vectorizer


def test_they_come_after_the_coefficients_and_change_none():
    signals = [melody(22050, 30000), melody(22050, 9000)]
    plain = MFCCVectorizer(n_mfcc=3).fit_transform(signals)
    vectorizer = MFCCVectorizer(n_mfcc=3, descriptors=["chroma", "centroid"])
    features = vectorizer.fit_transform(signals)
    np.testing.assert_array_equal(features[:, : plain.shape[1]], plain)
    names = list(vectorizer.get_feature_names_out())
    assert names[plain.shape[1]] == "chroma_0__mean"
    assert features.shape == (2, len(names)) == (2, (6 + 13) * 7)
    centroid = librosa.feature.spectral_centroid(y=signals[1], sr=22050)
    assert features[1, names.index("centroid__p75")] == pytest.approx(
        np.percentile(centroid, 75), rel=1e-4
    )


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"descriptors": ("pitch",)}, "descriptors must be some of .*'pitch'"),
        ({"descriptors": ("chroma", "chroma")}, "each once"),
        ({"descriptors": "chroma"}, "descriptors"),
        ({"descriptors": ["contrast"], "n_fft": 100}, "raise n_fft=100 to 111"),
        ({"descriptors": ["contrast"], "sampling_rate": 400}, "above 400"),
        ({"descriptors": ["chroma"], "n_fft": 401}, "even n_fft, got 401"),
    ],
)
def test_bad_arguments(parameters, match):
    with pytest.raises(ValueError, match=match):
        MFCCVectorizer(**parameters).fit([])
