"""MFCC against librosa, and the vectorizer's contract."""

from __future__ import annotations

import pickle

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags

from mmclassic._errors import DataQualityWarning, UnreadableCellsError
from mmclassic.audio import MFCCVectorizer, _clip_features, _coefficients, _delta, _summary
from mmclassic.audio import _mfcc as module
from mmclassic.audio._coefficients import BLOCK, mfcc


def chirp(seconds: float = 1.0, rate: int = 22050, seed: int = 0) -> np.ndarray:
    """A rising tone with some noise, float32 within -1 and 1."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * (200 + 50 * seed + 900 * time) * time)
    return (0.4 * tone + 0.05 * rng.normal(size=time.size)).astype(np.float32)


SETTINGS = [
    {},
    {"sampling_rate": 16000, "n_mfcc": 13, "n_fft": 512, "hop_length": 160, "n_mels": 40},
    {"sampling_rate": 8000, "n_fft": 240, "hop_length": 300, "n_mels": 26},
    {"sampling_rate": 16000, "n_fft": 400, "hop_length": 7, "n_mels": 80},
    {"sampling_rate": 16000, "n_fft": 401, "hop_length": 160, "fmin": 80.0, "fmax": 7000.0},
    {"top_db": None},
    {"top_db": 30.0, "n_mfcc": 128},
]


def librosas(signal: np.ndarray, sampling_rate: int = 22050, **settings) -> np.ndarray:
    """librosa's coefficients; its mfcc has no top_db of its own."""
    n_mfcc, top_db = settings.pop("n_mfcc", 20), settings.pop("top_db", 80.0)
    power = librosa.feature.melspectrogram(y=signal, sr=sampling_rate, **settings)
    return librosa.feature.mfcc(S=librosa.power_to_db(power, top_db=top_db), n_mfcc=n_mfcc)


# Where a narrow filter covers no frequency, or a clip is shorter than a frame, librosa says so
# and goes on with zeros as we do.
@pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")
@pytest.mark.filterwarnings("ignore:Empty filters:UserWarning")
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("n_samples", [1, 300, 2048, 22050, 512 * (BLOCK + 3) + 7])
def test_equals_librosas(settings, n_samples):
    signal = chirp(n_samples / 22050 + 0.001)[:n_samples]
    expected = librosas(signal, **settings)
    coefficients = mfcc(signal, **settings)
    assert coefficients.dtype == np.float32
    assert coefficients.shape == expected.shape
    np.testing.assert_allclose(coefficients, expected, atol=1e-3)


def test_equals_librosas_on_speech(shared_data):
    for file in sorted((shared_data / "digits" / "audio").iterdir())[::60]:
        signal, rate = soundfile.read(file, dtype="float32")
        expected = librosa.feature.mfcc(y=signal, sr=rate)
        np.testing.assert_allclose(mfcc(signal, sampling_rate=rate), expected, atol=1e-3)


def test_what_is_compiled_equals_numpys(monkeypatch):
    signals = [chirp(seconds, seed=3) for seconds in (0.1, 0.7, 9.0)]
    compiled = MFCCVectorizer(deltas=2).fit_transform(signals)
    for part in (_clip_features, _coefficients, _delta, _summary):
        monkeypatch.setattr(part, "kernels", lambda: None)
    features = MFCCVectorizer(deltas=2).fit_transform(signals)
    np.testing.assert_allclose(features, compiled, atol=1e-3)
    assert (features != compiled).any()  # it was other code that ran


@pytest.mark.parametrize("n_samples", [1, 600, 2000, 3100, 22050])
def test_one_call_equals_the_steps(monkeypatch, n_samples):
    """Bit by bit, also where there are too few frames for a derivative."""
    clip = [chirp()[:n_samples]]
    vectorizer = MFCCVectorizer(deltas=2, min_duration=0)
    at_once = vectorizer.fit_transform(clip)
    monkeypatch.setattr(_clip_features, "kernels", lambda: None)
    np.testing.assert_array_equal(vectorizer.fit_transform(clip), at_once)


def test_a_signal_may_be_read_only_strided_or_float64():
    signal = chirp()
    strided = np.repeat(signal, 2)[::2]
    frozen = signal.copy()
    frozen.flags.writeable = False
    for other in (strided, frozen, signal.astype(np.float64)):
        np.testing.assert_array_equal(mfcc(other), mfcc(signal))


def test_a_frame_does_not_depend_on_the_frames_beside_it():
    """Whatever lane it is in, and whatever a loud neighbour holds."""
    signal = np.zeros(40 * 512, dtype=np.float32)
    signal[512 * 20 : 512 * 20 + 600] = chirp()[:600]
    loud = signal.copy()
    loud[:9000] = 1e6
    quiet, beside = mfcc(signal, top_db=None), mfcc(loud, top_db=None)
    np.testing.assert_array_equal(quiet[:, 20:], beside[:, 20:])
    shifted = mfcc(np.append(np.zeros(512 * 5, np.float32), signal), top_db=None)
    np.testing.assert_array_equal(shifted[:, 25:], quiet[:, 20:])


def test_loudness_moves_the_first_coefficient_only():
    quiet, loud = mfcc(chirp()), mfcc(10 * chirp())
    np.testing.assert_allclose(loud[0] - quiet[0], 20 * np.sqrt(128), rtol=1e-4)
    np.testing.assert_allclose(loud[1:], quiet[1:], atol=1e-3)


@pytest.mark.parametrize("signal", [np.zeros(0), np.zeros((2, 100))])
def test_refuses_what_is_no_signal(signal):
    with pytest.raises(ValueError, match="one-dimensional and not empty"):
        mfcc(signal)


# The vectorizer


def cells() -> list:
    return [chirp(0.3 + 0.1 * seed, seed=seed) for seed in range(5)]


def test_features_are_statistics_of_librosas_frames():
    signal = chirp()
    frames = librosa.feature.mfcc(y=signal, sr=22050)
    slopes = librosa.feature.delta(frames)
    bends = librosa.feature.delta(frames, order=2)
    vectorizer = MFCCVectorizer(deltas=2)
    table = pd.Series(
        vectorizer.fit_transform([signal])[0], index=vectorizer.get_feature_names_out()
    )
    assert table.size == 3 * 20 * 7
    for name, expected in {
        "mfcc_0__mean": frames[0].mean(),
        "mfcc_19__std": frames[19].std(),
        "mfcc_3__p10": np.percentile(frames[3], 10),
        "mfcc_7_delta__mean": slopes[7].mean(),
        "mfcc_7_delta__p90": np.percentile(slopes[7], 90),
        "mfcc_2_delta2__std": bends[2].std(),
    }.items():
        assert table[name] == pytest.approx(expected, abs=2e-3), name


def test_shape_names_and_dtype():
    vectorizer = MFCCVectorizer(n_mfcc=3, deltas=0, percentiles=[50])
    features = vectorizer.fit_transform(cells())
    assert features.dtype == np.float32
    assert features.shape == (5, 9)
    assert list(vectorizer.get_feature_names_out()[:3]) == [
        "mfcc_0__mean",
        "mfcc_0__std",
        "mfcc_0__p50",
    ]
    assert len(set(MFCCVectorizer(deltas=2).get_feature_names_out())) == 420


def test_rows_do_not_depend_on_each_other():
    vectorizer = MFCCVectorizer()
    features = vectorizer.fit_transform(cells())
    np.testing.assert_array_equal(vectorizer.transform(cells()[::-1]), features[::-1])
    np.testing.assert_array_equal(vectorizer.transform([cells()[2]]), features[2:3])
    many = cells() * 20
    np.testing.assert_array_equal(
        MFCCVectorizer(n_jobs=2).fit_transform(many), np.tile(features, (20, 1))
    )


def test_fit_twice_clone_pickle_and_tags():
    vectorizer = MFCCVectorizer(n_mfcc=5, sampling_rate=8000)
    features = vectorizer.fit_transform(cells())
    assert not get_tags(vectorizer).requires_fit
    for other in (clone(vectorizer), pickle.loads(pickle.dumps(vectorizer)), vectorizer.fit([])):
        assert other.get_params() == vectorizer.get_params()
        np.testing.assert_array_equal(other.transform(cells()), features)
    changed = vectorizer.set_params(n_mfcc=4).transform(cells())
    assert changed.shape == (5, 56)


def test_set_output_and_column_name():
    frame = pd.DataFrame({"clip": pd.Series(cells(), dtype=object)}, index=list("abcde"))
    vectorizer = MFCCVectorizer(n_mfcc=2).set_output(transform="pandas")
    features = vectorizer.fit_transform(frame)
    assert list(features.columns) == list(vectorizer.get_feature_names_out())
    assert list(features.index) == list("abcde")
    assert list(vectorizer.feature_names_in_) == ["clip"]


def test_in_a_pipeline():
    model = make_pipeline(MFCCVectorizer(n_mfcc=4), LogisticRegression(C=1e-4, max_iter=1000))
    column = pd.Series(cells(), dtype=object)
    assert model.fit(column, [0, 1, 0, 1, 0]).predict(column).shape == (5,)


def test_each_cell_is_decoded_once(monkeypatch):
    calls = []
    decode = module.decode_audio

    def counting(cell, **options):
        calls.append(cell)
        return decode(cell, **options)

    monkeypatch.setattr(module, "decode_audio", counting)
    MFCCVectorizer().fit_transform([*cells(), None])
    assert len(calls) == 5


def test_a_recording_is_resampled():
    slow = chirp(rate=8000)
    tuple_features = MFCCVectorizer(sampling_rate=8000).fit_transform([(slow, 8000)])
    np.testing.assert_array_equal(
        MFCCVectorizer(sampling_rate=8000).transform([slow]), tuple_features
    )
    coarse = MFCCVectorizer(fmax=3500.0, deltas=0, statistics=["mean"], n_mfcc=5)
    fast = coarse.fit_transform([librosa.resample(slow, orig_sr=8000, target_sr=22050)])
    np.testing.assert_allclose(coarse.transform([(slow, 8000)]), fast, atol=1.0)


def test_missing_cells_give_nan_rows():
    features = MFCCVectorizer().fit_transform([None, chirp(), float("nan"), "", pd.NA])
    np.testing.assert_array_equal(np.isnan(features).all(axis=1), [True, False, True, True, True])
    assert np.isfinite(features[1]).all()


def test_unreadable_cells_are_named(tmp_path):
    good, bad = tmp_path / "good.wav", tmp_path / "bad.wav"
    soundfile.write(good, chirp(), 22050)
    bad.write_bytes(b"no sound at all")
    column = pd.Series([str(good), str(bad), None], name="clip").to_frame()
    with pytest.raises(UnreadableCellsError, match=r"row 1, column 'clip', .*bad\.wav"):
        MFCCVectorizer().fit_transform(column)
    with pytest.warns(DataQualityWarning, match="1 of 3 cells"):
        features = MFCCVectorizer(on_unreadable="missing").fit_transform(column)
    np.testing.assert_array_equal(np.isnan(features).all(axis=1), [False, True, True])
    values, errors = MFCCVectorizer().read_cells(column)
    np.testing.assert_array_equal(values, features)
    assert [error.row for error in errors] == [1]


def test_not_one_readable_cell_is_an_error():
    with pytest.raises(UnreadableCellsError, match="Not one cell"):
        MFCCVectorizer(on_unreadable="missing").fit_transform([chirp(0.01), None])


@pytest.mark.parametrize(
    "signal",
    [
        np.zeros(22050, dtype=np.float32),
        np.full(22050, 0.5, dtype=np.float32),
        np.full(22050, 1e-40, dtype=np.float32),
        15.9 * chirp() / np.abs(chirp()).max(),
        chirp(0.1),
    ],
    ids=["silence", "constant", "denormal", "loud", "shortest"],
)
def test_odd_sounds_have_finite_features(signal):
    assert np.isfinite(MFCCVectorizer(deltas=2).fit_transform([signal])).all()


def test_silence_is_the_same_whatever_its_duration():
    features = MFCCVectorizer().fit_transform([np.zeros(4000), np.zeros(30000)])
    np.testing.assert_allclose(features[0], features[1], atol=1e-4)


@pytest.mark.parametrize("n_samples", [1, 10, 600, 2000])
def test_short_clips(n_samples):
    """Shorter than a tenth of a second is unreadable; on request it is filled up with zeros."""
    clip = chirp()[:n_samples]
    with pytest.raises(UnreadableCellsError, match=r"less than min_duration=0\.1 s.*\[empty\]"):
        MFCCVectorizer().fit_transform([clip])
    features = MFCCVectorizer(min_duration=0, deltas=2).fit_transform([clip])
    assert np.isfinite(features).all()


def test_samples_too_loud_for_a_spectrum_are_named():
    with pytest.raises(UnreadableCellsError, match=r"row 1, .*full scale.*\[decode\]"):
        MFCCVectorizer().fit_transform([chirp(), 1e30 * chirp()])


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"n_mfcc": 0}, "n_mfcc"),
        ({"n_mfcc": 129}, "must not exceed n_mels"),
        ({"n_fft": 2.5}, "n_fft"),
        ({"hop_length": 0}, "hop_length"),
        ({"fmin": -1.0}, "fmin"),
        ({"fmin": 5000.0, "fmax": 4000.0}, "must be a range"),
        ({"fmax": 12000.0}, "within 0 and 11025 Hz"),
        ({"top_db": 0.0}, "top_db"),
        ({"deltas": 3}, "deltas"),
        ({"statistics": "mean"}, "statistics"),
        ({"statistics": ("median",)}, "statistics must be some of"),
        ({"percentiles": (50, 120)}, "percentiles must be"),
        ({"percentiles": (50, 50.0)}, "percentiles must be named once"),
        ({"min_duration": -0.1}, "min_duration"),
        ({"on_unreadable": "ignore"}, "on_unreadable"),
    ],
)
def test_bad_arguments(parameters, match):
    vectorizer = MFCCVectorizer(**parameters)
    with pytest.raises(ValueError, match=match):
        vectorizer.fit(cells())
    with pytest.raises(ValueError, match=match):
        vectorizer.read_cells(cells())


def test_percentiles_are_checked_only_where_they_are_used():
    vectorizer = MFCCVectorizer(statistics=["mean"], percentiles=(), n_mfcc=2, deltas=0)
    assert vectorizer.fit_transform(cells()).shape == (5, 2)


def test_a_single_cell_is_refused():
    with pytest.raises(ValueError, match="a single str"):
        MFCCVectorizer().fit("clip.wav")
