"""Scores of several labels against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from mmclassic.evaluation._label_metrics import LABEL_METRICS, label_scores, predicted_labels

RNG = np.random.default_rng(0)
Y = (RNG.random((100, 4)) < [0.1, 0.3, 0.5, 0.8]).astype(int)
P = np.clip(0.25 + 0.5 * Y + 0.25 * RNG.normal(size=Y.shape), 0.01, 0.99)


def test_scores_are_scikit_learns():
    said = predicted_labels(P)
    expected = {
        "subset_accuracy": metrics.accuracy_score(Y, said),
        "f1_micro": metrics.f1_score(Y, said, average="micro"),
        "f1_macro": metrics.f1_score(Y, said, average="macro"),
        "roc_auc_macro": metrics.roc_auc_score(Y, P, average="macro"),
        "average_precision": metrics.average_precision_score(Y, P, average="macro"),
        "ranking_average_precision": metrics.label_ranking_average_precision_score(Y, P),
        "hamming_loss": metrics.hamming_loss(Y, said),
        "log_loss": np.mean([metrics.log_loss(Y[:, k], P[:, k]) for k in range(4)]),
    }
    found = label_scores(Y, P)
    assert tuple(found) == tuple(expected) == LABEL_METRICS.names
    for name, value in expected.items():
        assert found[name] == pytest.approx(value), name


def test_labels_that_the_rows_lack_are_left_out_of_means():
    wider = np.column_stack([Y, np.zeros(100, int)]), np.column_stack([P, np.full(100, 0.1)])
    for name in ("f1_macro", "roc_auc_macro", "average_precision"):
        assert label_scores(*wider)[name] == pytest.approx(label_scores(Y, P)[name]), name
    nothing = label_scores(np.zeros((3, 2), int), np.full((3, 2), 0.4))
    assert np.isnan(nothing["roc_auc_macro"])
    assert nothing["subset_accuracy"] == 1


@pytest.mark.parametrize("name", LABEL_METRICS.parts)
def test_the_mean_of_the_parts_is_the_score(name):
    assert LABEL_METRICS.parts[name](Y, P).mean() == pytest.approx(label_scores(Y, P)[name])


@pytest.mark.parametrize(
    ("y", "p", "message"),
    [(Y, P[:, :2], "of one shape"), (Y, P * 2, "is no probability")],
)
def test_bad_probabilities(y, p, message):
    with pytest.raises(ValueError, match=message):
        label_scores(y, p)
