"""Abstention, risk–coverage curves and reliability."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from mmclassic import abstain, reliability_curve, risk_coverage_curve
from mmclassic.evaluation._metrics import calibration_error


def drawn(n=300, temperature=1.0, seed=0):
    """Labels drawn from probabilities, and these at another temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 3)) * 2
    y = np.array([rng.choice(3, p=row) for row in softmax(logits, axis=1)])
    return y, softmax(logits / temperature, axis=1)


def test_abstain_is_the_rows_below():
    assert abstain([[0.9, 0.1], [0.8, 0.2], [0.5, 0.5]], 0.8).tolist() == [False, False, True]
    y, probabilities = drawn()
    curve = risk_coverage_curve(y, probabilities)
    for place in (10, 100, 250):
        kept = ~abstain(probabilities, curve.thresholds[place])
        assert kept.mean() == pytest.approx(curve.coverage[place])
        wrong = probabilities[kept].argmax(axis=1) != y[kept]
        assert wrong.mean() == pytest.approx(curve.risk[place])


def test_the_area_is_the_mean_risk_of_prefixes():
    y, probabilities = drawn()
    order = np.argsort(-probabilities.max(axis=1))
    wrong = (probabilities.argmax(axis=1) != y)[order]
    expected = np.mean(np.cumsum(wrong) / np.arange(1, len(y) + 1))
    curve = risk_coverage_curve(y, probabilities)
    assert curve.area == pytest.approx(expected, abs=1e-12)
    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == wrong.mean()


def test_equal_confidences_are_one_point_whatever_the_order():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.6, 0.4], [0.6, 0.4]])
    curves = [risk_coverage_curve(y, probabilities) for y in ([0, 0, 0, 1], [0, 1, 0, 0])]
    for curve in curves:
        assert curve.coverage.tolist() == [0.25, 1.0]
        assert curve.risk.tolist() == [0.0, 0.25]
        # One error among three: a third, two thirds, three thirds of it at ranks 2, 3, 4.
        assert curve.area == pytest.approx((0 + 1 / 6 + 2 / 9 + 1 / 4) / 4)


def test_no_order_among_rows_that_are_all_equally_sure():
    curve = risk_coverage_curve([0, 1], [[0.6, 0.4]] * 2)
    assert curve.area == 0.5


def test_confidence_that_ranks_well_has_less_area():
    y, probabilities = drawn()
    shuffled = np.random.default_rng(1).permuted(probabilities, axis=1)
    assert risk_coverage_curve(y, probabilities).area < risk_coverage_curve(y, shuffled).area / 2


def test_reliability_of_a_calibrated_and_of_an_overconfident_model():
    y, probabilities = drawn(6000)
    before = reliability_curve(y, drawn(6000, temperature=0.3)[1])
    after = reliability_curve(y, probabilities)
    for frame, low, high in ((after, 0, 0.03), (before, 0.08, 1)):
        gap = np.average(abs(frame["confidence"] - frame["accuracy"]), weights=frame["n_rows"])
        assert low <= gap < high
        assert frame["n_rows"].sum() == 6000
    gap = np.average(abs(before["confidence"] - before["accuracy"]), weights=before["n_rows"])
    other = calibration_error(y, drawn(6000, temperature=0.3)[1])  # bins differ by a row or so
    assert gap == pytest.approx(other, abs=0.005)


def test_reliability_with_equal_confidences():
    frame = reliability_curve([0, 0, 1, 1], [[0.75, 0.25]] * 4)
    assert frame.to_dict("list") == {"confidence": [0.75], "accuracy": [0.5], "n_rows": [4]}


def test_labels():
    y = np.array(["no", "yes"])
    probabilities = [[0.9, 0.1], [0.8, 0.2]]
    curve = risk_coverage_curve(y, probabilities, classes=["no", "yes"])
    assert curve.risk.tolist() == [0, 0.5]
    frame = reliability_curve(y, probabilities, classes=["no", "yes"], n_bins=2)
    assert frame["accuracy"].tolist() == [0, 1]


@pytest.mark.parametrize("function", [risk_coverage_curve, reliability_curve])
@pytest.mark.parametrize(
    ("y", "probabilities", "message"),
    [
        ([0, 1], [[0.5, 0.5]], "y has 2 labels for 1 rows"),
        ([2], [[0.5, 0.5]], r"does not know: \[2\], first in row 0"),
        ([0], [0.5], r"shape \(n_samples, n_classes\), got \(1,\)"),
        ([0], [[np.nan, 0.5]], "NaN in row 0"),
        ([], np.empty((0, 2)), r"got \(0, 2\)"),
    ],
)
def test_bad_arguments(function, y, probabilities, message):
    with pytest.raises(ValueError, match=message):
        function(y, probabilities)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, np.nan])
def test_bad_thresholds(threshold):
    with pytest.raises(ValueError, match="threshold must lie between 0 and 1"):
        abstain([[0.5, 0.5]], threshold)
