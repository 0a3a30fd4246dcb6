"""A network of one convolution and one dense layer, made on the spot."""

from __future__ import annotations

import numpy as np
import pytest

SIZE = (6, 5)  # height, width, of the network's pictures


@pytest.fixture(scope="session")
def tiny_network():
    """Makes the network: a function of its dtype and number of inputs."""
    return make_network


@pytest.fixture
def needs_onnxruntime():
    """Skips a test where onnxruntime is absent."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is an optional part")


def make_network(dtype=np.float32, n_inputs=1, n_pictures=1, mixed=False):
    """Bytes of the model, and its weights.

    Its values: ``input`` (1, 3, 6, 5), ``conv`` and ``relu`` (1, 4, 6, 5), ``flat`` (1, 120),
    ``logits`` (1, 2). It takes one picture, or with ``n_pictures="n"`` any number; with
    ``mixed``, the mean of their logits is subtracted.
    """
    onnx = pytest.importorskip("onnx", reason="onnx makes the network of this test")
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(4, 3, 1, 1)).astype(dtype)
    dense = rng.normal(size=(120, 2)).astype(dtype)
    make, kind = onnx.helper, onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    nodes = [
        make.make_node("Conv", ["input", "kernel"], ["conv"], kernel_shape=[1, 1]),
        make.make_node("Relu", ["conv"], ["relu"]),
        make.make_node("Flatten", ["relu"], ["flat"]),
        make.make_node("MatMul", ["flat", "dense"], ["raw" if mixed else "logits"]),
    ]
    if mixed:
        nodes.append(make.make_node("ReduceMean", ["raw"], ["mean"], axes=[0]))
        nodes.append(make.make_node("Sub", ["raw", "mean"], ["logits"]))
    inputs = [make.make_tensor_value_info("input", kind, [n_pictures, 3, *SIZE])]
    if n_inputs == 2:
        inputs.append(make.make_tensor_value_info("other", kind, [1]))
        nodes.append(make.make_node("Identity", ["other"], ["same"]))
    graph = make.make_graph(
        nodes,
        "tiny",
        inputs,
        [make.make_tensor_value_info("logits", kind, [n_pictures, 2])],
        [
            onnx.numpy_helper.from_array(kernel, "kernel"),
            onnx.numpy_helper.from_array(dense, "dense"),
        ],
    )
    model = make.make_model(graph, opset_imports=[make.make_opsetid("", 13)], ir_version=8)
    return model.SerializeToString(), kernel[:, :, 0, 0].astype(float), dense.astype(float)
