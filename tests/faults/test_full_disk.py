"""A full disk costs speed and one warning, never results, nor what was there before.

Files that may not grow stand in for the full disk where nothing can be mounted.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from joblib import delayed

from mmclassic import DataQualityWarning, HOGVectorizer, extract, load, save
from mmclassic._parallel import run_all, run_each
from tests.faults.processes import limit_files_to, output_of, result_in_child

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork is a Unix thing")


@pytest.fixture
def hog(tmp_path):
    return HOGVectorizer(cache=tmp_path / "folder" / "cells.sqlite")


def test_the_store_cannot_grow(table, hog):
    expected = HOGVectorizer().transform(table["photo"])
    hog.transform(table["photo"][:32])  # what is there stays usable

    def work():
        limit_files_to(Path(hog.cache).stat().st_size + 200_000)
        return hog.transform(table["photo"])

    values, told = result_in_child(work)
    assert values.tobytes() == expected.tobytes()
    assert len(told) == 1
    assert "cannot be used" in told[0]
    assert hog.transform(table["photo"]).tobytes() == expected.tobytes()
    connection = sqlite3.connect(hog.cache)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


@pytest.mark.extra
def test_the_disk_of_the_store_is_full(table, small_disk):
    expected = HOGVectorizer().transform(table["photo"])
    hog = HOGVectorizer(cache=small_disk / "cells.sqlite")
    for _ in range(2):
        with pytest.warns(DataQualityWarning, match="cannot be used") as told:
            assert hog.transform(table["photo"]).tobytes() == expected.tobytes()
        assert len(told) == 1


def test_a_model_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "model.mmc"
    save(HOGVectorizer(), path)
    before = path.read_bytes()

    def work():
        limit_files_to(100)
        save(HOGVectorizer(size=(32, 32)), path)

    error, _ = result_in_child(work)
    assert isinstance(error, OSError)
    assert path.read_bytes() == before
    assert load(path).size == HOGVectorizer().size
    assert os.listdir(tmp_path) == ["model.mmc"]


def test_a_part_that_cannot_be_written_leaves_the_old_one(table, tmp_path):
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    out = tmp_path / "features"
    extract(HOGVectorizer(size=(16, 16)), table[:20], out, column="photo")
    before = (out / "part-000000.parquet").read_bytes()

    def work():
        limit_files_to(100)
        extract(HOGVectorizer(size=(32, 32)), table[:20], out, column="photo")

    error, _ = result_in_child(work)
    assert isinstance(error, OSError)
    assert (out / "part-000000.parquet").read_bytes() == before


# joblib's folder for temporary files

SCRIPT = """
import sys, warnings
import numpy as np
from joblib import delayed
from mmclassic._parallel import run_all, run_each
from tests.faults.processes import limit_files_to
if __name__ == "__main__":
    if sys.argv[1] == "limit":
        limit_files_to(1_000_000)
    array = np.ones((500, 1000))
    for run in (run_all, run_each):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            print(list(run((delayed(np.add)(np.sum(array), i) for i in range(2)), 2)) != [])
            results = list(run((delayed(np.mean)(array * i) for i in range(4)), 2))
        print([float(result) for result in results], [str(w.message) for w in told])
"""


def check_output(printed: str, folder: Path) -> None:
    for line in printed.splitlines()[1::2]:
        results, told = line.split("] [")
        assert results == "[0.0, 1.0, 2.0, 3.0"
        assert told.count("JOBLIB_TEMP_FOLDER") == 1
        assert str(folder) in told


def test_the_temporary_folder_cannot_grow(tmp_path):
    printed = output_of("-c", SCRIPT, "limit", JOBLIB_TEMP_FOLDER=str(tmp_path))
    check_output(printed, tmp_path)


@pytest.mark.extra
def test_the_temporary_folder_is_full(small_disk):
    printed = output_of("-c", SCRIPT, "disk", JOBLIB_TEMP_FOLDER=str(small_disk))
    check_output(printed, small_disk)


class Unpicklable:
    def __reduce__(self):
        raise TypeError("not this one")


def test_what_cannot_be_pickled_is_still_an_error():
    for run in (run_all, run_each):
        with pytest.raises(Exception, match=r"not this one|pickle"):
            list(run([delayed(np.sum)(Unpicklable()) for _ in range(2)], 2))
