"""``fit`` and ``benchmark`` killed at any moment go on from the store, with equal results."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from mmclassic import CellUnion, benchmark
from mmclassic.media._read import CHUNK
from tests.faults import work
from tests.faults.processes import fork
from tests.faults.work import N_ROWS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is a Unix thing")

KILLS = [pytest.param(3, id="few"), pytest.param(20, id="many", marks=pytest.mark.extra)]


def kill_often(job, n_kills: int) -> int:
    """Start some work again and again, and kill it at random; how often that was in time."""
    rng = np.random.default_rng()  # any moment must do
    n_killed = 0
    for _ in range(n_kills):
        process = fork(job)
        time.sleep(rng.uniform(0, 0.3))
        os.kill(process, signal.SIGKILL)
        n_killed += os.WIFSIGNALED(os.waitpid(process, 0)[1])
    return n_killed


def run_and_kill(result_of, folder: Path, cache: Path, n_kills: int) -> dict:
    """A run without a store, one with it that is killed often and then finished, and another.

    Parameters
    ----------
    result_of : callable
        From the place of a store, or None, to what must be equal in all runs.
    """
    plain = result_of(None)
    (folder / "decoded").unlink()
    n_killed = kill_often(lambda: result_of(cache), n_kills)
    finished, n_decoded_then = result_of(cache), work.n_decoded(folder)
    again = result_of(cache)
    return {
        "killed": n_killed,
        "equal": plain == finished == again,
        "decoded": n_decoded_then,
        "decoded afterwards": work.n_decoded(folder) - n_decoded_then,
    }


def fit_and_kill(table, folder: Path, cache: Path, n_kills: int) -> dict:
    def result_of(cache):
        return work.digest_of(work.probabilities(table, cache))

    return run_and_kill(result_of, folder, cache, n_kills)


def benchmark_and_kill(table, folder: Path, cache: Path, n_kills: int) -> dict:
    decode = CellUnion._decode

    def counted(self, cell):
        work.note(Path(cell).parent)
        return decode(self, cell)

    def result_of(cache):
        result = benchmark(table, "label", image="photo", text="text", cv=3, cache=cache)
        timed = [name for name in result.frame if "seconds" in name]
        return result.frame.drop(columns=timed).to_json(double_precision=15)

    with patch.object(CellUnion, "_decode", counted):
        return run_and_kill(result_of, folder, cache, n_kills)


@pytest.mark.parametrize("n_kills", KILLS)
def test_a_killed_fit_goes_on(table, tmp_path, monkeypatch, n_kills):
    monkeypatch.setattr(work, "DELAY", 0.002)
    found = fit_and_kill(table, tmp_path / "data", tmp_path / "cells.sqlite", n_kills)
    assert found["killed"] > 0
    assert found["equal"]
    assert N_ROWS <= found["decoded"] <= N_ROWS + found["killed"] * 2 * CHUNK  # two threads
    assert found["decoded afterwards"] == 0


@pytest.mark.parametrize("n_kills", KILLS)
def test_a_killed_benchmark_goes_on(table, tmp_path, monkeypatch, n_kills):
    monkeypatch.setattr(work, "DELAY", 0.004)
    table = table[:96]
    found = benchmark_and_kill(table, tmp_path / "data", tmp_path / "cells.sqlite", n_kills)
    assert found["killed"] > 0
    assert found["equal"]
    assert len(table) <= found["decoded"] <= len(table) + found["killed"] * CHUNK
    assert found["decoded afterwards"] == 0
