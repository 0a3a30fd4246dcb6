"""Under ``joblib.parallel_config("dask")`` results are the same, and dead workers end no run in
waiting."""

from __future__ import annotations

import logging
import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from joblib import delayed, parallel_config
from sklearn.base import BaseEstimator, ClassifierMixin

from mmclassic import (
    ColorHistogramVectorizer,
    DataQualityWarning,
    HOGVectorizer,
    LateFusionClassifier,
    benchmark,
    extract,
    load_demo,
    make_late_fusion,
)
from mmclassic._dask import WorkerDied, run_on
from mmclassic._parallel import run_all, run_each
from mmclassic.cli import main
from tests.media.test_poison import expected, read, write_cells

distributed = pytest.importorskip("distributed", reason="dask is not installed")
dask = pytest.importorskip("dask")

pytestmark = [
    pytest.mark.extra,
    # Sockets that workers which were killed on purpose leave open.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@contextmanager
def cluster_of(n_workers):
    """A client of some processes on this machine; two may die over a task, not four."""
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
        cluster = distributed.LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        )
        with cluster, distributed.Client(cluster) as client:
            yield client


@pytest.fixture(scope="module")
def client():
    """A cluster for tests that leave it as it is."""
    with cluster_of(2) as client:
        yield client


@pytest.fixture
def fragile():
    """A cluster of one test: on a busy machine Dask may give up workers that are killed often."""
    with cluster_of(2) as client:
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


def test_the_file_that_killed_workers_is_named(fragile, tmp_path):
    column = write_cells(tmp_path, 300, {77: b"killed", 200: b"bad"})
    start = time.monotonic()
    with parallel_config("dask"):
        values, errors = read(column)
    assert time.monotonic() - start < 120
    assert [(error.row, error.code) for error in errors] == [(77, "crash"), (200, "decode")]
    np.testing.assert_array_equal(values, expected(300, {77, 200}))


class Dies(ClassifierMixin, BaseEstimator):
    """A classifier whose fit kills its process, as one that takes too much memory."""

    def fit(self, X, y):
        os.kill(os.getpid(), signal.SIGKILL)

    def predict_proba(self, X):
        return np.ones((len(X), 1))


def test_a_fit_that_kills_workers_ends_with_an_error(fragile):
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    model = LateFusionClassifier([("a", Dies(), [0]), ("b", Dies(), [1])], cv=2)
    with parallel_config("dask"), pytest.raises(distributed.KilledWorker):
        model.fit(X, y)


def test_errors_of_tasks_are_raised_as_they_are(client):
    with parallel_config("dask"):
        with pytest.raises(ZeroDivisionError):
            run_all(delayed(divmod)(1, divisor) for divisor in [1, 2, 0])
        assert list(run_each(delayed(divmod)(7, divisor) for divisor in [2, 4])) == [(3, 1), (1, 3)]


def test_a_cluster_without_workers_ends_the_fits(monkeypatch):
    monkeypatch.setattr("mmclassic._dask.PATIENCE", 1.0)
    waiting = pytest.raises((RuntimeError, TimeoutError), match="no worker")
    with cluster_of(0), parallel_config("dask", wait_for_workers_timeout=1), waiting:
        run_all([delayed(len)("a")])


def test_without_workers_what_is_on_its_way_is_read_here(monkeypatch):
    monkeypatch.setattr("mmclassic._dask.PATIENCE", 1.0)
    with cluster_of(0) as client:
        assert list(run_on(client, len, ["a"])) == [WorkerDied(alone=False)]
        results = run_on(client, len, ["a"] * 10)
        assert [next(results) for _ in range(3)] == [WorkerDied(alone=False)] * 3
        with pytest.raises(RuntimeError, match="no worker for 1 s"):
            next(results)


class Lethal(ColorHistogramVectorizer):
    """Kills its process while the picture ``poison`` is read, as often as the file says."""

    def _decode(self, cell):
        mark = Path(cell).with_suffix(".deaths")
        if mark.exists():
            left = int(mark.read_text())
            if left > 0:
                mark.write_text(str(left - 1))
                os.kill(os.getpid(), signal.SIGKILL)
        return super()._decode(cell)


@pytest.fixture
def pictures(tmp_path) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    paths = [str(tmp_path / f"{row}.png") for row in range(40)]
    for path in paths:
        cv2.imwrite(path, rng.integers(0, 256, (12, 12, 3), np.uint8))
    return pd.DataFrame({"id": range(40), "photo": paths})


def test_extract_survives_a_worker_that_is_killed_midway(fragile, pictures, tmp_path):
    extract({"photo": Lethal()}, pictures, tmp_path / "serial", keep="id", rows_per_part=10)
    mark = tmp_path / "25.deaths"
    mark.write_text("1")
    with parallel_config("dask"):
        errors = extract(
            {"photo": Lethal()}, pictures, tmp_path / "dask", keep="id", rows_per_part=10
        )
    assert mark.read_text() == "0"  # a worker died
    assert errors == []
    plain, features = pd.read_parquet(tmp_path / "serial"), pd.read_parquet(tmp_path / "dask")
    assert features.equals(plain)
    assert len(features) == 40


def test_extract_names_the_file_that_kills_every_worker(fragile, pictures, tmp_path):
    plain = Lethal().transform(pictures["photo"])
    (tmp_path / "25.deaths").write_text("1000")
    with parallel_config("dask"), pytest.warns(DataQualityWarning, match="row 25"):
        errors = extract({"photo": Lethal()}, pictures, tmp_path / "out", rows_per_part=10)
    assert [(error.row, error.code) for error in errors] == [(25, "crash")]
    features = pd.read_parquet(tmp_path / "out").filter(like="photo__").to_numpy()
    plain[25] = np.nan
    assert features.tobytes() == plain.tobytes()


def test_the_command_extracts_on_a_cluster(client, pictures, tmp_path, capsys):
    pictures.to_csv(tmp_path / "table.csv", index=False)
    words = ["extract", str(tmp_path / "table.csv"), "--image", "photo", "--rows-per-part", "20"]
    assert main([*words, "--out", str(tmp_path / "serial")]) == 0
    address = client.scheduler.address
    assert main([*words, "--out", str(tmp_path / "dask"), "--dask", address]) == 0
    assert "pandas.read_parquet" in capsys.readouterr().out
    assert pd.read_parquet(tmp_path / "dask").equals(pd.read_parquet(tmp_path / "serial"))
