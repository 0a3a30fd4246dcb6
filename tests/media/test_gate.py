"""Whoever closes the gate waits for the threads inside, and nobody comes in any more."""

from __future__ import annotations

import threading
import time

import pytest

from mmclassic.media._gate import Gate
from mmclassic.media._read import read_column


def test_closing_waits_for_who_is_inside():
    gate, began, ended = Gate(), threading.Event(), threading.Event()

    def work():
        began.set()
        time.sleep(0.2)
        ended.set()

    thread = threading.Thread(target=gate.run, args=(work,))
    thread.start()
    began.wait(5)
    gate.close(5.0)
    assert ended.is_set()
    thread.join()
    assert gate.run(len, "abc") is None


def test_what_goes_on_for_longer_is_not_waited_for():
    gate, began = Gate(), threading.Event()
    thread = threading.Thread(target=gate.run, args=(lambda: (began.set(), time.sleep(0.5)),))
    thread.start()
    began.wait(5)
    start = time.perf_counter()
    gate.close(0.05)
    assert time.perf_counter() - start < 0.4
    thread.join()


def test_no_thread_still_reads_when_an_interrupted_call_ends():
    inside, ended = set(), []

    def read(cell):
        if cell == 0:
            raise KeyboardInterrupt
        inside.add(cell)
        time.sleep(0.02)
        inside.discard(cell)
        ended.append(cell)
        return cell

    with pytest.raises(KeyboardInterrupt):
        read_column([*range(1, 65), 0, *range(65, 200)], read, n_jobs=2)
    assert not inside
