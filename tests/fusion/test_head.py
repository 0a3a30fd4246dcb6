"""What every fusion head promises."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.naive_bayes import GaussianNB

from mmclassic import GatedPool, LogPool, Stacking, Voting, WeightedSum
from tests.fusion.examples import make_scores

HEADS = {
    "log pool": LogPool(),
    "gated pool": GatedPool(),
    "learned weighted sum": WeightedSum("learned"),
    "greedy weighted sum": WeightedSum("greedy", n_rounds=5),
    "log pool without intercepts": LogPool(intercepts=False, l2=0.1),
    "mean": WeightedSum(),
    "weighted sum": WeightedSum([0.5, 0.2, 0.3]),
    **{
        rule: Voting(rule=rule)
        for rule in ("soft", "hard", "max", "min", "median", "product", "entropy")
    },
    "stacking": Stacking(),
    "stacking on probabilities": Stacking(GaussianNB(), logarithms=False),
}
# What a search gives back is a head as well.
SEARCHES = {
    "searched weights": GridSearchCV(
        WeightedSum(), {"weights": [(1, 1, 1), (0, 0, 1)]}, cv=KFold(3)
    )
}


@pytest.fixture(params=list(HEADS))
def head(request):
    return clone(HEADS[request.param])


@pytest.fixture(params=[*HEADS, *SEARCHES])
def head_or_search(request):
    return clone({**HEADS, **SEARCHES}[request.param])


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_probabilities_sum_to_one(head_or_search, missing):
    scores, y = make_scores(missing=missing)
    fused = head_or_search.fit(scores, y).predict_proba(scores)
    assert fused.shape == (90, 3)
    assert fused.dtype == np.float64
    assert (fused >= 0).all()
    np.testing.assert_allclose(fused.sum(axis=1), 1, rtol=1e-12)
    labels = head_or_search.predict(scores)
    np.testing.assert_array_equal(labels, fused.argmax(axis=1))
    assert np.issubdtype(labels.dtype, np.integer)


def test_it_is_better_than_chance(head_or_search):
    scores, y = make_scores(missing=0.1)
    assert (head_or_search.fit(scores, y).predict(scores) == y).mean() > 0.6


def test_a_row_without_anything_gets_the_prior(head):
    scores, y = make_scores(missing=0.2)
    scores[4] = np.nan
    y = np.minimum(y, 1)
    head.fit(scores, y)
    np.testing.assert_allclose(head.class_prior_, [1 / 3, 2 / 3, 0])
    np.testing.assert_array_equal(head.predict_proba(scores)[4], head.class_prior_)


def test_no_rows(head):
    scores, y = make_scores()
    assert head.fit(scores, y).predict_proba(scores[:0]).shape == (0, 3)
    assert head.predict(scores[:0]).shape == (0,)


def test_it_is_an_estimator(head):
    scores, y = make_scores(missing=0.2)
    expected = head.fit(scores, y).predict_proba(scores)
    np.testing.assert_array_equal(head.fit(scores, y).predict_proba(scores), expected)
    np.testing.assert_array_equal(clone(head).fit(scores, y).predict_proba(scores), expected)
    revived = pickle.loads(pickle.dumps(head))
    np.testing.assert_array_equal(revived.predict_proba(scores), expected)
    assert head.modality_names_ == ["0", "1", "2"]
    np.testing.assert_array_equal(head.classes_, [0, 1, 2])


def test_input_and_model_are_left_as_they_are(head):
    scores, y = make_scores(missing=0.2)
    before = scores.copy(), y.copy()
    head.fit(scores, y)
    np.testing.assert_array_equal(scores, before[0])
    np.testing.assert_array_equal(y, before[1])
    model = pickle.dumps(head)
    head.predict_proba(scores)
    np.testing.assert_array_equal(scores, before[0])
    assert pickle.dumps(head) == model


def test_rows_do_not_depend_on_each_other(head):
    scores, y = make_scores(missing=0.3)
    fused = head.fit(scores, y).predict_proba(scores)
    rows = [7, 3, 3, 55]
    np.testing.assert_allclose(head.predict_proba(scores[rows]), fused[rows], rtol=1e-12)


def test_the_order_of_training_rows_does_not_matter(head):
    scores, y = make_scores(missing=0.2)
    fused = head.fit(scores, y).predict_proba(scores)
    order = np.random.default_rng(0).permutation(len(y))
    shuffled = clone(head).fit(scores[order], y[order])
    np.testing.assert_allclose(shuffled.predict_proba(scores), fused, atol=1e-3)


def test_permuting_modalities_with_their_weights_changes_nothing(head):
    scores, y = make_scores(missing=0.2)
    fused = head.fit(scores, y).predict_proba(scores)
    order = [2, 0, 1]
    permuted = clone(head)
    if isinstance(getattr(head, "weights", None), list):
        permuted.set_params(weights=[head.weights[m] for m in order])
    permuted.fit(scores[:, order], y)
    np.testing.assert_allclose(permuted.predict_proba(scores[:, order]), fused, atol=1e-3)


def test_permuting_classes_permutes_probabilities(head):
    scores, y = make_scores(missing=0.2)
    fused = head.fit(scores, y).predict_proba(scores)
    order = np.array([2, 0, 1])
    renamed = clone(head).fit(scores[:, :, order], np.argsort(order)[y])
    np.testing.assert_allclose(
        renamed.predict_proba(scores[:, :, order]), fused[:, order], atol=1e-3
    )


@pytest.mark.parametrize("absent", [0, 1, 2])
def test_a_missing_modality_equals_a_fusion_without_it(head, absent):
    """Fitted on complete rows: NaN at predict is the same as never having had the modality."""
    if getattr(head, "weights", None) == "greedy":
        pytest.skip("greedy weights are chosen once, for all patterns")
    scores, y = make_scores()
    kept = [m for m in range(3) if m != absent]
    without = clone(head)
    if isinstance(getattr(head, "weights", None), list):
        without.set_params(weights=[head.weights[m] for m in kept])
    expected = without.fit(scores[:, kept], y).predict_proba(scores[:, kept])
    removed = scores.copy()
    removed[:, absent] = np.nan
    np.testing.assert_allclose(head.fit(scores, y).predict_proba(removed), expected, atol=1e-4)


def test_a_weight_of_two_is_a_row_twice(head):
    scores, y = make_scores(missing=0.1)
    weight = np.random.default_rng(0).integers(0, 3, size=len(y))
    weighted = head.fit(scores, y, sample_weight=weight)
    repeated = clone(head).fit(np.repeat(scores, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(weighted.class_prior_, repeated.class_prior_)
    np.testing.assert_allclose(
        weighted.predict_proba(scores), repeated.predict_proba(scores), atol=2e-3
    )


def test_float32_tables_are_taken(head):
    scores, y = make_scores()
    fused = head.fit(scores, y).predict_proba(scores.astype(np.float32))
    np.testing.assert_allclose(fused, head.predict_proba(scores), atol=1e-4)


SCORES, Y = make_scores(12)


@pytest.mark.parametrize(
    ("scores", "y", "params", "match"),
    [
        (SCORES[:, 0], Y, {}, "got 2 dimension"),
        (SCORES * 2, Y, {}, "no probability distribution"),
        (SCORES[:0], Y[:0], {}, "at least one row"),
        (SCORES, Y[:5], {}, r"y has shape \(5,\) for 12 rows"),
        (SCORES, Y + 1, {}, "classes encoded 0 … 2"),
        (SCORES, Y - 1, {}, "classes encoded 0 … 2"),
        (SCORES, Y.astype(float), {}, "classes encoded"),
        (SCORES, Y.astype(str), {}, "labels belong to LateFusionClassifier"),
        (SCORES, Y, {"modality_names": ["a", "b"]}, "2 names for 3 modalities"),
        (SCORES, Y, {"sample_weight": np.ones(5)}, "sample_weight.shape"),
        (SCORES, Y, {"sample_weight": -np.ones(12)}, "Negative values"),
        (SCORES, Y, {"sample_weight": np.zeros(12)}, "must contain at least one non-zero"),
    ],
)
def test_what_fit_refuses(scores, y, params, match):
    with pytest.raises(ValueError, match=match):
        WeightedSum().fit(scores, y, **params)


def test_what_predict_refuses(head):
    with pytest.raises(NotFittedError):
        head.predict_proba(SCORES)
    head.fit(SCORES, Y)
    with pytest.raises(ValueError, match="has 2 modalities, the head was fitted on 3"):
        head.predict_proba(SCORES[:, :2])
    with pytest.raises(ValueError, match="has 2 classes, the head was fitted on 3"):
        head.predict_proba(np.full((4, 3, 2), 0.5))
