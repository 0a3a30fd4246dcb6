"""Floor, strength and centre of the penalty of LogPool, on six views of handwritten digits.

    python benchmarks/log_pool_settings.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. The base models are
mixed on purpose: naive Bayes is overconfident, forests and neighbours give zeros. Prints tables of
test log-losses, and writes them to benchmarks/results/log_pool_settings.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import log_softmax
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from mmclassic.fusion._log_rule import fit_log_pool
from mmclassic.fusion._scores import FLOOR

ROOT = Path(__file__).resolve().parents[1]
VIEWS = ("fou", "fac", "kar", "pix", "zer", "mor")
SIZES = (100, 300, 1000)
SEEDS = range(3)
FLOORS = (1e-1, 1e-2, FLOOR, 1e-4, 1e-5)
STRENGTHS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)
CENTRES = {"1 / n_modalities": 1 / len(VIEWS), "1": 1.0, "0": 0.0}


def base_models() -> list:
    """One classifier per view."""

    def logistic():
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))

    forest = RandomForestClassifier(100, random_state=0)
    return [logistic(), GaussianNB(), KNeighborsClassifier(5), forest, logistic(), GaussianNB()]


def score_tables(data: Path) -> list[tuple]:
    """Size, cross-fitted scores and labels of training rows, scores and labels of test rows."""
    views = [pd.read_csv(data / "mfeat" / f"mfeat-{name}.csv").to_numpy() for name in VIEWS]
    y = views[0][:, -1].astype(int)
    views = [view[:, :-1] for view in views]
    found = []
    for size in SIZES:
        for seed in SEEDS:
            train, test = train_test_split(
                np.arange(len(y)), train_size=size, stratify=y, random_state=seed
            )
            folds = StratifiedKFold(5)
            pairs = list(zip(base_models(), views, strict=True))
            crossed = [
                cross_val_predict(model, X[train], y[train], cv=folds, method="predict_proba")
                for model, X in pairs
            ]
            tested = [model.fit(X[train], y[train]).predict_proba(X[test]) for model, X in pairs]
            scores = np.stack(crossed, axis=1), np.stack(tested, axis=1)
            found.append((size, scores[0], y[train], scores[1], y[test]))
    return found


def test_losses(tables: list[tuple], floor: float, l2: float, centre: float) -> list[float]:
    """Mean test log-loss for each number of training rows."""
    losses: dict[int, list[float]] = {size: [] for size in SIZES}
    for size, scores, y, test_scores, y_test in tables:
        n_classes = scores.shape[2]
        logs, test_logs = (np.log(np.maximum(s, floor / n_classes)) for s in (scores, test_scores))
        start = np.full(scores.shape[1], centre), np.zeros(n_classes)
        weights, intercepts = fit_log_pool(logs, y, np.ones(len(y)), start, l2)
        logits = np.einsum("nmk,m->nk", test_logs, weights) + intercepts
        own = log_softmax(logits, axis=1)[np.arange(len(y_test)), y_test]
        losses[size].append(-own.mean())
    return [float(np.mean(losses[size])) for size in SIZES]


def section(title: str, name: str, rows: dict) -> str:
    header = f"| {name} | " + " | ".join(f"{size} rows" for size in SIZES) + " |"
    lines = [header, "| --- " + "| ---: " * len(SIZES) + "|"]
    for label, losses in rows.items():
        lines.append(f"| {label} | " + " | ".join(f"{loss:.4f}" for loss in losses) + " |")
    return f"## {title}\n\n" + "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    share = CENTRES["1 / n_modalities"]
    with threadpool_limits(1):
        tables = score_tables(data)
        floors = {f"{f:g}": test_losses(tables, f, 0.01, share) for f in FLOORS}
        strengths = {f"{s:g}": test_losses(tables, FLOOR, s, share) for s in STRENGTHS}
        centres = {n: test_losses(tables, FLOOR, 0.01, c) for n, c in CENTRES.items()}
    text = "\n\n".join(
        [
            "# Settings of LogPool",
            f"Test log-loss on UCI multiple features, six views, ten classes, {len(SEEDS)} splits "
            f"each. The library has floor {FLOOR:g} (divided by the number of classes), l2 0.01 "
            "and the centre 1 / n_modalities; each table changes one of them.",
            section("Floor", "floor", floors),
            section("Strength of the penalty", "l2", strengths),
            section("Centre of the weights", "centre", centres),
            "Made by `python benchmarks/log_pool_settings.py`.\n",
        ]
    )
    print(text)
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    (results / "log_pool_settings.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
