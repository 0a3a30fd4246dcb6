"""Under ``joblib.parallel_config("dask")`` results are the same, and dead workers end no run in
waiting."""

from __future__ import annotations

import logging
import os
import signal
import time

import numpy as np
import pytest
from joblib import delayed, parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin

from mmclassic import HOGVectorizer, LateFusionClassifier, benchmark, load_demo, make_late_fusion
from mmclassic._parallel import run_all, run_each
from tests.media.test_poison import expected, read, write_cells

distributed = pytest.importorskip("distributed", reason="dask is not installed")

pytestmark = [
    pytest.mark.extra,
    # Sockets that workers which were killed on purpose leave open.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def client():
    """A cluster of two processes on this machine."""
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def table():
    return load_demo(n_samples=100)


def test_fit_and_predict_are_equal_to_serial(client, table, tmp_path):
    def fused(cache):
        columns = {"text": "text", "image": "image", "audio": "audio"}
        model = make_late_fusion(**columns, cv=2, cache=cache, random_state=0)
        return model.fit(table, table["label"]).predict_proba(table)

    plain = fused(None)
    with parallel_config("dask"):
        for _ in range(2):  # the second time from the store
            assert fused(tmp_path / "cells.sqlite").tobytes() == plain.tobytes()


def test_transform_is_equal_to_serial(client, table):
    plain = HOGVectorizer().transform(table["image"])
    with parallel_config("dask"):
        assert HOGVectorizer().transform(table["image"]).tobytes() == plain.tobytes()


def test_benchmark_is_equal_to_serial(client, table):
    def frame():
        options = {"text": "text", "image": "image", "cv": 3, "random_state": 0}
        result = benchmark(table, "label", **options)
        timed = [name for name in result.frame if "seconds" in name]
        return result.frame.drop(columns=timed)

    plain = frame()
    with parallel_config("dask"):
        assert frame().equals(plain)


def test_the_file_that_killed_workers_is_named(client, tmp_path):
    column = write_cells(tmp_path, 300, {77: b"killed", 200: b"bad"})
    start = time.monotonic()
    with parallel_config("dask"):
        values, errors = read(column)
    assert time.monotonic() - start < 60
    assert [(error.row, error.code) for error in errors] == [(77, "crash"), (200, "decode")]
    np.testing.assert_array_equal(values, expected(300, {77, 200}))


class Dies(ClassifierMixin, BaseEstimator):
    """A classifier whose fit kills its process, as one that takes too much memory."""

    def fit(self, X, y):
        os.kill(os.getpid(), signal.SIGKILL)

    def predict_proba(self, X):
        return np.ones((len(X), 1))


def test_a_fit_that_kills_workers_ends_with_an_error(client):
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    model = LateFusionClassifier([("a", Dies(), [0]), ("b", Dies(), [1])], cv=2)
    with parallel_config("dask"), pytest.raises(distributed.KilledWorker):
        model.fit(X, y)


def test_errors_of_tasks_are_raised_as_they_are(client):
    with parallel_config("dask"):
        with pytest.raises(ZeroDivisionError):
            run_all(delayed(divmod)(1, divisor) for divisor in [1, 2, 0])
        assert list(run_each(delayed(divmod)(7, divisor) for divisor in [2, 4])) == [(3, 1), (1, 3)]


def test_a_cluster_without_workers_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr("mmclassic._dask_backend.PATIENCE", 1.0)
    cluster = distributed.LocalCluster(
        n_workers=0, dashboard_address=":0", silence_logs=logging.CRITICAL
    )
    with cluster, distributed.Client(cluster), parallel_config("dask", wait_for_workers_timeout=1):
        with pytest.raises((RuntimeError, TimeoutError), match="no worker"):
            read(write_cells(tmp_path, 3, {}))
        with pytest.raises((RuntimeError, TimeoutError), match="no worker"):
            run_all([delayed(len)("a")])
