"""The score table: its checks, its logarithm, its temperature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from mmclassic.fusion._scores import (
    FLOOR,
    check_scores,
    class_prior,
    fit_temperature,
    log_scores,
    present,
    soften,
)
from tests.fusion.examples import make_scores

GOOD = [[[0.2, 0.8], [0.5, 0.5]], [[1.0, 0.0], [np.nan, np.nan]]]


def changed(row, modality, value):
    scores = np.array(GOOD)
    scores[row, modality] = value
    return scores


def test_a_good_table_comes_back_as_float64():
    checked = check_scores(GOOD)
    assert checked.dtype == np.float64
    np.testing.assert_array_equal(checked, GOOD)
    np.testing.assert_array_equal(check_scores(np.float32(GOOD)), np.float32(GOOD))


@pytest.mark.parametrize(
    ("scores", "n_modalities", "match"),
    [
        (np.ones((3, 2)), None, "got 2 dimension.*3, 2"),
        (np.ones((3, 0, 2)), None, r"needs a modality and a class, got shape \(3, 0, 2\)"),
        (np.ones((3, 2, 0)), None, "needs a modality and a class"),
        (GOOD, 3, "has 2 modalities, the head was fitted on 3"),
        (changed(1, 1, [np.nan, 1]), None, "Row 1, modality 1 has NaN for some classes only"),
        (changed(0, 1, [1.5, -0.5]), None, "Row 0, modality 1 is no probability distribution"),
        (changed(1, 0, [0.4, 0.4]), None, r"Row 1, modality 0 is no .*\[0.4 0.4\]"),
        (changed(1, 0, [np.inf, 0]), None, "Row 1, modality 0 is no probability"),
        ([[["a", "b"]]], None, "could not convert"),
    ],
)
def test_what_is_no_score_table(scores, n_modalities, match):
    with pytest.raises(ValueError, match=match):
        check_scores(scores, n_modalities)


def test_present():
    np.testing.assert_array_equal(present(np.array(GOOD)), [[True, True], [True, False]])


def test_logarithms_have_one_floor_and_keep_nan():
    logs = log_scores(np.array(GOOD))
    np.testing.assert_allclose(logs[0], np.log(GOOD[0]))
    assert logs[1, 0].tolist() == [0, np.log(FLOOR / 2)]
    assert np.isnan(logs[1, 1]).all()


def test_class_prior_counts_and_weighs():
    y = np.array([0, 2, 2, 2])
    np.testing.assert_allclose(class_prior(y, 3), [0.25, 0, 0.75])
    np.testing.assert_allclose(class_prior(y, 4, np.array([3, 1, 0, 2.0])), [0.5, 0, 0.5, 0])


def test_softening_is_a_power_of_the_probabilities():
    probabilities = np.array([[0.1, 0.3, 0.6]])
    for temperature in (0.5, 1.0, 4.0):
        expected = probabilities ** (1 / temperature)
        np.testing.assert_allclose(
            soften(np.log(probabilities), temperature), expected / expected.sum()
        )


@pytest.mark.parametrize("weighted", [False, True])
def test_temperature_minimises_the_log_loss_of_scikit_learn(weighted):
    rng = np.random.default_rng(0)
    y = np.arange(120) % 3
    margins = 5 * rng.normal(size=(120, 3)) + 3 * np.eye(3)[y]
    weight = rng.random(120) if weighted else None

    def loss(log_temperature):
        return log_loss(y, soften(margins, np.exp(log_temperature)), sample_weight=weight)

    expected = np.exp(minimize_scalar(loss, bracket=(-1, 1)).x)
    assert fit_temperature(margins, y, weight) == pytest.approx(expected, rel=1e-3)
    assert expected > 1.5  # overconfident margins are cooled, so the test can fail


def test_temperature_leaves_out_what_it_cannot_use():
    scores, y = make_scores(n_modalities=1)
    margins = 3 * np.log(scores[:, 0])
    expected = fit_temperature(margins[10:], y[10:])
    margins[:10] = np.nan
    assert fit_temperature(margins, y) == pytest.approx(expected, rel=1e-6)
    assert fit_temperature(np.full((3, 2), np.nan), np.array([0, 1, 0])) == 1.0
    unseen = margins[10:].copy()
    unseen[:, 2] = np.nan  # a class that the fold did not see counts as impossible
    rows = y[10:] < 2
    assert fit_temperature(unseen, y[10:]) == pytest.approx(
        fit_temperature(unseen[rows][:, :2], y[10:][rows]), rel=1e-6
    )
