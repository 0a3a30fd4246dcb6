"""Groups and weights on their way through a late fusion."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from sklearn.exceptions import UnsetMetadataPassedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mmclassic import LateFusionClassifier, WeightedSum, simplex_grid
from tests.fusion.examples import (
    LEFT,
    RIGHT,
    CountedBayes,
    WeightedBayes,
    make_table,
    two_modalities,
)

TABLE, Y = make_table()
GROUPS = np.arange(90) // 5
WEIGHT = np.where(Y == 0, 4.0, 1.0)
SEARCH = GridSearchCV(WeightedSum(), {"weights": simplex_grid(2, step=0.25)}, cv=3)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


# Groups


def grouped_splits(n_folds):
    return list(StratifiedGroupKFold(n_folds).split(TABLE, Y, GROUPS))


def test_groups_share_a_fold_of_the_cross_fit():
    LateFusionClassifier([("left", CountedBayes(), LEFT)], cv=3).fit(TABLE, Y, groups=GROUPS)
    group_of = dict(zip(TABLE["a"], GROUPS, strict=True))
    fitted = [{group_of[value] for value in fit} for fit in CountedBayes.fits[:3]]
    for groups, (train, test) in zip(fitted, grouped_splits(3), strict=True):
        assert groups == set(GROUPS[train])
        assert not groups & set(GROUPS[test])


def test_groups_are_kept_together_at_every_level():
    """In the cross-fit, and in the folds of a search over the head."""
    model = LateFusionClassifier(two_modalities(), SEARCH, cv=4).fit(TABLE, Y, groups=GROUPS)
    explicit = LateFusionClassifier(
        two_modalities(),
        GridSearchCV(WeightedSum(), SEARCH.param_grid, cv=grouped_splits(3)),
        cv=grouped_splits(4),
    ).fit(TABLE, Y)
    np.testing.assert_array_equal(model.cross_fit_scores_, explicit.cross_fit_scores_)
    np.testing.assert_allclose(
        model.fusion_.cv_results_["mean_test_score"],
        explicit.fusion_.cv_results_["mean_test_score"],
    )
    plain = LateFusionClassifier(two_modalities(), SEARCH, cv=grouped_splits(4)).fit(TABLE, Y)
    first = [m.fusion_.cv_results_["split0_test_score"] for m in (model, explicit, plain)]
    np.testing.assert_allclose(first[0], first[1])
    assert not np.allclose(first[0], first[2])


@pytest.mark.parametrize("cv", [4, GroupKFold(4)])
def test_groups_with_routing(routing, cv):
    model = LateFusionClassifier(two_modalities(), SEARCH, cv=cv).fit(TABLE, Y, groups=GROUPS)
    splitter = StratifiedGroupKFold(4) if cv == 4 else cv
    splits = list(splitter.split(TABLE, Y, GROUPS))
    explicit = LateFusionClassifier(two_modalities(), cv=splits).fit(TABLE, Y)
    np.testing.assert_array_equal(model.cross_fit_scores_, explicit.cross_fit_scores_)


def test_with_routing_groups_that_nothing_asks_for_are_an_error(routing):
    model = LateFusionClassifier(two_modalities(), cv=KFold(4))
    with pytest.raises(TypeError, match=r"groups.*not routed to any object"):
        model.fit(TABLE, Y, groups=GROUPS)


def test_groups_in_nested_cross_validation(routing):
    found = cross_validate(
        LateFusionClassifier([("left", CountedBayes(), LEFT)], cv=2),
        TABLE,
        Y,
        cv=GroupKFold(3),
        params={"groups": GROUPS},
        error_score="raise",
    )
    assert len(found["test_score"]) == 3
    group_of = dict(zip(TABLE["a"], GROUPS, strict=True))
    seen = [{group_of[value] for value in fit} for fit in CountedBayes.fits]
    for outer in range(3):
        first, second, whole = seen[3 * outer : 3 * outer + 3]
        assert not first & second
        assert first | second == whole
        assert len(whole) < 18


# Weights


def test_weights_reach_base_models_head_and_temperatures():
    modalities = [("left", WeightedBayes(), LEFT), ("right", SVC(), RIGHT)]
    model = LateFusionClassifier(modalities, cv=3).fit(TABLE, Y, sample_weight=WEIGHT)
    assert [len(weights) for weights in WeightedBayes.weights] == [60, 60, 60, 90]
    np.testing.assert_array_equal(WeightedBayes.weights[-1], WEIGHT)
    np.testing.assert_allclose(model.fusion_.class_prior_, [4 / 6, 1 / 6, 1 / 6])
    plain = LateFusionClassifier(modalities, cv=3).fit(TABLE, Y)
    assert model.temperatures_[1] != plain.temperatures_[1]
    shift = model.predict_proba(TABLE)[:, 0].mean() - plain.predict_proba(TABLE)[:, 0].mean()
    assert shift > 0.1


def test_weights_reach_the_last_step_of_a_pipeline():
    pipeline = make_pipeline(StandardScaler(), WeightedBayes())
    LateFusionClassifier([("left", pipeline, LEFT)], "mean").fit(TABLE, Y, sample_weight=WEIGHT)
    np.testing.assert_array_equal(WeightedBayes.weights[-1], WEIGHT)


def test_weights_follow_the_rows_that_have_a_modality():
    table = TABLE.copy()
    table.loc[:9, LEFT] = np.nan
    modalities = [("left", WeightedBayes(), LEFT), ("right", GaussianNB(), RIGHT)]
    LateFusionClassifier(modalities, "mean").fit(table, Y, sample_weight=WEIGHT)
    np.testing.assert_array_equal(WeightedBayes.weights[-1], WEIGHT[10:])


@pytest.mark.parametrize("fusion", ["mean", "log_pool"])
def test_equal_weights_are_no_weights(fusion):
    plain = LateFusionClassifier(two_modalities(), fusion).fit(TABLE, Y)
    weighted = LateFusionClassifier(two_modalities(), fusion)
    weighted.fit(TABLE, Y, sample_weight=np.ones(90))
    np.testing.assert_allclose(weighted.predict_proba(TABLE), plain.predict_proba(TABLE))


def test_frozen_members_need_no_weights():
    frozen = FrozenEstimator(GaussianNB().fit(TABLE[LEFT], Y))
    modalities = [("left", frozen, LEFT), ("right", WeightedBayes(), RIGHT)]
    LateFusionClassifier(modalities, "mean").fit(TABLE, Y, sample_weight=WEIGHT)
    np.testing.assert_array_equal(WeightedBayes.weights[-1], WEIGHT)


def test_with_routing_weights_go_where_they_are_requested(routing):
    modalities = [
        ("left", WeightedBayes().set_fit_request(sample_weight=True), LEFT),
        ("right", LogisticRegression().set_fit_request(sample_weight=False), RIGHT),
    ]
    model = LateFusionClassifier(modalities, cv=3).fit(TABLE, Y, sample_weight=WEIGHT)
    np.testing.assert_array_equal(WeightedBayes.weights[-1], WEIGHT)
    unweighted = LogisticRegression().fit(TABLE[RIGHT], Y)
    np.testing.assert_allclose(model.named_modalities_["right"].coef_, unweighted.coef_)
    np.testing.assert_allclose(model.fusion_.class_prior_, [4 / 6, 1 / 6, 1 / 6])


def test_with_routing_an_estimator_that_says_nothing_is_an_error(routing):
    with pytest.raises(UnsetMetadataPassedError, match="sample_weight"):
        LateFusionClassifier(two_modalities()).fit(TABLE, Y, sample_weight=WEIGHT)


def test_with_routing_other_metadata_reach_a_member(routing):
    class Picky(GaussianNB):
        seen = None

        def fit(self, X, y, source=None):
            type(self).seen = source
            return super().fit(X, y)

    source = np.arange(90)
    modalities = [("left", Picky().set_fit_request(source=True), LEFT)]
    LateFusionClassifier(modalities, "mean").fit(TABLE, Y, source=source)
    np.testing.assert_array_equal(Picky.seen, source)


def test_routing_without_metadata(routing):
    model = LateFusionClassifier(two_modalities(), SEARCH, cv=3).fit(TABLE, Y)
    assert model.score(TABLE, Y) > 0.7


# What is refused


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({"sample_weight": -np.ones(90)}, ValueError, "Negative values"),
        ({"sample_weight": np.zeros(90)}, ValueError, "zero"),
        ({"sample_weight": np.ones(80)}, ValueError, "inconsistent numbers of samples"),
        ({"groups": GROUPS[:80]}, ValueError, "inconsistent numbers of samples"),
        ({"groups": np.zeros(90)}, ValueError, "single group"),
        ({"source": np.ones(90)}, TypeError, r"\['source'\] need metadata routing"),
        ({"source": 1}, TypeError, r"\['source'\] need metadata routing"),
    ],
)
def test_bad_metadata(params, error, match):
    with pytest.raises(error, match=match):
        LateFusionClassifier(two_modalities()).fit(TABLE, Y, **params)


def test_an_estimator_that_takes_no_weights_is_named():
    modalities = [("left", KNeighborsClassifier(3), LEFT)]
    with pytest.raises(ValueError, match="Modality 'left': KNeighborsClassifier takes no sample_w"):
        LateFusionClassifier(modalities).fit(TABLE, Y, sample_weight=WEIGHT)


def test_weights_that_leave_one_class_are_named():
    weight = (Y == 1).astype(float)
    with pytest.raises(ValueError, match="'left' has 30 rows with a sample_weight above zero to"):
        LateFusionClassifier(two_modalities(), "mean").fit(TABLE, Y, sample_weight=weight)
