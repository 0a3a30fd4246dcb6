"""The estimator around a network, and a real network on real pictures."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import threading
import time

import numpy as np
import pytest
from sklearn.base import clone

from mmclassic import DataQualityWarning
from mmclassic.image import BackboneVectorizer
from mmclassic.image._network import N_KEPT

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


@pytest.fixture
def openings(monkeypatch):
    """Grows by one whenever a network is opened."""
    import mmclassic.image._network as module

    def counted(*arguments):
        opened.append(arguments)
        return open_anew(*arguments)

    opened: list = []
    open_anew = module._open
    module._kept.clear()
    monkeypatch.setattr(module, "_open", counted)
    return opened


def test_the_model_is_opened_once(pictures, file, openings):
    vectorizer = BackboneVectorizer(file)
    assert not openings
    vectorizer.fit(pictures).transform(pictures)
    vectorizer.get_feature_names_out()
    clone(vectorizer).fit_transform(pictures)
    pickle.loads(pickle.dumps(vectorizer)).set_params(batch_size=2, n_jobs=2).transform(pictures)
    assert len(openings) == 1
    vectorizer.set_params(layer="conv").transform(pictures)
    assert len(openings) == 2


def test_a_model_that_changes_on_disk_is_opened_again(tiny_network, pictures, file, openings):
    vectorizer = BackboneVectorizer(file)
    before, settings = vectorizer.fit_transform(pictures), vectorizer._settings()
    file.write_bytes(tiny_network(n_pictures="n")[0])
    np.testing.assert_allclose(vectorizer.transform(pictures), before, rtol=1e-4)
    assert len(openings) == 2
    assert vectorizer._settings() != settings
    file.with_suffix(".json").write_text(json.dumps({**TINY, "pool": "mean"}))
    assert (vectorizer.transform(pictures) != before).any()


def test_only_some_networks_stay_open(pictures, model, openings):
    for i in range(N_KEPT + 1):
        BackboneVectorizer(model, **{**TINY, "scale": 1.0 + i}).fit(pictures)
    BackboneVectorizer(model, **{**TINY, "scale": 1.0 + N_KEPT}).fit(pictures)
    assert len(openings) == N_KEPT + 1
    BackboneVectorizer(model, **{**TINY, "scale": 1.0}).fit(pictures)
    assert len(openings) == N_KEPT + 2


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_features_do_not_depend_on_the_batch(tiny_network, pictures, batch_size):
    model = tiny_network(n_pictures="n")[0]
    cells = [*pictures[:4], None, *pictures[4:], pictures[0]]
    expected = BackboneVectorizer(model, **TINY).fit_transform(cells)
    vectorizer = BackboneVectorizer(model, **TINY, batch_size=batch_size, n_jobs=2)
    np.testing.assert_allclose(vectorizer.fit_transform(cells), expected, rtol=1e-4)
    assert np.isnan(expected).all(axis=1).tolist() == [cell is None for cell in cells]


def test_pictures_come_in_batches(tiny_network, pictures, monkeypatch):
    vectorizer = BackboneVectorizer(tiny_network(n_pictures="n")[0], **TINY, batch_size=3)
    network = vectorizer.fit(pictures)._start()[1]
    sizes = []
    whole = type(network).features
    monkeypatch.setattr(
        type(network), "features", lambda self, px: (sizes.append(len(px)), whole(self, px))[1]
    )
    vectorizer.set_params(on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match="1 of 8 cells"):
        vectorizer.transform([*pictures[:2], b"broken", *pictures[2:]])
    assert sizes == [2, 3, 2]


def test_a_second_thread_decodes_while_a_gpu_runs(tiny_network, pictures, monkeypatch):
    vectorizer = BackboneVectorizer(tiny_network(n_pictures="n")[0], **TINY)
    expected = vectorizer.fit_transform(pictures)
    assert vectorizer._cells_per_chunk == 16
    monkeypatch.setattr(vectorizer._start()[1], "device", "cuda")
    assert vectorizer._cells_per_chunk == 64
    threads = set()
    decode = BackboneVectorizer._decode

    def slow(self, cell):
        threads.add(threading.get_ident())
        time.sleep(0.01)
        return decode(self, cell)

    monkeypatch.setattr(BackboneVectorizer, "_decode", slow)
    monkeypatch.setattr("mmclassic.media._read.cpu_count", lambda: 2)
    found = vectorizer.set_params(batch_size=1).transform(pictures)
    assert len(threads) == 2
    assert vectorizer.n_jobs is None
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_preset(tiny_network, pictures):
    model = tiny_network()[0]
    plain = {name: TINY[name] for name in ("size", "layer")}
    found = BackboneVectorizer(model, **plain, preset="zero_one").fit_transform(pictures)
    expected = BackboneVectorizer(model, **TINY).fit_transform(pictures)
    np.testing.assert_array_equal(found, expected)


def test_values_that_are_not_finite_are_an_error(tiny_network, pictures):
    vectorizer = BackboneVectorizer(tiny_network(np.float16)[0], **{**TINY, "scale": 1e6})
    with pytest.raises(ValueError, match=r"not finite for 7 of 7 pictures, the first array \(6"):
        vectorizer.fit_transform(pictures)


def test_only_as_much_of_a_picture_is_decoded_as_is_needed(model):
    assert BackboneVectorizer(model, size=(60, 50))._needs().at_least == (60, 50)


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
        ({"preset": "resnet"}, ValueError, "'preset' parameter"),
        ({"device": "gpu"}, ValueError, "'device' parameter"),
        ({"precision": "double"}, ValueError, "'precision' parameter"),
        ({"precision": "half"}, ValueError, "precision"),
        ({"batch_size": 0}, ValueError, "'batch_size' parameter"),
        ({"weights": "w.pt"}, ValueError, "weights='w.pt' needs model to be a torch module"),
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
