"""The file is whole or not there, and holds no code."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mmclassic.persistence import load, save
from tests.persistence.objects import Holder, module_function

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("failing", ["os.replace", "os.fsync"])
def test_a_save_that_fails_leaves_the_old_file(failing, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("No space left on device")

    path = tmp_path / "model.mmc"
    save(Holder("old"), path)
    monkeypatch.setattr(failing, fail)
    with pytest.raises(OSError, match="No space left"):
        save(Holder("new"), path)
    assert load(path, trusted=[Holder]).value == "old"
    assert os.listdir(tmp_path) == ["model.mmc"]


SAVER = """
import resource, signal, sys
import numpy as np
from mmclassic.persistence import save
from tests.persistence.objects import Holder

path, n_bytes = sys.argv[1], int(sys.argv[2])
if n_bytes:  # as on a full disk, a write fails beyond so many bytes
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))
    save(Holder(np.random.default_rng(0).normal(size=50_000)), path)
print("ready", flush=True)
while True:
    save(Holder(np.random.default_rng(0).normal(size=200_000)), path)
"""


def start_saver(path, n_bytes):
    command = [sys.executable, "-c", SAVER, str(path), str(n_bytes)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path):
    save(Holder("old"), tmp_path / "model.mmc")
    saver = start_saver(tmp_path / "model.mmc", 100_000)
    assert b"File too large" in saver.communicate(timeout=60)[1]
    assert saver.returncode == 1
    assert load(tmp_path / "model.mmc", trusted=[Holder]).value == "old"
    assert os.listdir(tmp_path) == ["model.mmc"]


def test_a_killed_save_leaves_a_whole_file(tmp_path):
    path = tmp_path / "model.mmc"
    save(Holder("old"), path)
    saver = start_saver(path, 0)
    assert saver.stdout.readline() == b"ready\n"
    deadline = time.monotonic() + 30
    while not list(tmp_path.glob(".model.mmc.*.part")) and time.monotonic() < deadline:
        time.sleep(0.001)
    saver.kill()  # in the middle of a write
    saver.communicate()
    value = load(path, trusted=[Holder]).value
    assert isinstance(value, str) or value.shape == (200_000,)
    for left in set(os.listdir(tmp_path)) - {"model.mmc"}:  # under a name of its own
        assert left.startswith(".model.mmc.")
        assert left.endswith(".part")


def test_saving_to_a_folder_that_is_not_there(tmp_path):
    path = tmp_path / "no" / "folder" / "model.mmc"
    with pytest.raises(FileNotFoundError) as caught:
        save(Holder("new"), path)
    assert str(caught.value) == f"There is no folder {path.parent} to save {path} in."


def test_saving_again_replaces_the_file(there_and_back):
    there_and_back(Holder("old"))
    assert there_and_back(Holder("new")).value == "new"


def test_a_model_of_zeros_is_no_bomb(there_and_back):
    assert there_and_back(Holder(np.zeros(3_000_000))).value.shape == (3_000_000,)


def test_a_sparse_matrix_of_ones_is_no_bomb(there_and_back):
    """scipy compresses it a thousandfold."""
    matrix = sparse.csr_matrix(np.ones((500, 2000)))
    assert (there_and_back(Holder(matrix)).value != matrix).nnz == 0


local_function = lambda X: X  # noqa: E731


def nested_code():
    class Local(BaseEstimator):
        pass

    def inner(X):
        return X

    return Local, inner


Local, inner = nested_code()
MAIN_FUNCTION = type(module_function)(module_function.__code__, {}, "written_in_a_notebook")
MAIN_FUNCTION.__module__ = "__main__"
MAIN_FUNCTION.__qualname__ = "written_in_a_notebook"
MAIN_CLASS = type("Own", (BaseEstimator,), {"__module__": "__main__"})


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (local_function, "function .*<lambda>"),
        (inner, "function .*<locals>.inner"),
        (MAIN_FUNCTION, "function __main__.written_in_a_notebook"),
        (Local(), "class .*<locals>.Local"),
        (MAIN_CLASS(), "class __main__.Own"),
    ],
)
def test_code_that_cannot_be_imported_is_refused_at_save(part, name, tmp_path):
    with pytest.raises(ValueError, match=f"holds the {name}, which no other program can import"):
        save(make_pipeline(FunctionTransformer(), Holder([{"deep": part}])), tmp_path / "m")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("part", [1j, os], ids=["complex", "module"])
def test_what_the_format_cannot_hold_is_refused_at_save(part, tmp_path):
    with pytest.raises(ValueError, match="This Holder cannot be saved: "):
        save(Holder(part), tmp_path / "m")
    assert os.listdir(tmp_path) == []


def test_a_model_that_holds_itself_is_refused_at_save(tmp_path):
    model = Holder()
    model.value = [model]
    with pytest.raises(ValueError, match="refers to itself"):
        save(model, tmp_path / "m")
