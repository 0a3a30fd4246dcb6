"""Tables and models that the tests of compile_model share."""

from __future__ import annotations

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import (
    LogisticRegression,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    StandardScaler,
)

from mmclassic import (
    LateFusionClassifier,
    compile_model,
)

SLICES = {"text": slice(0, 5), "image": slice(5, 11), "audio": slice(11, 15)}
NAMES = [f"{name}{i}" for name, part in SLICES.items() for i in range(part.stop - part.start)]


def make_rows(n_rows=120, n_classes=3, *, seed=0):
    """Features of three modalities, shape (n_rows, 15), far from zero, and labels."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_rows) % n_classes)
    X = rng.normal(size=(n_rows, 15)) + rng.normal(size=(n_classes, 15))[y]
    return X * rng.uniform(0.1, 30, 15) + rng.normal(scale=100, size=15), y


def with_gaps(X, *, seed=1):
    """Every pattern of missing modalities, none at all among them."""
    X, rng = X.copy(), np.random.default_rng(seed)
    for part in SLICES.values():
        X[rng.random(len(X)) < 0.4, part] = np.nan
    assert np.isnan(X).all(axis=1).any()
    return X


def logistic():
    return make_pipeline(StandardScaler(), LogisticRegression())


def late(*members, **params):
    members = members or (logistic(), logistic(), logistic())
    triples = zip(SLICES.items(), members, strict=True)
    params = {"cv": 3, **params}
    return LateFusionClassifier([(n, clone(m), part) for (n, part), m in triples], **params)


def assert_equal(model, *tables):
    compiled = compile_model(model)
    for X in tables:
        expected = model.predict_proba(X)
        np.testing.assert_allclose(compiled.predict_proba(X), expected, rtol=0, atol=1e-9)
        np.testing.assert_array_equal(compiled.predict(X), model.predict(X))
    for row in (0, 7):
        one = tables[-1][row : row + 1]
        np.testing.assert_allclose(
            compiled.predict_proba(one), model.predict_proba(one), rtol=0, atol=1e-9
        )
