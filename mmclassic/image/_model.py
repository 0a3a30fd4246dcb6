"""What a backbone's model can be: a file, the bytes of one, or a module of torch."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from mmclassic.image._torch_files import kind_of_file


def is_module(model: Any) -> bool:
    """Whether a model is a module of torch rather than a file or its bytes.

    Examples
    --------
    >>> is_module("net.onnx")
    False
    """
    torch: Any = sys.modules.get("torch")  # there is no module before torch was imported
    return torch is not None and isinstance(model, torch.nn.Module)


def stamp_of(model: Any, weights: Any = None) -> tuple:
    """Changes when a model does; cheap, so that it can be asked for often.

    Parameters
    ----------
    model : path-like, bytes or torch.nn.Module
    weights : path-like, optional

    Returns
    -------
    stamp : tuple
        For files what the file system knows (of the JSON file beside, too), for modules the
        version of every tensor.
    """
    if is_module(model):
        tensors = [*model.parameters(), *model.buffers()]
        versions = tuple((id(tensor), tensor._version) for tensor in tensors)
        return (id(model), versions, stamp_of_file(weights))
    if isinstance(model, bytes):
        return (id(model),)
    return (*stamp_of_file(model), *stamp_of_file(Path(model).with_suffix(".json")))


def stamp_of_file(path: Any) -> tuple:
    """What the file system knows about a file; its name alone where there is none."""
    if path is None or not os.path.isfile(path):
        return (None if path is None else os.fspath(path),)
    status = os.stat(path)
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return (os.path.realpath(path), *times, status.st_size, status.st_ino)


def portable_bytes(model: Any, size: tuple[int, int]) -> bytes:
    """The file of a model, to be saved within another file that holds no code.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is a model of torch.
    """
    if is_module(model) or kind_of(model) != "onnx":
        raise ValueError(
            f"model={name_of(model)} cannot be saved: networks of torch bring code along. Use "
            f"torch.onnx.export(module, (torch.zeros(2, 3, {size[0]}, {size[1]}),), 'net.onnx', "
            "external_data=False, dynamic_shapes=({0: torch.export.Dim.AUTO},)), and pass "
            "model='net.onnx': the features agree within 1e-4."
        )
    return Path(model).read_bytes()


def kind_of(model: Any) -> str:
    """What the file of a model is: "onnx", "script" or "exported".

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is a pickle.
    """
    path = Path(model)
    if not path.is_file():
        raise FileNotFoundError(f"There is no model file {str(path)!r}.")
    return kind_of_file(path)


def name_of(model: Any) -> str:
    """What error messages call a model."""
    if is_module(model):
        return type(model).__name__
    return "given as bytes" if isinstance(model, bytes) else os.fspath(model)


def are_same(before: tuple[list, tuple], now: tuple[list, tuple]) -> bool:
    """Whether parameters and stamp are those of before.

    Parameters are compared by identity, since arrays and bytes are not compared at once.
    """
    return before[1] == now[1] and all(a is b for a, b in zip(before[0], now[0], strict=True))


class _Shown:
    """Stands for a model in a repr."""

    def __init__(self, text: str):
        self._text = text

    def __repr__(self) -> str:
        return self._text


def shown_as(model: Any) -> Any:
    """What a repr shows: a path as it is, the size of anything else.

    Examples
    --------
    >>> shown_as("net.onnx"), shown_as(b"abc")
    ('net.onnx', <3 bytes>)
    """
    if isinstance(model, bytes):
        return _Shown(f"<{len(model)} bytes>")
    if is_module(model):
        n_weights = sum(tensor.numel() for tensor in model.parameters())
        return _Shown(f"<{type(model).__name__} of {n_weights} weights>")
    return model
