"""Missing modalities and unreadable cells in a late fusion."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic import (
    DataQualityWarning,
    LateFusionClassifier,
    LogPool,
    UnreadableCellsError,
    WeightedSum,
)
from mmclassic.fusion._missing import apply_missing_policy, training_rows
from mmclassic.modalities._modality import read_modalities
from tests.fusion.examples import (
    LEFT,
    RIGHT,
    CentredNumber,
    CountedBayes,
    NumberVectorizer,
    make_cells,
    make_table,
    two_modalities,
)

TABLE, Y = make_table(missing=0.25)
HAS = np.column_stack([TABLE[columns].notna().all(axis=1) for columns in (LEFT, RIGHT)])


def fit(fusion="log_pool", **options):
    return LateFusionClassifier(two_modalities(), fusion, **options).fit(TABLE, Y)


def test_the_example_has_all_patterns():
    assert len(np.unique(HAS, axis=0)) == 4


# Policies


def test_skip_fits_each_modality_on_the_rows_that_have_it():
    model = fit()
    left = GaussianNB().fit(TABLE[LEFT][HAS[:, 0]], Y[HAS[:, 0]])
    np.testing.assert_array_equal(model.named_modalities_["left"].theta_, left.theta_)
    scores = model.score_table(TABLE)
    np.testing.assert_array_equal(~np.isnan(scores[:, :, 0]), HAS)
    np.testing.assert_array_equal(scores[HAS[:, 0], 0], left.predict_proba(TABLE[LEFT][HAS[:, 0]]))


def test_skip_fuses_a_row_from_what_it_has():
    model = fit(WeightedSum([0.3, 0.7]))
    scores, fused = model.score_table(TABLE), model.predict_proba(TABLE)
    only_left = HAS[:, 0] & ~HAS[:, 1]
    np.testing.assert_allclose(fused[only_left], scores[only_left, 0])
    both = HAS.all(axis=1)
    np.testing.assert_allclose(fused[both], 0.3 * scores[both, 0] + 0.7 * scores[both, 1])


def test_drop_is_a_fit_on_the_complete_rows():
    model = fit(missing="drop", cv=list(StratifiedKFold(3).split(TABLE, Y)))
    complete = HAS.all(axis=1)
    place = np.cumsum(complete) - 1
    splits = [
        (place[train[complete[train]]], place[test[complete[test]]])
        for train, test in StratifiedKFold(3).split(TABLE, Y)
    ]
    expected = LateFusionClassifier(two_modalities(), cv=splits)
    expected.fit(TABLE[complete], Y[complete])
    np.testing.assert_array_equal(model.cross_fit_scores_[complete], expected.cross_fit_scores_)
    assert np.isnan(model.cross_fit_scores_[~complete]).all()
    np.testing.assert_array_equal(model.predict_proba(TABLE), expected.predict_proba(TABLE))


def test_drop_acts_as_skip_at_predict():
    model = fit("mean", missing="drop")
    scores = model.score_table(TABLE)
    only_left = HAS[:, 0] & ~HAS[:, 1]
    np.testing.assert_allclose(model.predict_proba(TABLE)[only_left], scores[only_left, 0])


def test_drop_that_leaves_nothing():
    table = TABLE.copy()
    table.loc[HAS.all(axis=1), LEFT] = np.nan
    with pytest.raises(ValueError, match=r'missing="drop" leaves no row.*left: \d+, right: \d+'):
        LateFusionClassifier(two_modalities(), missing="drop").fit(table, Y)


def test_fill_gives_an_absent_modality_the_class_prior():
    model = fit("mean", missing="fill")
    scores, prior = model.score_table(TABLE), model.class_prior_
    np.testing.assert_array_equal(np.isnan(scores[:, :, 0]), ~HAS)  # the raw table stays raw
    only_left = HAS[:, 0] & ~HAS[:, 1]
    expected = (scores[only_left, 0] + prior) / 2
    np.testing.assert_allclose(model.predict_proba(TABLE)[only_left], expected)


def test_fill_holds_in_training_too():
    model = fit("log_pool", missing="fill")
    filled = np.where(
        np.isnan(model.cross_fit_scores_), model.class_prior_, model.cross_fit_scores_
    )
    np.testing.assert_array_equal(model.fusion_.weights_, LogPool().fit(filled, Y).weights_)


@pytest.mark.parametrize("missing", ["skip", "drop", "fill"])
@pytest.mark.parametrize("fusion", ["log_pool", "mean", "voting", "stacking"])
def test_a_row_that_has_nothing_gets_the_prior(fusion, missing):
    model = fit(fusion, missing=missing, calibration="temperature", cv=3)
    nothing = ~HAS.any(axis=1)
    fused = model.predict_proba(TABLE)[nothing]
    np.testing.assert_array_equal(fused, np.tile(model.class_prior_, (nothing.sum(), 1)))


def test_a_row_whose_present_weights_are_zero_gets_the_prior():
    model = fit(WeightedSum([0, 1]))
    only_left = HAS[:, 0] & ~HAS[:, 1]
    fused = model.predict_proba(TABLE)[only_left]
    np.testing.assert_allclose(fused, np.tile(model.class_prior_, (only_left.sum(), 1)))


def test_a_modality_with_some_columns_goes_to_its_estimator():
    table = TABLE.copy()
    table.loc[np.flatnonzero(HAS[:, 0])[:3], "a"] = np.nan
    with pytest.raises(ValueError, match="GaussianNB does not accept missing values"):
        LateFusionClassifier(two_modalities(), "mean").fit(table, Y)


def test_the_refit_per_pattern_happens_at_fit():
    table, y = make_table()
    model = LateFusionClassifier(two_modalities()).fit(table, y)
    assert len(model.fusion_.patterns_) == 3  # also those that no row of training shows
    weights = model.fusion_.pattern_weights_.copy()
    model.predict_proba(TABLE)
    np.testing.assert_array_equal(model.fusion_.pattern_weights_, weights)


def test_training_rows_and_policy_as_functions():
    data = read_modalities(two_modalities(), TABLE)
    assert training_rows(data, "skip").tolist() == list(range(90))
    assert training_rows(data, "fill").tolist() == list(range(90))
    assert training_rows(data, "drop").tolist() == np.flatnonzero(HAS.all(axis=1)).tolist()
    some = np.arange(0, 90, 3)
    assert training_rows(data, "drop", some).tolist() == some[HAS.all(axis=1)[some]].tolist()
    scores = np.array([[[np.nan, np.nan], [0.1, 0.9]]])
    for missing in ("skip", "drop"):
        assert apply_missing_policy(scores, missing, np.array([0.5, 0.5])) is scores


# Unreadable cells


def numbers(reader=NumberVectorizer):
    return make_pipeline(reader(), StandardScaler(), GaussianNB())


def two_of_cells(**options):
    modalities = [("x", numbers(), "x"), ("z", numbers(CentredNumber), "z")]
    return LateFusionClassifier(modalities, **options)


def test_every_cell_is_decoded_once_whatever_is_cross_fitted():
    """Also the decoding half of a reader that has to be fitted."""
    table, y = make_cells(missing=[3])
    model = two_of_cells(calibration="temperature").fit(table, y)
    assert Counter(NumberVectorizer.decoded) == Counter(table["x"].dropna())
    # The fitted reader sees its decoded numbers again, but every cell of the table once.
    assert Counter(c for c in CentredNumber.decoded if isinstance(c, str)) == Counter(table["z"])
    NumberVectorizer.decoded.clear()
    model.predict(table[:9])
    assert len(NumberVectorizer.decoded) == 8


def test_unreadable_cells_raise_once_with_the_rows_of_the_table():
    table, y = make_cells(missing=[3], broken=[0, 17])
    table.loc[40, "z"] = "gibberish"
    table.index = np.arange(1000, 1060)  # rows are positions, not labels
    with pytest.raises(UnreadableCellsError, match="3 of 119 cells cannot be read") as caught:
        two_of_cells().fit(table, y)
    found = [(error.row, error.column, error.source) for error in caught.value.errors]
    assert [(row, column) for row, column, _ in found] == [(0, "x"), (17, "x"), (40, "z")]
    assert "broken 17" in found[1][2]
    assert len(NumberVectorizer.decoded) == 59  # all were tried


def test_unreadable_cells_count_as_missing_with_one_warning():
    broken, y = make_cells(broken=[0, 17])
    lacking, _ = make_cells(missing=[0, 17])
    model = two_of_cells(on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match="2 of 120 cells cannot be read") as caught:
        model.fit(broken, y)
    assert len(caught) == 1
    assert len(NumberVectorizer.decoded) == 60
    assert [(error.row, error.column) for error in model.unreadable_cells_] == [(0, "x"), (17, "x")]
    expected = two_of_cells().fit(lacking, y)
    np.testing.assert_array_equal(model.cross_fit_scores_, expected.cross_fit_scores_)
    with pytest.warns(DataQualityWarning, match="2 of 120 cells") as caught:
        fused = model.predict_proba(broken)
    assert len(caught) == 1
    np.testing.assert_array_equal(fused, expected.predict_proba(lacking))


def test_one_broken_cell_at_predict_is_no_reason_to_fail():
    """No error rate at predict: one row with a broken picture is fused from its caption."""
    table, y = make_cells()
    model = two_of_cells(on_unreadable="missing").fit(table, y)
    row = table[:1].assign(x="broken")
    with pytest.warns(DataQualityWarning, match="1 of 2 cells"):
        fused = model.predict_proba(row)
    np.testing.assert_array_equal(fused, model.predict_proba(table[:1].assign(x=None)))
    with pytest.raises(UnreadableCellsError, match="row 0, column 'x'"):
        model.set_params(on_unreadable="raise").predict_proba(row)


@pytest.mark.parametrize("n_broken", [3, 4])
def test_the_error_rate_holds_in_fit(n_broken):
    table, y = make_cells(broken=range(n_broken))
    model = two_of_cells(on_unreadable="missing")
    if n_broken == 3:  # 5 % of the 60 cells
        with pytest.warns(DataQualityWarning, match="3 of 120"):
            model.fit(table, y)
    else:
        match = r"(?s)4 of 60 cells.*more than max_error_rate=0.05 of modality 'x'"
        with pytest.raises(UnreadableCellsError, match=match):
            model.fit(table, y)
        with pytest.warns(DataQualityWarning, match="4 of 120"):
            model.set_params(max_error_rate=0.1).fit(table, y)


def test_a_modality_that_is_missing_in_a_whole_fold():
    """The fold that trains without the modality gives its test rows no score."""
    table, y = make_table()
    table.loc[45:, LEFT] = np.nan
    folds = [(np.arange(45), np.arange(45, 90)), (np.arange(45, 90), np.arange(45))]
    modalities = [("left", CountedBayes(), LEFT), ("right", GaussianNB(), RIGHT)]
    model = LateFusionClassifier(modalities, cv=folds).fit(table, y)
    assert len(CountedBayes.fits) == 1 + 1
    assert np.isnan(model.cross_fit_scores_[:, 0]).all()
    assert np.isfinite(model.cross_fit_scores_[:, 1]).all()
    np.testing.assert_allclose(model.predict_proba(table).sum(axis=1), 1)
