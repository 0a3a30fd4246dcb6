"""The defaults of regressions: the penalty of each medium, and the head.

    python benchmarks/regression_models.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Prices of products
(their logarithm), and spoken and handwritten digits as numbers. Writes R² by penalty and by head,
means over shuffled five-fold cross-validations, to benchmarks/results/regression_models.md.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _mfeat import data_folder, markdown, write_result
from real_tables import digits, products
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import RepeatedKFold
from sklearn.pipeline import make_pipeline

from mmclassic import DataQualityWarning, benchmark
from mmclassic._threads import one_thread
from mmclassic.recipes._parts import features as features_of
from mmclassic.recipes._parts import one_hot

ALPHAS = (0.1, 0.3, 1.0, 3.0, 10.0)
SEEDS = range(4)
OPTIONS = {"backbone": None, "cache": None, "n_jobs": None, "hashed": False, "redact": False}


def tables(data: Path) -> dict[str, tuple[pd.DataFrame, str, dict]]:
    """Table, target and columns, by name."""
    offers, speech = products(data)[0], digits(data)[0]
    offers["price"] = np.log10(offers["retail_price"].astype(float))
    speech["number"] = speech["label"].astype(float)
    shop = {"text": "name", "image": "image", "categorical": ["brand", "category"]}
    return {
        "products, name": (offers, "price", shop),
        "products, description": (offers, "price", {"text": "description", "image": "image"}),
        "digits": (speech, "number", {"image": "image", "audio": "audio"}),
    }


def penalty_row(name: str, medium: str, column, target: np.ndarray) -> list:
    """Mean R² of one medium alone for each penalty."""
    there = np.flatnonzero(pd.DataFrame(column).notna().any(axis=1))
    cells, y = column.iloc[there], target[there]
    steps = one_hot() if medium == "categorical" else features_of(medium, OPTIONS)
    if medium in ("image", "audio"):  # the first step learns nothing: once is enough
        cells, steps = pd.DataFrame(steps[0].fit_transform(cells)), steps[1:]
    found: dict[float, list[float]] = {alpha: [] for alpha in ALPHAS}
    for train, test in RepeatedKFold(n_splits=5, n_repeats=len(SEEDS), random_state=0).split(y):
        features = make_pipeline(*[clone(step) for step in steps])
        fitted = features.fit_transform(cells.iloc[train])
        new = features.transform(cells.iloc[test])
        for alpha in ALPHAS:
            model = Ridge(alpha=alpha).fit(fitted, y[train])
            found[alpha].append(r2_score(y[test], model.predict(new)))
    return [f"{name}: {medium}", *(f"{np.mean(found[alpha]):.3f}" for alpha in ALPHAS)]


def head_rows(everything: dict) -> tuple[list[str], list[list]]:
    """Mean R² of every model of a benchmark, over seeds."""
    names = ["weighted_sum", "stacking", "mean", "median", "early fusion", "best modality"]
    rows = []
    for name, (table, target, columns) in everything.items():
        found = []
        for seed in SEEDS:
            result = benchmark(table, target, **columns, task="regression", random_state=seed)
            found.append(result.frame.set_index("model")["r2_mean"][names])
        rows.append([name, *(f"{value:.3f}" for value in np.mean(found, axis=0))])
    return names, rows


def main() -> None:
    warnings.simplefilter("ignore", DataQualityWarning)
    everything = tables(data_folder(str(__doc__)))
    with one_thread():
        penalties = [
            penalty_row(name, medium, table[column], table[target].to_numpy())
            for name, (table, target, columns) in everything.items()
            for medium, column in columns.items()
            if (name, medium) != ("products, description", "image")
        ]
        names, heads = head_rows(everything)
    header = ["features", *(f"alpha {alpha:g}" for alpha in ALPHAS)]
    text = (
        "# Defaults of regressions\n\n"
        "R²: the logarithm of the price of 420 products, and 600 digits as numbers (speakers are "
        f"not kept apart). Means over {len(SEEDS)} shuffled five-fold cross-validations.\n\n"
        f"## Ridge regression of one medium, by penalty\n\n{markdown(header, penalties)}\n\n"
        f"## Heads and rivals\n\n{markdown(['table', *names], heads)}\n\n"
        "Made by `python benchmarks/regression_models.py`.\n"
    )
    write_result("regression_models", text)


if __name__ == "__main__":
    main()
