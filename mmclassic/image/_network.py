"""A model, opened once per process: what runs it, what it is, and how much it gives."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mmclassic.image._cv_dnn import OpenCVNetwork
from mmclassic.image._model import is_module, kind_of, name_of, stamp_of_file
from mmclassic.image._onnx import OnnxRuntimeNetwork, is_onnx, runtime_in_force
from mmclassic.image._preprocessing import Preprocessing, pool_places
from mmclassic.image._torch_files import load_exported, load_script, load_weights

RUNTIMES: dict = {"onnxruntime": OnnxRuntimeNetwork, "opencv": OpenCVNetwork}
# How many networks stay open though nobody may need them again.
N_KEPT = 4

_lock = threading.Lock()
_kept: OrderedDict[Hashable, Network] = OrderedDict()


class Network:
    """An opened model.

    Parameters
    ----------
    engine : OnnxRuntimeNetwork, OpenCVNetwork or TorchNetwork
    sha256 : str
        Of what was opened.
    how : Preprocessing

    Attributes
    ----------
    runtime : {"onnxruntime", "opencv", "torch"}
    runtime_version : str
    device : {"cpu", "cuda", "mps"}
    dtype : {"float32", "float16", "bfloat16"}
        What it computes in, where that is ours to say.
    sha256 : str
    n_features : int
    batched : bool
        Whether it takes several pictures at a time, and gives each what it gives it alone.
    """

    def __init__(self, engine: Any, sha256: str, how: Preprocessing):
        self._engine = engine
        self._pool = how.pool
        self.runtime = engine.runtime
        self.runtime_version = engine.version()
        self.device = engine.device
        self.dtype = engine.dtype
        self.sha256 = sha256
        rng = np.random.default_rng(0)
        noise = rng.integers(0, 256, (2, *how.size, 3), dtype=np.uint8)
        with np.errstate(all="ignore"):  # noise need not suit the network
            one_by_one = np.concatenate([self._features(noise[i : i + 1]) for i in range(2)])
            self.batched = self._is_batched(noise, one_by_one)
        self.n_features = one_by_one.shape[1]

    def _is_batched(self, pictures: np.ndarray, one_by_one: np.ndarray) -> bool:
        """Some models are made for one picture; in others the pictures of a batch mix."""
        if not getattr(self._engine, "batched", True):
            return False
        try:
            together = self._features(pictures)
        except Exception:
            # What a runtime raises for a number of pictures that the model was not made for
            # is its own affair; one at a time has just worked.
            return False
        if together.shape != one_by_one.shape:
            return False
        tolerance = 1e-4 if self.dtype == "float32" else 3e-2
        return bool(np.abs(together - one_by_one).max() <= tolerance * np.abs(one_by_one).max())

    def features(self, pixels: np.ndarray) -> np.ndarray:
        """Features of pictures.

        Parameters
        ----------
        pixels : ndarray of shape (n, height, width, 3), uint8
            At the size and with the order of channels that the network expects.

        Returns
        -------
        features : ndarray of shape (n, n_features), float32
        """
        if self.batched:
            return self._features(pixels)
        return np.concatenate([self._features(picture[None]) for picture in pixels])

    def _features(self, pixels: np.ndarray) -> np.ndarray:
        return pool_places(self._engine.run(pixels), self._pool)


def open_network(
    model: Any, weights: Any, how: Preprocessing, runtime: str, device: str, precision: str
) -> Network:
    """A network from its file, its bytes or a module: the one that is open already, if any.

    Parameters
    ----------
    model : path-like, bytes or torch.nn.Module
    weights : path-like or None
    how : Preprocessing
    runtime : {"auto", "onnxruntime", "opencv"}
    device : {"auto", "cpu", "cuda", "mps"}
    precision : {"single", "half"}

    Returns
    -------
    network : Network

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If what runs it is not installed.
    ValueError
        If it is no network, has no such layer, or does not take pictures of that size.
    """
    if weights is not None and not is_module(model):
        raise ValueError(f"weights={weights!r} needs model to be a torch module, got {model!r:.80}")
    identity: tuple
    if is_module(model):
        from mmclassic.image._torch import fingerprint

        identity = (fingerprint(model), stamp_of_file(weights))
    else:
        # Bytes are known by themselves: Python hashes them once, and compares by identity first.
        identity = (model,) if isinstance(model, bytes) else stamp_of_file(model)
    key = (identity, how, runtime, device, precision)
    with _lock:
        if key not in _kept:
            _kept[key] = _open(model, weights, how, runtime, device, precision)
            while len(_kept) > N_KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def _open(
    model: Any, weights: Any, how: Preprocessing, runtime: str, device: str, precision: str
) -> Network:
    """A network opened anew, whatever goes wrong said in words of the parameters."""
    if is_module(model):
        engine, start, digest = "torch", *_module(model, weights)
    elif isinstance(model, bytes) or kind_of(model) == "onnx":
        engine = runtime_in_force(runtime)
        start, digest = _onnx(model, engine)
    else:
        engine = "torch"
        start, digest = _torch_file(Path(model), unflatten=how.layer is not None)
    if engine == "torch" and runtime != "auto":
        raise ValueError(f'runtime="{runtime}" is for ONNX files; leave it "auto" for torch')
    try:
        return Network(start(how, device, precision), digest, how)
    except ImportError:
        raise
    except Exception as error:
        # Each runtime has exception types of its own, down to RuntimeError and cv2.error.
        raise ValueError(
            f"{engine} cannot use the model {name_of(model)} with layer={how.layer!r} and pictures "
            f"of {how.size[0]} x {how.size[1]} pixels: {error}"
        ) from error


def _onnx(model: Any, runtime: str) -> tuple[Callable, str]:
    content = model if isinstance(model, bytes) else Path(model).read_bytes()
    if not is_onnx(content):
        raise ValueError(f"{runtime} cannot use the model {name_of(model)}: it is no ONNX file.")
    return partial(RUNTIMES[runtime], content), hashlib.sha256(content).hexdigest()


def _module(model: Any, weights: Any) -> tuple[Callable, str]:
    from mmclassic.image._torch import TorchNetwork, fingerprint

    model = copy.deepcopy(model).cpu()
    if weights is not None:
        load_weights(model, weights)
    return partial(TorchNetwork, model), fingerprint(model)


def _torch_file(path: Path, *, unflatten: bool) -> tuple[Callable, str]:
    """How to run a TorchScript file or an exported program."""

    def start(how: Preprocessing, device: str, precision: str) -> Any:
        from mmclassic.image._torch import TorchNetwork

        is_script = kind_of(path) == "script"
        module = load_script(path) if is_script else load_exported(path, unflatten=unflatten)
        return TorchNetwork(module, how, device, precision)

    return start, hashlib.sha256(path.read_bytes()).hexdigest()
