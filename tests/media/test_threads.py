"""Workers times the threads of libraries are never more than there are cores."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest
from joblib import Parallel, delayed
from threadpoolctl import threadpool_info

from mmclassic.media._threads import one_thread_each


@pytest.fixture(autouse=True)
def two_threads():
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    yield
    cv2.setNumThreads(before)


def counts() -> list[int]:
    """Threads of OpenCV and of each BLAS."""
    blas = [
        library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
    ]
    return [cv2.getNumThreads(), *blas]


def test_one_thread_within_and_what_was_found_after():
    before = counts()
    assert before[0] == 2
    with one_thread_each():
        assert set(counts()) == {1}
        with one_thread_each():
            assert set(counts()) == {1}
        assert set(counts()) == {1}
    assert counts() == before


def test_an_error_within_changes_nothing():
    before = counts()
    with pytest.raises(ZeroDivisionError), one_thread_each():
        raise ZeroDivisionError
    assert counts() == before


def test_blocks_that_overlap_restore_what_the_first_found():
    before = counts()
    inside, leave = threading.Event(), threading.Event()

    def other():
        with one_thread_each():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with one_thread_each():
        thread.start()
        assert inside.wait(10)
    assert set(counts()) == {1}  # the other is still in
    leave.set()
    thread.join()
    assert counts() == before


def test_many_threads_leave_no_trace():
    before = counts()

    def work():
        with one_thread_each():
            return cv2.getNumThreads()

    found = Parallel(n_jobs=4, prefer="threads")(delayed(work)() for _ in range(400))
    assert set(found) == {1}
    assert counts() == before


def test_a_single_thread_stays_single():
    cv2.setNumThreads(1)
    with one_thread_each():
        np.ones((2, 2)) @ np.ones((2, 2))
    assert cv2.getNumThreads() == 1
