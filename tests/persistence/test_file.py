"""The file is whole or not there, and holds no code."""

from __future__ import annotations

import os

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mmclassic.persistence import load, save
from tests.persistence.objects import Holder, module_function


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
