"""Run a network in ONNX format, through onnxruntime or through OpenCV."""

from __future__ import annotations

import hashlib
import threading
from importlib.util import find_spec

import numpy as np

from mmclassic._optional import import_optional

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
    """A network run by onnxruntime, one picture at a time, on one thread.

    Parameters
    ----------
    model : bytes
    layer : str or None
        The value wanted; None is the first output.
    """

    def __init__(self, model: bytes, layer: str | None):
        self._session = self._open(model)
        outputs = [output.name for output in self._session.get_outputs()]
        self._layer = layer or outputs[0]
        if self._layer not in outputs:
            self._session = self._open(with_output(model, self._layer, typed=False))
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or inputs[0].type not in ("tensor(float)", "tensor(float16)"):
            kinds = ", ".join(f"{value.name}: {value.type}" for value in inputs)
            raise ValueError(f"it must have one input of floats, and has {kinds}")
        self._input = inputs[0].name
        self._dtype = np.float16 if inputs[0].type == "tensor(float16)" else np.float32

    @staticmethod
    def _open(model: bytes):
        onnxruntime = import_optional("onnxruntime", "onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors come as exceptions anyway
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    @staticmethod
    def version() -> str:
        """Of onnxruntime."""
        return import_optional("onnxruntime", "onnx").__version__

    def run(self, batch: np.ndarray) -> np.ndarray:
        """The wanted value for one picture, with its leading axis of length 1."""
        (value,) = self._session.run([self._layer], {self._input: batch.astype(self._dtype)})
        return value


class OpenCVNetwork:
    """A network run by OpenCV's dnn module, one picture at a time.

    Parameters
    ----------
    model : bytes
    layer : str or None
        The value wanted; None is the first output.
    """

    def __init__(self, model: bytes, layer: str | None):
        self._net = self._open(model)
        # A value that is no output may be asked for by name, but OpenCV 5 then hands out
        # whatever has since been written to its memory.
        if layer is not None and layer not in self._net.getUnconnectedOutLayersNames():
            self._net = self._open(with_output(model, layer, typed=True))
        self._layer = layer or self._net.getUnconnectedOutLayersNames()[0]
        self._lock = threading.Lock()  # a net holds the state of one run

    @staticmethod
    def _open(model: bytes):
        import cv2

        return cv2.dnn.readNetFromONNX(np.frombuffer(model, dtype=np.uint8))

    @staticmethod
    def version() -> str:
        """Of OpenCV."""
        import cv2

        return cv2.__version__

    def run(self, batch: np.ndarray) -> np.ndarray:
        """The wanted value for one picture, with its leading axis of length 1."""
        with self._lock:
            self._net.setInput(batch)
            value = self._net.forward(self._layer)
            if value is None:
                raise ValueError(f"it has no layer {self._layer!r}")
            return value.copy()


RUNTIMES: dict = {"onnxruntime": OnnxRuntimeNetwork, "opencv": OpenCVNetwork}


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


class Network:
    """An opened model: what runs it, what it is, and how much it gives.

    Parameters
    ----------
    model : bytes
        In ONNX format.
    layer : str or None
        The value wanted; None is the first output.
    shape : tuple of int
        Of its input, (1, 3, height, width).
    runtime : {"auto", "onnxruntime", "opencv"}
    name : str
        What error messages call the model.

    Attributes
    ----------
    runtime : {"onnxruntime", "opencv"}
    runtime_version : str
    sha256 : str
        Of the model's bytes, in hexadecimal digits.
    output_shape : tuple of int
        With its leading axis of length 1.

    Raises
    ------
    ImportError
        If the runtime asked for is not installed.
    ValueError
        If the bytes are no network that the runtime can read, has no such layer, or does not
        take pictures of that shape.
    """

    def __init__(self, model: bytes, layer: str | None, shape: tuple, runtime: str, name: str):
        self.runtime = runtime_in_force(runtime)
        self.sha256 = hashlib.sha256(model).hexdigest()
        if not is_onnx(model):
            raise ValueError(f"{self.runtime} cannot use the model {name}: it is no ONNX file.")
        try:
            self._network = RUNTIMES[self.runtime](model, layer)
            self.runtime_version = self._network.version()
            self.output_shape = self.run(np.zeros(shape, dtype=np.float32)).shape
        except ImportError:
            raise
        except Exception as error:
            # Each runtime has exception types of its own, down to RuntimeError and cv2.error.
            raise ValueError(
                f"{self.runtime} cannot use the model {name} with layer={layer!r} and pictures "
                f"of {shape[2]} x {shape[3]} pixels: {error}"
            ) from error

    def run(self, batch: np.ndarray) -> np.ndarray:
        """Float32 value of the layer for one picture (1, 3, height, width)."""
        return self._network.run(batch).astype(np.float32, copy=False)
