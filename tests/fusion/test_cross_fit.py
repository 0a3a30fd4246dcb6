"""Cross-fitting against scikit-learn's cross_val_predict, and unseen classes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from mmclassic.fusion._cross_fit import (
    cross_fit_values,
    fit_temperatures,
    fold_prior,
    to_scores,
)
from mmclassic.fusion._scores import fit_temperature
from mmclassic.modalities._modality import read_modalities
from tests.fusion.examples import LEFT, RIGHT, CountedBayes, make_table

CLASSES = np.array(["bird", "cat", "dog"])


def cross_fit(modalities, splits=None, **options):
    table, y = make_table(**options)
    splits = splits or list(StratifiedKFold(5).split(table, y))
    data = read_modalities(modalities, table)
    return *cross_fit_values(data, y, CLASSES, splits), data, table, y


def test_it_is_cross_val_predict():
    models = [("left", GaussianNB(), LEFT), ("right", SVC(), RIGHT)]
    values, _, _, table, y = cross_fit(models)
    for index, (_, estimator, columns) in enumerate(models):
        method = "decision_function" if index else "predict_proba"
        expected = cross_val_predict(estimator, table[columns], CLASSES[y], cv=5, method=method)
        np.testing.assert_allclose(values[:, index], expected)


def test_no_row_is_scored_by_a_model_that_was_fitted_on_it():
    splits = list(StratifiedKFold(4).split(np.zeros(90), make_table()[1]))
    _, _, _, table, _ = cross_fit([("left", CountedBayes(), LEFT)], splits)
    assert len(CountedBayes.fits) == 4
    for (_, test), fitted in zip(splits, CountedBayes.fits, strict=True):
        assert not set(table["a"].iloc[test]) & set(fitted)


def test_rows_that_no_fold_tests_and_modalities_that_a_row_lacks_are_nan():
    splits = [(np.arange(40), np.arange(40, 70))]
    models = [("left", GaussianNB(), LEFT), ("right", GaussianNB(), RIGHT)]
    values, _, data, _, _ = cross_fit(models, splits, missing=0.2)
    tested = np.isin(np.arange(90), np.arange(40, 70))
    for index in (0, 1):
        expected = ~(tested & data[index].present)
        np.testing.assert_array_equal(np.isnan(values[:, index]).all(axis=1), expected)


def test_priors_are_those_of_the_training_rows():
    _, y = make_table()
    splits = [(np.flatnonzero(y > 0)[:40], np.flatnonzero(y == 0))]
    _, priors, _, _, _ = cross_fit([("left", GaussianNB(), LEFT)], splits)
    counts = np.maximum(np.bincount(y[splits[0][0]], minlength=3), 1)
    np.testing.assert_allclose(priors[y == 0], np.tile(counts / counts.sum(), (30, 1)))
    np.testing.assert_allclose(fold_prior(y, splits[0][0], 3), counts / counts.sum())


@pytest.mark.parametrize("estimator", [GaussianNB(), SVC()])
def test_a_class_that_a_fold_did_not_see_gets_its_prior(estimator):
    _, y = make_table()
    test = np.arange(45, 90)
    splits = [(np.flatnonzero((y < 2) & (np.arange(90) < 45)), test)]
    values, priors, data, _, _ = cross_fit([("left", estimator, LEFT)], splits)
    assert np.isnan(values[test, 0, 2]).all()
    temperatures = fit_temperatures(data, values, y, None)
    scores = to_scores(values, priors, temperatures)[test, 0]
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    prior = 1 / (len(splits[0][0]) + 1)  # an unseen class counts as one row
    np.testing.assert_allclose(scores[:, 2], prior / (1 + prior))
    assert scores[:, :2].min() > 0


def test_a_modality_that_saw_fewer_classes_than_the_fold():
    """The class is in the fold, but none of its rows has the modality."""
    table, y = make_table()
    table.loc[y == 2, LEFT] = np.nan
    data = read_modalities([("left", GaussianNB(), LEFT)], table)
    splits = list(StratifiedKFold(3).split(table, y))
    values, priors = cross_fit_values(data, y, CLASSES, splits)
    scores = to_scores(values, priors, np.array([np.nan]))
    np.testing.assert_allclose(scores[y < 2, 0, 2], (1 / 3) / (4 / 3))
    assert np.isnan(scores[y == 2]).all()


def test_only_decision_values_have_a_temperature():
    models = [("left", GaussianNB(), LEFT), ("right", SVC(), RIGHT)]
    values, priors, data, _, y = cross_fit(models)
    temperatures = fit_temperatures(data, values, y, None)
    assert np.isnan(temperatures[0])
    assert temperatures[1] == fit_temperature(values[:, 1], y)
    scores = to_scores(values, priors, temperatures)
    np.testing.assert_array_equal(scores[:, 0], values[:, 0])
    np.testing.assert_allclose(scores.sum(axis=2), 1)


def test_parallel_fits_give_the_same():
    table, y = make_table(missing=0.1)
    models = [("left", GaussianNB(), LEFT), ("right", LogisticRegression(), RIGHT)]
    data = read_modalities(models, table)
    splits = list(StratifiedKFold(3).split(table, y))
    alone, pair = (cross_fit_values(data, y, CLASSES, splits, n_jobs=n)[0] for n in (1, 2))
    np.testing.assert_array_equal(alone, pair)
