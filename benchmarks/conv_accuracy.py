"""Learned convolutional features against HOG, each before a linear classifier.

    python benchmarks/conv_accuracy.py [DATA]

Handwritten digits: scikit-learn's (1797 of 8×8 pixels) and the pictures of DATA/digits (600); and
the photographs of DATA/products (418 in seven classes). Five folds, fitted inside them, on several
seeds; HOG in several settings, of which the best counts.
Writes benchmarks/results/conv_accuracy.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from _mfeat import data_folder, markdown, paired, write_result
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from mmclassic import BlockScaler, ConvVectorizer, HOGVectorizer

# Not the seeds on which the settings below were looked for.
SEEDS = range(100, 105)
HOGS = {
    "HOG 64, cells of 8": HOGVectorizer(size=(64, 64)),
    "HOG 64, cells of 16": HOGVectorizer(size=(64, 64), pixels_per_cell=16),
    "HOG 32, cells of 8": HOGVectorizer(size=(32, 32)),
    "HOG 32, cells of 4": HOGVectorizer(size=(32, 32), pixels_per_cell=4),
    "HOG 16, cells of 4": HOGVectorizer(size=(16, 16), pixels_per_cell=4),
}
CONVS = {
    "Conv, defaults, grey": ConvVectorizer(color=False),
    "Conv, defaults": ConvVectorizer(),
    "Conv, patches of 6, pool 2": ConvVectorizer(color=False, patch_size=6, pool=2),
    "Conv 16, patches of 5": ConvVectorizer(color=False, size=16, patch_size=5),
    "Conv, patches of 8, pool 3": ConvVectorizer(color=False, patch_size=8, pool=3),
    "Conv, patches of 8, pool 3, random": ConvVectorizer(
        color=False, patch_size=8, pool=3, filters="random"
    ),
}


def accuracy(vectorizer, pictures: list, y: np.ndarray, seed: int) -> float:
    """Mean over five folds; everything is fitted on the training rows."""
    found = []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(y, y):
        own = clone(vectorizer)
        learned = own.fit_transform([pictures[row] for row in train])
        scaler = BlockScaler().fit(learned)
        classifier = LinearSVC().fit(scaler.transform(learned), y[train])
        features = scaler.transform(own.transform([pictures[row] for row in test]))
        found.append(classifier.score(features, y[test]))
    return float(np.mean(found))


def tables(data: Path) -> dict[str, tuple[list, np.ndarray]]:
    digits = load_digits()
    small = [np.uint8(np.round(picture * (255 / 16))) for picture in digits.images]
    table = pd.read_csv(data / "digits" / "digits.csv")
    files = [str(data / "digits" / name) for name in table["image"]]
    shop = pd.read_csv(data / "products" / "products.csv").dropna(subset=["image"])
    photographs = [str(data / "products" / name) for name in shop["image"]]
    return {
        "scikit-learn's digits": (small, digits.target),
        "the pictures of digits": (files, table["label"].to_numpy()),
        "the photographs of products": (photographs, shop["category"].to_numpy()),
    }


def main() -> None:
    sections = []
    for title, (pictures, y) in tables(data_folder(__doc__.splitlines()[0])).items():
        models = {**HOGS, **CONVS}
        jobs = [(name, seed) for name in models for seed in SEEDS]
        done = Parallel(n_jobs=2)(
            delayed(accuracy)(models[name], pictures, y, seed) for name, seed in jobs
        )
        found = {n: np.array([a for a, (m, _) in zip(done, jobs, strict=True) if m == n])
                 for n in models}  # fmt: skip
        best = max(HOGS, key=lambda name: found[name].mean())
        rows = []
        for name, values in found.items():
            mean, error = paired(values, found[best])
            against = "" if name in HOGS else f"{mean:+.4f} ± {error:.4f}"
            rows.append([name, f"{values.mean():.4f}", f"{values.min():.4f}", against])
        header = ["features", "accuracy", "worst seed", f"against {best}"]
        sections.append(f"## {title.capitalize()}\n\n{markdown(header, rows)}")
    text = "\n\n".join(
        [
            "# Learned convolutional features and HOG",
            f"Accuracy of a linear support vector machine, five folds, {len(SEEDS)} seeds; ± one "
            "standard error of the paired difference.",
            *sections,
            "Made by `python benchmarks/conv_accuracy.py`.\n",
        ]
    )
    write_result("conv_accuracy", text)


if __name__ == "__main__":
    main()
