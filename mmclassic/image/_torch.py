"""Run a network of torch, on the CPU or on a GPU."""

from __future__ import annotations

import copy
import hashlib
import inspect
import threading
from contextlib import ExitStack
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from mmclassic._optional import import_optional
from mmclassic.image._fold import fold_batch_norms, foldable
from mmclassic.image._preprocessing import Preprocessing, factors
from mmclassic.image._torch_files import freeze_script

# A GPU runs one batch at a time; the other threads decode theirs meanwhile. Of the process,
# since what is set for convolutions is, too.
_gpu = threading.Lock()


class _Reached(BaseException):
    """Carries the value of the wanted layer out of forward, which need not go on.

    No Exception, since those are caught, and printed, by forwards that torch has traced.
    """

    def __init__(self, value: Any):
        super().__init__()
        self.value = value


def _stop(module: Any, arguments: Any, value: Any) -> None:
    raise _Reached(value)


class TorchNetwork:
    """A network run by torch; several threads may run it.

    On the CPU every call uses one thread, and values are channels-last. On a GPU pictures
    travel as bytes, from pinned memory.

    Parameters
    ----------
    module : torch.nn.Module or torch.jit.ScriptModule
        On the CPU; it is changed.
    how : Preprocessing
    device : {"auto", "cpu", "cuda", "mps"}
    precision : {"single", "half"}

    Attributes
    ----------
    device : {"cpu", "cuda", "mps"}
    dtype : {"float32", "float16", "bfloat16"}

    Raises
    ------
    ValueError
        If there is no such device, precision or layer.
    """

    runtime = "torch"

    def __init__(self, module: Any, how: Preprocessing, device: str, precision: str):
        self._torch = import_optional("torch", "torch")
        self.device = device_in_force(device)
        self.dtype = _dtype_in_force(precision, self.device, self._torch)
        self._threads = ThreadpoolController()
        self._how = how
        self._multiplier, self._offset = (
            self._torch.from_numpy(f.reshape(1, 3, 1, 1)).to(self.device) for f in factors(how)
        )
        if isinstance(module, self._torch.jit.ScriptModule):
            self._module = self._frozen(module)
        else:
            self._module = self._prepared(module)

    @staticmethod
    def version() -> str:
        """Of torch."""
        return str(import_optional("torch", "torch").__version__)

    def _frozen(self, script: Any) -> Any:
        """A TorchScript module whose weights are constants, so that torch folds batch norms."""
        if self._how.layer is not None:
            raise ValueError(
                "TorchScript gives its output only: leave layer=None, or export the network "
                "with torch.export.save or torch.onnx.export"
            )
        return freeze_script(self._placed(script))

    def _prepared(self, module: Any) -> Any:
        """The module on its device, its batch norms folded where that is right."""
        if not hasattr(module, "graph"):  # an exported program is in evaluation mode for good
            module.eval()
        module.requires_grad_(False)
        pairs = foldable(module, keep=self._how.layer)
        plain = copy.deepcopy(module) if pairs else module
        plain = self._placed(self._watched(plain))
        if not pairs:
            return plain
        folded = self._placed(self._watched(fold_batch_norms(module, pairs)))
        return folded if self._agree(plain, folded) else plain

    def _watched(self, module: Any) -> Any:
        """The module, to be left where the wanted layer is reached."""
        layer = self._how.layer
        if layer is not None:
            parts = dict(module.named_modules())
            if layer not in parts or layer == "":
                some = ", ".join(name for name in list(parts)[1:] if name.count(".") < 1)
                raise ValueError(f"it has no part called {layer!r}; there are {some}, ...")
            parts[layer].register_forward_hook(_stop)
        return module

    def _placed(self, module: Any) -> Any:
        module = module.to(self.device, dtype=getattr(self._torch, self.dtype))
        if self.device == "mps":  # channels-last is neither faster nor always right there
            return module
        return module.to(memory_format=self._torch.channels_last)

    def _agree(self, plain: Any, folded: Any) -> bool:
        """Whether folding has changed no more than rounding does, on a picture of noise."""
        rng = np.random.default_rng(0)
        pixels = rng.integers(0, 256, (1, *self._how.size, 3), dtype=np.uint8)
        expected, found = (self._run(module, pixels) for module in (plain, folded))
        tolerance = 1e-4 if self.dtype == "float32" else 3e-2
        return bool(np.abs(expected - found).max() <= tolerance * np.abs(expected).max())

    def run(self, pixels: np.ndarray) -> np.ndarray:
        """The wanted value for pictures (n, height, width, 3) of bytes, float32 (n, ...)."""
        return self._run(self._module, pixels)

    def _run(self, module: Any, pixels: np.ndarray) -> np.ndarray:
        batch = self._torch.from_numpy(np.ascontiguousarray(pixels))
        if self.device == "cuda":
            batch = batch.pin_memory()  # so that the copy needs no detour, and nobody waits for it
        with ExitStack() as stack:
            stack.enter_context(self._torch.inference_mode())
            if self.device == "cpu":
                # Of the calling thread only; the workers are as many threads as asked for.
                stack.enter_context(self._threads.limit(limits=1, user_api="openmp"))
            else:
                stack.enter_context(_gpu)
            if self.device == "cuda":
                # Convolutions in TF32 would be off by 1e-3, as those in half precision are.
                cudnn = self._torch.backends.cudnn
                stack.enter_context(cudnn.flags(enabled=True, allow_tf32=False))
            batch = batch.to(self.device, non_blocking=True).permute(0, 3, 1, 2)
            batch = batch.float().mul_(self._multiplier).add_(self._offset)
            value = self._value(module, batch.to(getattr(self._torch, self.dtype)))
            return value.float().contiguous().cpu().numpy()

    def _value(self, module: Any, batch: Any) -> Any:
        try:
            value = module(batch)
        except _Reached as reached:
            value = reached.value
        else:
            if self._how.layer is not None:
                raise ValueError(f"its forward does not come to {self._how.layer!r}")
        if isinstance(value, dict):
            value = next(iter(value.values()))
        while isinstance(value, tuple | list):
            value = value[0]
        if not isinstance(value, self._torch.Tensor):
            raise ValueError(f"it gives a {type(value).__name__} where a tensor is wanted")
        return value


def device_in_force(device: str) -> str:
    """What "auto" stands for here: a GPU that torch can use, else the CPU.

    Raises
    ------
    ValueError
        If the device asked for is not there.
    """
    torch = import_optional("torch", "torch")
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    there["cpu"] = True
    if device == "auto":
        return next(name for name, found in there.items() if found)
    if not there[device]:
        raise ValueError(
            f'device="{device}" is not there (torch {torch.__version__} sees none): install a '
            'torch built for it, or pass device="auto" or "cpu"'
        )
    return device


def _dtype_in_force(precision: str, device: str, torch: Any) -> str:
    if precision == "single":
        return "float32"
    if device != "cpu":
        return "float16"
    # Elsewhere torch emulates it, several times slower than single precision.
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        raise ValueError('precision="half": this CPU has no bfloat16; pass precision="single"')
    return "bfloat16"


def fingerprint(module: Any) -> str:
    """What a module computes, as a digest: its structure, its source code and its weights.

    Parameters
    ----------
    module : torch.nn.Module

    Returns
    -------
    digest : str
        SHA-256 in hexadecimal digits.
    """
    torch = import_optional("torch", "torch")
    content = hashlib.sha256(repr(module).encode())
    for kind in sorted({type(part) for part in module.modules()}, key=str):
        content.update(f"{kind.__module__}.{kind.__qualname__}".encode())
        content.update(_source(kind).encode())
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    for name, tensor in tensors.items():
        content.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        flat = tensor.detach().cpu().contiguous().reshape(-1)
        content.update(flat.view(torch.uint8).numpy().data)
    return content.hexdigest()


def _source(kind: type) -> str:
    """Of a class that is not torch's own, which has a version; empty where there is none."""
    if kind.__module__.startswith("torch."):
        return ""
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):  # typed into an interpreter
        return ""
