"""Heads by name, and searches over heads."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    StratifiedGroupKFold,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mmclassic import GatedPool, LogPool, Stacking, Voting, WeightedSum, simplex_grid
from mmclassic.fusion._heads import HEADS, fit_head, learns_from_scores, make_head
from mmclassic.fusion._log_loss import negative_log_loss
from mmclassic.fusion._regression_heads import make_regression_head
from tests.fusion.examples import make_scores

NAMES = ["text", "image", "audio"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("log_pool", LogPool),
        ("weighted_sum", WeightedSum),
        ("mean", WeightedSum),
        ("voting", Voting),
        ("stacking", Stacking),
        ("gated", GatedPool),
    ],
)
def test_heads_by_name_have_their_defaults(name, kind):
    head = make_head(name)
    assert type(head) is kind
    assert head.get_params() == kind().get_params()
    assert set(HEADS) == {"log_pool", "weighted_sum", "mean", "voting", "stacking", "gated"}


def test_a_head_is_cloned():
    head = LogPool(l2=3.0)
    made = make_head(head)
    assert made is not head
    assert made.l2 == 3.0


def test_an_unknown_name():
    with pytest.raises(
        ValueError, match=r"fusion='attention' is no head: use one of \['gated', 'log_pool'"
    ):
        make_head("attention")


@pytest.mark.parametrize(
    ("head", "learns"),
    [
        (LogPool(), True),
        (Stacking(), True),
        (WeightedSum(), False),
        (WeightedSum([1, 2]), False),
        (Voting(rule="product"), False),
        (GridSearchCV(WeightedSum(), {}), True),
    ],
)
def test_which_heads_learn(head, learns):
    assert learns_from_scores(head) == learns


def search_over(kind, **options):
    return kind(WeightedSum(), {"weights": simplex_grid(3, step=0.5)}, **options)


@pytest.mark.parametrize(
    "search",
    [
        search_over(GridSearchCV, cv=3),
        search_over(GridSearchCV, cv=3, scoring=negative_log_loss),
        search_over(RandomizedSearchCV, cv=3, n_iter=4, random_state=0),
        search_over(HalvingGridSearchCV, cv=3, random_state=0, min_resources=30),
    ],
    ids=["grid", "grid by log-loss", "randomized", "halving"],
)
def test_searches_are_heads(search):
    scores, y = make_scores(missing=0.1)
    fitted = fit_head(search, scores, y, NAMES)
    best = fitted.best_estimator_
    assert best.modality_names_ == NAMES
    expected = WeightedSum(fitted.best_params_["weights"]).fit(scores, y).predict_proba(scores)
    np.testing.assert_allclose(fitted.predict_proba(scores), expected)


def test_a_grid_of_weights_by_name():
    grid = [{"text": 1, "image": 0, "audio": 0}, {"text": 0, "image": 0, "audio": 1}]
    scores, y = make_scores()
    fitted = fit_head(GridSearchCV(WeightedSum(), {"weights": grid}), scores, y, NAMES)
    assert fitted.best_params_["weights"] == grid[1]  # audio is the best of make_scores


def test_a_search_within_a_search():
    inner = GridSearchCV(LogPool(), {"l2": [0.01, 1.0]}, cv=2)
    outer = GridSearchCV(inner, {"estimator__intercepts": [True, False]}, cv=2)
    fitted = fit_head(outer, *make_scores(), NAMES)
    assert fitted.best_estimator_.best_estimator_.modality_names_ == NAMES


def test_weights_of_rows_reach_the_head_inside_a_search():
    scores, y = make_scores()
    weight = np.where(y == 0, 5.0, 1.0)
    fitted = fit_head(search_over(GridSearchCV, cv=3), scores, y, NAMES, sample_weight=weight)
    np.testing.assert_allclose(fitted.best_estimator_.class_prior_, [5 / 7, 1 / 7, 1 / 7])


@pytest.mark.parametrize("cv", [3, None, GroupKFold(3)])
def test_a_search_keeps_groups_together(cv):
    scores, y = make_scores()
    groups = np.arange(len(y)) // 6
    fitted = fit_head(search_over(GridSearchCV, cv=cv), scores, y, NAMES, groups=groups)
    splitter = cv if isinstance(cv, GroupKFold) else StratifiedGroupKFold(cv or 5)
    splits = list(splitter.split(scores, y, groups))
    explicit = fit_head(search_over(GridSearchCV, cv=splits), scores, y, NAMES)
    np.testing.assert_allclose(
        fitted.cv_results_["mean_test_score"], explicit.cv_results_["mean_test_score"]
    )
    for train, test in splits:
        assert not set(groups[train]) & set(groups[test])


def test_the_folds_of_a_search_are_never_more_than_rows_of_a_class_or_groups():
    scores, y = make_scores(40, 3, 2)
    few = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:3]]
    assert fit_head(search_over(GridSearchCV, cv=10), scores[few], y[few], NAMES).n_splits_ == 3
    one = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:1]]
    assert fit_head(search_over(GridSearchCV, cv=5), scores[one], y[one], NAMES).n_splits_ == 5
    groups = np.arange(40) % 4
    fitted = fit_head(search_over(GridSearchCV, cv=10), scores, y, NAMES, groups=groups)
    assert fitted.n_splits_ == 4


def test_a_search_that_could_judge_nothing_is_an_error():
    search = search_over(GridSearchCV, cv=3, scoring=lambda head, scores, y: np.nan)
    message = r"best score of GridSearchCV is nan: no candidate.*error_score"
    with (
        pytest.warns(UserWarning, match="non-finite"),
        pytest.raises(ValueError, match=message),
    ):
        fit_head(search, *make_scores(), NAMES)


def test_bad_weights_in_a_search_name_the_modality():
    search = GridSearchCV(WeightedSum(), {"weights": [(1, -1, 0)]}, error_score="raise")
    with pytest.raises(ValueError, match="weight of modality 'image' is -1"):
        fit_head(search, *make_scores(), NAMES)


def test_a_classifier_of_scikit_learn_that_takes_tables_is_a_head():
    """Anything with fit and predict_proba on a score table will do; it needs no names."""

    class First(WeightedSum):
        def fit(self, scores, y):
            return super().fit(scores, y)

    scores, y = make_scores()
    fitted = fit_head(First([1, 0, 0]), scores, y, NAMES, sample_weight=None)
    np.testing.assert_allclose(fitted.predict_proba(scores), scores[:, 0])


@pytest.mark.parametrize(
    "head", [LogisticRegression(), GridSearchCV(LogisticRegression(), {"C": [0.1, 1]})]
)
def test_a_classifier_of_features_is_no_head(head):
    with pytest.raises(ValueError, match=r"Use Stacking\(LogisticRegression\(\)\)"):
        make_head(head)
    with pytest.raises(ValueError, match=r"Use StackedRegressor\(Ridge\(\)\)"):
        make_regression_head(Ridge())


@pytest.mark.parametrize(
    "head",
    [
        DummyClassifier(),
        make_pipeline(FunctionTransformer(lambda s: s.reshape(len(s), -1)), LogisticRegression()),
    ],
)
def test_what_takes_a_score_table_is_a_head(head):
    scores, y = make_scores()
    assert fit_head(make_head(head), scores, y, NAMES).predict_proba(scores).shape == (90, 3)
