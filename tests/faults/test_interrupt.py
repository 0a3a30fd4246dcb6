"""Ctrl-C ends fit and the command soon, leaves no process behind and an intact store."""

from __future__ import annotations

import os
import signal
import sqlite3

import pytest

from tests.faults.processes import interrupt, left_of_session, start_python, wait_for
from tests.faults.work import n_decoded

pytest.importorskip("psutil", reason="psutil is not installed")
pytestmark = pytest.mark.skipif(not hasattr(os, "setsid"), reason="sessions are a Unix thing")

# Two seconds on a machine with nothing else to do.
ALLOWED_SECONDS = 6.0
# How Python ends after a KeyboardInterrupt that nobody caught; 1 where one of joblib's threads
# passed it on.
ENDED_BY_SIGINT = {-signal.SIGINT, 1}


def check(process, cache, status):
    seconds = interrupt(process)
    assert seconds < ALLOWED_SECONDS
    assert left_of_session(process) == []
    assert process.returncode in status
    if cache.exists():
        connection = sqlite3.connect(cache)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()


@pytest.mark.extra
def test_fit_is_interrupted_while_it_reads(table, tmp_path):
    folder, cache = tmp_path / "data", tmp_path / "cells.sqlite"
    words = ["-m", "tests.faults.work", "fit", str(folder), str(cache), "2"]
    with start_python(*words) as process:
        wait_for(lambda: n_decoded(folder) > 40, process)
        check(process, cache, ENDED_BY_SIGINT)
        assert "KeyboardInterrupt" in process.stderr.read()


SLOW_FIT = """
import sys, time
from pathlib import Path
from sklearn.linear_model import LogisticRegression
import pandas as pd
from mmclassic import LateFusionClassifier
class Slow(LogisticRegression):
    def fit(self, X, y):
        Path(sys.argv[1], "fitting").touch()
        time.sleep(60)
if __name__ == "__main__":
    X, y = pd.DataFrame({"a": range(20), "b": range(20)}), [0, 1] * 10
    LateFusionClassifier([("a", Slow(), ["a"]), ("b", Slow(), ["b"])], n_jobs=2).fit(X, y)
"""


def test_fit_is_interrupted_while_its_workers_fit(tmp_path):
    (tmp_path / "slow.py").write_text(SLOW_FIT)
    with start_python(str(tmp_path / "slow.py"), str(tmp_path)) as process:
        wait_for((tmp_path / "fitting").exists, process)
        check(process, tmp_path / "none", ENDED_BY_SIGINT)


def test_the_command_is_interrupted(table, tmp_path):
    cache = tmp_path / "cells.sqlite"
    words = ["benchmark", str(tmp_path / "data" / "table.csv"), "--target", "label"]
    words += ["--image", "photo", "--text", "text", "--n-jobs", "2", "--cache", str(cache)]
    with start_python("-m", "mmclassic", *words, "--out", str(tmp_path / "out")) as process:
        wait_for(cache.exists, process)
        check(process, cache, {130})
        assert process.stderr.read().endswith("mmclassic: interrupted\n")
