"""Which rows are shown, and why."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from mmclassic.evaluation._rows_to_look_at import APART, WRONG, choose_rows, disagreement
from tests.evaluation.conftest import make_evidence


def test_disagreement_is_scipys():
    evidence, _ = make_evidence(n_modalities=2)
    apart = disagreement(evidence.scores)
    differ = np.nan_to_num(evidence.scores).argmax(axis=2)
    for row, (first, second) in enumerate(evidence.scores):
        if np.isnan(first).any() or np.isnan(second).any() or differ[row, 0] == differ[row, 1]:
            assert apart[row] == 0
        else:
            assert apart[row] == pytest.approx(jensenshannon(first, second, base=2) ** 2)


def test_disagreement_ignores_what_is_missing():
    scores = np.array([[[0.9, 0.1, 0.0], [np.nan] * 3, [0.1, 0.2, 0.7]]])
    np.testing.assert_allclose(disagreement(scores), disagreement(scores[:, [0, 2]]))
    assert disagreement(np.full((1, 3, 2), np.nan)).tolist() == [0]


def test_the_surest_errors_come_first():
    rng = np.random.default_rng(0)
    wrong, confidence, apart = rng.random(200) < 0.3, rng.random(200), rng.random(200)
    chosen = choose_rows(wrong, confidence, apart, 20)
    first = [place for place, why in chosen if why == WRONG]
    second = [place for place, why in chosen if why == APART]
    assert len(first) == len(second) == 10
    assert wrong[first].all()
    assert confidence[first].min() >= np.delete(confidence * wrong, first).max()
    assert (np.diff(confidence[first]) <= 0).all()
    assert (np.diff(apart[second]) <= 0).all()
    assert not set(first) & set(second)


@pytest.mark.parametrize(("n_wrong", "n_apart"), [(0, 50), (50, 0), (3, 50), (50, 4), (0, 0)])
def test_what_is_short_is_filled_up(n_wrong, n_apart):
    wrong = np.arange(100) < n_wrong
    apart = np.where(np.arange(100) >= 100 - n_apart, 0.5, 0.0)
    chosen = choose_rows(wrong, np.full(100, 0.9), apart, 20)
    assert len(chosen) == min(20, n_wrong + n_apart)
    assert len({place for place, _ in chosen}) == len(chosen)


def test_frame_says_what_was_predicted(demo_result):
    frame = demo_result.rows_to_look_at
    assert len(frame) == 20
    assert frame["row"].is_unique
    own = demo_result.predictions
    own = own[own["model"] == "log_pool"].set_index("row").loc[frame["row"]]
    assert frame["label"].tolist() == own["label"].tolist()
    assert frame["prediction"].tolist() == own["prediction"].tolist()
    assert frame["fold"].tolist() == own["fold"].tolist()
    wrong = frame["why"] == WRONG
    assert (frame["label"] != frame["prediction"])[wrong].all()
    single = demo_result.predictions.query("model == 'audio'").set_index("row").loc[frame["row"]]
    assert frame["audio_prediction"].tolist() == single["prediction"].tolist()
    top = single.filter(like="probability_").max(axis=1)
    np.testing.assert_allclose(frame["audio_confidence"], top)
