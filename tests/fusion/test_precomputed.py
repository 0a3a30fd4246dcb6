"""Other people's class probabilities."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.naive_bayes import GaussianNB

from mmclassic import LateFusionClassifier, Precomputed, WeightedSum
from tests.fusion.examples import LEFT, make_scores, make_table

P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.2, 0.5, 0.3]])
Y = np.array(["bird", "cat", "dog", "cat"])


def test_probabilities_come_through():
    model = Precomputed().fit(P, Y)
    assert model.classes_.tolist() == ["bird", "cat", "dog"]
    np.testing.assert_allclose(model.predict_proba(P), P)
    assert model.predict(P).tolist() == ["bird", "cat", "dog", "cat"]


def test_columns_in_the_order_that_is_given():
    model = Precomputed(classes=["dog", "bird", "cat"]).fit(P, Y)
    assert model.classes_.tolist() == ["bird", "cat", "dog"]
    np.testing.assert_allclose(model.predict_proba(P), P[:, [1, 2, 0]])


def test_rounded_probabilities_are_normalised():
    X = np.array([[0.33, 0.33, 0.33], [0.5, 0.5, 0.005]])
    model = Precomputed(classes=[0, 1, 2]).fit(X, [0, 1])
    np.testing.assert_allclose(model.predict_proba(X), X / X.sum(axis=1, keepdims=True))


def test_it_is_an_estimator():
    model = Precomputed(classes=["dog", "bird", "cat"]).fit(P, Y)
    expected = model.predict_proba(P)
    for other in (clone(model).fit(P, Y), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.predict_proba(P), expected)
    assert model.n_features_in_ == 3
    with pytest.raises(NotFittedError):
        clone(model).predict_proba(P)
    frame = pd.DataFrame(P, columns=["p1", "p2", "p3"])
    assert model.fit(frame, Y).feature_names_in_.tolist() == ["p1", "p2", "p3"]


@pytest.mark.parametrize(
    ("X", "y", "classes", "match"),
    [
        (P[:, :2], Y, None, r"got 2 columns for 3 classes \(bird, cat, dog\)"),
        (P, Y, ["bird", "cat"], "got 3 columns for 2 classes"),
        (P, Y, ["bird", "cat", "cow"], r"without a column of probabilities: \['dog'\]"),
        (P * 2, Y, None, "4 rows are no class probabilities.*the first is row 0"),
        (P - [0, 0, 0.2], Y, None, "no class probabilities"),
        (P * [[1], [1], [np.nan], [1]], Y, None, "contains NaN"),
        (P, Y[:3], None, "inconsistent numbers of samples"),
        (P, [0.1, 0.2, 0.3, 0.4], None, "Unknown label type"),
    ],
)
def test_what_fit_refuses(X, y, classes, match):
    with pytest.raises(ValueError, match=match):
        Precomputed(classes=classes).fit(X, y)


def test_what_predict_refuses():
    with pytest.raises(ValueError, match=r"1 rows are no class probabilities.*first is row 1"):
        Precomputed().fit(P, Y).predict_proba([[0.5, 0.4, 0.1], [0.9, 0.9, 0.9]])


def frame_with_scores(**options):
    table, y = make_table(**options)
    scores, _ = make_scores(len(y), 1, 3, seed=5)
    for k in range(3):
        table[f"p{k}"] = scores[:, 0, k]
    return table, y, scores[:, 0]


def test_as_a_modality_it_is_its_columns():
    table, y, scores = frame_with_scores()
    modalities = [("left", GaussianNB(), LEFT), ("other", Precomputed(), ["p0", "p1", "p2"])]
    model = LateFusionClassifier(modalities, WeightedSum([0, 1])).fit(table, y)
    np.testing.assert_allclose(model.predict_proba(table), scores)
    learned = LateFusionClassifier(modalities).fit(table, y)
    np.testing.assert_allclose(learned.cross_fit_scores_[:, 1], scores)


def test_rows_without_it_lack_the_modality():
    table, y, _ = frame_with_scores()
    table.loc[:9, ["p0", "p1", "p2"]] = np.nan
    modalities = [("left", GaussianNB(), LEFT), ("other", Precomputed(), ["p0", "p1", "p2"])]
    scores = LateFusionClassifier(modalities).fit(table, y).score_table(table)
    assert np.isnan(scores[:10, 1]).all()
    assert not np.isnan(scores[10:]).any()


def test_a_class_that_a_fold_lacks_has_its_column_all_the_same():
    table, y, scores = frame_with_scores()
    folds = [(np.flatnonzero(y != k), np.flatnonzero(y == k)) for k in range(3)]
    modalities = [("other", Precomputed(), ["p0", "p1", "p2"])]
    model = LateFusionClassifier(modalities, cv=folds).fit(table, y)
    np.testing.assert_allclose(model.cross_fit_scores_[:, 0], scores)


def test_decision_values_of_several_classes():
    X = np.log(P) * 3
    model = Precomputed(kind="decision").fit(X, Y)
    np.testing.assert_array_equal(model.decision_function(X), X)
    assert model.predict(X).tolist() == ["bird", "cat", "dog", "cat"]
    assert not hasattr(model, "predict_proba")
    assert not hasattr(Precomputed(), "decision_function")


@pytest.mark.parametrize("classes", [None, ["no", "yes"], ["yes", "no"]])
def test_decision_values_of_two_classes(classes):
    margins = np.array([[-2.0], [1.0], [3.0]])
    first_is_no = classes != ["yes", "no"]
    model = Precomputed(kind="decision", classes=classes).fit(margins, ["no", "yes", "yes"])
    expected = margins[:, 0] if first_is_no else -margins[:, 0]
    np.testing.assert_array_equal(model.decision_function(margins), expected)
    both = np.column_stack([np.zeros(3), margins])
    model = Precomputed(kind="decision", classes=classes).fit(both, ["no", "yes", "yes"])
    np.testing.assert_array_equal(model.decision_function(both), expected)
    assert model.predict(both).tolist() == (
        ["no", "yes", "yes"] if first_is_no else ["yes", "no", "no"]
    )


def test_decision_values_are_softened_by_a_late_fusion():
    """Overconfident by a factor of ten: the temperature brings them back."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    logits = rng.normal(size=(300, 3)) + 1.5 * np.eye(3)[y]
    proba = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    frame = pd.DataFrame(np.log(proba) * 10, columns=["a", "b", "c"])
    model = LateFusionClassifier(
        [("other", Precomputed(kind="decision"), ["a", "b", "c"])], fusion=WeightedSum()
    ).fit(frame, y)
    assert 4 < model.temperatures_[0] < 12
    own = model.predict_proba(frame)[np.arange(300), y]
    raw = np.exp(frame.to_numpy())
    raw = (raw / raw.sum(axis=1, keepdims=True))[np.arange(300), y]
    assert -np.log(own).mean() < -np.log(raw).mean() / 2


@pytest.mark.parametrize("fusion", ["mean", "log_pool"])
def test_columns_that_are_called_as_the_labels_are_matched_by_name(fusion):
    frame = pd.DataFrame({"yes": [0.9, 0.1] * 10, "no": [0.1, 0.9] * 10})
    y = ["yes", "no"] * 10
    model = LateFusionClassifier([("llm", Precomputed(), ["yes", "no"])], fusion=fusion)
    assert model.fit(frame, y).score(frame, y) == 1
    assert Precomputed().fit(frame, y).predict(frame).tolist() == y
    digits = frame.set_axis([1, 0], axis=1)  # whole numbers, as strings
    assert Precomputed().fit(digits, [1, 0] * 10).predict(digits).tolist() == [1, 0] * 10


def test_names_that_are_not_the_labels_keep_the_sorted_order():
    frame = pd.DataFrame(P, columns=["dog", "cat", "cow"])
    np.testing.assert_allclose(Precomputed().fit(frame, Y).predict_proba(frame), P)
    frame = pd.DataFrame(P, columns=["dog", "cat", "bird"])  # classes= is the last word
    given = Precomputed(classes=["bird", "cat", "dog"]).fit(frame, Y)
    np.testing.assert_allclose(given.predict_proba(frame), P)
