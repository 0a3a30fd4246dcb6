"""cross_validated_fusion: what it refits, what it does not, and which rows it judges."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
)
from sklearn.svm import LinearSVC

from mmclassic import (
    LateFusionClassifier,
    LateFusionRegressor,
    LogPool,
    WeightedSum,
    cross_fit_scores,
    cross_validated_fusion,
    simplex_grid,
)
from tests.fusion.examples import LEFT, RIGHT, CountedBayes, make_table, two_modalities
from tests.fusion.regression_examples import make_numbers, two_regressors


@pytest.mark.usefixtures("no_fits")
def test_it_is_the_head_fitted_on_the_other_folds(held_out):
    model, _, _, y = held_out
    table = model.cross_fit_scores_
    usable = np.flatnonzero(~np.isnan(table).all(axis=(1, 2)))
    fusion = cross_validated_fusion(model, y)
    found = fusion.predict_proba()
    assert np.array_equal(fusion.rows_, usable)
    assert len(usable) < len(y)
    assert np.isnan(found[np.setdiff1d(np.arange(len(y)), usable)]).all()
    for train, test in StratifiedKFold(5).split(usable, y[usable]):
        head = LogPool().fit(table[usable[train]], y[usable[train]])
        assert np.array_equal(found[usable[test]], head.predict_proba(table[usable[test]]))


def test_it_is_less_optimistic_than_the_head_on_its_own_rows():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 4)), np.arange(60) % 3
    model = LateFusionClassifier(two_modalities_of_arrays(), LogPool(l2=0)).fit(X, y)
    loss = [
        -np.log(probabilities[np.arange(60), y]).mean()
        for probabilities in (
            model.fuse(model.cross_fit_scores_),
            cross_validated_fusion(model, y).predict_proba(),
        )
    ]
    assert loss[0] < np.log(3) < loss[1]


def two_modalities_of_arrays():
    return [("left", CountedBayes(), [0, 1]), ("right", CountedBayes(), [2, 3])]


@pytest.mark.parametrize("missing", ["skip", "fill", "drop"])
def test_calibration_and_the_missing_policy_are_those_of_the_model(missing):
    X, y = make_table(150, missing=0.2)
    model = LateFusionClassifier(two_modalities(), calibration="temperature", missing=missing)
    model.fit(X, y)
    fusion = cross_validated_fusion(model, y, cv=3)
    part, rows = fusion.parts[0]
    assert part.missing == missing
    others = np.setdiff1d(fusion.rows_, rows)
    assert np.allclose(part.class_prior_, np.bincount(y[others]) / len(others))
    assert not np.array_equal(
        part.calibration_.temperatures_, fusion.parts[1][0].calibration_.temperatures_
    )
    nothing = np.full((1, 2, 3), np.nan)
    assert np.allclose(part.fuse(nothing), part.class_prior_)


def test_groups_are_kept_together():
    X, y = make_table(120)
    groups = np.repeat(np.arange(12), 10)
    model = LateFusionClassifier(two_modalities()).fit(X, y, groups=groups)
    fusion = cross_validated_fusion(model, y, groups=groups)
    expected = StratifiedGroupKFold(5).split(X, y, groups)
    for (_, rows), (train, test) in zip(fusion.parts, expected, strict=True):
        assert np.array_equal(rows, test)
        assert not set(groups[train]) & set(groups[rows])
    own = cross_validated_fusion(model, y, groups=groups, cv=GroupKFold(3))
    assert len(own.parts) == 3


def test_a_class_in_one_group_only():
    X, y = make_table(90)
    groups = np.where(y == 2, 0, 1 + np.arange(90) % 5)  # some heads never see class 2
    model = LateFusionClassifier(two_modalities(), fusion="stacking").fit(X, y, groups=groups)
    probabilities = cross_validated_fusion(model, y, groups=groups).predict_proba()
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert probabilities.shape == (90, 3)


def test_a_search_over_heads_is_searched_anew_for_each_fold():
    X, y = make_table(120)
    search = GridSearchCV(WeightedSum(), {"weights": simplex_grid(2, step=0.5)}, cv=3)
    model = LateFusionClassifier(two_modalities(), search).fit(X, y)
    fusion = cross_validated_fusion(model, y)
    assert all(part.fusion_.best_params_ for part, _ in fusion.parts)
    assert model.fusion is search
    assert not hasattr(search, "best_params_")


def test_sample_weights_reach_the_heads():
    X, y = make_table(90)
    model = LateFusionClassifier(two_modalities()).fit(X, y)
    weight = np.where(y == 0, 5.0, 1.0)
    weighted = cross_validated_fusion(model, y, sample_weight=weight).predict_proba()
    plain = cross_validated_fusion(model, y).predict_proba()
    assert weighted[:, 0].mean() > plain[:, 0].mean() + 0.02


def test_margins_and_tables_in_hand():
    X, y = make_table(90)
    model = LateFusionClassifier([("left", LinearSVC(), LEFT), ("right", LinearSVC(), RIGHT)],
                                 fusion="mean").fit(X, y)  # fmt: skip
    assert cross_validated_fusion(model, y).predict_proba().shape == (90, 3)
    model = LateFusionClassifier(two_modalities(), fusion="mean").fit(X, y)
    with pytest.raises(ValueError, match="no cross_fit_scores_"):
        cross_validated_fusion(model, y)
    table = cross_fit_scores(model, X, y)
    found = cross_validated_fusion(model, y, scores=table).predict_proba()
    assert np.allclose(found, table.mean(axis=1))  # nothing is learned


def test_regressors():
    X, y = make_numbers(90)
    model = LateFusionRegressor(two_regressors(), fusion="weighted_sum").fit(X, y)
    table = cross_fit_scores(model, X, y)
    assert np.allclose(
        cross_validated_fusion(model, y, scores=table).predict_proba(), table[:, :, 0].mean(axis=1)
    )
    learned = LateFusionRegressor(two_regressors(), fusion="stacking").fit(X, y)
    found = cross_validated_fusion(learned, y).predict_proba()
    for (part, rows), (_, test) in zip(
        cross_validated_fusion(learned, y).parts, KFold(5).split(X), strict=True
    ):
        assert np.array_equal(rows, test)
        assert np.array_equal(found[rows], part.fuse(learned.cross_fit_scores_[rows]))


def test_a_frozen_model_is_not_touched(held_out):
    model, X, _, y = held_out
    before, head = model.predict_proba(X), model.fusion_
    found = cross_validated_fusion(FrozenEstimator(model), y).predict_proba()
    assert np.array_equal(found, cross_validated_fusion(model, y).predict_proba(), equal_nan=True)
    assert model.fusion_ is head
    assert np.array_equal(model.predict_proba(X), before)


def test_shuffled_folds():
    X, y = make_table(90)
    model = LateFusionClassifier(two_modalities()).fit(X, y)
    orders = [cross_validated_fusion(model, y, random_state=seed).parts[0][1] for seed in (0, 0, 1)]
    assert np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], orders[2])


def test_what_it_refuses(held_out):
    model, X, y, y_train = held_out
    fusion = cross_validated_fusion(model, y_train)
    with pytest.raises(ValueError, match=r"same rows: expected the shape \(200, 2, 3\)"):
        fusion.fuse(fusion.scores[:10])
    with pytest.raises(ValueError, match="more than once"):
        cross_validated_fusion(model, y_train, cv=ShuffleSplit(3, random_state=0))
    with pytest.raises(ValueError, match=r"\(n_samples, 2, 3\), got \(200, 3, 3\)"):
        cross_validated_fusion(model, y_train, scores=np.ones((200, 3, 3)))
    labels = LateFusionClassifier(two_modalities()).fit(X, np.stack([y == 0, y > 1], 1).astype(int))
    with pytest.raises(ValueError, match="several labels"):
        cross_validated_fusion(labels, y)
