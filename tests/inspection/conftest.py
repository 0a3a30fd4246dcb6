"""Fitted fusions that the tests of inspection share, and counters that start at nothing."""

from __future__ import annotations

import pytest
from sklearn.linear_model import LogisticRegression

from mmclassic import LateFusionClassifier
from tests.fusion.examples import LEFT, RIGHT, CountedBayes, make_table


@pytest.fixture(scope="module")
def held_out():
    """A fusion of two modalities with missing cells, and rows that it was not fitted on."""
    X, y = make_table(400, missing=0.2, seed=3)
    model = LateFusionClassifier(
        [("left", CountedBayes(), LEFT), ("right", LogisticRegression(), RIGHT)]
    ).fit(X[:200], y[:200])
    return model, X[200:], y[200:], y[:200]


@pytest.fixture
def no_fits(held_out):
    """Fails the test if a base model is fitted in it."""
    CountedBayes.fits.clear()
    yield
    assert CountedBayes.fits == []
