"""Importing is cheap: text alone never pays for pictures, sound or plots."""

from __future__ import annotations

import subprocess
import sys

import mmclassic

MEDIUM_LIBRARIES = {
    "cv2",
    "gensim",
    "librosa",
    "matplotlib",
    "numba",
    "onnxruntime",
    "pandas",
    "skimage",
    "soundfile",
    "soxr",
    "torch",
}
N_RUNS = 3
ALLOWANCE = 0.3  # seconds


def run(code: str, *arguments: str) -> str:
    """What a new interpreter prints."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def newly_loaded_by(*modules: str) -> dict[str, set[str]]:
    """Top-level names that each of some imports adds, one after the other, in a new interpreter."""
    code = """
import sys
for module in sys.argv[1:]:
    before = set(sys.modules)
    __import__(module)
    print(module, *{name.split(".")[0] for name in set(sys.modules) - before})
"""
    lines = run(code, *modules).splitlines()
    return {line.split()[0]: set(line.split()[1:]) for line in lines}


def seconds_for(statement: str) -> float:
    """Time of the fastest of some runs of a statement, each in a new interpreter."""
    code = (
        f"import time\nstart = time.perf_counter()\n{statement}\nprint(time.perf_counter() - start)"
    )
    return min(float(run(code)) for _ in range(N_RUNS))


def test_the_probe_sees_imports():
    assert newly_loaded_by("json", "soundfile")["soundfile"] >= {"soundfile"}
    assert seconds_for("import time; time.sleep(0.05)") >= 0.05


def test_no_import_loads_the_libraries_of_a_medium():
    rooms = [f"mmclassic.{room}" for room in mmclassic._ROOMS]
    # scikit-learn loads pandas itself, where it is installed: what it loads anyway comes first.
    loaded = newly_loaded_by("mmclassic", "sklearn", *rooms, "mmclassic.cli")
    assert loaded.pop("sklearn") & MEDIUM_LIBRARIES <= {"pandas"}
    assert {module: names & MEDIUM_LIBRARIES for module, names in loaded.items()} == {
        module: set() for module in loaded
    }


def test_importing_mmclassic_costs_little_more_than_scikit_learn():
    assert seconds_for("import mmclassic") < seconds_for("import sklearn") + ALLOWANCE


def test_the_public_names_are_loaded_on_first_use():
    code = (
        "import sys, mmclassic; before = {m for m in sys.modules if m.startswith('mmclassic')}; "
        "mmclassic.CellError; after = {m for m in sys.modules if m.startswith('mmclassic')}; "
        "print(*before); print(*(after - before))"
    )
    before, after = run(code).splitlines()
    assert before.split() == ["mmclassic"]
    assert after.split() == ["mmclassic._errors"]
