"""Run a network in ONNX format through OpenCV, which is always installed."""

from __future__ import annotations

import threading

import numpy as np

from mmclassic.image._onnx import with_output
from mmclassic.image._preprocessing import Preprocessing, normalize


class OpenCVNetwork:
    """A network run by OpenCV's dnn module, on the CPU, one picture at a time.

    Parameters
    ----------
    model : bytes
    how : Preprocessing
    device : {"auto", "cpu"}
    precision : {"single"}

    Raises
    ------
    ValueError
        For another device or precision.
    """

    runtime = "opencv"
    device = "cpu"
    dtype = "float32"
    batched = False  # another number of pictures than before makes it plan everything anew

    def __init__(self, model: bytes, how: Preprocessing, device: str, precision: str):
        if device not in ("auto", "cpu") or precision != "single":
            raise ValueError(
                f'OpenCV runs it with device="cpu" and precision="single" only, got {device!r} '
                f"and {precision!r}"
            )
        layer = how.layer
        self._how = how
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

    def run(self, pixels: np.ndarray) -> np.ndarray:
        """The wanted value for one picture (1, height, width, 3) of bytes, float32 (1, ...)."""
        batch = normalize(pixels, self._how)
        with self._lock:
            self._net.setInput(batch)
            value = self._net.forward(self._layer)
            if value is None:
                raise ValueError(f"it has no layer {self._layer!r}")
            return value.astype(np.float32)  # a copy: the net writes there again
