"""Weight tuning on a score table is the naive search that refits every base model, without it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, PredefinedSplit, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from mmclassic import (
    LateFusionClassifier,
    LogPool,
    WeightedSum,
    cross_fit_scores,
    negative_log_loss,
    simplex_grid,
)
from tests.fusion.examples import LEFT, RIGHT, CountedBayes, make_table

TABLE, CODES = make_table()
LABELS = np.array(["yes", "no", "maybe"])[CODES]
GRID = simplex_grid(3, step=0.1)
SCORING = {"accuracy": "accuracy", "neg_log_loss": "neg_log_loss", "shipped": negative_log_loss}
FOLDS = list(StratifiedKFold(2, shuffle=True, random_state=0).split(TABLE, LABELS))


def three_modalities():
    return [
        ("left", GaussianNB(), LEFT),
        ("right", LogisticRegression(), RIGHT),
        ("middle", GaussianNB(), ["b", "c"]),
    ]


def predefined(folds):
    """Folds as one number per row."""
    number = np.full(len(TABLE), -1)
    for index, (_, test) in enumerate(folds):
        number[test] = index
    return PredefinedSplit(number)


def head_search():
    return GridSearchCV(
        WeightedSum(),
        {"weights": GRID},
        scoring=SCORING,
        refit="neg_log_loss",
        cv=predefined(FOLDS),
    )


def take(X, columns):
    return X[columns]


def select(columns, estimator):
    return make_pipeline(FunctionTransformer(take, kw_args={"columns": columns}), estimator)


@pytest.fixture(scope="module")
def naive():
    """cv_results_ of the search that refits everything, 2 × 3 base fits for each weight."""
    members = [(name, select(columns, model)) for name, model, columns in three_modalities()]
    search = GridSearchCV(
        VotingClassifier(members, voting="soft"),
        {"weights": GRID},
        scoring=SCORING,
        refit=False,
        cv=predefined(FOLDS),
    )
    return search.fit(TABLE, LABELS).cv_results_


@pytest.fixture(scope="module")
def on_table():
    """cv_results_ of the search on the cross-fitted table."""
    model = LateFusionClassifier(three_modalities())
    scores = cross_fit_scores(model, TABLE, LABELS, cv=predefined(FOLDS))
    codes = np.unique(LABELS, return_inverse=True)[1]
    return head_search().fit(scores, codes).cv_results_


@pytest.fixture(scope="module")
def inside():
    """cv_results_ of the search inside a late fusion."""
    model = LateFusionClassifier(three_modalities(), head_search(), cv=predefined(FOLDS))
    return model.fit(TABLE, LABELS).fusion_.cv_results_


@pytest.mark.parametrize("metric", list(SCORING))
@pytest.mark.parametrize("results", ["on_table", "inside"])
def test_equals_the_search_that_refits_everything(results, metric, naive, request):
    results = request.getfixturevalue(results)
    key = f"mean_test_{metric}"
    assert results["params"] == naive["params"]
    assert len(results[key]) == len(GRID) == 66
    np.testing.assert_allclose(results[key], naive[key], rtol=0, atol=1e-9)
    # The weights matter here, so equality says something.
    assert np.ptp(naive[key]) > 0.05


def test_other_folds_of_the_cross_fit_give_other_scores(naive):
    other = list(StratifiedKFold(2, shuffle=True, random_state=1).split(TABLE, LABELS))
    model = LateFusionClassifier(three_modalities(), head_search(), cv=predefined(other))
    results = model.fit(TABLE, LABELS).fusion_.cv_results_
    key = "mean_test_neg_log_loss"
    assert np.abs(results[key] - naive[key]).max() > 1e-3


def counted_modalities():
    return [("left", CountedBayes(), LEFT), ("right", CountedBayes(), RIGHT)]


def count_fits(search):
    CountedBayes.fits.clear()
    search.fit(TABLE, LABELS)
    return len(CountedBayes.fits)


def test_search_on_the_table_fits_each_member_once_per_fold():
    n_members, n_folds = 2, 3
    head = GridSearchCV(WeightedSum(), {"weights": simplex_grid(n_members)}, cv=3)
    model = LateFusionClassifier(counted_modalities(), head, cv=n_folds)
    # The cross-fit, and the members that will predict.
    assert count_fits(model) == n_members * n_folds + n_members


@pytest.mark.parametrize(
    ("head", "grid", "cross_fit"),
    [
        (WeightedSum(), {"fusion__weights": simplex_grid(2)}, 0),
        (LogPool(), {"fusion__l2": [0.001, 0.01, 0.1, 1.0]}, 4),
    ],
    ids=["weights", "l2"],
)
def test_memory_keeps_a_plain_search_from_refitting(head, grid, cross_fit, tmp_path):
    n_members, n_folds = 2, 3

    def search(memory):
        model = LateFusionClassifier(counted_modalities(), head, cv=4, memory=memory)
        return GridSearchCV(model, grid, cv=n_folds, scoring=negative_log_loss)

    # In each outer fold, and in the last fit on all rows: the members, and their cross-fit.
    once = n_members * (1 + cross_fit) * (n_folds + 1)
    (candidates,) = grid.values()
    cached = search(str(tmp_path))
    assert count_fits(cached) == once
    assert count_fits(search(str(tmp_path))) == 0
    plain = search(None)
    assert count_fits(plain) == n_members * (1 + cross_fit) * (n_folds * len(candidates) + 1)
    np.testing.assert_array_equal(
        cached.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
    )
