"""Classifiers for columns of numbers and of categories: accuracy, log-loss, calibrated log-loss.

    python benchmarks/numeric_models.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Every figure is the
mean over three shuffled 5-fold cross-validations. Prints tables, and writes them to
benchmarks/results/numeric_models.md.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, QuantileTransformer, StandardScaler
from threadpoolctl import threadpool_limits

from mmclassic.fusion._scores import fit_temperature, log_scores, soften

ROOT = Path(__file__).resolve().parents[1]
SEEDS = (0, 1, 2)


def boosting(**options) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(random_state=0, **options)


def models_of_numbers() -> dict:
    """Name and unfitted model of each row of the table."""

    def linear(scaler, C):
        imputer = SimpleImputer(strategy="median", add_indicator=True)
        return make_pipeline(imputer, scaler, LogisticRegression(C=C, max_iter=2000))

    def both(**options):
        members = [
            ("boosting", boosting(learning_rate=0.05, max_leaf_nodes=8, **options)),
            ("linear", LogisticRegression(max_iter=1000)),
        ]
        imputer = SimpleImputer(strategy="median", add_indicator=True)
        return make_pipeline(imputer, StandardScaler(), VotingClassifier(members, voting="soft"))

    ranks = QuantileTransformer(n_quantiles=100, output_distribution="normal", subsample=None)
    return {
        "boosting, scikit-learn's defaults": boosting(),
        "boosting, 0.05 and 8 leaves": boosting(learning_rate=0.05, max_leaf_nodes=8),
        "boosting, 0.05, 8 leaves, 50 rounds": boosting(
            learning_rate=0.05, max_leaf_nodes=8, max_iter=50
        ),
        "boosting, l2=10, 60 rounds": boosting(l2_regularization=10.0, max_iter=60),
        "standardised, logistic": linear(StandardScaler(), 1.0),
        "ranks, logistic": linear(ranks, 1.0),
        "boosting and logistic (default)": both(),
        "boosting of 50 rounds and logistic": both(max_iter=50),
    }


def models_of_categories() -> dict:
    """Name and unfitted model of each row of the table."""

    def one_hot(C):
        encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2)
        return make_pipeline(encoder, LogisticRegression(C=C, max_iter=1000))

    ordinal = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        max_categories=250,
        min_frequency=2,
    )
    options = {"learning_rate": 0.05, "max_leaf_nodes": 8, "categorical_features": [0]}
    return {
        "one-hot, logistic C=1": one_hot(1),
        "one-hot, logistic C=3": one_hot(3),
        "one-hot, logistic C=10 (default)": one_hot(10),
        "boosting, 0.05 and 8 leaves": make_pipeline(ordinal, boosting(**options)),
    }


def score(model, X, y) -> dict:
    """Figures of one model, means over the shuffles."""
    rows = []
    for seed in SEEDS:
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        start = time.perf_counter()
        probabilities = cross_val_predict(model, X, y, cv=folds, method="predict_proba")
        seconds = (time.perf_counter() - start) / 5
        logs = log_scores(probabilities)
        calibrated = soften(logs, fit_temperature(logs, y))
        accuracy = np.mean(probabilities.argmax(axis=1) == y)
        rows.append([accuracy, log_loss(y, probabilities), log_loss(y, calibrated), seconds])
    names = ["accuracy", "log_loss", "log_loss at its best temperature", "seconds a fit"]
    return dict(zip(names, np.mean(rows, axis=0), strict=True))


def tables(data: Path) -> dict:
    """Title, models, features and labels of each table."""
    products = pd.read_csv(data / "products" / "products.csv")
    category = np.unique(products["category"], return_inverse=True)[1]
    brand = products[["brand"]].astype(object)
    views = {
        name: pd.read_csv(data / "mfeat" / f"mfeat-{name}.csv") for name in ("mor", "zer", "kar")
    }

    def view(name, step):
        values = views[name].to_numpy()[::step]
        return models_of_numbers(), values[:, :-1], values[:, -1].astype(int)

    def with_gaps(values):
        return np.where(np.random.default_rng(0).random(values.shape) < 0.2, np.nan, values)

    cells, kinds = load_breast_cancer(return_X_y=True)
    wines, cultivars = load_wine(return_X_y=True)
    prices = products[["retail_price", "discounted_price"]]
    return {
        "Two prices, 420 products, 7 classes": (models_of_numbers(), prices, category),
        "Six morphological features, 500 digits": view("mor", 4),
        "47 Zernike moments, 500 digits": view("zer", 4),
        "64 Karhunen-Loeve coefficients, 500 digits": view("kar", 4),
        "13 properties of 178 wines, gaps": (models_of_numbers(), with_gaps(wines), cultivars),
        "30 features of 569 tumours": (models_of_numbers(), cells, kinds),
        "30 features of 569 tumours, gaps": (models_of_numbers(), with_gaps(cells), kinds),
        "Brand, 420 products, 7 classes": (
            models_of_categories(),
            brand.where(brand.notna(), None),
            category,
        ),
    }


def to_markdown(rows: list[dict]) -> str:
    """A table in Markdown, without needing a package for it."""
    lines = ["| " + " | ".join(rows[0]) + " |", "| --- " + "| ---: " * (len(rows[0]) - 1) + "|"]
    for row in rows:
        cells = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    parts = ["# Models of numbers and categories"]
    with threadpool_limits(1):  # threads that wait for each other made boosting 15 times slower
        for title, (models, X, y) in tables(data).items():
            rows = [{"model": name, **score(model, X, y)} for name, model in models.items()]
            parts.append(f"## {title}\n\n{to_markdown(rows)}")
            print(parts[-1] + "\n", flush=True)
    parts.append(
        "Made by `python benchmarks/numeric_models.py`; means over three shuffled 5-fold "
        "cross-validations, one thread. The temperature is fitted on the same predictions: one "
        "number for hundreds of rows."
    )
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    (results / "numeric_models.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
