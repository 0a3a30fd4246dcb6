"""Stacking against scikit-learn's own classifiers on the flattened table."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier

from mmclassic import Stacking
from mmclassic.fusion._scores import log_scores
from tests.fusion.examples import WeightedBayes, make_scores


@pytest.mark.parametrize("logarithms", [True, False])
@pytest.mark.parametrize("final", [None, GaussianNB()])
def test_a_complete_table_is_one_classifier_on_its_columns(logarithms, final):
    scores, y = make_scores()
    features = (log_scores(scores) if logarithms else scores).reshape(len(y), -1)
    reference = LogisticRegression(max_iter=1000) if final is None else GaussianNB()
    expected = reference.fit(features, y).predict_proba(features)
    head = Stacking(final, logarithms=logarithms).fit(scores, y)
    np.testing.assert_allclose(head.predict_proba(scores), expected, rtol=1e-10)


def test_each_pattern_has_a_classifier_of_all_rows_that_have_it():
    scores, y = make_scores(missing=0.3)
    head = Stacking().fit(scores, y)
    assert len(head.estimators_) == len(head.patterns_) == 7
    has = ~np.isnan(scores[:, :, 0])
    pattern = np.array([True, False, True])
    train = has[:, pattern].all(axis=1)
    test = (has == pattern).all(axis=1)
    assert 0 < test.sum() < train.sum() < len(y)
    features = log_scores(scores[:, pattern]).reshape(len(y), -1)
    reference = LogisticRegression(max_iter=1000).fit(features[train], y[train])
    np.testing.assert_allclose(
        head.predict_proba(scores)[test], reference.predict_proba(features[test])
    )


def test_a_pattern_that_cannot_be_learned_takes_the_mean():
    scores, y = make_scores(60, 2)
    scores[y > 0, 0] = np.nan  # only class 0 has the first modality
    head = Stacking().fit(scores, y)
    assert head.patterns_.tolist() == [[False, True]]
    both = ~np.isnan(scores[:, 0, 0])
    np.testing.assert_allclose(head.predict_proba(scores)[both], scores[both].mean(axis=1))


def test_a_class_that_a_pattern_lacks_gets_its_prior():
    scores, y = make_scores(90, 2)
    scores[y == 2, 0] = np.nan
    head = Stacking().fit(scores, y)
    only_first = scores.copy()
    only_first[:, 1] = np.nan
    fused = head.predict_proba(only_first)[y < 2]
    # Raw probabilities sum to one over two classes; with the prior of a third they sum to 4/3.
    np.testing.assert_allclose(fused[:, 2], (1 / 3) / (4 / 3))


def test_weights_reach_a_final_estimator_that_takes_them():
    scores, y = make_scores(n_modalities=1)
    weight = np.random.default_rng(0).random(len(y))
    Stacking(WeightedBayes()).fit(scores, y, sample_weight=weight)
    np.testing.assert_array_equal(WeightedBayes.weights[-1], weight)
    Stacking(KNeighborsClassifier(3)).fit(scores, y, sample_weight=weight)  # takes none


def test_the_final_estimator_is_cloned():
    final = GaussianNB()
    Stacking(final).fit(*make_scores())
    assert not hasattr(final, "classes_")


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"final_estimator": "logistic"}, "'final_estimator' parameter"),
        ({"logarithms": "yes"}, "'logarithms' parameter"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        Stacking(**parameters).fit(*make_scores())
