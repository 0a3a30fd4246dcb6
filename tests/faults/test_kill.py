"""``fit`` and ``benchmark`` killed at any moment go on from the store, with equal results."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from mmclassic import CellUnion, benchmark
from mmclassic.media._read import CHUNK
from tests.faults.processes import fork
from tests.faults.work import N_ROWS, digest_of, n_decoded, note, probabilities

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is a Unix thing")

KILLS = [pytest.param(3, id="few"), pytest.param(20, id="many", marks=pytest.mark.extra)]


def kill_often(work, n_kills: int, seconds: float) -> int:
    """Start some work again and again, and kill it at random; how often that was in time."""
    rng = np.random.default_rng()  # any moment must do
    n_killed = 0
    for _ in range(n_kills):
        process = fork(work)
        time.sleep(rng.uniform(0, seconds))
        os.kill(process, signal.SIGKILL)
        n_killed += os.WIFSIGNALED(os.waitpid(process, 0)[1])
    return n_killed


@pytest.mark.parametrize("n_kills", KILLS)
def test_a_killed_fit_goes_on(table, tmp_path, n_kills):
    folder, cache = tmp_path / "data", tmp_path / "cells.sqlite"
    start = time.monotonic()
    plain = digest_of(probabilities(table))
    seconds = time.monotonic() - start
    assert n_decoded(folder) == 2 * N_ROWS  # fit, and predict_proba without a store
    (folder / "decoded").unlink()
    n_killed = kill_often(lambda: probabilities(table, cache), n_kills, seconds)
    assert digest_of(probabilities(table, cache)) == plain
    assert N_ROWS <= n_decoded(folder) <= N_ROWS + n_killed * 2 * CHUNK  # two threads
    n_before = n_decoded(folder)
    assert digest_of(probabilities(table, cache)) == plain
    assert n_decoded(folder) == n_before


@pytest.mark.parametrize("n_kills", KILLS)
def test_a_killed_benchmark_goes_on(table, tmp_path, monkeypatch, n_kills):
    folder, cache = tmp_path / "data", tmp_path / "cells.sqlite"
    table = table[:64]
    decode = CellUnion._decode

    def counted(self, cell):
        note(Path(cell).parent)
        return decode(self, cell)

    monkeypatch.setattr(CellUnion, "_decode", counted)

    def frame(cache):
        result = benchmark(table, "label", image="photo", text="text", cv=3, cache=cache)
        return result.frame[[name for name in result.frame if "seconds" not in name]]

    start = time.monotonic()
    plain = frame(None)
    seconds = time.monotonic() - start
    (folder / "decoded").unlink()
    n_killed = kill_often(lambda: frame(cache), n_kills, seconds if n_kills < 20 else seconds / 4)
    assert frame(cache).equals(plain)
    assert len(table) <= n_decoded(folder) <= len(table) + n_killed * CHUNK
