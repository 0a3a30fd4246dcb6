"""No more threads than cores, no deadlock, and no more memory than a cap allows."""

from __future__ import annotations

import faulthandler
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config
from threadpoolctl import threadpool_info

from mmclassic import HOGVectorizer
from tests.faults.processes import result_in_child
from tests.faults.work import probabilities


class CountThreads(HOGVectorizer):
    """The most threads that a library in this process may use, and those of OpenCV."""

    def _extract(self, array):
        import cv2

        pools = [pool["num_threads"] for pool in threadpool_info()]
        return np.array([max([1, *pools]), cv2.getNumThreads()], np.float32)

    def _feature_names(self):
        return ["pools", "opencv"]


@pytest.mark.parametrize("backend", ["threading", pytest.param("loky", marks=pytest.mark.extra)])
def test_each_worker_has_one_thread(table, backend):
    with parallel_config(backend=backend, n_jobs=2):
        assert CountThreads().transform(table["photo"][:150]).max() == 1


@pytest.mark.extra
def test_no_deadlock_in_loops_of_threads_and_processes(table):
    faulthandler.dump_traceback_later(300, exit=True)
    try:
        hog = HOGVectorizer(size=(32, 32), n_jobs=2)
        for _ in range(200):
            hog.transform(table["photo"][:64])
            with parallel_config("loky", n_jobs=2):
                hog.set_params(n_jobs=None).transform(table["photo"][:64])
            hog.set_params(n_jobs=2)
    finally:
        faulthandler.cancel_dump_traceback_later()


def png_of(side: int) -> bytes:
    """A black grey picture of any size in few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(side)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is counted on Linux")
def test_bombs_are_refused_under_a_cap_of_memory(table, tmp_path):
    bomb = png_of(12_000)  # 144 megapixels: decoded, 144 MB of grey and 432 MB of colour
    cells = [bomb, *table["photo"][:64]]

    def work():
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000, resource.RLIM_INFINITY))
        values, errors = HOGVectorizer().read_cells(cells)
        return values[1:], [(error.row, error.code) for error in errors]

    HOGVectorizer().read_cells(cells[1:3])  # compiled and loaded before the cap
    (values, errors), _ = result_in_child(work)
    assert errors == [(0, "limit")]
    assert values.tobytes() == HOGVectorizer().transform(table["photo"][:64]).tobytes()


def test_a_fit_in_a_fork_ends(table):
    """Locks that another thread held at the fork would stay shut."""
    if not hasattr(os, "fork"):
        pytest.skip("fork is a Unix thing")
    expected = probabilities(table[:64])
    values, _ = result_in_child(lambda: probabilities(table[:64]))
    assert values.tobytes() == expected.tobytes()
