"""The estimator around a network, and a real network on real pictures."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle

import numpy as np
import pytest

from mmclassic.image import BackboneVectorizer

SIZE = (6, 5)  # of the tiny network
TINY = {"size": SIZE, "scale": 1 / 255, "mean": (0, 0, 0), "std": (1, 1, 1), "layer": "relu"}


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 256, (7, *SIZE, 3), dtype=np.uint8))


@pytest.fixture
def model(tiny_network):
    return tiny_network()[0]


@pytest.fixture
def file(model, tmp_path):
    """A model with its parameters beside it."""
    (tmp_path / "net.onnx").write_bytes(model)
    (tmp_path / "net.json").write_text(json.dumps({**TINY, "pool": "max"}))
    return tmp_path / "net.onnx"


@pytest.mark.parametrize("runtime", ["auto", "opencv"])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_features_by_hand(tiny_network, pictures, runtime, n_jobs):
    model, kernel, _ = tiny_network()
    vectorizer = BackboneVectorizer(model, **TINY, runtime=runtime, n_jobs=n_jobs)
    found = vectorizer.fit_transform(pictures)
    relu = [np.maximum(picture / 255 @ kernel.T, 0) for picture in pictures]
    np.testing.assert_allclose(found, np.mean(relu, axis=(1, 2)), rtol=1e-4)
    assert list(vectorizer.get_feature_names_out()) == [f"backbone{i}" for i in range(4)]


def test_parameters_from_the_file_beside_the_model(pictures, file, model):
    expected = BackboneVectorizer(model, **TINY, pool="max").fit_transform(pictures)
    np.testing.assert_array_equal(BackboneVectorizer(str(file)).fit_transform(pictures), expected)
    whole = BackboneVectorizer(file, pool="none").fit_transform(pictures)
    assert whole.shape == (7, 4 * SIZE[0] * SIZE[1])


def test_portable_copy_needs_no_file(pictures, file):
    vectorizer = BackboneVectorizer(file, cache=file.with_name("store")).fit(pictures)
    expected = vectorizer.transform(pictures)
    portable = copy.deepcopy(vectorizer)
    portable._to_portable()
    portable = pickle.loads(pickle.dumps(portable))
    assert vectorizer.model == file
    assert portable.cache is None
    assert portable.layer == "relu"
    file.with_suffix(".json").unlink()
    file.unlink()
    np.testing.assert_array_equal(portable.transform(pictures), expected)


def test_store_knows_the_model_by_its_content(pictures, file, model):
    from_file = BackboneVectorizer(file)
    from_bytes = BackboneVectorizer(model, **TINY, pool="max", n_jobs=2)
    assert from_file._settings() == from_bytes._settings()
    text = json.dumps(from_file._settings())
    assert hashlib.sha256(model).hexdigest() in text
    assert str(file) not in text
    changed = BackboneVectorizer(file, pool="mean")._settings()
    assert changed != from_file._settings()


def test_store_gives_the_same_features(pictures, file):
    expected = BackboneVectorizer(file).fit_transform(pictures)
    for _ in range(2):
        stored = BackboneVectorizer(file, cache=file.with_name("store"))
        np.testing.assert_array_equal(stored.fit_transform(pictures), expected)


def test_the_model_is_opened_once(pictures, file, monkeypatch):
    import mmclassic.image._backbone as module

    opened = []

    def counted(*arguments):
        opened.append(arguments)
        return network(*arguments)

    network = module.Network
    monkeypatch.setattr(module, "Network", counted)
    vectorizer = BackboneVectorizer(file)
    assert not opened
    vectorizer.fit(pictures).transform(pictures)
    vectorizer.get_feature_names_out()
    assert len(opened) == 1
    vectorizer.set_params(layer="conv").transform(pictures)
    assert len(opened) == 2


def test_an_open_network_is_not_pickled(pictures, file):
    vectorizer = BackboneVectorizer(file).fit(pictures)
    assert len(pickle.dumps(vectorizer)) < 2000


def test_repr_of_a_model_in_bytes_is_short(model):
    vectorizer = BackboneVectorizer(model, pool="max")
    assert repr(vectorizer) == f"BackboneVectorizer(model=<{len(model)} bytes>, pool='max')"
    assert vectorizer.model is model


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"model": "absent.onnx"}, FileNotFoundError, "no model file 'absent.onnx'"),
        ({"model": 3}, ValueError, "'model' parameter"),
        ({"model": b"junk"}, ValueError, "the model given as bytes: it is no ONNX file"),
        ({"runtime": "tensorflow"}, ValueError, "'runtime' parameter"),
        ({"size": (6, 0)}, ValueError, "size must be 2 integers"),
        ({"std": (1, 0, 1)}, ValueError, "std must not hold 0"),
        ({"layer": "fire9"}, ValueError, "layer='fire9'"),
        ({"pool": "sum"}, ValueError, "pool must be"),
    ],
)
def test_bad_parameters(model, pictures, parameters, error, message):
    vectorizer = BackboneVectorizer(**{"model": model, **TINY, **parameters})
    with pytest.raises(error, match=message):
        vectorizer.fit(pictures)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no network",
        b"\x89PNG\r\n\x1a\n" + bytes(99),
        b"PK\x03\x04" + bytes(50),
        b"\x3a\x05ab",
    ],
    ids=["empty", "text", "picture", "zip", "cut"],
)
def test_a_file_that_is_no_network_is_called_that(content, pictures, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"model\.onnx: it is no ONNX file\.$"):
        BackboneVectorizer(path, **TINY, runtime="opencv").fit(pictures)


RUNTIMES = ["onnxruntime", "opencv"]


@pytest.fixture(scope="module")
def squeezenet(shared_data):
    return shared_data / "squeezenet"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_squeezenet_knows_kitten_and_fish(request, squeezenet, runtime):
    if runtime == "onnxruntime":
        request.getfixturevalue("needs_onnxruntime")
    labels = (squeezenet / "imagenet_labels.txt").read_text().splitlines()
    vectorizer = BackboneVectorizer(
        squeezenet / "SqueezeNet_fp16.onnx",
        layer="softmaxout_1",
        runtime=runtime,
        root=squeezenet,
    )
    shares = vectorizer.fit_transform(["kitten_224.png", "fish.png"])
    assert shares.shape == (2, 1000)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=0.01)
    best = shares.argmax(axis=1)
    assert "tabby" in labels[best[0]]
    assert "tench" in labels[best[1]]
    np.testing.assert_allclose(shares.max(axis=1), [0.93, 0.74], atol=0.015)


@pytest.mark.usefixtures("needs_onnxruntime")
def test_squeezenet_features_agree_between_runtimes(squeezenet):
    features = [
        BackboneVectorizer(
            squeezenet / "SqueezeNet_fp16.onnx", runtime=runtime, root=squeezenet
        ).fit_transform(["kitten_224.png", "fish.png"])
        for runtime in RUNTIMES
    ]
    assert features[0].shape == (2, 512)
    np.testing.assert_allclose(features[0], features[1], atol=2e-3 * features[0].max())
    # Not merely two small or equal rows:
    assert np.corrcoef(features[0])[0, 1] < 0.9
