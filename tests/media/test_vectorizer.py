"""What all stateless vectorizers share, on a tiny one."""

from __future__ import annotations

import contextlib
import io
import pickle
import sqlite3
import warnings
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from mmclassic._errors import DataQualityWarning, UnreadableCellsError
from mmclassic.media import Limits, decode_image
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellVectorizer


class MeanColour(CellVectorizer):
    """Mean of each channel, times a factor."""

    _parameter_constraints: ClassVar[dict] = {**READING_CONSTRAINTS, "factor": [float]}
    decoded: ClassVar[list] = []

    def __init__(
        self,
        factor=1.0,
        *,
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.factor = factor
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    def _decode(self, cell):
        self.decoded.append(cell)
        return decode_image(
            cell, limits=self._limits_in_force(), root=self.root, allow_paths=self.allow_paths
        )

    def _extract(self, array):
        return array.mean(axis=(0, 1)) * self.factor

    def _feature_names(self):
        return ["red", "green", "blue"]


@pytest.fixture
def paths(tmp_path):
    """Six files; the colour of the i-th is (i, 2i, 3i)."""
    for i in range(6):
        Image.new("RGB", (4, 3), (i, 2 * i, 3 * i)).save(tmp_path / f"{i}.png")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    MeanColour.decoded.clear()
    return [str(tmp_path / f"{i}.png") for i in range(6)]


WANTED = np.arange(6)[:, None] * [1, 2, 3]


@pytest.mark.parametrize(
    "container",
    [
        list,
        np.array,
        pd.Series,
        pl.Series,
        lambda cells: pd.DataFrame({"photo": cells}),
        lambda cells: pl.DataFrame({"photo": cells}),
        lambda cells: (cell for cell in cells),
        lambda cells: map(str, cells),
    ],
)
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_one_row_per_cell(paths, container, n_jobs):
    features = MeanColour(n_jobs=n_jobs).fit_transform(container(paths))
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, WANTED)


def test_order_and_subset_do_not_matter(paths):
    np.testing.assert_array_equal(MeanColour().transform(paths[::-2]), WANTED[::-2])


def test_it_is_a_stateless_transformer(paths):
    vectorizer = MeanColour(2.0)
    check_is_fitted(vectorizer)
    assert not vectorizer.__sklearn_tags__().requires_fit
    np.testing.assert_array_equal(vectorizer.transform(paths), 2 * WANTED)
    for other in (clone(vectorizer), pickle.loads(pickle.dumps(vectorizer))):
        np.testing.assert_array_equal(other.transform(paths), 2 * WANTED)
    piped = make_pipeline(vectorizer, FunctionTransformer(feature_names_out="one-to-one"))
    np.testing.assert_array_equal(piped.fit_transform(paths), 2 * WANTED)
    assert list(piped.get_feature_names_out()) == ["red", "green", "blue"]


def test_set_output(paths):
    series = pd.Series(paths, index=list("abcdef"), name="photo")
    for output in ("pandas", "polars"):
        frame = MeanColour().set_output(transform=output).fit_transform(series)
        assert list(frame.columns) == ["red", "green", "blue"]
        np.testing.assert_array_equal(frame.to_numpy(), WANTED)


def test_the_name_of_the_column_is_remembered(paths):
    vectorizer = MeanColour().fit(pd.DataFrame({"photo": paths}))
    assert list(vectorizer.feature_names_in_) == ["photo"]
    assert vectorizer.n_features_in_ == 1
    assert not hasattr(vectorizer.fit(paths), "feature_names_in_")


def test_missing_cells_are_nan_rows(paths):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features = MeanColour().transform([None, paths[1], float("nan"), pd.NA, " "])
    assert np.isnan(features).all(axis=1).tolist() == [True, False, True, True, True]


def test_unreadable_cells_raise_once_after_all_were_tried(paths, tmp_path):
    cells = [str(tmp_path / "bad.png"), paths[1], "no.png", None]
    with pytest.raises(UnreadableCellsError, match="2 of 4 cells") as caught:
        MeanColour().transform(pd.DataFrame({"photo": cells}))
    assert [(e.row, e.column, e.code) for e in caught.value.errors] == [
        (0, "photo", "truncated"),
        (2, "photo", "decode"),
    ]
    assert len(MeanColour.decoded) == 3
    values, errors = MeanColour().read_cells(cells)  # neither raises nor warns
    assert errors[0].source == cells[0]
    assert np.isnan(values).all(axis=1).tolist() == [True, False, True, True]


@pytest.mark.parametrize("method", ["transform", "fit_transform"])
def test_unreadable_cells_may_be_missing_with_one_warning(paths, method):
    vectorizer = MeanColour(on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match=r"2 of 3 cells.*2 decode") as caught:
        features = getattr(vectorizer, method)(["no.png", paths[1], "no.png"])
    assert len(caught) == 1
    assert Path(caught[0].filename).name == Path(__file__).name  # the user's line, not ours
    assert np.isnan(features[:, 0]).tolist() == [True, False, True]


def test_fitting_on_nothing_readable_is_an_error():
    vectorizer = MeanColour(on_unreadable="missing")
    with pytest.raises(UnreadableCellsError, match="Not one cell"):
        vectorizer.fit_transform(["no.png", None])
    with pytest.warns(DataQualityWarning):
        assert np.isnan(vectorizer.transform(["no.png"])).all()


def test_the_store_spares_decoding_across_vectorizers(paths, tmp_path):
    def run(**parameters):
        MeanColour.decoded.clear()
        vectorizer = MeanColour(cache=tmp_path / "cells.sqlite", **parameters)
        return vectorizer.transform(paths), len(MeanColour.decoded)

    for parameters, expected in [
        ({}, 6),
        ({}, 0),
        ({"n_jobs": 2, "on_unreadable": "missing", "root": tmp_path}, 0),
        ({"factor": 2.0}, 6),
        ({"limits": Limits(max_pixels=50)}, 6),
        ({}, 0),
    ]:
        features, n_decoded = run(**parameters)
        assert n_decoded == expected, parameters
        np.testing.assert_array_equal(features, WANTED * parameters.get("factor", 1.0))


def test_the_store_is_no_way_around_a_refusal(paths, tmp_path):
    cache = tmp_path / "cells.sqlite"
    MeanColour(cache=cache).transform(paths)
    (tmp_path / "empty").mkdir()
    for stricter in (
        {"allow_paths": False},
        {"root": tmp_path / "empty"},
        {"limits": Limits(max_pixels=5)},
    ):
        with pytest.raises(UnreadableCellsError, match="6 of 6"):
            MeanColour(cache=cache, **stricter).transform(paths)


def test_a_damaged_row_is_computed_again(paths, tmp_path):
    cache = tmp_path / "cells.sqlite"
    first = MeanColour(0.3, cache=cache).transform(paths)
    with contextlib.closing(sqlite3.connect(cache)) as connection, connection:
        where = "rowid = (SELECT min(rowid) + 2 FROM cells)"
        connection.execute(f"UPDATE cells SET data = x'ff' || substr(data, 2) WHERE {where}")
    MeanColour.decoded.clear()
    with pytest.warns(DataQualityWarning, match="damaged rows"):
        again = MeanColour(0.3, cache=cache).transform(paths)
    assert again.tobytes() == first.tobytes()
    assert len(MeanColour.decoded) == 1
    MeanColour(0.3, cache=cache).transform(paths)  # repaired: no warning, which were an error
    assert len(MeanColour.decoded) == 1


def test_a_file_that_changed_is_never_served_stale(paths, tmp_path):
    cache, file = tmp_path / "cells.sqlite", tmp_path / "0.png"
    for red in (7, 9, 7, 8):  # files of one size, each written within one tick of the clock
        Image.new("RGB", (4, 3), (red, 0, 0)).save(file)
        features = MeanColour(cache=cache).transform([str(file)])
        np.testing.assert_array_equal(features, [[red, 0, 0]])


@pytest.mark.parametrize("cells_per_chunk", [1, 4])
def test_many_cells_may_be_computed_together(paths, tmp_path, cells_per_chunk):
    class Together(MeanColour):
        _cells_per_chunk = cells_per_chunk
        batches: ClassVar[list] = []

        def _features_of_all(self, cells):
            self.batches.append(len(cells))
            return super()._features_of_all(cells)

    for cache in (None, tmp_path / "s"):
        Together.batches.clear()
        np.testing.assert_array_equal(Together(cache=cache).transform(paths), WANTED)
        assert Together.batches == {1: [1] * 6, 4: [4, 2]}[cells_per_chunk]


def test_an_unusable_store_changes_no_result(paths, tmp_path):
    (tmp_path / "cells.sqlite").write_bytes(b"no database" * 99)
    with pytest.warns(DataQualityWarning, match="cannot be used") as caught:
        features = MeanColour(cache=tmp_path / "cells.sqlite", n_jobs=2).transform(paths * 20)
    assert len(caught) == 1
    np.testing.assert_array_equal(features, np.tile(WANTED, (20, 1)))


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"on_unreadable": "ignore"}, "on_unreadable"),
        ({"root": 7}, "root"),
        ({"cache": 7}, "cache"),
        ({"allow_paths": "no"}, "allow_paths"),
        ({"limits": 7}, "limits"),
        ({"n_jobs": 1.5}, "n_jobs"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "transform"])
def test_bad_parameters(parameters, match, method):
    with pytest.raises(ValueError, match=f"'{match}' parameter"):
        getattr(MeanColour(**parameters), method)([])


@pytest.mark.parametrize("cell", ["a.png", b"bytes", None, {"path": "a.png"}])
def test_a_single_cell_is_no_column(cell):
    with pytest.raises(ValueError, match=r"single .*pass \[cell\]"):
        MeanColour().fit(cell)


@pytest.mark.parametrize("method", ["fit", "transform"])
@pytest.mark.parametrize("n_channels", [1, 3, 4])
def test_one_picture_is_no_column(method, n_channels):
    picture = np.full((5, 7, n_channels), 9, dtype=np.uint8)
    with pytest.raises(ValueError, match=r"looks like one picture: pass \[array\]"):
        getattr(MeanColour(), method)(picture)
    assert MeanColour().transform([picture]).shape == (1, 3)
    assert MeanColour().transform(np.stack([picture, picture])).shape == (2, 3)
    assert MeanColour().transform(np.zeros((2, 5, 7))).shape == (2, 3)


def test_a_portable_model_knows_no_cache(tmp_path):
    vectorizer = MeanColour(cache=tmp_path / "s")
    vectorizer._to_portable()
    assert vectorizer.cache is None


def test_bytes_of_a_column_need_no_files(paths):
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), (9, 8, 7)).save(buffer, "PNG")
    vectorizer = MeanColour(allow_paths=False)
    np.testing.assert_array_equal(vectorizer.transform([buffer.getvalue()]), [[9, 8, 7]])
    with pytest.raises(UnreadableCellsError, match="allow_paths"):
        vectorizer.transform(paths)


def test_another_column_is_refused(paths):
    frame = pd.DataFrame({"photo": paths})
    vectorizer = MeanColour().fit(frame)
    np.testing.assert_array_equal(vectorizer.transform(frame), WANTED)
    np.testing.assert_array_equal(vectorizer.transform(paths), WANTED)
    with pytest.raises(ValueError, match=r"feature names should match .* 'clip', and was 'photo'"):
        vectorizer.transform(frame.rename(columns={"photo": "clip"}))


def test_columns_of_pyarrow(paths):
    arrow = pytest.importorskip("pyarrow", reason="pyarrow is an optional part")
    cells = arrow.array(paths)
    vectorizer = MeanColour().fit(arrow.table({"photo": cells}))
    assert vectorizer.feature_names_in_.tolist() == ["photo"]
    for column in (cells, arrow.chunked_array([cells]), arrow.table({"photo": cells})):
        np.testing.assert_array_equal(vectorizer.transform(column), WANTED)
    with pytest.raises(ValueError, match=r"a frame with 2 columns \(a, b, ...\)"):
        vectorizer.transform(arrow.table({"a": cells, "b": cells}))
