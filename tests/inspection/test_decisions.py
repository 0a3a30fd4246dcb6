"""scikit-learn's own tools for thresholds and calibration, around a late fusion."""

from __future__ import annotations

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import TunedThresholdClassifierCV

from mmclassic import LateFusionClassifier, reliability_curve
from tests.fusion.examples import LEFT, RIGHT, CountedBayes


def rare_positives(n=600, seed=0):
    """One row in ten is positive."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    y = (rng.permutation(n) < n // 10).astype(int)
    X = rng.normal(size=(n, 4)) + y[:, None] * [1.0, 0.5, 1.0, 0.2]
    X[rng.random(n) < 0.2, :2] = np.nan
    return pd.DataFrame(X, columns=list("abcd")), np.array(["no", "yes"])[y]


def modalities():
    return [("left", CountedBayes(), LEFT), ("right", LogisticRegression(), RIGHT)]


def test_a_threshold_for_a_fitted_fusion_refits_nothing():
    X, y = rare_positives()
    model = LateFusionClassifier(modalities()).fit(X[:200], y[:200])
    CountedBayes.fits.clear()
    tuned = TunedThresholdClassifierCV(
        FrozenEstimator(model), scoring="balanced_accuracy", cv="prefit", refit=False
    ).fit(X[200:400], y[200:400])
    assert CountedBayes.fits == []
    assert 0 < tuned.best_threshold_ < 0.4
    expected = np.where(model.predict_proba(X[400:])[:, 1] >= tuned.best_threshold_, "yes", "no")
    assert np.array_equal(tuned.predict(X[400:]), expected)
    better, plain = (
        balanced_accuracy_score(y[400:], one.predict(X[400:])) for one in (tuned, model)
    )
    assert better > plain + 0.05


def test_a_threshold_with_refitting():
    X, y = rare_positives()
    tuned = TunedThresholdClassifierCV(
        LateFusionClassifier(modalities(), cv=3), scoring="balanced_accuracy", cv=3
    ).fit(X[:400], y[:400])
    assert tuned.best_threshold_ < 0.4
    assert len(CountedBayes.fits) >= 3 * 4
    assert balanced_accuracy_score(y[400:], tuned.predict(X[400:])) > 0.65


def test_calibration_of_a_fitted_fusion_before_and_after():
    """Naive Bayes on the same columns twice is too sure, and an equal mean leaves it so."""
    X, y = rare_positives(1200)
    X = X.fillna(0.0).assign(e=lambda table: table["a"], f=lambda table: table["a"])
    model = LateFusionClassifier(
        [("left", CountedBayes(), ["a", "b", "e", "f"])], fusion="mean"
    ).fit(X[:400], y[:400])
    CountedBayes.fits.clear()
    calibrated = CalibratedClassifierCV(FrozenEstimator(model), method="temperature")
    calibrated.fit(X[400:800], y[400:800])
    assert CountedBayes.fits == []
    test, truth = X[800:], y[800:]
    losses, gaps = [], []
    for one in (model, calibrated):
        probabilities = one.predict_proba(test)
        losses.append(log_loss(truth, probabilities))
        frame = reliability_curve(truth, probabilities, classes=one.classes_, n_bins=5)
        gaps.append(
            np.average(abs(frame["confidence"] - frame["accuracy"]), weights=frame["n_rows"])
        )
    assert losses[1] < losses[0]
    assert gaps[1] < gaps[0]
