"""Floor and temperature of a modality's log-probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from mmclassic import LogPool
from mmclassic.fusion._log_scale import CANDIDATES, MOST_ROWS, fit_log_scale
from mmclassic.fusion._scores import FLOOR, fit_temperature, log_scores


@pytest.fixture
def margins():
    """Honest log-odds of 500 rows and three classes, and the classes drawn from them."""
    rng = np.random.default_rng(0)
    margins = rng.normal(scale=1.5, size=(500, 3))
    y = np.array([rng.choice(3, p=softmax(row)) for row in margins])
    return margins, y


def scale_of(margins, y, weight=None):
    floors, temperatures = fit_log_scale(softmax(margins, axis=1)[:, None], y, weight)
    return floors[0], temperatures[0]


def test_honest_scores_stay_as_they_are(margins):
    floor, temperature = scale_of(*margins)
    assert floor == FLOOR
    assert temperature == pytest.approx(1, abs=0.1)


def test_an_overconfident_modality_gets_its_temperature_back(margins):
    X, y = margins
    assert scale_of(2 * X, y)[1] == pytest.approx(2 * fit_temperature(X, y), rel=0.02)


def test_a_cautious_modality_is_not_made_bold(margins):
    X, y = margins
    assert scale_of(X / 3, y)[1] == 1


def test_scores_that_mean_something_far_below_the_usual_floor_keep_it(margins):
    """Log-odds ten times too large: most wrong classes lie under 1e-3."""
    X, y = margins
    floor, temperature = scale_of(10 * X, y)
    assert floor < 1e-8
    assert temperature == pytest.approx(10 * fit_temperature(X, y), rel=0.02)


def test_zeros_that_mean_little_get_a_higher_floor(margins):
    """Votes of five neighbours, which are often all wrong."""
    X, y = margins
    rng = np.random.default_rng(1)
    votes = np.array([np.bincount(rng.choice(3, 5, p=softmax(r)), minlength=3) for r in X]) / 5
    assert fit_log_scale(votes[:, None], y)[0][0] > FLOOR


def test_the_floor_is_the_best_of_a_full_search(margins):
    X, y = margins
    scores = softmax(40 * X, axis=1)

    def loss(floor):
        logs = log_scores(scores[:, None], floor)[:, 0]
        proba = softmax(logs / fit_temperature(logs, y), axis=1)
        return -np.log(proba[np.arange(len(y)), y]).mean()

    found = fit_log_scale(scores[:, None], y)[0][0]
    assert loss(found) == pytest.approx(min(loss(floor) for floor in (FLOOR, *CANDIDATES)))


def test_missing_rows_and_rows_without_weight_are_left_out(margins):
    X, y = margins
    scores = np.stack([softmax(3 * X, axis=1), softmax(40 * X, axis=1)], axis=1)
    expected = fit_log_scale(scores[:300], y[:300])
    gaps, weight = scores.copy(), np.ones(500)
    gaps[300:] = np.nan
    np.testing.assert_array_equal(fit_log_scale(gaps, y), expected)
    weight[300:] = 0
    np.testing.assert_allclose(fit_log_scale(scores, y, weight), expected)
    gaps[:] = np.nan
    np.testing.assert_array_equal(fit_log_scale(gaps, y), [[FLOOR, FLOOR], [1, 1]])


def test_many_rows_are_thinned(margins):
    X, y = margins
    many = np.tile(2 * X, (40, 1))
    assert len(many) > 2 * MOST_ROWS
    floor, temperature = scale_of(many, np.tile(y, 40))
    assert floor == FLOOR
    assert temperature == pytest.approx(scale_of(2 * X, y)[1], rel=0.05)


def test_a_pool_does_not_depend_on_how_sure_a_modality_is(margins):
    """Sharpened scores are brought back, so the pull to equal weights stays fair."""
    X, y = margins
    noise = softmax(np.random.default_rng(2).normal(size=X.shape), axis=1)
    fused = []
    for power in (2, 10):
        scores = np.stack([softmax(power * X, axis=1), noise], axis=1)
        fused.append(LogPool(l2=0.5).fit(scores, y).predict_proba(scores))
    assert np.abs(fused[0] - fused[1]).mean() < 0.005
