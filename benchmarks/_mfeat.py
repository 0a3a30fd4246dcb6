"""What the scripts on UCI multiple features share: the views, the members, the scores of a row."""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic.evaluation._metrics import calibration_error

ROOT = Path(__file__).resolve().parents[1]
VIEWS = ("fou", "fac", "kar", "pix", "zer", "mor")


def data_folder(description: str) -> Path:
    """The folder of real data, from the command line or beside the checkout."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    return parser.parse_args().data


def load_views(data: Path, names: tuple[str, ...] = VIEWS) -> tuple[np.ndarray, list, np.ndarray]:
    """All views side by side, the columns of each, and the ten digits."""
    views = [pd.read_csv(data / "mfeat" / f"mfeat-{name}.csv").to_numpy() for name in names]
    y = views[0][:, -1].astype(int)
    ends = np.cumsum([0] + [view.shape[1] - 1 for view in views])
    columns = [slice(int(a), int(b)) for a, b in pairwise(ends)]
    return np.hstack([view[:, :-1] for view in views]), columns, y


def logistic():
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))


def members(kind: str) -> list:
    """One classifier per view. The mixed ones are overconfident, coarse, give zeros, or neither."""
    if kind == "logistic":
        return [logistic() for _ in VIEWS]
    if kind == "naive Bayes":
        return [GaussianNB() for _ in VIEWS]
    forest = RandomForestClassifier(100, random_state=0)
    return [logistic(), GaussianNB(), KNeighborsClassifier(5), forest, logistic(), GaussianNB()]


def judge(y: np.ndarray, probabilities: np.ndarray) -> tuple[float, float, float]:
    """Accuracy, log-loss and calibration error."""
    # Naive Bayes, or a mean of ones, misses the sum of one by some last bits; log_loss is strict.
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    return (
        float(np.mean(probabilities.argmax(axis=1) == y)),
        float(log_loss(y, probabilities, labels=np.arange(probabilities.shape[1]))),
        calibration_error(y, probabilities),
    )


def paired(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Mean of the differences over splits, and its standard error."""
    difference = np.asarray(first) - np.asarray(second)
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def markdown(header: list[str], rows: list[list]) -> str:
    """A table in Markdown; the first column is text, the others are figures."""
    lines = ["| " + " | ".join(header) + " |"]
    lines.append("| --- " + "| ---: " * (len(header) - 1) + "|")
    lines += ["| " + " | ".join(str(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def write_result(name: str, text: str) -> None:
    """Print a result, and keep it in benchmarks/results."""
    print(text)
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(text, encoding="utf-8")
