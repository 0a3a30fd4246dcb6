"""LateFusionClassifier against scikit-learn, and what it promises."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from joblib import Memory
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, LinearSVC

from mmclassic import (
    DataQualityWarning,
    LateFusionClassifier,
    LogPool,
    Precomputed,
    Stacking,
    Voting,
    WeightedSum,
    simplex_grid,
)
from mmclassic.fusion._scores import fit_temperature, soften
from tests.fusion.examples import (
    LEFT,
    RIGHT,
    CountedBayes,
    NumberVectorizer,
    make_cells,
    make_table,
    two_modalities,
)

TABLE, Y = make_table()
HEADS = ["log_pool", "mean", "voting", "stacking"]


def select(columns, estimator):
    """A classifier of some columns, in scikit-learn's own words."""
    return make_pipeline(ColumnTransformer([("keep", "passthrough", columns)]), estimator)


def fit(*arguments, **options):
    return LateFusionClassifier(two_modalities(), *arguments, **options).fit(TABLE, Y)


# Against scikit-learn


@pytest.mark.parametrize("weights", [None, [0.7, 0.3]])
def test_weighted_sum_is_soft_voting(weights):
    peers = [
        ("left", select(LEFT, GaussianNB())),
        ("right", select(RIGHT, LogisticRegression())),
    ]
    expected = VotingClassifier(peers, voting="soft", weights=weights).fit(TABLE, Y)
    model = fit(WeightedSum(weights))
    np.testing.assert_allclose(model.predict_proba(TABLE), expected.predict_proba(TABLE))
    np.testing.assert_array_equal(model.predict(TABLE), expected.predict(TABLE))


@pytest.mark.parametrize("scoring", ["accuracy", "neg_log_loss"])
def test_searched_weights_equal_the_search_that_refits_everything(scoring):
    """The same folds for the cross-fit and both searches: the same scores for every weight."""
    splits = list(StratifiedKFold(4).split(TABLE, Y))
    grid = simplex_grid(2, step=0.1)
    head = GridSearchCV(WeightedSum(), {"weights": grid}, cv=splits, scoring=scoring)
    ours = fit(head, cv=splits).fusion_
    naive = GridSearchCV(
        LateFusionClassifier(two_modalities(), WeightedSum()),
        {"fusion__weights": grid},
        cv=splits,
        scoring=scoring,
    ).fit(TABLE, Y)
    peers = [
        ("left", select(LEFT, GaussianNB())),
        ("right", select(RIGHT, LogisticRegression())),
    ]
    voting = GridSearchCV(
        VotingClassifier(peers, voting="soft"), {"weights": grid}, cv=splits, scoring=scoring
    ).fit(TABLE, Y)
    for peer in (naive, voting):
        np.testing.assert_allclose(
            ours.cv_results_["mean_test_score"], peer.cv_results_["mean_test_score"], atol=1e-9
        )
    assert ours.best_params_["weights"] == naive.best_params_["fusion__weights"]


def test_tuning_weights_costs_one_cross_fit():
    modalities = [("left", CountedBayes(), LEFT), ("right", CountedBayes(), RIGHT)]
    head = GridSearchCV(WeightedSum(), {"weights": simplex_grid(2, step=0.1)}, cv=3)
    LateFusionClassifier(modalities, head, cv=4).fit(TABLE, Y)
    assert len(CountedBayes.fits) == 2 * (4 + 1)


@pytest.mark.parametrize("fusion", ["mean", "voting", WeightedSum([1, 2]), Voting(rule="max")])
def test_a_head_that_learns_nothing_pays_for_no_cross_fit(fusion):
    modalities = [("left", CountedBayes(), LEFT), ("right", CountedBayes(), RIGHT)]
    model = LateFusionClassifier(modalities, fusion).fit(TABLE, Y)
    assert len(CountedBayes.fits) == 2
    assert not hasattr(model, "cross_fit_scores_")
    model.set_params(fusion="log_pool").fit(TABLE, Y)
    assert len(CountedBayes.fits) == 2 + 2 * 6
    assert model.cross_fit_scores_.shape == (90, 2, 3)
    model.set_params(fusion=fusion).fit(TABLE, Y)
    assert not hasattr(model, "cross_fit_scores_")


@pytest.mark.parametrize("modality", [0, 1])
def test_all_weight_on_one_modality_gives_it_exactly(modality):
    name, estimator, columns = two_modalities()[modality]
    alone = clone(estimator).fit(TABLE[columns], Y)
    fused = fit(WeightedSum(np.eye(2)[modality])).predict_proba(TABLE)
    np.testing.assert_array_equal(fused, alone.predict_proba(TABLE[columns]))
    assert name == ["left", "right"][modality]


# What holds for every head


@pytest.mark.parametrize("missing", ["skip", "drop", "fill"])
@pytest.mark.parametrize("calibration", [None, "temperature"])
@pytest.mark.parametrize("fusion", HEADS)
def test_predict_proba_is_fuse_of_the_score_table(fusion, calibration, missing):
    table, y = make_table(missing=0.2)
    model = LateFusionClassifier(
        two_modalities(), fusion, calibration=calibration, missing=missing, cv=3
    ).fit(table, y)
    fused = model.predict_proba(table)
    np.testing.assert_array_equal(fused, model.fuse(model.score_table(table)))
    np.testing.assert_allclose(fused.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(table), fused.argmax(axis=1))


@pytest.mark.parametrize("fusion", HEADS)
def test_setting_scores_to_nan_is_removing_the_modality(fusion):
    model = fit(fusion, cv=3)
    scores = model.score_table(TABLE)
    scores[:, 0] = np.nan
    without = TABLE.assign(a=np.nan, b=np.nan)
    np.testing.assert_array_equal(model.fuse(scores), model.predict_proba(without))
    alone = LateFusionClassifier(two_modalities()[1:], fusion, cv=3).fit(TABLE, Y)
    np.testing.assert_allclose(model.fuse(scores), alone.predict_proba(TABLE), atol=1e-4)


@pytest.mark.parametrize("fusion", HEADS)
def test_permuting_modalities_changes_nothing(fusion):
    model = LateFusionClassifier(two_modalities()[::-1], fusion).fit(TABLE, Y)
    np.testing.assert_allclose(
        model.predict_proba(TABLE), fit(fusion).predict_proba(TABLE), atol=1e-3
    )


@pytest.mark.parametrize("fusion", HEADS)
def test_it_is_an_estimator(fusion):
    model = fit(fusion, cv=3)
    expected = model.predict_proba(TABLE)
    before = pickle.dumps(model)
    model.predict(TABLE)
    model.fuse(model.score_table(TABLE[:3]))
    assert pickle.dumps(model) == before  # predict never changes a model
    for other in (clone(model).fit(TABLE, Y), pickle.loads(before), model.fit(TABLE, Y)):
        np.testing.assert_array_equal(other.predict_proba(TABLE), expected)
    assert model.named_modalities_["left"].classes_.tolist() == [0, 1, 2]
    np.testing.assert_allclose(model.class_prior_, 1 / 3)
    rows = [5, 1, 1, 80]
    subset = model.predict_proba(TABLE.iloc[rows])
    np.testing.assert_allclose(subset, expected[rows], rtol=1e-12)


def test_parallel_fits_give_the_same():
    model = LateFusionClassifier(two_modalities(), cv=3, n_jobs=2).fit(TABLE, Y)
    np.testing.assert_array_equal(model.predict_proba(TABLE), fit(cv=3).predict_proba(TABLE))


def test_cross_fitted_scores_are_out_of_fold():
    model = fit(cv=4)
    for train, test in StratifiedKFold(4).split(TABLE, Y):
        expected = GaussianNB().fit(TABLE[LEFT].iloc[train], Y[train])
        np.testing.assert_allclose(
            model.cross_fit_scores_[test, 0], expected.predict_proba(TABLE[LEFT].iloc[test])
        )
    full = GaussianNB().fit(TABLE[LEFT], Y).predict_proba(TABLE[LEFT])
    np.testing.assert_array_equal(model.score_table(TABLE)[:, 0], full)


def test_random_state_shuffles_the_folds_and_nothing_else():
    seeds = [fit(random_state=seed).cross_fit_scores_ for seed in (None, 0, 0, 1)]
    np.testing.assert_array_equal(seeds[1], seeds[2])
    assert (seeds[0] != seeds[1]).any()
    assert (seeds[1] != seeds[3]).any()
    plain = StratifiedKFold(5, shuffle=True, random_state=1).split(TABLE, Y)
    np.testing.assert_array_equal(fit(cv=list(plain)).cross_fit_scores_, seeds[3])


# Base models without predict_proba


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("estimator", [SVC(), LinearSVC()])
@pytest.mark.parametrize("fusion", ["mean", "log_pool"])
def test_decision_values_are_softened_at_one_cross_fitted_temperature(fusion, estimator, n_classes):
    table, y = make_table(n_classes=n_classes)
    modalities = [("left", estimator, LEFT), ("right", GaussianNB(), RIGHT)]
    model = LateFusionClassifier(modalities, fusion, cv=3).fit(table, y)
    margins = np.empty((90, n_classes))
    for train, test in StratifiedKFold(3).split(table, y):
        fold = clone(estimator).fit(table[LEFT].iloc[train], y[train])
        margins[test] = columns_of(fold.decision_function(table[LEFT].iloc[test]))
    temperature = fit_temperature(margins, y)
    np.testing.assert_allclose(model.temperatures_, [temperature, np.nan])
    np.testing.assert_allclose(model.cross_fit_scores_[:, 0], soften(margins, temperature))
    whole = clone(estimator).fit(table[LEFT], y).decision_function(table[LEFT])
    expected = soften(columns_of(whole), temperature)
    np.testing.assert_allclose(model.score_table(table)[:, 0], expected)


def columns_of(decision):
    return decision if decision.ndim == 2 else np.column_stack([-decision / 2, decision / 2])


def test_an_estimator_without_scores_is_refused_before_anything_is_read():
    table, y = make_cells()
    numbers = make_pipeline(NumberVectorizer(), SVC())
    modalities = [("x", numbers, "x"), ("z", make_pipeline(LinearRegression()), "z")]
    with pytest.raises(ValueError, match="has neither predict_proba nor decision_function"):
        LateFusionClassifier(modalities).fit(table, y)
    assert not NumberVectorizer.decoded


# Calibration


def test_calibration_fits_one_temperature_per_modality_on_the_cross_fit():
    model = fit("voting", calibration="temperature", cv=3)
    raw = model.cross_fit_scores_
    for m in (0, 1):
        expected = fit_temperature(np.log(np.maximum(raw[:, m], 1e-3 / 3)), Y)
        assert model.calibration_.temperatures_[m] == pytest.approx(expected)
    calibrated = model.calibration_.transform(model.score_table(TABLE))
    np.testing.assert_allclose(model.predict_proba(TABLE), calibrated.mean(axis=1))


# Frozen, dropped and nested


def test_frozen_members_are_not_refitted():
    fitted = CountedBayes().fit(TABLE[LEFT][:40], Y[:40])
    modalities = [("left", FrozenEstimator(fitted), LEFT), ("right", GaussianNB(), RIGHT)]
    model = LateFusionClassifier(modalities, cv=3).fit(TABLE, Y)
    assert len(CountedBayes.fits) == 1
    expected = fitted.predict_proba(TABLE[LEFT])
    np.testing.assert_array_equal(model.cross_fit_scores_[:, 0], expected)
    np.testing.assert_array_equal(model.score_table(TABLE)[:, 0], expected)


def test_dropped_modalities_are_as_if_they_were_not_there():
    model = LateFusionClassifier(two_modalities()).set_params(left="drop").fit(TABLE, Y)
    alone = LateFusionClassifier(two_modalities()[1:]).fit(TABLE, Y)
    np.testing.assert_array_equal(model.predict_proba(TABLE), alone.predict_proba(TABLE))
    only = TABLE[RIGHT]
    np.testing.assert_array_equal(model.predict_proba(only), alone.predict_proba(TABLE))


def test_nested_parameters():
    model = LateFusionClassifier(
        [("left", make_pipeline(GaussianNB()), LEFT), ("right", LogisticRegression(), RIGHT)],
        LogPool(),
    )
    model.set_params(left__gaussiannb__var_smoothing=0.5, right__C=7, fusion__l2=3.0)
    assert model.modalities[0][1][-1].var_smoothing == 0.5
    assert model.modalities[1][1].C == 7
    assert model.fit(TABLE, Y).fusion_.l2 == 3.0
    assert model.get_params()["right__C"] == 7
    name, estimator, columns = model.set_params(right=GaussianNB()).modalities[1]
    assert (name, type(estimator), columns) == ("right", GaussianNB, RIGHT)
    with pytest.raises(ValueError, match="Invalid parameter 'middle'"):
        model.set_params(middle__C=1)


def test_a_search_over_parameters_of_a_vectorizer():
    table, y = make_cells()
    numbers = make_pipeline(NumberVectorizer(), GaussianNB())
    search = GridSearchCV(
        LateFusionClassifier([("x", numbers, "x"), ("z", numbers, "z")], cv=2),
        {"x__numbervectorizer__power": [2, 3], "z__gaussiannb__var_smoothing": [1e-9, 1e-2]},
        cv=2,
        error_score="raise",
    ).fit(table, y)
    assert search.score(table, y) > 0.7


def test_setting_parameters_after_fit_leaves_the_fitted_model_alone():
    table, y = make_cells()
    numbers = make_pipeline(NumberVectorizer(), GaussianNB())
    model = LateFusionClassifier([("x", numbers, "x")], "mean").fit(table, y)
    expected = model.predict_proba(table)
    model.set_params(x__numbervectorizer__power=7)
    np.testing.assert_array_equal(model.predict_proba(table), expected)
    assert not hasattr(numbers[-1], "classes_")


def test_what_it_looks_like():
    html = LateFusionClassifier(two_modalities(), Stacking())._repr_html_()
    assert "GaussianNB" in html
    assert "Stacking" in html
    assert "LateFusionClassifier" in repr(LateFusionClassifier(two_modalities()))


# Memory


def test_memory_spares_the_fits_of_the_base_models(tmp_path):
    """Another head, or other weights: the cached base models serve again."""
    modalities = [("left", CountedBayes(), LEFT), ("right", CountedBayes(), RIGHT)]
    plain = LateFusionClassifier(modalities, cv=3).fit(TABLE, Y)
    CountedBayes.fits.clear()
    for memory in (str(tmp_path / "a"), Memory(tmp_path / "b", verbose=0)):
        model = LateFusionClassifier(modalities, cv=3, memory=memory).fit(TABLE, Y)
        n_fits = len(CountedBayes.fits)
        assert n_fits == 2 * 4
        np.testing.assert_array_equal(model.predict_proba(TABLE), plain.predict_proba(TABLE))
        clone(model).set_params(fusion="stacking").fit(TABLE, Y)
        clone(model).fit(TABLE + 0, Y)
        assert len(CountedBayes.fits) == n_fits
        clone(model).fit(TABLE + 1, Y)
        assert len(CountedBayes.fits) == 2 * n_fits
        CountedBayes.fits.clear()


def test_nothing_of_the_training_is_kept_in_a_portable_model(tmp_path):
    model = fit(memory=str(tmp_path))
    expected = model.predict_proba(TABLE)
    model._to_portable()
    assert model.memory is None
    assert not hasattr(model, "cross_fit_scores_")
    np.testing.assert_array_equal(model.predict_proba(TABLE), expected)


# Tables and labels


@pytest.mark.parametrize("fusion", ["log_pool", "mean"])
def test_pandas_polars_and_arrays_give_the_same(fusion):
    table, y = make_table(missing=0.2)
    expected = LateFusionClassifier(two_modalities(), fusion).fit(table, y).predict_proba(table)
    other = pl.DataFrame(table.to_dict("list"))
    model = LateFusionClassifier(two_modalities(), fusion).fit(other, pl.Series(y))
    np.testing.assert_array_equal(model.predict_proba(other), expected)
    np.testing.assert_array_equal(model.predict_proba(table), expected)
    by_position = [("left", GaussianNB(), [0, 1]), ("right", LogisticRegression(), slice(2, 4))]
    array = table.to_numpy()
    model = LateFusionClassifier(by_position, fusion).fit(array, y)
    np.testing.assert_array_equal(model.predict_proba(array), expected)
    np.testing.assert_array_equal(model.predict_proba(array.tolist()), expected)


def test_columns_are_found_by_name_and_rows_by_position():
    expected = fit()
    messy = TABLE[["d", "b", "a", "c"]].assign(extra="words")
    messy.index = np.zeros(90, dtype=int)
    model = LateFusionClassifier(two_modalities()).fit(messy, pd.Series(Y, index=range(90, 180)))
    np.testing.assert_array_equal(model.predict_proba(messy), expected.predict_proba(TABLE))
    np.testing.assert_array_equal(expected.predict_proba(messy), expected.predict_proba(TABLE))


@pytest.mark.parametrize(
    "names",
    [["bird", "cat", "dog"], [-3, 7, 11], [1.0, 2.0, 5.0]],
    ids=["text", "int", "float"],
)
@pytest.mark.parametrize("right", [LogisticRegression(), SVC()])
def test_labels_of_all_kinds(names, right):
    y = np.array(names)[Y]
    modalities = [("left", GaussianNB(), LEFT), ("right", right, RIGHT)]
    model = LateFusionClassifier(modalities).fit(TABLE, y)
    assert model.classes_.tolist() == names
    coded = LateFusionClassifier(modalities).fit(TABLE, Y)
    np.testing.assert_array_equal(model.predict_proba(TABLE), coded.predict_proba(TABLE))
    np.testing.assert_array_equal(model.predict(TABLE), np.array(names)[coded.predict(TABLE)])
    assert model.score(TABLE, y) > 0.7


def test_two_classes_that_are_booleans():
    y = Y > 0
    model = LateFusionClassifier(two_modalities()).fit(TABLE, y)
    assert model.predict(TABLE).dtype == bool
    assert model.score(TABLE, y) > 0.8


@pytest.mark.parametrize("fusion", HEADS)
def test_no_rows_at_predict(fusion):
    model = fit(fusion, cv=3)
    assert model.score_table(TABLE[:0]).shape == (0, 2, 3)
    assert model.predict_proba(TABLE[:0]).shape == (0, 3)
    assert model.predict(TABLE[:0]).shape == (0,)
    assert model.fuse(np.empty((0, 2, 3))).shape == (0, 3)


def test_no_rows_of_cells_at_predict():
    table, y = make_cells()
    numbers = make_pipeline(NumberVectorizer(), GaussianNB())
    model = LateFusionClassifier([("x", numbers, "x")], "mean").fit(table, y)
    assert model.predict(table[:0]).shape == (0,)
    assert model.predict(table[:0]).dtype == model.classes_.dtype


def test_within_a_pipeline_and_cross_validation():
    pipeline = make_pipeline("passthrough", LateFusionClassifier(two_modalities(), cv=3))
    found = cross_validate(pipeline, TABLE, Y, cv=3, error_score="raise")
    assert found["test_score"].mean() > 0.6


# Classes and folds


def test_rows_that_a_splitter_never_tests_do_not_train_the_head():
    tested = np.arange(40, 80)
    model = fit(cv=[(np.arange(40), tested)])
    scores = model.cross_fit_scores_
    assert np.isfinite(scores).all(axis=(1, 2)).nonzero()[0].tolist() == tested.tolist()
    expected = LogPool().fit(scores[tested], Y[tested])
    np.testing.assert_array_equal(model.fusion_.weights_, expected.weights_)


def test_a_class_with_a_single_row():
    y = np.where(np.arange(90) == 0, 9, Y)
    with pytest.raises(ValueError, match="Class 9 has a single row"):
        LateFusionClassifier(two_modalities()).fit(TABLE, y)
    model = LateFusionClassifier(two_modalities(), "mean").fit(TABLE, y)  # needs no cross-fit
    assert model.classes_.tolist() == [0, 1, 2, 9]


def test_folds_are_capped_at_the_smallest_class_with_one_warning():
    y = np.where(np.arange(90) < 3, 9, Y)
    modalities = [("left", CountedBayes(), LEFT)]
    with pytest.warns(DataQualityWarning, match="cv=5 was reduced to 3 folds") as caught:
        LateFusionClassifier(modalities).fit(TABLE, y)
    assert len(caught) == 1
    assert len(CountedBayes.fits) == 3 + 1


@pytest.mark.parametrize("fusion", HEADS)
def test_a_class_that_a_fold_lacks_is_aligned(fusion):
    """A custom fold whose training rows lack a class: its prior, not a zero and not column 0."""
    train = np.flatnonzero(Y < 2)
    lacks = np.flatnonzero(Y == 2)
    folds = [(train, lacks), (np.r_[lacks[:1], train[:50]], train[50:])]
    model = fit(fusion, cv=folds, calibration="temperature")
    lacking = model.cross_fit_scores_[lacks]
    prior = 1 / (len(train) + 1)
    np.testing.assert_allclose(lacking[:, :, 2], prior / (1 + prior))
    np.testing.assert_allclose(lacking.sum(axis=2), 1)
    np.testing.assert_allclose(model.predict_proba(TABLE).sum(axis=1), 1)


# What is refused


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"fusion": "attention"}, "'fusion' parameter"),
        ({"fusion": 3}, "'fusion' parameter"),
        ({"cv": 1}, "'cv' parameter"),
        ({"cv": "many"}, "'cv' parameter"),
        ({"calibration": "platt"}, "'calibration' parameter"),
        ({"missing": "ignore"}, "'missing' parameter"),
        ({"on_unreadable": "ignore"}, "'on_unreadable' parameter"),
        ({"max_error_rate": -0.1}, "'max_error_rate' parameter"),
        ({"random_state": "seed"}, "'random_state' parameter"),
        ({"n_jobs": 1.5}, "'n_jobs' parameter"),
        ({"memory": 3}, "'memory' parameter"),
        ({"modalities": "text"}, "'modalities' parameter"),
        ({"modalities": []}, "no modality to fuse"),
        ({"fusion": WeightedSum([1, 2, 3])}, r"3,\) for 2 modalities \(left, right\)"),
        ({"fusion": WeightedSum({"left": 1, "up": 2})}, r"absent: \['right'\], unknown: \['up'\]"),
        ({"fusion": LogPool(l2=-1)}, "'l2' parameter"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        LateFusionClassifier(two_modalities()).set_params(**parameters).fit(TABLE, Y)


@pytest.mark.parametrize(
    ("y", "match"),
    [
        (Y[:80], "X has 90 rows, y has 80"),
        (np.zeros(90), "one class only"),
        (np.where(Y == 0, np.nan, Y), "y is missing .* in 30 rows"),
        (None, "requires y"),
        ([], "holds no labels"),
    ],
)
def test_bad_labels_are_refused_before_anything_is_read(y, match):
    table = TABLE.assign(x="3.5")
    numbers = make_pipeline(NumberVectorizer(), GaussianNB())
    with pytest.raises(ValueError, match=match):
        LateFusionClassifier([("x", numbers, "x"), *two_modalities()]).fit(table, y)
    assert not NumberVectorizer.decoded


def test_a_class_too_small_for_folds_is_refused_before_anything_is_read():
    table, y = make_cells()
    numbers = make_pipeline(NumberVectorizer(), GaussianNB())
    with pytest.raises(ValueError, match="single row"):
        LateFusionClassifier([("x", numbers, "x")]).fit(table, [*y[:-1], "rare"])
    assert not NumberVectorizer.decoded


def test_what_predict_refuses():
    model = LateFusionClassifier(two_modalities())
    for call in (model.predict, model.predict_proba, model.score_table, model.fuse):
        with pytest.raises(NotFittedError):
            call(TABLE)
    with pytest.raises(NotFittedError):
        _ = model.named_modalities_
    model.fit(TABLE, Y)
    with pytest.raises(ValueError, match="no column 'b'"):
        model.predict(TABLE.drop(columns="b"))
    with pytest.raises(ValueError, match="has 3 modalities, the head was fitted on 2"):
        model.fuse(np.full((4, 3, 3), 1 / 3))
    with pytest.raises(ValueError, match="no probability distribution"):
        model.fuse(np.full((4, 2, 3), 0.9))


def test_a_modality_that_cannot_be_fitted():
    y = Y.copy()
    table = TABLE.copy()
    table.loc[y > 0, LEFT] = np.nan
    with pytest.raises(ValueError, match="Modality 'left' has 30 rows to fit on, of fewer than"):
        LateFusionClassifier(two_modalities(), "mean").fit(table, y)


@pytest.mark.parametrize("fusion", ["log_pool", WeightedSum()])
def test_the_diagram_shows_every_modality_and_the_head(fusion):
    X, y = make_table()
    model = LateFusionClassifier([("left", GaussianNB(), LEFT), ("right", SVC(), RIGHT)], fusion)
    for state in (model, clone(model).fit(X, y)):
        page = state._repr_html_()
        for word in ("left", "right", "GaussianNB", "SVC"):
            assert word in page
    assert type(state.fusion_).__name__ in page


def test_logarithms_of_probabilities():
    model = LateFusionClassifier(two_modalities(), WeightedSum()).fit(TABLE, Y)
    logarithms = model.predict_log_proba(TABLE)
    np.testing.assert_allclose(np.exp(logarithms), model.predict_proba(TABLE))
    certain = [("a", Precomputed(), ["p", "q"])]
    frame = pd.DataFrame({"p": [1.0, 0.0] * 5, "q": [0.0, 1.0] * 5})
    model = LateFusionClassifier(certain, "mean").fit(frame, [0, 1] * 5)
    assert model.predict_log_proba(frame[:1]).tolist() == [[0, -np.inf]]


@pytest.mark.parametrize("options", [{"cv": KFold(5)}, {"fusion": "mean"}])
def test_what_the_refusal_of_a_single_row_advises_works(options):
    X, y = make_table()
    y[7] = 9
    model = LateFusionClassifier([("left", GaussianNB(), LEFT)], **options).fit(X, y)
    assert model.predict_proba(X).shape == (90, 4)
