"""Running a small network, through both runtimes, against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.image._onnx import Network, runtime_in_force, with_output

SHAPE = (1, 3, 6, 5)


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
    batch = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    network = Network(model, layer, SHAPE, runtime, "tiny")
    expected = values(batch, kernel, dense)[layer]
    found = network.run(batch)
    assert found.dtype == np.float32
    assert network.output_shape == found.shape == expected.shape
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
    with pytest.raises(ValueError, match=f"{runtime} cannot use the model tiny.onnx"):
        Network(b"no network at all", None, SHAPE, runtime, "tiny.onnx")
    with pytest.raises(ValueError, match="cannot use the model tiny"):
        Network(b"", None, SHAPE, runtime, "tiny.onnx")
    with pytest.raises(ValueError, match="layer='fire9'"):
        Network(model, "fire9", SHAPE, runtime, "tiny.onnx")
    with pytest.raises(ValueError, match="pictures of 9 x 9 pixels"):
        Network(model, None, (1, 3, 9, 9), runtime, "tiny.onnx")


@pytest.mark.usefixtures("needs_onnxruntime")
def test_two_inputs_are_refused(tiny_network):
    model, _, _ = tiny_network(n_inputs=2)
    with pytest.raises(ValueError, match="must have one input of floats, and has input"):
        Network(model, None, SHAPE, "onnxruntime", "tiny")


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
        Network(model, None, SHAPE, "onnxruntime", "tiny")
