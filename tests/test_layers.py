"""What may import what: the table is the law, the checker reads every import in every file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "mmclassic"

BASE = {"_errors", "_cells", "_optional", "_threads"}
ROOMS = {"text", "image", "audio", "tabular", "fusion", "joint", "datasets"}
MAY_IMPORT: dict[str, set[str]] = {
    # layer 0
    "_errors": set(),
    "_cells": set(),
    "_optional": set(),
    "_threads": set(),
    "_jit": set(),
    "_dask": set(),
    "_dask_backend": {"_dask"},
    "_parallel": {"_errors", "_dask", "_dask_backend"},
    # layer 1
    "media": BASE | {"_dask"},
    "modalities": BASE,  # knows no medium
    # layer 2: never each other
    "text": BASE | {"media", "_jit"},
    "image": BASE | {"media", "_jit"},
    "audio": BASE | {"media", "_jit"},
    "tabular": BASE,
    "datasets": BASE | {"media"},
    "fusion": BASE | {"_parallel", "modalities"},  # knows no medium
    "joint": BASE | {"_parallel", "modalities"},  # knows no medium
    # layer 3
    "recipes": BASE | {"media"} | ROOMS,
    "inspection": BASE | {"media", "modalities", "fusion"},
    "persistence": BASE | {"media"} | ROOMS,
    "extraction": BASE | {"_dask", "media", "datasets"},
    # layer 4
    "evaluation": BASE
    | {"_parallel", "media", "modalities", "recipes", "inspection", "persistence"}
    | ROOMS,
    # layer 5
    "cli": BASE
    | {"media", "recipes", "inspection", "persistence", "extraction", "evaluation"}
    | ROOMS,
    "__main__": {"cli"},
}
# Imported when a medium is used, never when a module is loaded.
HEAVY = {
    "cv2",
    "gensim",
    "librosa",
    "matplotlib",
    "numba",
    "onnxruntime",
    "skimage",
    "soundfile",
    "soxr",
    "torch",
}


def parts_of(tree: ast.AST, inside_function: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node, and whether it is run only when a function is called (or by type checkers)."""
    for node in ast.iter_child_nodes(tree):
        deferred = inside_function or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        yield node, deferred
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            deferred = True
        yield from parts_of(node, deferred)


def imports_of(source: str) -> Iterator[tuple[int, str, bool]]:
    """Line, full name of what is imported, and whether that happens at module level."""
    for node, deferred in parts_of(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, not deferred
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            for alias in node.names:
                yield node.lineno, f"{start}.{alias.name}", not deferred


def violations(module: str, source: str) -> list[str]:
    """What a file of ``mmclassic/<module>`` does that it may not."""
    found = []
    for line, name, at_module_level in imports_of(source):
        first, _, rest = name.partition(".")
        if name.startswith("."):
            found.append(f"line {line}: relative import of {name}")
        elif first in HEAVY and at_module_level:
            found.append(f"line {line}: {first} is imported at module level")
        elif first == "mmclassic":
            target = rest.split(".")[0]
            allowed = {module, *MAY_IMPORT.get(module, ()), "__version__"}
            if target not in allowed:
                found.append(f"line {line}: {module} may not import {name}")
    return found


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_lower_layers(path):
    source = path.read_text(encoding="utf-8")
    found = violations(module_of(path), source)
    if is_kernel(path):
        # Compiled code needs numba as it is defined; it is loaded when its medium is used.
        found = [complaint for complaint in found if "numba is imported" not in complaint]
    assert found == []


def is_kernel(path: Path) -> bool:
    return path.name == "_jit.py" or path.stem.endswith("_kernel")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_kernels_are_loaded_when_they_are_used(path):
    """What imports a kernel, or how it is compiled, does so inside a function, or is a kernel."""
    if is_kernel(path):
        return
    for line, name, at_module_level in imports_of(path.read_text(encoding="utf-8")):
        kernel = any(part == "_jit" or part.endswith("_kernel") for part in name.split("."))
        assert not (kernel and at_module_level), f"line {line} loads {name}"


def test_the_table_names_every_module():
    assert {module_of(path) for path in FILES} <= set(MAY_IMPORT)


def test_the_table_has_no_circle():
    done: set[str] = set()
    while len(done) < len(MAY_IMPORT):
        ready = {module for module in MAY_IMPORT if MAY_IMPORT[module] <= done} - done
        assert ready, f"these import each other: {set(MAY_IMPORT) - done}"
        done |= ready


def test_the_package_itself_imports_nothing_at_run_time():
    source = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    loaded = {name for _, name, at_module_level in imports_of(source) if at_module_level}
    assert loaded == {
        "__future__.annotations",
        "importlib.import_module",
        "typing.TYPE_CHECKING",
        "typing.Any",
    }


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("text", "from mmclassic.image import hog", "text may not import mmclassic.image.hog"),
        ("text", "import mmclassic.image._hog", "text may not import mmclassic.image._hog"),
        ("text", "from mmclassic import image", "text may not import mmclassic.image"),
        ("text", "from mmclassic import load", "text may not import mmclassic.load"),
        ("text", "import mmclassic", "text may not import mmclassic"),
        ("media", "def f():\n    from mmclassic.text import tokenize", "line 2: media may not"),
        ("fusion", "from mmclassic.media import Limits", "fusion may not import"),
        ("cli", "from mmclassic.unheard_of import x", "cli may not import"),
        ("image", "from ._hog import hog", "relative import of ._hog.hog"),
        ("image", "from . import _hog", "relative import"),
        ("image", "import cv2", "cv2 is imported at module level"),
        ("image", "import torch.nn as nn", "torch is imported at module level"),
        ("audio", "class A:\n    import librosa", "librosa is imported at module level"),
        ("audio", "try:\n    from soundfile import read\nexcept OSError:\n    raise", "soundfile"),
    ],
)
def test_the_checker_sees_what_is_wrong(module, source, complaint):
    [found] = violations(module, source)
    assert complaint in found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("image", "def f():\n    import cv2"),
        ("image", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch"),
        ("image", "from mmclassic.image._hog import hog"),
        ("recipes", "from mmclassic.text import tokenize"),
        ("persistence", "from mmclassic import __version__"),
        ("text", "import numpy as np\nfrom sklearn.base import clone"),
    ],
)
def test_the_checker_lets_the_rest_pass(module, source):
    assert violations(module, source) == []
