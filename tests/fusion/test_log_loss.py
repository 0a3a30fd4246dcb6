"""The scorer of searches."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss

from mmclassic import WeightedSum
from mmclassic.fusion._log_loss import negative_log_loss
from tests.fusion.examples import make_scores


def test_it_is_scikit_learns_also_where_a_fold_lacks_a_class():
    scores, y = make_scores()
    head = WeightedSum().fit(scores, y)
    fused = head.predict_proba(scores)
    assert negative_log_loss(head, scores, y) == pytest.approx(-log_loss(y, fused))
    rows = y < 2
    expected = -log_loss(y[rows], fused[rows], labels=[0, 1, 2])
    assert negative_log_loss(head, scores[rows], y[rows]) == pytest.approx(expected)


def test_a_certain_mistake_is_finite():
    scores = np.array([[[1.0, 0.0]]])
    head = WeightedSum().fit(scores, np.array([0]))
    assert negative_log_loss(head, scores, np.array([1])) == pytest.approx(np.log(2.0**-52))
