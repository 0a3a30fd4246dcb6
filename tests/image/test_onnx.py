"""Running a small network, through both runtimes, against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.image._network import RUNTIMES, open_network
from mmclassic.image._onnx import runtime_in_force, with_output
from mmclassic.image._preprocessing import Preprocessing, normalize

SIZE = (6, 5)


def engine_of(model, layer, runtime):
    return RUNTIMES[runtime](model, Preprocessing(size=SIZE, layer=layer), "auto", "single")


def opened(model, layer, size, runtime, device="auto"):
    how = Preprocessing(size=size, layer=layer)
    return open_network(model, None, how, runtime, device, "single")


@pytest.fixture(params=["onnxruntime", "opencv"])
def runtime(request):
    if request.param == "onnxruntime":
        request.getfixturevalue("needs_onnxruntime")
    return request.param


def values(batch, kernel, dense):
    """All values of the tiny network, by numpy."""
    conv = np.einsum("oc,nchw->nohw", kernel, batch)
    relu = np.maximum(conv, 0)
    flat = relu.reshape(1, -1)
    return {"conv": conv, "relu": relu, "flat": flat, "logits": flat @ dense, None: flat @ dense}


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("layer", ["conv", "relu", "flat", "logits", None])
def test_every_value_can_be_had(tiny_network, runtime, layer, dtype):
    model, kernel, dense = tiny_network(dtype)
    pixels = np.random.default_rng(1).integers(0, 256, (1, *SIZE, 3), dtype=np.uint8)
    expected = values(normalize(pixels, Preprocessing(size=SIZE)), kernel, dense)[layer]
    found = engine_of(model, layer, runtime).run(pixels)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    tolerance = 1e-4 if dtype == np.float32 else 0.03
    np.testing.assert_allclose(found, expected, atol=tolerance, rtol=tolerance)


def test_added_output_is_what_the_onnx_package_reads(tiny_network):
    model, _, _ = tiny_network()
    onnx = pytest.importorskip("onnx", reason="onnx reads the model")
    for typed in (False, True):
        outputs = onnx.load_from_string(with_output(model, "relu", typed=typed)).graph.output
        assert [output.name for output in outputs] == ["logits", "relu"]
    long = "a" * 300  # its length takes two bytes
    outputs = onnx.load_from_string(with_output(model, long, typed=True)).graph.output
    assert outputs[1].name == long


def test_bad_models(tiny_network, runtime):
    model, _, _ = tiny_network()
    with pytest.raises(ValueError, match=f"{runtime} cannot use the model given as bytes: it is"):
        opened(b"no network at all", None, SIZE, runtime)
    with pytest.raises(ValueError, match="cannot use the model given as bytes"):
        opened(b"", None, SIZE, runtime)
    with pytest.raises(ValueError, match="layer='fire9'"):
        opened(model, "fire9", SIZE, runtime)
    with pytest.raises(ValueError, match="pictures of 9 x 9 pixels"):
        opened(model, None, (9, 9), runtime)


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_devices_that_are_not_there(tiny_network, runtime, device, monkeypatch):
    if runtime == "onnxruntime":
        import onnxruntime

        there = ["CPUExecutionProvider"]
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    with pytest.raises(ValueError, match=f"cannot use the model.*{device}"):
        opened(tiny_network()[0], None, SIZE, runtime, device)


@pytest.mark.usefixtures("needs_onnxruntime")
def test_two_inputs_are_refused(tiny_network):
    model, _, _ = tiny_network(n_inputs=2)
    with pytest.raises(ValueError, match="must have one input of floats, and has input"):
        opened(model, None, SIZE, "onnxruntime")


@pytest.mark.usefixtures("needs_onnxruntime")
def test_a_model_for_one_picture_gets_one_at_a_time(tiny_network):
    fixed, _, _ = tiny_network()
    free, _, _ = tiny_network(n_pictures="n")
    pixels = np.random.default_rng(1).integers(0, 256, (5, *SIZE, 3), dtype=np.uint8)
    one, many = (opened(model, "relu", SIZE, "onnxruntime") for model in (fixed, free))
    assert not one.batched
    assert many.batched
    np.testing.assert_allclose(one.features(pixels), many.features(pixels), rtol=1e-5)


@pytest.mark.usefixtures("needs_onnxruntime")
def test_a_model_that_mixes_the_pictures_of_a_batch_gets_one_at_a_time(tiny_network):
    model, _, _ = tiny_network(n_pictures="n", mixed=True)
    network = opened(model, None, SIZE, "onnxruntime")
    assert not network.batched
    pixels = np.random.default_rng(1).integers(0, 256, (2, *SIZE, 3), dtype=np.uint8)
    alone = [network.features(pixels[i : i + 1])[0] for i in range(2)]
    np.testing.assert_array_equal(network.features(pixels), alone)


def test_auto_prefers_onnxruntime(monkeypatch):
    monkeypatch.setattr("mmclassic.image._onnx.find_spec", lambda name: None)
    assert runtime_in_force("auto") == "opencv"
    monkeypatch.setattr("mmclassic.image._onnx.find_spec", lambda name: object())
    assert runtime_in_force("auto") == "onnxruntime"
    assert runtime_in_force("opencv") == "opencv"


def test_asking_for_a_runtime_that_is_absent(tiny_network, monkeypatch):
    import sys

    model, _, _ = tiny_network()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ImportError, match=r'pip install "mmclassic\[onnx\]"'):
        opened(model, None, SIZE, "onnxruntime")
