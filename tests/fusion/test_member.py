"""One base model: fitted on rows of the table, scored on others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, RidgeClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from mmclassic import UnreadableCellsError
from mmclassic.fusion._member import (
    fit_member,
    gives_probabilities,
    score_member,
    weight_params,
)
from mmclassic.modalities._modality import read_modality
from tests.fusion.examples import LEFT, NumberVectorizer, WeightedBayes, make_cells, make_table

CLASSES = np.array([0, 1, 2])


def modality(estimator, **options):
    table, y = make_table(**options)
    return read_modality("left", estimator, LEFT, table), table, y


@pytest.mark.parametrize(
    ("estimator", "answer"),
    [
        (GaussianNB(), True),
        (make_pipeline(StandardScaler(), LogisticRegression()), True),
        (SVC(), False),
        (LinearSVC(), False),
        (make_pipeline(StandardScaler(), RidgeClassifier()), False),
    ],
)
def test_who_gives_probabilities(estimator, answer):
    assert gives_probabilities(estimator) is answer


@pytest.mark.parametrize("estimator", [LinearRegression(), KMeans(), StandardScaler()])
def test_what_gives_no_scores(estimator):
    name = type(estimator).__name__
    with pytest.raises(ValueError, match=f"{name} has neither predict_proba nor decision_function"):
        gives_probabilities(estimator)


def test_it_is_fitted_on_those_rows_that_have_the_modality():
    part, table, y = modality(GaussianNB(), missing=0.3)
    rows = np.arange(10, 60)
    fitted = fit_member(part, y, rows, CLASSES)
    there = rows[table[LEFT].notna().all(axis=1)[rows]]
    assert 0 < len(there) < len(rows)
    expected = GaussianNB().fit(table[LEFT].iloc[there], y[there])
    np.testing.assert_array_equal(fitted.theta_, expected.theta_)
    with pytest.raises(NotFittedError):
        part.estimator.predict(table[LEFT])


def test_fewer_than_two_classes_fit_nothing():
    part, _, y = modality(GaussianNB())
    assert fit_member(part, y, np.flatnonzero(y == 1), CLASSES) is None
    values = score_member(None, part, np.arange(5), CLASSES)
    assert values.shape == (5, 3)
    assert np.isnan(values).all()


def test_fit_parameters_follow_their_rows():
    part, _, y = modality(WeightedBayes(), missing=0.3)
    rows = np.arange(0, 90, 2)
    weight = np.arange(90.0) + 1
    fit_member(part, y, rows, CLASSES, {"sample_weight": weight})
    np.testing.assert_array_equal(WeightedBayes.weights[-1], weight[rows[part.present[rows]]])


def test_scores_are_nan_where_the_modality_or_the_class_is_missing():
    part, table, y = modality(GaussianNB(), missing=0.3)
    fitted = fit_member(part, y, np.flatnonzero(y != 1), CLASSES)
    rows = np.array([80, 3, 4, 5, 6, 7])
    values = score_member(fitted, part, rows, CLASSES)
    there = part.present[rows]
    assert 0 < there.sum() < len(rows)
    assert np.isnan(values[~there]).all()
    assert np.isnan(values[:, 1]).all()
    expected = fitted.predict_proba(table[LEFT].iloc[rows[there]])
    np.testing.assert_array_equal(values[there][:, [0, 2]], expected)


@pytest.mark.parametrize("estimator", [SVC(), LinearSVC()])
def test_decision_values_of_two_classes_have_a_column_each(estimator):
    part, table, y = modality(estimator, n_classes=2)
    classes = np.array([0, 1])
    fitted = fit_member(part, y, np.arange(90), classes)
    margins = score_member(fitted, part, np.arange(90), classes)
    # Their softmax is the sigmoid of the decision value, whatever the temperature.
    decision = fitted.decision_function(table[LEFT])
    for temperature in (0.5, 3.0):
        softened = softmax(margins / temperature, axis=1)[:, 1]
        np.testing.assert_allclose(softened, expit(decision / temperature))


def test_decision_values_of_more_classes_are_taken_as_they_are():
    part, table, y = modality(SVC())
    fitted = fit_member(part, y, np.arange(90), CLASSES)
    margins = score_member(fitted, part, np.arange(90), CLASSES)
    np.testing.assert_array_equal(margins, fitted.decision_function(table[LEFT]))


@pytest.mark.parametrize("n_classes", [3, 4])  # three classes have as many pairs
def test_decision_values_of_pairs_of_classes_are_refused(n_classes):
    part, _, y = modality(SVC(decision_function_shape="ovo"), n_classes=n_classes)
    classes = np.arange(n_classes)
    fitted = fit_member(part, y, np.arange(90), classes)
    with pytest.raises(ValueError, match=r"Modality 'left': SVC .* decision_function_shape=.ovr"):
        score_member(fitted, part, np.arange(90), classes)


def test_a_frozen_member_that_knows_other_classes():
    part, table, y = modality(GaussianNB())
    stranger = FrozenEstimator(GaussianNB().fit(table[LEFT], np.where(y == 2, 9, y)))
    with pytest.raises(ValueError, match=r"Modality 'left' knows the classes \[0 1 9\], y has"):
        score_member(stranger, part, np.arange(5), CLASSES)


def test_errors_within_a_fold_are_numbered_by_the_table():
    """A reader in the middle of a pipeline is met only in the fold."""

    class Late(NumberVectorizer):
        """Says that it has to be fitted, so that nothing reads it beforehand."""

        read_cells = None

        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.requires_fit = True
            return tags

        def transform(self, X):
            return NumberVectorizer(on_unreadable=self.on_unreadable).transform(X)

        def fit_transform(self, X, y=None):
            return self.transform(X)

    del Late.read_cells
    table, y = make_cells(30, missing=[0, 1], broken=[12, 20])
    pipeline = make_pipeline(StandardLater(), Late(), GaussianNB())
    part = read_modality("m", pipeline, "x", table)
    with pytest.raises(UnreadableCellsError) as caught:
        fit_member(part, y, np.arange(5, 30), np.unique(y))
    assert [error.row for error in caught.value.errors] == [12, 20]
    fitted = fit_member(part, y, np.arange(0, 12), np.unique(y))
    with pytest.raises(UnreadableCellsError) as caught:
        score_member(fitted, part, np.arange(29, 12, -1), np.unique(y))
    assert [error.row for error in caught.value.errors] == [20]


class StandardLater(StandardScaler):
    """A step that has to be fitted and changes nothing."""

    def fit(self, X, y=None):
        self.n_features_in_ = 1
        return self

    def fit_transform(self, X, y=None):
        return X

    def transform(self, X):
        return X


def test_where_weights_go():
    weight = np.ones(3)
    assert weight_params(GaussianNB(), "m", weight) == {"sample_weight": weight}
    pipeline = make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), GaussianNB()))
    expected = {"pipeline__gaussiannb__sample_weight": weight}
    assert weight_params(pipeline, "m", weight) == expected
    frozen = FrozenEstimator(GaussianNB().fit([[0.0], [1.0]], [0, 1]))
    assert weight_params(frozen, "m", weight) == {}


ACCEPTING, REFUSING = ("a", GaussianNB()), ("b", KNeighborsClassifier())


@pytest.mark.parametrize(
    ("estimator", "takes"),
    [
        (VotingClassifier([ACCEPTING, ("c", "drop")]), True),
        (VotingClassifier([ACCEPTING, REFUSING]), False),
        (VotingRegressor([("a", Ridge()), ("b", LinearRegression())]), True),
        (StackingClassifier([ACCEPTING]), True),
        (StackingClassifier([ACCEPTING], KNeighborsClassifier()), False),
        (StackingRegressor([("a", Ridge())], LinearRegression(positive=True)), True),
        (StackingRegressor([("a", KNeighborsRegressor())]), False),
        (VotingClassifier([("a", make_pipeline(StandardScaler(), GaussianNB()))]), False),
    ],
)
def test_ensembles_take_weights_if_their_members_do(estimator, takes):
    X, y, weight = np.arange(20.0)[:, None], [0, 1] * 10, np.ones(20)
    if takes:
        estimator.fit(X, y, **weight_params(estimator, "m", weight))
        return
    with pytest.raises(ValueError, match=r"Modality 'm': \w+ takes no sample_weight"):
        weight_params(estimator, "m", weight)
    with pytest.raises((TypeError, ValueError)):  # it would not have worked
        estimator.fit(X, y, sample_weight=weight)


def test_an_estimator_that_takes_no_weights():
    message = "Modality 'text': KNeighborsClassifier takes no sample_weight"
    with pytest.raises(ValueError, match=message):
        weight_params(make_pipeline(KNeighborsClassifier()), "text", np.ones(3))


@pytest.mark.parametrize("n_classes", [3, 4])
def test_rows_without_weight_are_as_if_they_were_not_there(n_classes):
    """LinearSVC counts a class without weight, and gives it no decision value."""
    part, _, y = modality(LinearSVC(), n_classes=n_classes)
    classes, rows = np.arange(n_classes), np.arange(90)
    weight = {"sample_weight": np.where(y == 2, 0.0, 1.0)}
    fitted = fit_member(part, y, rows, classes, weight)
    values = score_member(fitted, part, rows, classes)
    assert np.isnan(values[:, 2]).all()
    alone = fit_member(part, y, rows[y != 2], classes)
    np.testing.assert_array_equal(values, score_member(alone, part, rows, classes))
    behind = {"linearsvc__sample_weight": weight["sample_weight"]}
    pipeline, _, _ = modality(make_pipeline(StandardScaler(), LinearSVC()), n_classes=n_classes)
    assert 2 not in fit_member(pipeline, y, rows, classes, behind).classes_


def test_scores_of_a_wrong_shape_name_the_modality():
    class OneColumn(GaussianNB):
        def predict_proba(self, X):
            return super().predict_proba(X)[:, :1]

    part, _, y = modality(OneColumn())
    fitted = fit_member(part, y, np.arange(90), CLASSES)
    with pytest.raises(ValueError, match=r"Modality 'left': OneColumn .* shape \(90, 1\) for 90"):
        score_member(fitted, part, np.arange(90), CLASSES)
