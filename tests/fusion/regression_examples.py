"""A table with a numeric target, and the regressors that the tests of its fusion share."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic import (
    LateFusionRegressor,
    WeightedSumRegressor,
)
from tests.fusion.examples import LEFT, RIGHT, CentredNumber, NumberVectorizer, make_cells

HEADS = ["mean", "median", "stacking", WeightedSumRegressor("learned")]


class CountedRidge(Ridge):
    """Ridge regression that notes the rows (their first column) and the weights of every fit."""

    fits: ClassVar[list] = []
    weights: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None):
        self.fits.append(np.asarray(X)[:, 0].tolist())
        self.weights.append(None if sample_weight is None else np.asarray(sample_weight))
        return super().fit(X, y, sample_weight)


def make_numbers(n_rows=90, *, missing=0.0, seed=0):
    """A frame with the columns a, b, c, d, of which pairs can be missing, and a target."""
    rng = np.random.default_rng(seed)
    y = 10 + 3 * rng.normal(size=n_rows)
    X = rng.normal(size=(n_rows, 4)) + 0.4 * np.outer(y, [1, 0, 0, 1])
    for pair in (slice(0, 2), slice(2, 4)):
        X[rng.random(n_rows) < missing, pair] = np.nan
    return pd.DataFrame(X, columns=list("abcd")), y


TABLE, Y = make_numbers()
LACKING, _ = make_numbers(missing=0.25)
HAS = np.column_stack([LACKING[columns].notna().all(axis=1) for columns in (LEFT, RIGHT)])
WEIGHT = np.where(Y > 10, 4.0, 1.0)
GROUPS = np.arange(90) // 5


def two_regressors(first=None):
    return [("left", first or LinearRegression(), LEFT), ("right", KNeighborsRegressor(5), RIGHT)]


def peers():
    """The same two regressors in scikit-learn's own words."""
    return [
        (name, make_pipeline(ColumnTransformer([("keep", "passthrough", columns)]), estimator))
        for name, estimator, columns in two_regressors()
    ]


def fit(fusion="mean", table=TABLE, **options):
    return LateFusionRegressor(two_regressors(), fusion, **options).fit(table, Y)


def two_of_cells(fusion="stacking", **options):
    modalities = [
        ("x", make_pipeline(NumberVectorizer(), StandardScaler(), LinearRegression()), "x"),
        ("z", make_pipeline(CentredNumber(), LinearRegression()), "z"),
    ]
    return LateFusionRegressor(modalities, fusion, **options)


def cells(**options):
    """A frame of cells, and a target that follows them."""
    table, _ = make_cells(**options)
    clean, _ = make_cells()
    return table, clean["x"].astype(float).to_numpy() + clean["z"].astype(float).to_numpy()


def make_predictions(n_rows=90, n_modalities=3, *, missing=0.0, seed=0):
    """A score table of predictions, each modality better than the one before, and the target."""
    rng = np.random.default_rng(seed)
    y = 10 + 3 * rng.normal(size=n_rows)
    noise = rng.normal(size=(n_rows, n_modalities)) * np.linspace(3, 1, n_modalities)
    scores = (y[:, None] + noise)[:, :, None]
    scores[rng.random((n_rows, n_modalities)) < missing] = np.nan
    return scores, y
