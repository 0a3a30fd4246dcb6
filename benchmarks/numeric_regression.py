"""Regressors for columns of numbers: trees, straight lines, and the two together.

    python benchmarks/numeric_regression.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. R² of predictions
for held-out rows, means over four shuffled 5-fold cross-validations: of prices, of scikit-learn's
own tables, of made-up ones, some with a fifth of their numbers taken away. Writes
benchmarks/results/numeric_regression.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from _mfeat import data_folder, markdown, write_result
from sklearn.datasets import load_breast_cancer, load_diabetes, make_friedman1
from sklearn.ensemble import HistGradientBoostingRegressor, StackingRegressor, VotingRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic._threads import one_thread
from mmclassic.recipes._parts import numbers

SEEDS = range(4)
TWO_PRICES = ("discounted", "retail")


def models() -> dict:
    """Name and unfitted model of each column of the table."""

    def together(kind, *others, **options):
        members = [("boosting", boosting()), ("linear", Ridge())]
        return make_pipeline(*numbers(StandardScaler()), kind(members, *others, **options))

    def boosting():
        return HistGradientBoostingRegressor(learning_rate=0.05, max_leaf_nodes=8, random_state=0)

    weights = LinearRegression(positive=True)
    return {
        "boosting": boosting(),
        "ridge": make_pipeline(*numbers(StandardScaler()), Ridge()),
        "mean of both": together(VotingRegressor),
        "stacked, 3 folds (default)": together(
            StackingRegressor, weights, cv=KFold(3, shuffle=True, random_state=0)
        ),
        "stacked, 5 folds": together(
            StackingRegressor, weights, cv=KFold(5, shuffle=True, random_state=0)
        ),
    }


def tables(data: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Numbers and target, by name."""
    rng = np.random.default_rng(0)
    offers = pd.read_csv(data / "products" / "products.csv").dropna(
        subset=["retail_price", "discounted_price"]
    )
    discounted, retail = (offers[[f"{kind}_price"]].to_numpy(float) for kind in TWO_PRICES)
    diabetes, cells = load_diabetes(return_X_y=True), load_breast_cancer(return_X_y=True)[0]
    line = rng.normal(size=(150, 6))
    return {
        "retail price from the discounted one": (discounted, retail[:, 0]),
        "its logarithm": (discounted, np.log(retail[:, 0])),
        "diabetes": diabetes,
        "diabetes, gaps": (with_gaps(diabetes[0], rng), diabetes[1]),
        "radius of cells from 5 of their features": (cells[:, [1, 4, 5, 8, 9]], cells[:, 0]),
        "a straight line and noise, 150 rows": (
            line,
            line @ np.arange(6) + rng.normal(size=150) * 3,
        ),
        "Friedman 1, 100 rows": make_friedman1(100, noise=1, random_state=0),
        "Friedman 1, 400 rows": make_friedman1(400, noise=1, random_state=0),
        "nothing but noise, 200 rows": (rng.normal(size=(200, 5)), rng.normal(size=200)),
    }


def with_gaps(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A copy without a fifth of its numbers."""
    return np.where(rng.random(values.shape) < 0.2, np.nan, values)


def main() -> None:
    candidates = models()
    rows = []
    with one_thread():
        for name, (X, y) in tables(data_folder(str(__doc__))).items():
            scores = [
                np.mean([r2(model, X, y, seed) for seed in SEEDS]) for model in candidates.values()
            ]
            rows.append([name, *(f"{score:.3f}" for score in scores)])
            print(*rows[-1], sep="  ", flush=True)
    text = (
        "# Regressors of numbers\n\nR² of held-out rows, means over "
        f"{len(SEEDS)} shuffled five-fold cross-validations.\n\n"
        f"{markdown(['table', *candidates], rows)}\n\n"
        "Made by `python benchmarks/numeric_regression.py`.\n"
    )
    write_result("numeric_regression", text)


def r2(model, X: np.ndarray, y: np.ndarray, seed: int) -> float:
    folds = KFold(5, shuffle=True, random_state=seed)
    return r2_score(y, cross_val_predict(model, X, y, cv=folds))


if __name__ == "__main__":
    main()
