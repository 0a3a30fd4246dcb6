"""Open files of torch, without running what a pickle in them says."""

from __future__ import annotations

import os
import pickle
import threading
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmclassic._optional import import_optional

_ADVICE = (
    "A pickle can run any code. Export the network (torch.onnx.export, torch.export.save), or "
    "make the module yourself and pass model=module, weights=PATH of its state_dict()."
)
# Parts of an archive of torch.export that are machine code or pickles of Python objects.
_CODE = ("aotinductor/", "opaque_obj_", "custom_obj_")
_FORCE = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
_lock = threading.Lock()


def kind_of_file(path: Path) -> str:
    """What a model file is, by its content.

    Parameters
    ----------
    path : Path

    Returns
    -------
    kind : {"onnx", "script", "exported"}
        ONNX is what nothing says against: it has no magic number.

    Raises
    ------
    ValueError
        For a pickle, be it of weights or of a module.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if len(head) == 4 and head[0] == 0x80 and 2 <= head[1] <= 5:
        raise ValueError(f"model={str(path)!r} is a pickle. {_ADVICE}")
    if head != b"PK\x03\x04":
        return "onnx"
    try:
        names = zipfile.ZipFile(path).namelist()
    except zipfile.BadZipFile:
        return "onnx"
    if any(name.endswith("/constants.pkl") for name in names):
        return "script"
    if any(name.endswith(("archive_format", "serialized_exported_program.json")) for name in names):
        return "exported"
    if any(name.endswith("data.pkl") for name in names):
        raise ValueError(
            f"model={str(path)!r} holds weights, or a whole module, as torch.save wrote them. "
            f"{_ADVICE}"
        )
    return "onnx"


def load_script(path: Path) -> Any:
    """A TorchScript module, on the CPU.

    Its format holds no pickle that Python would run, but a program of torch's operators.
    """
    torch = import_optional("torch", "torch")
    with _no_word_of_deprecation():
        return torch.jit.load(os.fspath(path), map_location="cpu").eval()


def freeze_script(script: Any) -> Any:
    """A TorchScript module with its weights as constants, so that torch folds batch norms."""
    torch = import_optional("torch", "torch")
    with _no_word_of_deprecation():
        # One that was frozen when it was saved has no mode of training any more.
        return torch.jit.freeze(script) if hasattr(script, "training") else script


@contextmanager
def _no_word_of_deprecation() -> Iterator[None]:
    """TorchScript is on its way out, but its files are still about."""
    with warnings.catch_warnings():
        for category in (FutureWarning, DeprecationWarning):
            warnings.filterwarnings("ignore", "`torch.jit", category)
        yield


def load_exported(path: Path, *, unflatten: bool) -> Any:
    """A program that ``torch.export.save`` wrote, as a module on the CPU.

    Parameters
    ----------
    path : Path
    unflatten : bool
        Whether the parts of the module are to have their names back.

    Raises
    ------
    ValueError
        If it brings machine code or pickled objects.
    """
    torch = import_optional("torch", "torch")
    code = [n for n in zipfile.ZipFile(path).namelist() if any(part in n for part in _CODE)]
    if code:
        raise ValueError(f"it holds machine code or pickled objects ({code[0]}): export it anew")
    with _weights_only():
        try:
            program = torch.export.load(os.fspath(path))
        except pickle.UnpicklingError as error:
            raise ValueError("it holds pickled objects beside tensors: export it anew") from error
    return torch.export.unflatten(program) if unflatten else program.module()


@contextmanager
def _weights_only() -> Iterator[None]:
    """Within this block, torch.load unpickles tensors only, though torch.export says otherwise."""
    with _lock:
        before = os.environ.get(_FORCE)
        os.environ[_FORCE] = "1"
        try:
            yield
        finally:
            os.environ.pop(_FORCE)
            if before is not None:
                os.environ[_FORCE] = before


def load_weights(module: Any, path: str | os.PathLike) -> None:
    """Give a module the weights of a state dictionary.

    Parameters
    ----------
    module : torch.nn.Module
        Changed in place.
    path : path-like
        What ``torch.save(module.state_dict(), path)`` wrote, or a checkpoint that has it under
        ``"state_dict"``. Names may start with the "module." of ``DataParallel``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it holds anything but weights, or weights of another network.
    """
    torch = import_optional("torch", "torch")
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no file weights={os.fspath(path)!r}.")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # UnpicklingError, RuntimeError, EOFError, ...: torch has no one type for a bad file.
        # Its text advises weights_only=False, which is not repeated here.
        raise ValueError(
            f"weights={os.fspath(path)!r} cannot be read as weights alone "
            f"({type(error).__name__}), and a pickle of anything else could run any code: pass a "
            "file of torch.save(module.state_dict(), path)."
        ) from error
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if isinstance(state, dict) and state and all(str(n).startswith("module.") for n in state):
        state = {name.removeprefix("module."): value for name, value in state.items()}
    try:
        module.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        kind = type(module).__name__
        raise ValueError(
            f"weights={os.fspath(path)!r} do not fit the model {kind}: {error}"
        ) from error
