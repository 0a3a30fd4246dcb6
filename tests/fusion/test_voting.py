"""Fixed rules, each against its formula written with plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic import Voting, WeightedSum
from mmclassic.fusion._scores import FLOOR
from tests.fusion.examples import make_scores

RULES = ["soft", "hard", "max", "min", "median", "product", "entropy"]


def expected_row(present, rule, prior):
    """The rule for one row with the modalities that it has, shape (n_present, n_classes)."""
    n_classes = present.shape[1]
    if not len(present):
        return prior
    if rule == "soft":
        pooled = [np.mean(present[:, k]) for k in range(n_classes)]
    elif rule == "hard":
        votes = [int(np.argmax(row)) for row in present]
        pooled = [votes.count(k) / len(votes) for k in range(n_classes)]
    elif rule == "entropy":
        weights = [1 / -sum(p * np.log(p) for p in row if p > 0) for row in present]
        pooled = np.average(present, axis=0, weights=weights)
    elif rule == "product":
        pooled = [prior[k] ** (1 - len(present)) * np.prod(present[:, k]) for k in range(n_classes)]
    else:
        function = {"max": max, "min": min, "median": np.median}[rule]
        pooled = [function(present[:, k]) for k in range(n_classes)]
    return np.array(pooled) / np.sum(pooled)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_rules_by_hand(rule, missing):
    scores, y = make_scores(80, 4, 3, missing=missing)
    head = Voting(rule=rule).fit(scores, np.minimum(y, 1))  # unequal priors
    prior = np.maximum(head.class_prior_, FLOOR / 3) if rule == "product" else head.class_prior_
    expected = [expected_row(row[~np.isnan(row[:, 0])], rule, prior) for row in scores]
    silent = np.isnan(scores).all(axis=(1, 2))
    expected = np.where(silent[:, None], head.class_prior_, expected)
    np.testing.assert_allclose(head.predict_proba(scores), expected, rtol=1e-10)


def test_soft_is_the_weighted_sum_with_equal_weights():
    scores, y = make_scores(missing=0.2)
    soft, equal = (head.fit(scores, y).predict_proba(scores) for head in (Voting(), WeightedSum()))
    np.testing.assert_allclose(soft, equal, rtol=1e-14)


def test_one_modality_comes_through_every_rule_but_hard():
    scores, y = make_scores(n_modalities=1)
    for rule in RULES:
        fused = Voting(rule=rule).fit(scores, y).predict_proba(scores)
        expected = np.eye(3)[scores[:, 0].argmax(axis=1)] if rule == "hard" else scores[:, 0]
        np.testing.assert_allclose(fused, expected, err_msg=rule)


def test_the_prior_that_every_modality_brings_counts_once():
    """Two modalities that know only the prior: the product says the prior, not its square."""
    y = np.array([0] * 8 + [1] * 2)
    scores = np.tile([0.8, 0.2], (10, 2, 1))
    fused = Voting(rule="product").fit(scores, y).predict_proba(scores)
    np.testing.assert_allclose(fused, scores[:, 0])


def test_certain_modalities_that_contradict_each_other():
    scores = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    y = np.array([0])
    np.testing.assert_array_equal(Voting(rule="min").fit(scores, y).predict_proba(scores), [[1, 0]])
    tie = np.tile(scores, (2, 1, 1))
    product = Voting(rule="product").fit(tie, np.array([0, 1])).predict_proba(tie)
    np.testing.assert_allclose(product, 0.5)  # the floor: no veto, no division by zero


def test_entropy_believes_the_one_that_is_sure():
    scores = np.array([[[0.5, 0.5], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]]])
    fused = Voting(rule="entropy").fit(scores, [0, 1]).predict_proba(scores)
    np.testing.assert_allclose(fused, [[1, 0], [0.5, 0.5]], atol=1e-5)


def test_bad_rule():
    with pytest.raises(ValueError, match="'rule' parameter of Voting must be a str among"):
        Voting(rule="sum").fit(*make_scores())
