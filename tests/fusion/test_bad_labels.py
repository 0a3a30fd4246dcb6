"""Bad labels, folds, weights and rows, one test each (68 to 80); weights and masks at random."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, LinearSVC

from mmclassic import (
    BlockScaler,
    DataQualityWarning,
    EarlyFusionClassifier,
    LateFusionClassifier,
    UnreadableCellsError,
    WeightedSum,
)
from mmclassic.fusion._weights import check_weights
from tests.fusion.examples import LEFT, RIGHT, NumberVectorizer, make_cells, make_table

TABLE, Y = make_table(60)
ONE_FOLD = [(np.arange(30), np.arange(30, 60))]


def late(fusion="mean", **options):
    members = [("left", GaussianNB(), LEFT), ("right", LogisticRegression(), RIGHT)]
    return LateFusionClassifier(members, fusion, **options)


def of_cells(**options):
    """One modality of cells that count how often they are decoded."""
    NumberVectorizer.decoded.clear()
    members = [(name, make_pipeline(NumberVectorizer(), GaussianNB()), name) for name in ("x", "z")]
    return LateFusionClassifier(members, **options)


def one_class():
    table, _ = make_cells()
    with pytest.raises(ValueError, match="at least two classes; y holds one class only: 'a'"):
        of_cells().fit(table, ["a"] * len(table))
    assert not NumberVectorizer.decoded


def class_that_a_fold_lacks():
    """It gets its prior in that fold, and its column stays its own."""
    lacking, others = np.flatnonzero(Y == 2), np.flatnonzero(Y < 2)
    folds = [(others, lacking), (np.arange(30), others[others >= 30])]
    model = late("log_pool", cv=folds).fit(TABLE, Y)
    assert model.cross_fit_scores_.shape == (60, 2, 3)
    scores = model.cross_fit_scores_[lacking]
    assert (scores[:, :, 2] > 0).all()
    np.testing.assert_allclose(scores.sum(axis=2), 1)


def rare_class():
    y = Y.copy()
    y[:3] = 9
    with pytest.warns(DataQualityWarning, match="cv=5 was reduced to 3 folds") as caught:
        late("log_pool").fit(TABLE, y)
    assert len(caught) == 1
    table, y = make_cells()
    with pytest.raises(ValueError, match="single row"):
        of_cells().fit(table, [*y[:-1], "rare"])
    assert not NumberVectorizer.decoded


def search_that_judges_nothing():
    """A score that is NaN is an error, never a best score."""
    search = GridSearchCV(WeightedSum(), {"weights": [(0.5, 0.5)]}, scoring=lambda *_: np.nan, cv=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # scikit-learn says so too, and goes on
        with pytest.raises(ValueError, match=r"best score of GridSearchCV is nan.*error_score"):
            late(search).fit(TABLE, Y)


def labels_that_are_none():
    mixed = [0, *["b"] * 59]
    gaps = np.where(Y == 0, None, "a").astype(object)
    for y, words in [
        (None, "requires y"),
        (mixed, r"row 0 holds 0 \(int\), row 1 holds 'b' \(str\)"),
        (gaps, r"y is missing \(NaN, None or blank\) in 20 rows, the first: \["),
        (np.where(Y == 0, np.nan, Y), "y is missing .* in 20 rows"),
    ]:
        with pytest.raises(ValueError, match=words):
            late().fit(TABLE, y)


def unseen_label_at_score():
    for model in (late(), EarlyFusionClassifier([("left", BlockScaler(), LEFT)])):
        model.fit(TABLE, Y)
        right = model.score(TABLE, Y)
        y = Y.copy()
        wrong = np.flatnonzero(model.predict(TABLE) == Y)[:2]
        y[wrong] = 7
        with pytest.warns(DataQualityWarning, match=r"2 of 60 rows .* in fit \(7\)"):
            assert model.score(TABLE, pd.Series(y)) == pytest.approx(right - 2 / 60)


def bad_weights():
    for weights, words in [
        ([1, -1], "modality 'right' is -1.0: it must be finite and not negative"),
        ([np.nan, 1], "modality 'left' is nan"),
        ([0, 0], "All weights are zero"),
    ]:
        with pytest.raises(ValueError, match=words):
            late(WeightedSum(weights)).fit(TABLE, Y)


def no_probabilities():
    """A margin is softened; what has neither is refused before anything is read."""
    for estimator in (LinearSVC(), SVC(), Perceptron()):
        model = LateFusionClassifier([("left", estimator, LEFT), ("right", GaussianNB(), RIGHT)])
        np.testing.assert_allclose(model.fit(TABLE, Y).predict_proba(TABLE).sum(axis=1), 1)

    class Neither(GaussianNB):
        predict_proba = property()

    table, y = make_cells()
    members = [("x", make_pipeline(NumberVectorizer(), Neither()), "x")]
    with pytest.raises(ValueError, match="neither predict_proba nor decision_function"):
        LateFusionClassifier(members).fit(table, y)
    assert not NumberVectorizer.decoded


def sample_weights():
    """They go through pipelines to the last step; negative ones and NaN are refused."""
    table, y = make_cells()
    weight = np.where(np.arange(60) < 30, 1.0, 0.0)
    fitted = of_cells(fusion="mean").fit(table, y, sample_weight=weight)
    alone = of_cells(fusion="mean").fit(table[:30], y[:30])
    np.testing.assert_allclose(
        fitted.score_table(table), alone.score_table(table), rtol=1e-9, atol=1e-12
    )
    for bad in (-weight, np.where(weight, np.nan, 1), 0 * weight):
        with pytest.raises(ValueError, match=r"[Nn]egative|NaN|zero"):
            late().fit(TABLE, Y, sample_weight=bad)
    with sklearn.config_context(enable_metadata_routing=True):
        members = [("left", GaussianNB().set_fit_request(sample_weight=True), LEFT)]
        routed = LateFusionClassifier(members, "mean").fit(TABLE, Y, sample_weight=weight)
    plain = LateFusionClassifier([("left", GaussianNB(), LEFT)], "mean")
    plain.fit(TABLE, Y, sample_weight=weight)
    np.testing.assert_array_equal(routed.predict_proba(TABLE), plain.predict_proba(TABLE))


def no_rows():
    for model in (late().fit(TABLE, Y), late("log_pool").fit(TABLE, Y)):
        assert model.predict_proba(TABLE[:0]).shape == (0, 3)
        assert model.predict(TABLE[:0]).shape == (0,)


def one_broken_cell_at_predict():
    """It is refused with its row, or fused from the rest; the other rows do not change."""
    table, y = make_cells()
    model = of_cells(fusion="mean").fit(table, y)
    wanted = model.predict_proba(table)
    broken = table.copy()
    broken.loc[4, "x"] = "broken"
    with pytest.raises(UnreadableCellsError, match="row 4, column 'x'"):
        model.predict(broken)
    model.set_params(on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match="1 of 120 cells") as caught:
        scores = model.score_table(broken)
    [warning] = caught
    assert [(e.row, e.column, e.code) for e in warning.message.errors] == [(4, "x", "decode")]
    found = model.fuse(scores)
    others = np.arange(60) != 4
    np.testing.assert_array_equal(found[others], wanted[others])
    used = model.modalities_used(scores)
    assert used.columns.tolist() == ["x", "z"]
    assert used.loc[4].tolist() == [False, True]
    assert used.drop(index=4).to_numpy().all()
    np.testing.assert_allclose(found[4], scores[4, 1], rtol=1e-6)  # float32 features


def order_and_names():
    """Columns go by name, rows by position, whatever the index is; twice one name is refused."""
    model = late().fit(TABLE, Y)
    wanted = model.predict_proba(TABLE)
    same_index = TABLE.set_axis([0] * 60)
    np.testing.assert_array_equal(model.predict_proba(same_index[list("dcba")]), wanted)
    np.testing.assert_array_equal(late().fit(same_index, Y).predict_proba(TABLE), wanted)
    twice = TABLE.set_axis(["a", "b", "c", "a"], axis=1)
    with pytest.raises(ValueError, match="several columns called a: rename them"):
        late().fit(twice, Y)


def one_bad_candidate():
    """As in scikit-learn: the others are judged, and all of them failing is an error."""
    grid = {"weights": [(0.5, 0.5), (-1, 2)]}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = late(GridSearchCV(WeightedSum(), grid, cv=ONE_FOLD)).fit(TABLE, Y)
    assert "1 fits failed out of a total of 2" in " ".join(str(one.message) for one in caught)
    assert model.fusion_.best_params_ == {"weights": (0.5, 0.5)}


CASES = {
    68: one_class, 69: class_that_a_fold_lacks, 70: rare_class, 71: search_that_judges_nothing,
    72: labels_that_are_none, 73: unseen_label_at_score, 74: bad_weights, 75: no_probabilities,
    76: sample_weights, 77: no_rows, 78: one_broken_cell_at_predict, 79: order_and_names,
    80: one_bad_candidate,
}  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{row} {case.__name__}") for row, case in CASES.items()]
)
def test_bad_labels(case):
    case()


def test_the_table_has_every_row():
    assert set(CASES) == set(range(68, 81))


# Weights, masks and frames made at random

FITTED = late("log_pool").fit(TABLE, Y)
ODD = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, -0.0, 1.0, 5e-324])


@settings(max_examples=200, deadline=None)
@given(st.lists(ODD, min_size=1, max_size=4))
def test_weights_are_a_distribution_or_refused(weights):
    names = ["a", "b", "c", "d"][: len(weights)]
    good = np.isfinite(weights).all() and min(weights) >= 0 and max(weights) > 0
    if not good:
        with pytest.raises(ValueError, match="weight"):
            check_weights(weights, names)
        return
    found = check_weights(weights, names)
    assert abs(found.sum() - 1) < 1e-12
    assert (found >= 0).all()
    by_name = check_weights(dict(zip(names[::-1], weights[::-1], strict=True)), names)
    np.testing.assert_array_equal(found, by_name)


@settings(max_examples=60, deadline=None)
@given(arrays(np.bool_, (60, 2)))
def test_any_mask_gives_probabilities_that_rows_decide_alone(mask):
    scores = FITTED.score_table(TABLE)
    scores[mask] = np.nan
    found = FITTED.fuse(scores)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    nothing = mask.all(axis=1)
    np.testing.assert_array_equal(found[nothing], np.tile(FITTED.class_prior_, (nothing.sum(), 1)))
    np.testing.assert_array_equal(FITTED.modalities_used(scores).to_numpy(), ~mask)
    np.testing.assert_allclose(FITTED.fuse(scores[::-1])[::-1], found, rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(*[st.floats(-9, 9) | st.none()] * 4).filter(
            # A classifier of its own columns takes no gap in one of them.
            lambda row: (
                (row[0] is None) == (row[1] is None) and (row[2] is None) == (row[3] is None)
            )
        ),
        min_size=1,
        max_size=6,
    )
)
def test_pandas_polars_and_arrays_give_the_same(rows):
    columns = {name: [row[place] for row in rows] for place, name in enumerate("abcd")}
    frame = pd.DataFrame(columns, dtype=float)
    wanted = FITTED.predict_proba(frame)
    other = pl.DataFrame(columns, schema=dict.fromkeys("abcd", pl.Float64))
    np.testing.assert_array_equal(FITTED.predict_proba(other), wanted)
    np.testing.assert_array_equal(FITTED.predict_proba(frame[list("dbca")]), wanted)
