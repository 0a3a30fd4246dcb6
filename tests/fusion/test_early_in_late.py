"""Early fusion as one member of a late fusion: what others read is not read again."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BlockScaler,
    EarlyFusionClassifier,
    LateFusionClassifier,
    UnreadableCellsError,
    cross_fit_scores,
    load_demo,
    make_late_fusion,
)
from tests.fusion.examples import (
    LEFT,
    RIGHT,
    CentredNumber,
    NumberVectorizer,
    make_cells,
    make_table,
)


def blocks(**settings):
    numbers = NumberVectorizer(**settings)
    return [
        ("x", make_pipeline(numbers, BlockScaler()), "x"),
        ("z", make_pipeline(CentredNumber(), BlockScaler()), "z"),
    ]


def members(**settings):
    return [
        (name, make_pipeline(*[step for _, step in steps.steps], LogisticRegression()), column)
        for name, steps, column in blocks(**settings)
    ]


def with_early(**settings):
    early = ("early", EarlyFusionClassifier(blocks(**settings), cv=3), ["x", "z"])
    return LateFusionClassifier([early, *members()], cv=3)


def n_decoded():
    return len(NumberVectorizer.decoded), sum(isinstance(c, str) for c in CentredNumber.decoded)


def test_no_cell_is_decoded_twice():
    table, y = make_cells(missing=[3])
    model = with_early().fit(table, y)
    assert n_decoded() == (59, 60)
    model.predict(table[:10])
    assert n_decoded() == (59 + 9, 60 + 10)


def test_cells_that_are_read_in_another_way_are_read_again():
    table, y = make_cells()
    with_early(power=3).fit(table, y)
    assert n_decoded() == (2 * 60, 60)


def test_the_member_is_an_early_fusion():
    table, y = make_cells(missing=[3, 9])
    model = with_early().fit(table, y)
    alone = EarlyFusionClassifier(blocks(), cv=3).fit(table, y)
    others = LateFusionClassifier(members(), cv=3).fit(table, y)
    scores = model.score_table(table)
    np.testing.assert_allclose(scores[:, 0], alone.predict_proba(table), atol=1e-9)
    np.testing.assert_array_equal(scores[:, 1:], others.score_table(table))
    np.testing.assert_array_equal(model.cross_fit_scores_[:, 1:], others.cross_fit_scores_)
    # What was fitted inside takes tables by itself.
    inside = model.named_modalities_["early"]
    np.testing.assert_array_equal(inside.predict_proba(table[["x", "z"]]), scores[:, 0])
    assert inside.feature_names_in_.tolist() == ["x", "z"]


def test_it_is_cross_fitted_like_any_other_member():
    table, y = make_cells()
    model = with_early().fit(table, y)
    train = np.arange(60) >= 20
    folds = [(np.flatnonzero(train), np.flatnonzero(~train))]
    alone = LateFusionClassifier([with_early().modalities[0]])
    scores = cross_fit_scores(alone, table, y, cv=folds)
    alone = EarlyFusionClassifier(blocks(), cv=3).fit(table[train], y[train])
    np.testing.assert_allclose(scores[:20, 0], alone.predict_proba(table[:20]), atol=1e-9)
    assert np.isnan(scores[20:]).all()
    assert np.isfinite(model.cross_fit_scores_).all()


def test_a_row_that_has_one_block_has_the_member():
    table, y = make_cells(missing=[3])
    table.loc[[3, 4], "z"] = None
    scores = with_early().fit(table, y).score_table(table)
    assert np.isnan(scores[3]).all()
    assert np.isnan(scores[4, 2]).all()
    assert np.isfinite(scores[4, :2]).all()


def test_unreadable_cells_are_told_once():
    table, y = make_cells(broken=[7])
    with pytest.raises(UnreadableCellsError, match="1 of 120 cells"):
        with_early().fit(table, y)
    with pytest.raises(UnreadableCellsError, match="2 of 180 cells"):
        with_early(power=3).fit(table, y)


def test_columns_by_position():
    """Those of the blocks count within the columns of the member, as anywhere."""
    table, y = make_table()
    early = EarlyFusionClassifier([("right", BlockScaler(), [0, 1])], cv=3)
    left = make_pipeline(BlockScaler(), LogisticRegression())
    model = LateFusionClassifier([("left", left, [0, 1]), ("early", early, [2, 3])], cv=3)
    scores = model.fit(table.to_numpy(), y).score_table(table.to_numpy())
    alone = EarlyFusionClassifier([("right", BlockScaler(), RIGHT)], cv=3).fit(table, y)
    np.testing.assert_allclose(scores[:, 1], alone.predict_proba(table), atol=1e-9)
    with_names = LateFusionClassifier([("left", left, LEFT), ("early", early, RIGHT)], cv=3)
    np.testing.assert_allclose(with_names.fit(table, y).score_table(table), scores, atol=1e-9)


def test_groups_reach_its_folds():
    table, y = make_cells()
    groups = np.arange(60) // 4
    model = with_early().fit(table, y, groups=groups)
    splits = list(StratifiedGroupKFold(3).split(table, y, groups))
    explicit = EarlyFusionClassifier(blocks(), cv=splits).fit(table, y)
    assert model.named_modalities_["early"].temperature_ == explicit.temperature_
    assert with_early().fit(table, y).named_modalities_["early"].temperature_ != (
        explicit.temperature_
    )


def test_the_recipe_adds_it():
    table = load_demo(n_samples=100)
    options = {"text": "text", "audio": "audio", "numeric": [], "cv": 2, "random_state": 0}
    model = make_late_fusion(**options, early=True)
    assert [(name, columns) for name, _, columns in model.modalities] == [
        ("text", "text"),
        ("audio", "audio"),
        ("early", ["text", "audio"]),
    ]
    assert len(make_late_fusion(**options).modalities) == 2
    model.fit(table, table["label"])
    parallel = clone(model).set_params(n_jobs=2).fit(table, table["label"])
    np.testing.assert_array_equal(parallel.predict_proba(table), model.predict_proba(table))
    names = model.named_modalities_["early"].get_feature_names_out()
    assert {name.split("__")[0] for name in names} == {"text", "audio"}


def test_a_member_that_was_fitted_before_is_fitted_anew():
    table, y = make_cells()
    early = EarlyFusionClassifier(blocks(), cv=3).fit(table, y)
    early.set_params(z="drop")
    model = LateFusionClassifier([("early", early, ["x", "z"]), *members()], cv=3)
    scores = model.fit(table, y).score_table(table)
    alone = EarlyFusionClassifier(blocks()[:1], cv=3).fit(table, y)
    np.testing.assert_allclose(scores[:, 0], alone.predict_proba(table), atol=1e-9)
