"""One broken row in a hundred: the others are predicted as ever, and the broken ones are named."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from benchmarks._bad_rows import break_rows, make_posts
from mmclassic import DataQualityWarning, UnreadableCellsError, make_late_fusion


@pytest.fixture(scope="module")
def posts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("posts")
    table = make_posts(folder, 400)
    model = make_late_fusion(text="caption", image="photo", on_unreadable="missing")
    model.fit(table[:120], table["place"][:120])
    broken, rows = break_rows(table, folder)
    return model, table, broken, rows


def test_every_row_is_predicted_and_the_broken_ones_are_named(posts):
    model, table, broken, rows = posts
    wanted = model.predict_proba(table)
    with pytest.warns(DataQualityWarning, match="4 of 800 cells cannot be read") as caught:
        found = model.predict_proba(broken)
    [warning] = caught
    errors = warning.message.errors
    assert [error.row for error in errors] == rows.tolist()
    assert [error.source for error in errors] == broken["photo"][rows].tolist()
    assert all(error.column == "photo" and error.reason for error in errors)
    good = np.setdiff1d(np.arange(400), rows)
    np.testing.assert_array_equal(found[good], wanted[good])
    assert np.isfinite(found).all()


def test_one_bad_row_in_a_service_is_fused_from_the_rest(posts):
    """As if the photo had never been there, and Python can ask what was used."""
    model, _, broken, rows = posts
    one = broken.iloc[[rows[0]]]
    with pytest.warns(DataQualityWarning):
        scores = model.score_table(one)
    assert model.modalities_used(scores).to_dict("records") == [{"text": True, "image": False}]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        without = model.predict_proba(one.assign(photo=None))
    np.testing.assert_array_equal(model.fuse(scores), without)


def test_too_many_broken_rows_end_a_fit_and_no_prediction(posts):
    model, table, broken, _ = posts
    half = broken.copy()
    half.loc[::2, "photo"] = "no such file.png"
    unfitted = make_late_fusion(text="caption", image="photo", on_unreadable="missing")
    with pytest.raises(UnreadableCellsError, match=r"more than max_error_rate=0.05 .* 'image'"):
        unfitted.fit(half[:60], table["place"][:60])
    with pytest.warns(DataQualityWarning):
        assert len(model.predict(half)) == 400
