"""Measures of rankings, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, top_k_accuracy_score

from mmclassic import mean_average_precision, mean_reciprocal_rank, recall_at_k
from mmclassic.joint import _evaluate, _search
from mmclassic.joint._evaluate import measure_direction

MEASURES = [
    mean_average_precision,
    mean_reciprocal_rank,
    lambda scores, relevant: recall_at_k(scores, relevant, k=1),
]


@pytest.fixture(params=["all different", "many equal"])
def ranking(request):
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(40, 25))
    if request.param == "many equal":
        scores = scores.round()
    relevant = rng.random((40, 25)) < 0.2
    relevant[:, 3] = True
    return scores, relevant


def test_average_precision_is_that_of_scikit_learn(ranking):
    scores, relevant = ranking
    expected = [average_precision_score(r, s) for r, s in zip(relevant, scores, strict=True)]
    assert mean_average_precision(scores, relevant) == pytest.approx(np.mean(expected))


def test_recall_at_k_is_top_k_accuracy():
    rng = np.random.default_rng(0)
    scores, partner = rng.normal(size=(30, 12)), rng.integers(0, 12, 30)
    for k in (1, 4, 11):
        expected = top_k_accuracy_score(partner, scores, k=k, labels=np.arange(12))
        assert recall_at_k(scores, partner[:, None] == np.arange(12), k) == pytest.approx(expected)


def test_by_hand():
    scores = [[0.9, 0.8, 0.7, 0.6], [0.1, 0.2, 0.3, 0.4]]
    relevant = [[0, 1, 0, 1], [1, 0, 0, 0]]  # ranks 2 and 4; rank 4
    assert mean_average_precision(scores, relevant) == ((1 / 2 + 2 / 4) / 2 + 1 / 4) / 2
    assert mean_reciprocal_rank(scores, relevant) == (1 / 2 + 1 / 4) / 2
    assert [recall_at_k(scores, relevant, k) for k in (1, 2, 3, 4)] == [0, 0.5, 0.5, 1]


def test_constant_scores_earn_nothing():
    scores, relevant = np.zeros((1, 10)), [[1] + [0] * 9]
    assert mean_reciprocal_rank(scores, relevant) == 0.1
    assert mean_average_precision(scores, relevant) == 0.1
    assert recall_at_k(scores, relevant, 9) == 0


def test_queries_without_a_relevant_item_are_left_out(ranking):
    scores, relevant = ranking
    more = np.vstack([scores, scores[:5]]), np.vstack([relevant, np.zeros((5, 25), dtype=bool)])
    for measure in MEASURES:
        assert measure(*more) == pytest.approx(measure(scores, relevant))


@pytest.mark.parametrize("measure", MEASURES)
def test_refused(measure):
    with pytest.raises(ValueError, match="No query has a relevant item"):
        measure([[1.0, 2.0]], [[0, 0]])
    with pytest.raises(ValueError, match=r"got the shapes \(1, 2\) and \(1, 3\)"):
        measure([[1.0, 2.0]], [[0, 0, 1]])
    with pytest.raises(ValueError, match="scores is NaN, first in row 1"):
        measure([[1.0, 2.0], [np.nan, 2.0]], [[0, 1], [0, 1]])
    with pytest.raises(ValueError, match="k must be 1 or more, got 0"):
        recall_at_k([[1.0]], [[1]], k=0)


def test_a_direction_in_blocks_is_the_whole(monkeypatch):
    rng = np.random.default_rng(0)
    queries, items = rng.normal(size=(23, 3)), rng.normal(size=(31, 3))
    own, other = rng.integers(0, 6, 23), rng.integers(0, 5, 31)
    monkeypatch.setattr(_evaluate, "blocks_of", lambda n: _search.blocks_of(n, 4))
    found = measure_direction(queries, items, own, other, [1, 5])
    scores, relevant = queries @ items.T, own[:, None] == other
    assert found == pytest.approx(
        {
            "n_queries": (own < 5).sum(),
            "n_items": 31,
            "recall@1": recall_at_k(scores, relevant, 1),
            "recall@5": recall_at_k(scores, relevant, 5),
            "mrr": mean_reciprocal_rank(scores, relevant),
            "map": mean_average_precision(scores, relevant),
        }
    )
