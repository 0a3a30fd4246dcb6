"""The defaults of regressions: the same columns and features as those of classifications."""

from __future__ import annotations

import pytest
from sklearn.base import is_regressor

from mmclassic import (
    MedianRegressor,
    make_early_fusion,
    make_early_fusion_regressor,
    make_late_fusion,
    make_late_fusion_regressor,
)

COLUMNS = {
    "text": ["caption", "title"],
    "image": "photo",
    "audio": "clip",
    "numeric": ["age"],
    "categorical": ["town"],
}


def shape_of(model) -> list:
    return [(name, columns) for name, _, columns in model.modalities]


def test_names_and_columns_are_those_of_classifications():
    late = make_late_fusion_regressor(**COLUMNS, random_state=3)
    assert shape_of(late) == shape_of(make_late_fusion(**COLUMNS))
    assert all(is_regressor(estimator) for _, estimator, _ in late.modalities)
    assert late.fusion.weights == "learned"
    assert late.get_params()["numeric__stackingregressor__boosting__random_state"] == 3
    assert late.get_params()["numeric__stackingregressor__cv"].random_state == 3


def test_early_fusion_takes_the_same_blocks():
    early, other = make_early_fusion_regressor(**COLUMNS), make_early_fusion(**COLUMNS)
    assert str(early.modalities) == str(other.modalities)


def test_features_are_those_of_classifications():
    late, other = make_late_fusion_regressor(**COLUMNS), make_late_fusion(**COLUMNS)
    for (_, ours, _), (_, theirs, _) in zip(late.modalities, other.modalities, strict=True):
        assert str(ours[:-1]) == str(theirs[:-1])


@pytest.mark.parametrize("make", [make_late_fusion_regressor, make_early_fusion_regressor])
def test_options_reach_their_places(make):
    model = make(
        text="caption", image="photo", cache="store.db", cv=3, on_unreadable="missing",
        random_state=1, n_jobs=2,
    )  # fmt: skip
    found = {
        name: getattr(model, name) for name in ("cv", "on_unreadable", "random_state", "n_jobs")
    }
    assert found == {"cv": 3, "on_unreadable": "missing", "random_state": 1, "n_jobs": 2}
    assert "store.db" in str(model.modalities[1][1])
    with pytest.raises(ValueError, match="Name at least one column"):
        make()


def test_the_head_is_taken_as_it_is():
    head = MedianRegressor()
    assert make_late_fusion_regressor(text="caption", fusion=head).fusion is head
