"""Damages of single cells: each does what its unit says, and more where it is more severe."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from mmclassic.inspection._damage_audio import (
    audio_clipping,
    audio_dropped_pieces,
    audio_noise,
    audio_resampling,
)
from mmclassic.inspection._damage_image import (
    MID_GREY,
    image_blur,
    image_jpeg,
    image_noise,
    image_occlusion,
)
from mmclassic.inspection._damage_table import number_noise, replaced_categories
from mmclassic.inspection._damage_text import (
    text_dropped_words,
    text_shuffled_words,
    text_typing_errors,
)
from mmclassic.inspection._damages import DAMAGES, MISSING, damages_of, severities_of
from mmclassic.inspection._seeds import Seeder, content_of

RATE = 8000
WORDS = "the quick brown fox jumps over the lazy dog " * 40
EVERY = [(medium, kind) for medium in ("image", "audio", "text") for kind in DAMAGES[medium]]


def rng():
    return np.random.default_rng(3)


def cell_of(medium):
    if medium == "text":
        return WORDS
    if medium == "audio":
        return np.sin(np.arange(RATE) / 5).astype(np.float32) * np.float32(0.4)
    picture = np.zeros((40, 60, 3), dtype=np.uint8)
    picture[10:30, 20:50] = (250, 120, 10)
    return picture


def apply(medium, kind, severity):
    extra = {"sampling_rate": RATE} if medium == "audio" else {}
    return DAMAGES[medium][kind].function(cell_of(medium), severity, rng(), **extra)


@pytest.mark.parametrize(("medium", "kind"), EVERY)
def test_the_cell_stays_as_it_was_and_the_damage_is_repeatable(medium, kind):
    cell = cell_of(medium)
    severity = DAMAGES[medium][kind].severities[-1]
    damaged = apply(medium, kind, severity)
    assert np.array_equal(damaged, apply(medium, kind, severity))
    assert np.array_equal(cell, cell_of(medium))
    assert type(damaged) is type(cell)
    if medium != "text":
        assert damaged.shape == cell.shape
        assert damaged.dtype == cell.dtype
        assert damaged.flags.c_contiguous


@pytest.mark.parametrize(("medium", "kind"), [pair for pair in EVERY if pair[0] != "text"])
def test_more_severe_is_further_away(medium, kind):
    cell = cell_of(medium).astype(float)
    distances = [
        np.abs(apply(medium, kind, severity) - cell).mean()
        for severity in DAMAGES[medium][kind].severities
    ]
    assert distances == sorted(distances)
    assert distances[0] < distances[-1]


@pytest.mark.parametrize("shape", [(33, 47), (33, 47, 3)])
def test_blur_is_a_gaussian_filter(shape):
    pixels = np.random.default_rng(0).integers(256, size=shape).astype(np.uint8)
    sigma = 0.05 * 33
    wanted = ndimage.gaussian_filter(
        pixels.astype(float), (sigma, sigma, 0)[: len(shape)], mode="mirror", truncate=3.2
    )
    assert np.abs(image_blur(pixels, 5, rng()) - wanted).max() <= 2


def test_image_noise_has_its_deviation_and_no_bias():
    pixels = np.full((200, 200, 3), 128, dtype=np.uint8)
    noise = image_noise(pixels, 10, rng()) - 128.0
    assert noise.std() == pytest.approx(10, rel=0.02)
    assert abs(noise.mean()) < 0.1


def test_jpeg_keeps_the_order_of_the_channels():
    pixels = np.zeros((16, 16, 3), dtype=np.uint8)
    pixels[:, :, 0] = 200
    assert np.abs(image_jpeg(pixels, 95, rng()) - 1.0 * pixels).max() < 10


def test_occlusion_covers_its_share_with_one_rectangle():
    pixels = np.zeros((60, 80, 3), dtype=np.uint8)
    covered = (image_occlusion(pixels, 0.25, rng()) == MID_GREY).all(axis=2)
    assert covered.sum() == 60 * 80 / 4
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    assert (len(rows), len(columns)) == (30, 40)
    assert (image_occlusion(pixels, 1, rng()) == MID_GREY).all()


@pytest.mark.parametrize("ratio", [20, 0, -5])
def test_audio_noise_has_the_ratio(ratio):
    signal = cell_of("audio")
    noise = audio_noise(signal, ratio, rng(), sampling_rate=RATE).astype(float) - signal
    found = 10 * np.log10(np.mean(signal.astype(float) ** 2) / np.mean(noise**2))
    assert found == pytest.approx(ratio, abs=0.01)


def test_silence_has_no_ratio():
    silence = np.zeros(100, dtype=np.float32)
    assert not audio_noise(silence, 0, rng(), sampling_rate=RATE).any()


def test_clipping_cuts_off_its_share():
    signal = np.random.default_rng(0).normal(size=10001).astype(np.float32)
    clipped = audio_clipping(signal, 0.25, None, sampling_rate=RATE)
    assert np.mean(clipped != signal) == pytest.approx(0.25, abs=0.001)
    assert np.array_equal(np.sign(clipped), np.sign(signal))


def test_dropped_pieces_lose_more_of_the_same():
    signal = np.ones(RATE, dtype=np.float32)
    lost = [
        audio_dropped_pieces(signal, share, rng(), sampling_rate=RATE) == 0
        for share in (0.1, 0.5, 1.0)
    ]
    assert [one.mean() for one in lost] == [0.1, 0.5, 1.0]
    assert not (lost[0] & ~lost[1]).any()


def test_resampling_takes_what_is_above_half_the_rate_and_nothing_else():
    time = np.arange(RATE) / RATE
    low, high = np.sin(2 * np.pi * 300 * time), np.sin(2 * np.pi * 3000 * time)
    dull = audio_resampling((low + high).astype(np.float32), 4000, None, sampling_rate=RATE)
    assert np.abs(dull - low)[200:-200].max() < 0.01
    same = audio_resampling(high.astype(np.float32), RATE, None, sampling_rate=RATE)
    assert np.array_equal(same, high.astype(np.float32))


def test_typing_errors_hit_their_share_of_letters_and_no_others():
    text = "abc 123 def!" * 300
    damaged = text_typing_errors(text, 0.1, rng())
    assert sorted(set(damaged)) == sorted(set(text))
    assert text_typing_errors(text, 0, rng()) == text
    same_length = [len(text_typing_errors(text, 0.1, np.random.default_rng(s))) for s in range(40)]
    # Left out and let in alike often: 1800 letters, one in ten, a quarter of them each.
    assert abs(np.mean(same_length) - len(text)) < 6


def test_typing_errors_are_the_four_kinds():
    words = {text_typing_errors("ab", 0.5, np.random.default_rng(seed)) for seed in range(200)}
    assert {"ba", "a", "b", "aab", "aa", "bb"} <= words
    assert "" not in words


@pytest.mark.parametrize("text", ["", "  ", "123 !?", "猫がいる", "a"])
@pytest.mark.parametrize("function", [text_typing_errors, text_dropped_words, text_shuffled_words])
def test_text_never_becomes_missing(function, text):
    for seed in range(5):
        damaged = function(text, 1.0, np.random.default_rng(seed))
        assert bool(damaged.strip()) == bool(text.strip())


def test_dropped_words_lose_more_of_the_same():
    words = " ".join(str(number) for number in range(1000))
    kept = [text_dropped_words(words, share, rng()).split() for share in (0.2, 0.6, 1.0)]
    assert len(kept[0]) == pytest.approx(800, abs=50)
    assert set(kept[1]) < set(kept[0])
    assert len(kept[2]) == 1
    assert kept[1] == sorted(kept[1], key=int)


def test_shuffled_words_are_the_same_words():
    words = " ".join(str(number) for number in range(200))
    shuffled = text_shuffled_words(words, 1.0, rng()).split()
    assert sorted(shuffled) == sorted(words.split())
    assert shuffled != words.split()
    half = text_shuffled_words(words, 0.5, rng()).split()
    stayed = np.mean([a == b for a, b in zip(half, words.split(), strict=True)])
    assert stayed == pytest.approx(0.5, abs=0.1)


def rngs(n):
    return [np.random.default_rng(row) for row in range(n)]


def test_number_noise_is_counted_in_deviations():
    numbers = [float(number) for number in range(2000)]
    noise = np.array(number_noise(numbers, 0.5, rngs(2000))) - numbers
    assert noise.std() == pytest.approx(0.5 * np.std(numbers), rel=0.05)
    kept = number_noise([1, None, "word", float("nan")], 1.0, rngs(4))
    assert kept[1:3] == [None, "word"]
    assert np.isnan(kept[3])


def test_replaced_categories_keep_their_frequencies():
    cells = ["a"] * 900 + ["b"] * 100 + [None]
    replaced = replaced_categories(cells, 0.5, rngs(1001))
    assert replaced[-1] is None
    assert np.mean([cell == "b" for cell in replaced[:-1]]) == pytest.approx(0.1, abs=0.03)
    changed = np.mean([old != new for old, new in zip(cells, replaced, strict=True)])
    assert changed == pytest.approx(0.5 * 2 * 0.9 * 0.1, abs=0.03)


def test_seeds_depend_on_content_and_state_and_count():
    cells = ["a", np.arange(3), b"a", (np.zeros(2), 8000), {"path": "a", "bytes": None}, 1.5, None]
    assert len({Seeder(0)(cell) for cell in cells}) == len(cells)
    seeder = Seeder(0)
    assert seeder("a") != seeder("a")
    assert Seeder(0)("a") != Seeder(1)("a")
    assert content_of({"a": 1, "b": 2}) == content_of({"b": 2, "a": 1})
    assert content_of(np.arange(4)) != content_of(np.arange(4).reshape(2, 2))
    assert content_of("\ud800") != content_of("\udfff")


def test_usual_severities_are_allowed():
    for medium in DAMAGES:
        for kind, damage in damages_of([medium]).items():
            assert severities_of(kind, damage, None) == list(damage.severities)


@pytest.mark.parametrize("wrong", [-0.1, 1.5, "much", True, None, float("nan")])
def test_wrong_severities_are_refused(wrong):
    with pytest.raises(ValueError, match=r"A severity of 'missing' .* between 0 and 1, got"):
        severities_of("missing", MISSING, [0.5, wrong])
