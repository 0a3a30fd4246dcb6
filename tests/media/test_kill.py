"""A run that is killed at any moment goes on where it stopped, with the same result."""

from __future__ import annotations

import hashlib
import os
import signal
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from mmclassic.media._chunks import ChunkReader, OneByOne
from mmclassic.media._read import CHUNK, read_matrix
from mmclassic.media._store import CellStore

N_FILES = 10 * CHUNK
N_FEATURES = 3200
N_KILLS = 8

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is a Unix thing")


class Slow:
    """Features of a file, in half a millisecond; each computation is noted at once."""

    def __init__(self, folder: Path):
        self.log = folder / "log"
        self.log.touch()

    def __call__(self, path: str) -> np.ndarray:
        with self.log.open("ab", buffering=0) as file:  # outlives the process
            file.write(b".")
        time.sleep(0.0005)
        digest = hashlib.sha512(Path(path).read_bytes()).digest()
        return np.resize(np.frombuffer(digest, dtype=np.uint8), N_FEATURES) / np.float32(7)

    def n_computed(self) -> int:
        return self.log.stat().st_size


def read(paths, slow, store, n_jobs):
    return read_matrix(paths, ChunkReader(OneByOne(slow), store), lambda: 0, n_jobs=n_jobs)[0]


def start(work) -> int:
    """Number of a new process that does some work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside other tests' threads
        process = os.fork()
    if process:
        return process
    try:
        work()
    finally:
        os._exit(0)


def kill_after(process: int, slow: Slow, seconds: float) -> bool:
    """Kill a process some time after it began to compute; whether it was in time for that."""
    before = slow.n_computed()
    while slow.n_computed() == before:
        if os.waitpid(process, os.WNOHANG)[0]:
            return False
        time.sleep(0.001)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_killed_runs_lose_one_chunk_per_worker(tmp_path, n_jobs):
    rng = np.random.default_rng()  # any moment must do
    paths = [str(tmp_path / f"{i:04}.bin") for i in range(N_FILES)]
    for path in paths:
        Path(path).write_bytes(rng.bytes(100))
    slow, cache = Slow(tmp_path), tmp_path / "cells.sqlite"
    plain = read(paths, slow, None, 1)
    slow.log.write_bytes(b"")
    n_killed = 0
    while slow.n_computed() < N_FILES - 3 * CHUNK and n_killed < N_KILLS:
        process = start(lambda: read(paths, slow, CellStore(cache, {}), n_jobs))
        n_killed += kill_after(process, slow, rng.uniform(0, 0.03))
    kept = read(paths, slow, CellStore(cache, {}), n_jobs)
    assert n_killed > 0
    assert kept.tobytes() == plain.tobytes()
    assert N_FILES <= slow.n_computed() <= N_FILES + n_killed * n_jobs * CHUNK
    n_before = slow.n_computed()
    assert read(paths, slow, CellStore(cache, {}), n_jobs).tobytes() == plain.tobytes()
    assert slow.n_computed() == n_before  # nothing is left to compute
