"""ConformalClassifier: coverage, patterns of missing modalities, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.naive_bayes import GaussianNB

from mmclassic import (
    ConformalClassifier,
    LateFusionClassifier,
    LateFusionRegressor,
    Precomputed,
    cross_fit_scores,
    cross_validated_fusion,
    load,
    save,
)
from mmclassic.inspection._conformal_patterns import calibrate_patterns
from mmclassic.inspection._conformity import lac_scores
from tests.fusion.examples import make_scores, make_table, two_modalities
from tests.fusion.regression_examples import make_numbers, two_regressors


def covered(conformal, X, y):
    return conformal.predict_set(X)[np.arange(len(y)), y]


@pytest.mark.usefixtures("no_fits")
def test_held_out_calibration_by_hand(held_out):
    model, X, y, _ = held_out
    full = X.notna().all(axis=1).to_numpy()
    conformal = ConformalClassifier(model, coverage=0.8, min_rows=50).fit(X, y)
    own = 1 - model.predict_proba(X[full])[np.arange(full.sum()), y[full]]
    rank = int(np.ceil((full.sum() + 1) * 0.8))
    threshold = np.sort(own)[rank - 1]
    [place] = np.flatnonzero(conformal.patterns_.all(axis=1))
    assert conformal.thresholds_[place] == threshold
    assert conformal.n_rows_[place] == full.sum()
    assert conformal.sources_[place] == "own"
    sets = conformal.predict_set(X[full])
    assert np.array_equal(sets, 1 - model.predict_proba(X[full]) <= threshold)
    # As many calibration rows are covered as the rank says.
    assert covered(conformal, X[full], y[full]).sum() == rank


@pytest.mark.usefixtures("no_fits")
def test_a_rare_pattern_is_calibrated_on_masked_rows(held_out):
    model, X, y, _ = held_out
    conformal = ConformalClassifier(model, min_rows=len(X)).fit(X, y)
    assert set(conformal.sources_) == {"masked"}
    has_left = X["a"].notna()
    only_left = X[has_left].assign(c=np.nan, d=np.nan)
    own = 1 - model.predict_proba(only_left)[np.arange(len(only_left)), y[has_left]]
    [place] = np.flatnonzero((conformal.patterns_ == [True, False]).all(axis=1))
    assert conformal.n_rows_[place] == len(only_left)
    rank = int(np.ceil((len(only_left) + 1) * 0.9))
    assert conformal.thresholds_[place] == np.sort(own)[rank - 1]
    nothing = X[:3].assign(a=np.nan, b=np.nan, c=np.nan, d=np.nan)
    assert conformal.predict_set(nothing).any(axis=1).all()


def test_too_few_rows_even_so_take_the_threshold_of_all():
    scores, y = make_scores(60, 2)
    scores[5:, 0] = np.nan
    found, marginal = calibrate_patterns(
        scores, y, lambda s: np.nan_to_num(np.nanmean(s, axis=1), nan=1 / 3) if
        not np.isnan(s).all() else np.full((60, 3), 1 / 3), lac_scores, 0.9, 100,
    )  # fmt: skip
    by_pattern = {one.pattern: one for one in found}
    assert by_pattern[True, True].source == "all"
    assert by_pattern[True, True].threshold == marginal
    assert by_pattern[False, True].source == "masked"


def test_no_promise_from_a_handful_of_rows(held_out):
    model, X, y, _ = held_out
    conformal = ConformalClassifier(model, coverage=0.99).fit(X[:20], y[:20])
    assert np.isinf(conformal.thresholds_).all()
    assert conformal.predict_set(X).all()


@pytest.mark.usefixtures("no_fits")
@pytest.mark.parametrize("options", [{}, {"method": "aps"}, {"method": "aps", "randomize": False}])
def test_cross_fitted_calibration_covers_new_rows(held_out, options):
    model, X, y, y_train = held_out
    conformal = ConformalClassifier(model, coverage=0.8, **options).fit_cross_fitted(y_train)
    share = covered(conformal, X, y).mean()
    # 200 rows tested, about 200 calibrated: twice the variance of one binomial.
    assert 0.8 - 2.6 * np.sqrt(2 * 0.16 / 200) < share
    if options.get("randomize", True):
        assert share < 0.8 + 2.6 * np.sqrt(2 * 0.16 / 200)
    else:
        assert conformal.predict_set(X).any(axis=1).all()


def test_the_head_is_never_judged_on_its_own_rows(held_out):
    model, _, _, y = held_out
    conformal = ConformalClassifier(model, min_rows=1).fit_cross_fitted(y)
    fusion = cross_validated_fusion(model, y)
    rows = fusion.rows_[~np.isnan(fusion.scores[fusion.rows_]).any(axis=(1, 2))]
    own = np.sort(1 - fusion.predict_proba()[rows, y[rows]])
    [place] = np.flatnonzero(conformal.patterns_.all(axis=1))
    assert conformal.thresholds_[place] == own[int(np.ceil((len(rows) + 1) * 0.9)) - 1]


def test_a_row_has_the_same_set_in_any_batch(held_out):
    model, X, y, _ = held_out
    conformal = ConformalClassifier(model, method="aps", coverage=0.7).fit(X, y)
    whole = conformal.predict_set(X)
    assert np.array_equal(conformal.predict_set(X[50:60]), whole[50:60])
    other = ConformalClassifier(model, method="aps", coverage=0.7, random_state=1).fit(X, y)
    assert not np.array_equal(other.predict_set(X), whole)


def test_higher_coverage_gives_larger_sets(held_out):
    model, X, y, _ = held_out
    for method in ("lac", "aps"):
        small, large = (
            ConformalClassifier(model, method=method, coverage=coverage).fit(X, y).predict_set(X)
            for coverage in (0.6, 0.95)
        )
        assert (small <= large).all()
        assert small.sum() < large.sum()


def test_labels_and_predictions_are_those_of_the_model():
    X, codes = make_table(200)
    y = np.array(["bad", "fair", "good"])[codes]
    model = LateFusionClassifier(two_modalities()).fit(X[:100], y[:100])
    conformal = ConformalClassifier(model).fit(X[100:], y[100:])
    assert conformal.classes_.tolist() == ["bad", "fair", "good"]
    assert np.array_equal(conformal.predict(X), model.predict(X))
    assert np.array_equal(conformal.predict_proba(X), model.predict_proba(X))
    assert covered(conformal, X[100:], codes[100:]).mean() >= 0.9
    assert np.array_equal(conformal.set_of_scores(model.score_table(X)), conformal.predict_set(X))


def test_a_frozen_model_survives_clone(held_out):
    model, X, y, y_train = held_out
    conformal = ConformalClassifier(FrozenEstimator(model))
    again = clone(conformal).fit(X, y).predict_set(X)
    cross_fitted = clone(conformal).fit_cross_fitted(y_train)
    assert np.array_equal(
        cross_fitted.thresholds_, ConformalClassifier(model).fit_cross_fitted(y_train).thresholds_
    )
    assert np.array_equal(again, ConformalClassifier(model).fit(X, y).predict_set(X))
    with pytest.raises(NotFittedError):
        clone(ConformalClassifier(model)).fit(X, y)
    with pytest.raises(NotFittedError):
        conformal.predict_set(X)


@pytest.mark.parametrize("wrapper", [FrozenEstimator, lambda model: model])
def test_saved_and_loaded(wrapper, tmp_path):
    X, y = make_table(200, missing=0.2)
    model = LateFusionClassifier(two_modalities()).fit(X, y)
    conformal = ConformalClassifier(wrapper(model), method="aps").fit_cross_fitted(y)
    save(conformal, tmp_path / "sets.mmc")
    loaded = load(tmp_path / "sets.mmc")
    assert np.array_equal(loaded.predict_set(X), conformal.predict_set(X))
    assert loaded.sources_.tolist() == conformal.sources_.tolist()
    with pytest.raises(ValueError, match="loaded from a file"):
        loaded.fit_cross_fitted(y)
    table = cross_fit_scores(loaded.model, X, y)
    again = loaded.fit_cross_fitted(y, scores=table)
    assert np.allclose(again.thresholds_, conformal.thresholds_)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"coverage": 1.0}, "'coverage' parameter"),
        ({"coverage": 0}, "'coverage' parameter"),
        ({"method": "raps"}, "'method' parameter"),
        ({"min_rows": 0}, "'min_rows' parameter"),
        ({"random_state": None}, "'random_state' parameter"),
    ],
)
def test_bad_parameters(held_out, options, message):
    model, X, y, _ = held_out
    with pytest.raises(ValueError, match=message):
        ConformalClassifier(model, **options).fit(X, y)


def test_bad_models_and_labels(held_out):
    model, X, y, y_train = held_out
    with pytest.raises(ValueError, match="'model' parameter"):
        ConformalClassifier(GaussianNB()).fit(X, y)
    with pytest.raises(ValueError, match="X has 200 rows, y has 199"):
        ConformalClassifier(model).fit(X, y[1:])
    with pytest.raises(ValueError, match=r"does not know: \[9\], first in row 0"):
        ConformalClassifier(model).fit(X, np.full(len(y), 9))
    with pytest.raises(ValueError, match="table has 200 rows, y has 3"):
        ConformalClassifier(model).fit_cross_fitted(y_train[:3])
    with pytest.raises(ValueError, match="not the labels that the model was fitted on"):
        ConformalClassifier(FrozenEstimator(model)).fit_cross_fitted(y_train[::-1])
    numbers, target = make_numbers(60)
    regressor = LateFusionRegressor(two_regressors()).fit(numbers, target)
    with pytest.raises(ValueError, match="needs a fusion of classes"):
        ConformalClassifier(regressor).fit(numbers, target)
    labels = LateFusionClassifier(two_modalities()).fit(X, np.stack([y == 0, y > 1], 1).astype(int))
    with pytest.raises(ValueError, match="label_models_"):
        ConformalClassifier(labels).fit(X, y)


def test_coverage_within_patterns_of_missing_modalities():
    """A harder pattern gets larger sets, not less coverage; one threshold for all fails it."""
    scores, y = make_scores(9000, 2, seed=5)
    rng = np.random.default_rng(0)
    scores[rng.random(9000) < 0.5, 1] = np.nan  # the better modality
    X = scores.reshape(9000, -1)
    model = LateFusionClassifier(
        [("weak", Precomputed(), [0, 1, 2]), ("strong", Precomputed(), [3, 4, 5])]
    ).fit(X[:1000], y[:1000])
    conformal = ConformalClassifier(model).fit(X[1000:5000], y[1000:5000])
    test, truth = X[5000:], y[5000:]
    weak = np.isnan(test[:, 3])
    # The chance of calibration (2000 rows) and of the test (2000 rows).
    width = binom.interval(0.99, weak.sum(), 0.9)[1] / weak.sum() - 0.9
    for rows in (weak, ~weak):
        share = covered(conformal, test[rows], truth[rows]).mean()
        assert share == pytest.approx(0.9, abs=np.sqrt(2) * width)
    one_for_all = lac_scores(model.predict_proba(test[weak])) <= conformal.marginal_threshold_
    assert one_for_all[np.arange(weak.sum()), truth[weak]].mean() < 0.87
