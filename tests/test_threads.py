"""One thread inside, as many as before outside."""

from __future__ import annotations

import sys
import threading

import cv2
import numpy as np
import pytest
import scipy.linalg  # noqa: F401  # loads a BLAS of its own
from joblib import Parallel, delayed
from sklearn.naive_bayes import GaussianNB
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from mmclassic import LateFusionClassifier, Stacking, _threads
from mmclassic._threads import one_thread
from tests.fusion.examples import LEFT, make_scores, make_table


def threads():
    return {pool["num_threads"] for pool in threadpool_info()}


@pytest.fixture
def two_threads():
    with threadpool_limits(2):
        if threads() != {2}:
            pytest.skip("the libraries of this machine have no second thread")
        yield


def test_the_limit_holds_inside_only(two_threads):
    for _ in range(2):
        with one_thread():
            assert threads() == {1}
        assert threads() == {2}


class Watching(GaussianNB):
    """Notes the threads that its fit has."""

    seen: set = set()

    def fit(self, X, y, sample_weight=None):
        self.seen.update(threads())
        return super().fit(X, y, sample_weight)


def test_base_models_and_heads_are_fitted_in_one_thread(two_threads):
    for fit in (
        lambda: LateFusionClassifier([("left", Watching(), LEFT)], "mean").fit(*make_table()),
        lambda: Stacking(Watching()).fit(*make_scores()),
    ):
        Watching.seen.clear()
        fit()
        assert Watching.seen == {1}
    assert threads() == {2}


@pytest.fixture
def two_in_opencv():
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


def test_opencv_and_blas_get_back_what_they_had(two_in_opencv):
    before = counts()
    assert before[0] == 2
    with one_thread():
        assert set(counts()) == {1}
        with one_thread():
            assert set(counts()) == {1}
        assert set(counts()) == {1}
    assert counts() == before


def test_an_error_within_changes_nothing(two_in_opencv):
    before = counts()
    with pytest.raises(ZeroDivisionError), one_thread():
        raise ZeroDivisionError
    assert counts() == before


def test_blocks_that_overlap_restore_what_the_first_found(two_in_opencv):
    before = counts()
    inside, leave = threading.Event(), threading.Event()

    def other():
        with one_thread():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with one_thread():
        thread.start()
        assert inside.wait(10)
    assert set(counts()) == {1}  # the other is still in
    leave.set()
    thread.join()
    assert counts() == before


@pytest.mark.parametrize("first_leaves_last", [True, False])
def test_whoever_leaves_last_restores(two_threads, first_leaves_last):
    """The first in lives on: to threadpoolctl it alone could set OpenBLAS."""
    entered, leave, left, end = (threading.Event() for _ in range(4))

    def first():
        with one_thread():
            entered.set()
            assert leave.wait(10)
        left.set()
        assert end.wait(10)

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(10)
    try:
        with one_thread():
            if not first_leaves_last:
                leave.set()
                assert left.wait(10)
        leave.set()
        assert left.wait(10)
        assert set(counts()[1:]) == {2}
    finally:
        leave.set()
        end.set()
        thread.join()


def test_others_limits_in_other_threads_are_not_in_the_way(two_threads):
    """Somebody else's thread that set OpenBLAS and lives on, and sets it back after us."""
    entered, leave = threading.Event(), threading.Event()

    def other():
        with threadpool_limits(2):
            threadpool_limits(2)
            entered.set()
            assert leave.wait(10)

    ThreadpoolController().limit(limits=2)
    thread = threading.Thread(target=other)
    thread.start()
    assert entered.wait(10)
    try:
        with one_thread():
            assert set(counts()[1:]) == {1}
        assert set(counts()[1:]) == {2}
    finally:
        leave.set()
        thread.join()


def test_openmp_is_limited_in_every_thread(two_threads):
    found = []

    def work():
        with one_thread():
            found.append(threads())

    with one_thread():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found == [{1}]


def test_many_threads_leave_no_trace(two_in_opencv):
    before = counts()

    def work():
        with one_thread():
            return cv2.getNumThreads()

    found = Parallel(n_jobs=4, prefer="threads")(delayed(work)() for _ in range(400))
    assert set(found) == {1}
    assert counts() == before


def test_a_single_thread_stays_single(two_in_opencv):
    cv2.setNumThreads(1)
    with one_thread():
        np.ones((2, 2)) @ np.ones((2, 2))
    assert cv2.getNumThreads() == 1


def test_the_limit_of_openmp_is_set_once_however_deep(two_threads, monkeypatch):
    asked = []
    controller = _threads._controller(len(sys.modules))
    limit = type(controller).limit

    def counting(self, **options):
        asked.append(options["user_api"])
        return limit(self, **options)

    monkeypatch.setattr(type(controller), "limit", counting)
    with one_thread():
        for _ in range(3):
            with one_thread():
                assert threads() == {1}
        assert threads() == {1}
    assert asked.count("openmp") == 1
    assert threads() == {2}


def test_an_import_within_is_limited_too(two_threads, monkeypatch):
    with one_thread():
        monkeypatch.setitem(sys.modules, "just_imported", threading)
        monkeypatch.setattr(_threads, "_controller", lambda n_modules: ThreadpoolController())
        threadpool_limits(2)  # as a library that comes with threads of its own
        with one_thread():
            assert threads() == {1}
