"""How pictures enter a network and features leave it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mmclassic.image._preprocessing import (
    PRESETS,
    Preprocessing,
    beside,
    check_finite,
    fit_picture,
    normalize,
    pool_places,
    resolve,
)


def preprocess(image, how):
    return normalize(fit_picture(image, how)[None], how)


def test_defaults_are_those_of_imagenet():
    how = resolve({}, {})
    assert how.size == (224, 224)
    image = np.full((10, 10, 3), (124, 116, 104), dtype=np.uint8)  # ImageNet's mean colour
    assert np.abs(preprocess(image, how)).max() < 0.01


def test_given_before_file_before_default():
    how = resolve({"pool": "max", "scale": None}, {"pool": "none", "scale": 2.0})
    assert (how.pool, how.scale, how.channel_order) == ("max", 2.0, "rgb")


def test_a_preset_stands_between_what_is_given_and_the_file():
    how = resolve({"scale": 3.0, "std": None}, {"scale": 2.0, "size": (8, 8)}, "caffe")
    assert (how.scale, how.channel_order, how.size) == (3.0, "bgr", (8, 8))
    assert resolve({}, {"scale": 2.0}).scale == 2.0


@pytest.mark.parametrize(
    ("preset", "black", "white"),
    [
        ("imagenet", (-2.1179, -2.0357, -1.8044), (2.2489, 2.4286, 2.64)),
        ("clip", (-1.7923, -1.7521, -1.4802), (1.9303, 2.0749, 2.1459)),
        ("caffe", (-103.939, -116.779, -123.68), (151.061, 138.221, 131.32)),
        ("zero_one", (0, 0, 0), (1, 1, 1)),
        ("minus_one_one", (-1, -1, -1), (1, 1, 1)),
    ],
)
def test_presets_by_the_range_they_give(preset, black, white):
    how = resolve({"size": (1, 1)}, {}, preset)
    pixels = np.uint8([[[[0, 0, 0]]], [[[255, 255, 255]]]])
    expected = [black, white]
    np.testing.assert_allclose(normalize(pixels, how)[:, :, 0, 0], expected, atol=1e-3)


def test_every_preset_is_complete():
    for preset in PRESETS.values():
        assert set(preset) == {"channel_order", "scale", "mean", "std"}


def test_features_that_are_not_numbers_are_refused():
    check_finite(np.ones((2, 3)), ["a.png", "b.png"])
    features = np.float32([[1, 2], [np.inf, 2], [np.nan, 0]])
    with pytest.raises(ValueError, match=r"for 2 of 3 pictures, the first b\.png: compare preset"):
        check_finite(features, ["a.png", "b.png", "c.png"])


def test_channel_order_applies_before_mean_and_std():
    image = np.full((2, 2, 3), (1, 2, 3), dtype=np.uint8)
    how = Preprocessing(size=(2, 2), channel_order="bgr", scale=10.0, mean=(5, 0, 0), std=(1, 2, 1))
    batch = preprocess(image, how)
    assert batch.dtype == np.float32
    assert batch.flags.c_contiguous
    np.testing.assert_allclose(batch[0, :, 0, 0], [30 - 5, 20 / 2, 10])


@pytest.mark.parametrize(
    ("value", "pool", "expected"),
    [
        (np.arange(16.0).reshape(2, 2, 2, 2), "mean", [[1.5, 5.5], [9.5, 13.5]]),
        (np.arange(8.0).reshape(1, 2, 2, 2), "max", [[3, 7]]),
        (np.arange(16.0).reshape(2, 2, 2, 2), "none", np.arange(16).reshape(2, 8)),
        (np.arange(6.0).reshape(1, 3, 2), "mean", [[2, 3]]),  # three tokens of a transformer
        (np.arange(6.0).reshape(1, 3, 2), "max", [[4, 5]]),
        (np.arange(6.0).reshape(2, 3), "mean", [[0, 1, 2], [3, 4, 5]]),
    ],
)
def test_pooling(value, pool, expected):
    features = pool_places(value, pool)
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, expected)


def test_half_precision_is_averaged_in_single():
    value = np.full((1, 1, 100, 100), 30000, dtype=np.float16)
    np.testing.assert_allclose(pool_places(value, "mean"), float(np.float16(30000)))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": 224}, "size must be 2 integers above 0, got 224"),
        ({"size": (224, 0)}, "size must be 2 integers"),
        ({"mean": (0, 0)}, "mean must be 3 finite numbers"),
        ({"std": (1, 1, float("nan"))}, "std must be 3 finite numbers"),
        ({"std": (1, 0, 1)}, "std must not hold 0"),
        ({"channel_order": "grey"}, 'channel_order must be "rgb" or "bgr"'),
        ({"scale": -1}, "scale must be a positive number"),
        ({"layer": 3}, "layer must be a name"),
        ({"pool": "sum"}, "pool must be"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        Preprocessing(**parameters)


def test_file_beside_the_model(tmp_path):
    model = tmp_path / "net.onnx"
    assert beside(model) == {}
    (tmp_path / "net.json").write_text(json.dumps({"size": [8, 8]}))
    assert beside(model) == {"size": [8, 8]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "net.json is not valid JSON"),
        ("[1]", "must hold a JSON object"),
        ('{"sizes": [8, 8]}', "with keys among .*'size'.* and holds .*sizes"),
    ],
)
def test_bad_files(tmp_path, text, message):
    (tmp_path / "net.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        beside(tmp_path / "net.onnx")
