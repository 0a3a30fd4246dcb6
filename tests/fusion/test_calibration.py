"""One temperature per modality."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic.fusion._calibration import TemperatureCalibration
from mmclassic.fusion._scores import fit_temperature, log_scores
from tests.fusion.examples import make_scores


def test_each_modality_has_the_temperature_of_its_rows():
    scores, y = make_scores(missing=0.3)
    scores **= 3
    scores /= scores.sum(axis=2, keepdims=True)
    calibration = TemperatureCalibration().fit(scores, y)
    for m in range(3):
        there = ~np.isnan(scores[:, m, 0])
        expected = fit_temperature(log_scores(scores)[there, m], y[there])
        assert calibration.temperatures_[m] == pytest.approx(expected, rel=1e-4)
    calibrated = calibration.transform(scores)
    np.testing.assert_array_equal(np.isnan(calibrated), np.isnan(scores))
    there = ~np.isnan(scores[:, :, 0])
    np.testing.assert_allclose(calibrated.sum(axis=2)[there], 1)
    np.testing.assert_array_equal(calibrated.argmax(axis=2)[there], scores.argmax(axis=2)[there])
    assert (calibration.temperatures_[:2] > 1.3).all()  # the weaker modalities


def test_calibrated_scores_need_no_further_temperature():
    scores, y = make_scores(missing=0.3)
    calibration = TemperatureCalibration()
    once = calibration.fit(scores, y).transform(scores)
    again = calibration.fit(once, y).temperatures_
    np.testing.assert_allclose(again, 1, atol=0.03)  # not exactly: the floor comes before both


def test_weights_count():
    scores, y = make_scores()
    weight = (np.arange(len(y)) % 3).astype(float)
    weighted = TemperatureCalibration().fit(scores, y, weight).temperatures_
    rows = np.repeat(np.arange(len(y)), weight.astype(int))
    repeated = TemperatureCalibration().fit(scores[rows], y[rows]).temperatures_
    np.testing.assert_allclose(weighted, repeated, rtol=1e-4)


def test_other_tables_are_refused():
    scores, y = make_scores()
    calibration = TemperatureCalibration().fit(scores, y)
    with pytest.raises(ValueError, match="has 2 modalities"):
        calibration.transform(scores[:, :2])
