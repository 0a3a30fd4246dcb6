"""Parts that not every installation has."""

from __future__ import annotations

import importlib
from types import ModuleType


def import_optional(name: str, extra: str) -> ModuleType:
    """Import a module of an optional dependency, or say how to install it.

    Parameters
    ----------
    name : str
        Module to import, such as ``"onnxruntime"``.
    extra : str
        The extra of mmclassic that brings it.

    Raises
    ------
    ImportError
        With the exact install command, if the module is absent.

    Examples
    --------
    >>> import_optional("no_such_module", "onnx")
    Traceback (most recent call last):
    ...
    ImportError: no_such_module is not installed: pip install "mmclassic[onnx]"
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or name.split(".")[0] != error.name.split(".")[0]:
            raise
        raise ImportError(
            f'{name} is not installed: pip install "mmclassic[{extra}]"', name=name
        ) from error
