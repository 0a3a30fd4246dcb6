"""Contributions against the table of models, against scikit-learn, and against all orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from mmclassic.evaluation._contributions import contributions_of, scores_over_folds, weights_of
from mmclassic.evaluation._evidence import Evidence, FoldEvidence
from mmclassic.fusion import Voting
from tests.evaluation.conftest import make_evidence


def by_hand(evidence, y, kept):
    """Mean over folds of scikit-learn's accuracy and log-loss, with some modalities kept."""
    found = []
    for fold in evidence.folds:
        scores = fold.scores.copy()
        scores[:, [m for m in range(scores.shape[1]) if m not in kept]] = np.nan
        fused = fold.head.predict_proba(scores)
        labels = y[fold.rows]
        classes = range(fused.shape[1])
        found.append(
            (accuracy_score(labels, fused.argmax(axis=1)), log_loss(labels, fused, labels=classes))
        )
    return np.mean(found, axis=0)


def test_the_whole_has_the_scores_of_the_table_of_models(demo_result):
    found = demo_result._contributions
    default = demo_result.frame[demo_result.frame["default"]].iloc[0]
    expected = [default["accuracy_mean"], default["log_loss_mean"]]
    np.testing.assert_allclose(found.everything, expected, rtol=1e-12)
    prior = demo_result.frame.set_index("model").loc["class prior"]
    np.testing.assert_allclose(found.nothing[1], prior["log_loss_mean"], rtol=1e-9)


def test_alone_and_without_by_hand():
    evidence, y = make_evidence()
    frame = contributions_of(evidence, y).frame
    for place in range(3):
        alone, without = by_hand(evidence, y, [place]), by_hand(evidence, y, {0, 1, 2} - {place})
        row = frame.iloc[place]
        np.testing.assert_allclose([row["accuracy_alone"], row["log_loss_alone"]], alone)
        np.testing.assert_allclose([row["accuracy_without"], row["log_loss_without"]], without)
    assert frame["n_rows"].tolist() == evidence.present.sum(axis=0).tolist()


@pytest.mark.parametrize("n_modalities", [1, 2, 3, 4])
def test_shapley_values_are_means_over_all_orders_and_sum_to_the_gain(n_modalities):
    evidence, y = make_evidence(n_modalities)
    found = contributions_of(evidence, y)
    expected = np.zeros((n_modalities, 2))
    orders = list(permutations(range(n_modalities)))
    for order in orders:
        for position, modality in enumerate(order):
            gain = by_hand(evidence, y, order[: position + 1]) - by_hand(
                evidence, y, order[:position]
            )
            expected[modality] += gain * [1, -1] / len(orders)
    shares = found.frame[["accuracy_shapley", "log_loss_shapley"]].to_numpy()
    np.testing.assert_allclose(shares, expected, atol=1e-12)
    gain = (found.everything - found.nothing) * [1, -1]
    np.testing.assert_allclose(shares.sum(axis=0), gain, atol=1e-9)


def test_folds_count_alike_whatever_their_size():
    y = np.array([0, 0, 0, 1])
    fused = np.array([[0.9, 0.1]] * 4)
    accuracy, loss = scores_over_folds(y, fused, np.array([0, 0, 0, 1]))
    assert accuracy == 0.5
    assert loss == pytest.approx((-np.log(0.9) - np.log(0.1)) / 2)


def test_weights_are_means_over_folds():
    evidence, _ = make_evidence()
    frame = weights_of(evidence)
    weights = np.array([fold.head.weights_ for fold in evidence.folds])
    np.testing.assert_allclose(frame["mean"], weights.mean(axis=0))
    np.testing.assert_allclose(frame["std"], weights.std(axis=0))
    assert frame["share"].sum() == pytest.approx(1)
    assert frame["modality"].tolist() == ["text", "image", "audio"]


def test_heads_without_weights_have_none():
    evidence, _ = make_evidence()
    fold = evidence.folds[0]
    head = Voting().fit(fold.scores, np.arange(len(fold.rows)) % 3)
    bare = Evidence(evidence.modalities, (FoldEvidence(fold.rows, fold.scores, head),))
    assert weights_of(bare) is None
