"""The embedded table: what it holds, and that it is a fair demonstration."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import cross_val_score
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline

from mmclassic._cells import missing_mask
from mmclassic.datasets import load_demo
from mmclassic.datasets._sentences import HINTS, WORDS, mistype, sentence
from mmclassic.datasets._speech import FORMANTS, HISSES, PRONUNCIATIONS, SAMPLING_RATE, speak

MODALITIES = ("text", "image", "audio")


@pytest.fixture(scope="module")
def table():
    return load_demo()


def test_columns_and_cells(table):
    assert table.columns.tolist() == [*MODALITIES, "label"]
    assert len(table) == 600
    assert sorted(table["label"].unique()) == list(range(10))
    present = table[~missing_mask(table["text"])].iloc[0]
    assert isinstance(present["text"], str)
    image = next(cell for cell in table["image"] if cell is not None)
    assert (image.shape, image.dtype) == ((32, 32), np.uint8)
    signal, rate = next(cell for cell in table["audio"] if cell is not None)
    assert (signal.shape, signal.dtype, rate) == ((4000,), np.float32, SAMPLING_RATE)


def test_each_modality_lacks_a_few_cells(table):
    for name in MODALITIES:
        assert 0.01 < missing_mask(table[name]).mean() < 0.1, name


def test_pictures_are_the_real_digits(table):
    """Averaged over their enlarged pixels, they resemble one digit of the same label most."""
    digits = load_digits()
    normed = digits.images.reshape(-1, 64) - digits.images.reshape(-1, 64).mean(axis=1)[:, None]
    normed /= np.linalg.norm(normed, axis=1, keepdims=True)
    for image, label in zip(table["image"][:40], table["label"][:40], strict=True):
        if image is not None:
            small = image.reshape(8, 4, 8, 4).mean(axis=(1, 3)).ravel()
            similarity = normed @ (small - small.mean()) / small.std() / 8
            assert digits.target[similarity.argmax()] == label
            assert similarity.max() > 0.9


def test_same_seed_same_table():
    first, second, other = (
        load_demo(n_samples=30),
        load_demo(n_samples=30),
        load_demo(n_samples=30, random_state=1),
    )
    assert first["label"].equals(second["label"])
    assert not first["label"].equals(other["label"])
    for name in MODALITIES:
        for one, two in zip(first[name], second[name], strict=True):
            if name == "audio" and one is not None:
                one, two = one[0], two[0]
            np.testing.assert_array_equal(one, two)


def test_text_alone_helps_but_is_not_enough(table):
    model = make_pipeline(CountVectorizer(ngram_range=(1, 2)), ComplementNB())
    accuracy = cross_val_score(model, table["text"].fillna(""), table["label"], cv=3).mean()
    assert 0.6 < accuracy < 0.9


@pytest.mark.parametrize("n_samples", [0, 1798, 2.5, None])
def test_bad_number_of_rows(n_samples):
    with pytest.raises(ValueError, match="between 1 and 1797"):
        load_demo(n_samples=n_samples)


def test_all_rows_can_be_had():
    assert load_demo(n_samples=1).shape == (1, 4)


# Its parts


def test_sentences_usually_name_the_digit():
    rng = np.random.default_rng(0)
    named = [
        any(word in sentence(digit, rng) for word in (WORDS[digit], *HINTS[digit]))
        for digit in range(10)
        for _ in range(30)
    ]
    assert 0.5 < np.mean(named) < 0.95


def test_mistype_changes_as_often_as_told():
    rng = np.random.default_rng(0)
    assert mistype("abc" * 50, 0.0, rng) == "abc" * 50
    assert mistype("abc" * 50, 0.5, rng) != "abc" * 50
    assert mistype("", 1.0, rng) == ""


@pytest.mark.parametrize("digit", range(10))
def test_sounds_are_clean_signals(digit):
    for seed in range(5):
        signal = speak(digit, np.random.default_rng(seed))
        assert np.isfinite(signal).all()
        assert 0.09 < np.abs(signal).max() < 0.91


def test_six_hisses_and_one_does_not():
    def share_above(digit: int, hertz: float) -> float:
        spectrum = np.zeros(2001)
        for seed in range(5):
            signal = speak(digit, np.random.default_rng(seed), noise=0.0)
            spectrum += np.abs(np.fft.rfft(signal)) ** 2
        return spectrum[int(hertz / 2) :].sum() / spectrum.sum()

    assert share_above(6, 2800) > 5 * share_above(1, 2800)


def test_every_sound_is_known():
    sounds = {sound for word in PRONUNCIATIONS for sound, _ in word}
    assert sounds <= FORMANTS.keys() | HISSES.keys()
