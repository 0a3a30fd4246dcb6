"""row_contributions: parts whose softmax is the prediction, for every pattern."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from mmclassic import GatedPool, LateFusionClassifier, LogPool, row_contributions
from tests.fusion.examples import make_scores, make_table, two_modalities


def summed(frame):
    return frame.T.groupby(level="class", sort=False).sum().T.to_numpy()


@pytest.mark.parametrize("head", ["log_pool", "gated", LogPool(intercepts=False)])
@pytest.mark.parametrize(
    "options", [{}, {"missing": "fill"}, {"calibration": "temperature"}, {"missing": "drop"}]
)
def test_the_softmax_of_the_sum_is_the_prediction(head, options):
    X, y = make_table(150, missing=0.3)
    assert X.isna().all(axis=1).any()
    model = LateFusionClassifier(two_modalities(), head, **options).fit(X, y)
    frame = row_contributions(model, X)
    assert frame.shape == (150, 9)
    assert np.abs(softmax(summed(frame), axis=1) - model.predict_proba(X)).max() < 1e-9


def test_patterns_beyond_six_modalities():
    scores, y = make_scores(60, 8, missing=0.4)
    head = LogPool().fit(scores, y)
    other, _ = make_scores(60, 8, missing=0.6, seed=1)
    other[:2] = np.nan
    parts = head.contributions(other)
    assert np.abs(softmax(parts.sum(axis=1), axis=1) - head.predict_proba(other)).max() < 1e-9


def test_a_part_is_the_weighted_logarithm():
    X, y = make_table(150)
    model = LateFusionClassifier(two_modalities()).fit(X, y)
    parts = row_contributions(model, X).to_numpy().reshape(150, 3, 3)
    scores = model.score_table(X)
    log_odds = np.log(scores[:, :, 2] / scores[:, :, 0])  # no score is near a floor
    own = scores.min(axis=(1, 2)) > 0.01
    assert own.sum() > 20
    expected = log_odds[own] * model.fusion_.weights_
    assert np.allclose((parts[:, :2, 2] - parts[:, :2, 0])[own], expected)
    assert np.allclose(
        parts[:, 2, 2] - parts[:, 2, 0], np.subtract(*model.fusion_.intercepts_[[2, 0]])
    )
    assert np.allclose(parts.mean(axis=2), 0)


def test_an_absent_modality_adds_nothing():
    X, y = make_table(120, missing=0.3)
    model = LateFusionClassifier(two_modalities()).fit(X, y)
    frame = row_contributions(model, X)
    absent = X["a"].isna().to_numpy()
    assert (frame["left"][absent] == 0).all().all()
    assert (frame["left"][~absent] != 0).any(axis=1).all()
    assert list(frame.columns.get_level_values("part").unique()) == [
        "left", "right", "(intercept)"
    ]  # fmt: skip


def test_a_class_without_rows_of_its_own_is_no_infinity():
    head = GatedPool().fit(np.full((4, 2, 3), 1 / 3), np.array([0, 1, 0, 1]))
    parts = head.contributions(np.full((2, 2, 3), np.nan))
    assert np.isfinite(parts).all()
    assert np.allclose(softmax(parts.sum(axis=1), axis=1), [[0.5, 0.5, 0]] * 2)


def test_labels_index_and_searches():
    X, codes = make_table(120)
    y = np.array(["bad", "fair", "good"])[codes]
    search = GridSearchCV(LogPool(), {"l2": [0.01, 0.1]}, cv=3)
    model = LateFusionClassifier(two_modalities(), search).fit(X, y)
    some = X.iloc[[5, 3]]
    frame = row_contributions(model, some)
    assert list(frame.index) == [5, 3]
    assert list(frame["left"].columns) == ["bad", "fair", "good"]
    table = row_contributions(model, None, scores=model.score_table(some))
    assert np.array_equal(table.to_numpy(), frame.to_numpy())


def test_what_it_refuses():
    X, y = make_table()
    mean = LateFusionClassifier(two_modalities(), "mean").fit(X, y)
    with pytest.raises(ValueError, match="WeightedSum is no sum of logarithms: row_contributions"):
        row_contributions(mean, X)
    model = LateFusionClassifier(two_modalities()).fit(X, y)
    with pytest.raises(ValueError, match="X or scores, one of them"):
        row_contributions(model, None)
    labels = LateFusionClassifier([("left", GaussianNB(), ["a"])]).fit(
        X, np.stack([y == 0, y > 1], axis=1).astype(int)
    )
    with pytest.raises(ValueError, match="label_models_"):
        row_contributions(labels, X)
