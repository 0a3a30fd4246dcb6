"""Networks in ONNX format: their bytes, and how onnxruntime runs them."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from mmclassic._optional import import_optional
from mmclassic.image._preprocessing import Preprocessing, normalize

# Numbers of the fields of ONNX's protobuf messages that with_output writes.
_MODEL_GRAPH = 7
_GRAPH_OUTPUT = 12
_VALUE_NAME = 1
_VALUE_TYPE = 2
_TYPE_TENSOR = 1
_TENSOR_SHAPE = 2
_TENSOR_OF_FLOATS = b"\x08\x01"
_FIXED_SIZES = {1: 8, 5: 4}  # bytes, by protobuf's wire type


def with_output(model: bytes, layer: str, *, typed: bool) -> bytes:
    """A model one of whose inner values is an output too.

    Protobuf merges a message that occurs twice, so a second graph holding nothing but the
    output can simply be appended; no other package is needed to edit the model.

    Parameters
    ----------
    model : bytes
        In ONNX format.
    layer : str
        Name of the value, as an output of one of the graph's nodes.
    typed : bool
        Whether the output declares a type. OpenCV wants one (and ignores what it says);
        onnxruntime infers it (and objects where they differ).

    Returns
    -------
    model : bytes

    Examples
    --------
    >>> with_output(b"", "relu", typed=False)
    b':\\x08b\\x06\\n\\x04relu'
    """
    value = _field(_VALUE_NAME, layer.encode())
    if typed:
        tensor = _TENSOR_OF_FLOATS + _field(_TENSOR_SHAPE, b"")
        value += _field(_VALUE_TYPE, _field(_TYPE_TENSOR, tensor))
    return model + _field(_MODEL_GRAPH, _field(_GRAPH_OUTPUT, value))


def _field(number: int, payload: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(number: int) -> bytes:
    encoded = b""
    while number > 127:
        encoded += bytes([number & 127 | 128])
        number >>= 7
    return encoded + bytes([number])


def is_onnx(model: bytes) -> bool:
    """Whether bytes are fields of a protobuf message, a graph among them.

    Looks at the outermost fields only; a runtime may still find fault with what is in them.

    Parameters
    ----------
    model : bytes

    Examples
    --------
    >>> is_onnx(b"\\x89PNG"), is_onnx(b""), is_onnx(with_output(b"", "relu", typed=False))
    (False, False, True)
    """
    place, has_graph = 0, False
    try:
        while place < len(model):
            key, place = _read_varint(model, place)
            has_graph |= key == _MODEL_GRAPH << 3 | 2
            if key & 7 == 2:
                size, place = _read_varint(model, place)
                place += size
            elif key & 7 == 0:
                _, place = _read_varint(model, place)
            else:
                place += _FIXED_SIZES[key & 7]
    except (IndexError, KeyError):
        return False
    return has_graph and place == len(model)


def _read_varint(model: bytes, place: int) -> tuple[int, int]:
    """A number, and the place after it."""
    number = shift = 0
    while model[place] > 127:
        number |= (model[place] & 127) << shift
        place, shift = place + 1, shift + 7
    return number | model[place] << shift, place + 1


class OnnxRuntimeNetwork:
    """A network run by onnxruntime; several threads may run it.

    On the CPU every call uses one thread.

    Parameters
    ----------
    model : bytes
    how : Preprocessing
    device : {"auto", "cpu", "cuda"}
    precision : {"single"}
        The model says itself how precise its numbers are.

    Attributes
    ----------
    device : {"cpu", "cuda"}

    Raises
    ------
    ValueError
        If there is no such device or layer, or the model wants other inputs than a picture.
    """

    runtime = "onnxruntime"
    dtype = "float32"
    batched = True

    def __init__(self, model: bytes, how: Preprocessing, device: str, precision: str):
        if precision != "single":
            raise ValueError(
                "an ONNX file says itself how precise its numbers are: pass "
                'precision="single", or convert the file to float16'
            )
        self._how = how
        self._wanted_device = device
        self._session = self._open(model)
        outputs = [output.name for output in self._session.get_outputs()]
        self._layer = how.layer or outputs[0]
        if self._layer not in outputs:
            self._session = self._open(with_output(model, self._layer, typed=False))
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in ("tensor(float)", "tensor(float16)"):
            kinds = ", ".join(f"{value.name}: {value.type}" for value in inputs)
            raise ValueError(f"it must have one input of floats, and has {kinds}")
        self._input = inputs[0].name
        self._dtype = np.float16 if inputs[0].type == "tensor(float16)" else np.float32
        self.device = "cuda" if self._session.get_providers()[0].startswith("CUDA") else "cpu"
        if device == "cuda" and self.device != "cuda":
            raise ValueError('device="cuda": onnxruntime could not start it; see its messages')

    def _open(self, model: bytes):
        onnxruntime = import_optional("onnxruntime", "onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors come as exceptions anyway
        # TF32 would be off by 1e-3.
        cuda = ("CUDAExecutionProvider", {"use_tf32": "0"})
        providers: list = ["CPUExecutionProvider"]
        there = cuda[0] in onnxruntime.get_available_providers()
        if self._wanted_device == "mps" or (self._wanted_device == "cuda" and not there):
            raise ValueError(
                f'device="{self._wanted_device}" is not there for ONNX files (onnxruntime offers '
                f"{', '.join(onnxruntime.get_available_providers())}): install onnxruntime-gpu for "
                'CUDA, or pass device="auto" or "cpu"'
            )
        if self._wanted_device != "cpu" and there:
            providers.insert(0, cuda)
        return onnxruntime.InferenceSession(model, options, providers=providers)

    @staticmethod
    def version() -> str:
        """Of onnxruntime."""
        return import_optional("onnxruntime", "onnx").__version__

    def run(self, pixels: np.ndarray) -> np.ndarray:
        """The wanted value for pictures (n, height, width, 3) of bytes, float32 (n, ...)."""
        with np.errstate(over="ignore"):  # the features are looked at in the end
            batch = normalize(pixels, self._how).astype(self._dtype, copy=False)
        (value,) = self._session.run([self._layer], {self._input: batch})
        return value.astype(np.float32, copy=False)


def runtime_in_force(runtime: str) -> str:
    """What "auto" stands for here: onnxruntime if it is installed, else OpenCV.

    Examples
    --------
    >>> runtime_in_force("opencv")
    'opencv'
    """
    if runtime != "auto":
        return runtime
    return "opencv" if find_spec("onnxruntime") is None else "onnxruntime"
