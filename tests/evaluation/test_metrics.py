"""Scores against scikit-learn, and by hand where a fold lacks a class."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from mmclassic.evaluation._metrics import GREATER_IS_BETTER, calibration_error, scores_of

NAMES = [
    "accuracy",
    "balanced_accuracy",
    "precision_macro",
    "recall_macro",
    "f1_macro",
    "roc_auc_ovr",
    "average_precision",
    "log_loss",
    "brier",
    "calibration_error",
]


def some_predictions(n_classes: int, n_rows: int = 200, seed: int = 0):
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_rows) % n_classes)
    logits = rng.normal(size=(n_rows, n_classes)) + 1.5 * np.eye(n_classes)[y]
    return y, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_keys_are_in_the_documented_order():
    y, probabilities = some_predictions(3)
    assert list(scores_of(y, probabilities)) == NAMES == list(GREATER_IS_BETTER)
    assert [name for name in NAMES if not GREATER_IS_BETTER[name]] == NAMES[-3:]


@pytest.mark.parametrize("n_classes", [2, 3, 7])
def test_scores_equal_scikit_learns(n_classes):
    y, probabilities = some_predictions(n_classes)
    predicted = probabilities.argmax(axis=1)
    one_hot = np.eye(n_classes, dtype=int)[y]
    macro = {"average": "macro"}
    expected = {
        "accuracy": sklearn_metrics.accuracy_score(y, predicted),
        "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(y, predicted),
        "precision_macro": sklearn_metrics.precision_score(y, predicted, **macro),
        "recall_macro": sklearn_metrics.recall_score(y, predicted, **macro),
        "f1_macro": sklearn_metrics.f1_score(y, predicted, **macro),
        "roc_auc_ovr": sklearn_metrics.roc_auc_score(
            y, probabilities[:, 1] if n_classes == 2 else probabilities, multi_class="ovr"
        ),
        "average_precision": sklearn_metrics.average_precision_score(one_hot, probabilities),
        "log_loss": -np.mean(np.log(probabilities[np.arange(len(y)), y])),
        "brier": np.mean(((probabilities - one_hot) ** 2).sum(axis=1)) / (1 + (n_classes == 2)),
    }
    scores = scores_of(y, probabilities)
    for name, value in expected.items():
        assert scores[name] == pytest.approx(value, abs=1e-12), name


def test_a_class_without_rows_leaves_the_averages():
    # Class 2 has no test rows; class 0 is right once of twice, class 1 always.
    y = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [0.1, 0.9, 0.0], [0.3, 0.6, 0.1]])
    scores = scores_of(y, probabilities)
    assert scores["accuracy"] == 0.75
    assert scores["balanced_accuracy"] == scores["recall_macro"] == pytest.approx((0.5 + 1) / 2)
    assert scores["precision_macro"] == 1.0
    assert scores["f1_macro"] == pytest.approx((2 / 3 + 1) / 2)
    # Class 0: of its rows .8 and .2 against .1 and .3, three of four pairs are in order.
    assert scores["roc_auc_ovr"] == pytest.approx((0.75 + 1) / 2)
    assert scores["average_precision"] == pytest.approx(((1 + 2 / 3) / 2 + 1) / 2)
    assert np.isfinite([scores["log_loss"], scores["brier"]]).all()


def test_one_class_only_has_no_ranking_scores():
    scores = scores_of(np.array([1, 1]), np.array([[0.2, 0.8], [0.6, 0.4]]))
    assert np.isnan(scores["roc_auc_ovr"])
    assert np.isnan(scores["average_precision"])
    assert scores["accuracy"] == scores["balanced_accuracy"] == 0.5


def test_a_class_never_predicted_has_precision_zero():
    prior = np.tile([0.5, 0.3, 0.2], (10, 1))
    scores = scores_of(np.array([0] * 5 + [1] * 3 + [2] * 2), prior)
    assert scores["precision_macro"] == pytest.approx(0.5 / 3)
    assert scores["roc_auc_ovr"] == 0.5
    assert scores["calibration_error"] == pytest.approx(0.0)


def test_a_certain_error_costs_the_floor_and_not_infinity():
    scores = scores_of(np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]]))
    assert scores["log_loss"] == pytest.approx(-np.log(np.finfo(np.float64).eps) / 2)


def test_float32_probabilities_need_no_warning():
    y, probabilities = some_predictions(5)
    narrow = probabilities.astype(np.float32)
    narrow[:, 0] += np.float32(1e-5)
    assert scores_of(y, narrow)["log_loss"] == pytest.approx(
        scores_of(y, probabilities)["log_loss"], abs=1e-4
    )


def test_calibration_error_by_hand():
    # Four rows, two bins: confidences .6 and .7 (one right), .8 and .9 (both right).
    y = np.array([0, 1, 0, 0])
    confidence = np.array([0.6, 0.7, 0.8, 0.9])
    probabilities = np.column_stack([confidence, 1 - confidence])
    expected = (abs(1 - 1.3) + abs(2 - 1.7)) / 4
    assert calibration_error(y, probabilities, n_bins=2) == pytest.approx(expected)


def test_calibration_error_with_one_bin_is_the_gap_of_the_means():
    y, probabilities = some_predictions(4)
    right = np.mean(probabilities.argmax(axis=1) == y)
    gap = abs(right - probabilities.max(axis=1).mean())
    assert calibration_error(y, probabilities, n_bins=1) == pytest.approx(gap)


def test_calibration_bins_hold_equally_many_rows():
    # Oracle: sort, cut into ten equal parts. 200 different confidences, so there are no ties.
    y, probabilities = some_predictions(4)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == y
    parts = np.array_split(np.argsort(confidence), 10)
    gaps = [len(part) * abs(right[part].mean() - confidence[part].mean()) for part in parts]
    assert calibration_error(y, probabilities) == pytest.approx(sum(gaps) / len(y))


def test_calibration_error_ignores_the_order_of_rows():
    y = np.array([0, 1] * 25)
    probabilities = np.tile([0.9, 0.1], (50, 1))  # equal confidences must share one bin
    order = np.argsort(y, kind="stable")
    assert calibration_error(y, probabilities) == pytest.approx(0.4)
    assert calibration_error(y[order], probabilities) == pytest.approx(0.4)


@pytest.mark.parametrize("n_rows", [1, 2, 3, 11])
def test_calibration_error_of_few_rows_stays_in_range(n_rows):
    y, probabilities = some_predictions(3, n_rows)
    assert 0 <= calibration_error(y, probabilities) <= 1


@pytest.mark.parametrize(
    ("y", "probabilities", "match"),
    [
        ([0, 1], [[0.5, 0.5]], r"shapes \(2,\) and \(1, 2\)"),
        ([0], [[1.0]], "n_classes >= 2"),
        ([0, 2], [[0.5, 0.5], [0.5, 0.5]], "encoded as integers 0 to 1"),
        (["a", "b"], [[0.5, 0.5], [0.5, 0.5]], "encoded as integers"),
        ([0, 1], [[0.5, 0.5], [0.9, 0.4]], "Row 1 is no probability"),
        ([0, 1], [[np.nan, 0.5], [0.5, 0.5]], "Row 0 is no probability"),
        ([0, 1], [[1.5, -0.5], [0.5, 0.5]], "Row 0 is no probability"),
        (np.zeros(0, int), np.zeros((0, 2)), "no rows"),
    ],
)
def test_bad_arguments(y, probabilities, match):
    with pytest.raises(ValueError, match=match):
        scores_of(y, probabilities)
