"""Weights by grid search: on the score table, and by refitting everything for each weight.

    python benchmarks/weight_tuning.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Counts base fits and
files decoded, takes the time of both ways in turn, compares the scores of each weight, and writes
the table to benchmarks/results/weight_tuning.md.
"""

from __future__ import annotations

import functools
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
from _mfeat import data_folder, load_views, logistic, markdown, write_result
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from threadpoolctl import threadpool_limits

from mmclassic import (
    BlockScaler,
    ColorHistogramVectorizer,
    HOGVectorizer,
    LateFusionClassifier,
    MFCCVectorizer,
    WeightedSum,
    negative_log_loss,
    read_table,
    simplex_grid,
)
from mmclassic.image._reading import ImageReader

GRID = simplex_grid(3, step=0.1)
N_FOLDS = 5
ROUNDS = 3
VIEWS = ("fou", "kar", "zer")
N_ROWS = 500
# On files the naive search takes this many weights in each round, others each time.
NAIVE_WEIGHTS = 3


@contextmanager
def counting():
    """Count the fits of logistic regressions, and the cells that are opened."""
    counts: Counter = Counter()

    def counted(method, kind):
        @functools.wraps(method)
        def call(*args, **options):
            counts[kind] += 1
            return method(*args, **options)

        return call

    with ExitStack() as stack:
        for owner, name, kind in (
            (LogisticRegression, "fit", "fits"),
            (ImageReader, "_decode", "files"),
            (MFCCVectorizer, "_decode", "files"),
        ):
            stack.enter_context(patch.object(owner, name, counted(getattr(owner, name), kind)))
        yield counts


def digits(data: Path) -> tuple:
    """600 pairs of a recording and a picture; two modalities read the picture."""
    folder = data / "digits"
    table = read_table(folder / "digits.csv", literal=["label", "image", "audio"])

    def member(vectorizer):
        return make_pipeline(vectorizer, BlockScaler(), LogisticRegression(C=3, max_iter=1000))

    modalities = [
        ("sound", member(MFCCVectorizer(root=folder)), "audio"),
        ("shape", member(HOGVectorizer(root=folder)), "image"),
        ("shade", member(ColorHistogramVectorizer(root=folder)), "image"),
    ]
    return table, table["label"].to_numpy(), modalities


def mfeat(data: Path) -> tuple:
    """500 rows of three views: ready features."""
    X, columns, y = load_views(data, VIEWS)
    rows, _ = train_test_split(np.arange(len(y)), train_size=N_ROWS, stratify=y, random_state=0)
    modalities = [(name, logistic(), part) for name, part in zip(VIEWS, columns, strict=True)]
    return X[rows], y[rows], modalities


def take(X, columns):
    return X[:, columns] if isinstance(X, np.ndarray) else X[columns]


def search_on_table(modalities, X, y, splits, grid):
    """The search is the head: one cross-fit, then the final members."""
    head = GridSearchCV(WeightedSum(), {"weights": grid}, scoring=negative_log_loss, cv=splits)
    model = LateFusionClassifier(modalities, head, cv=splits).fit(X, y)
    return model.fusion_.cv_results_["mean_test_score"]


def search_with_memory(modalities, X, y, splits, grid):
    """A plain search over the whole model, whose base fits are cached on disk."""
    with tempfile.TemporaryDirectory() as folder:
        model = LateFusionClassifier(modalities, WeightedSum(), memory=folder)
        search = GridSearchCV(
            model, {"fusion__weights": grid}, scoring=negative_log_loss, cv=splits, refit=False
        )
        return search.fit(X, y).cv_results_["mean_test_score"]


def search_naively(modalities, X, y, splits, grid):
    """scikit-learn alone: every weight fits every member again."""
    members = [
        (name, make_pipeline(FunctionTransformer(take, kw_args={"columns": columns}), estimator))
        for name, estimator, columns in modalities
    ]
    search = GridSearchCV(
        VotingClassifier(members, voting="soft"),
        {"weights": grid},
        scoring=negative_log_loss,
        cv=splits,
        refit=False,
    )
    return search.fit(X, y).cv_results_["mean_test_score"]


def measure(ways: dict, X, y, modalities) -> dict[str, list]:
    """Seconds, fits, files and scores by weight of every way, in turn, in each round."""
    splits = list(StratifiedKFold(N_FOLDS, shuffle=True, random_state=0).split(np.zeros(len(y)), y))
    runs: dict[str, list] = {name: [] for name in ways}
    for turn in range(ROUNDS):
        for name, (search, n_weights) in ways.items():
            grid = GRID[turn * 7 :: len(GRID) // n_weights][:n_weights] if n_weights else GRID
            with counting() as counts, threadpool_limits(1):
                start = time.perf_counter()
                scores = search(modalities, X, y, splits, grid)
                seconds = time.perf_counter() - start
            by_weight = dict(zip(grid, scores, strict=True))
            runs[name].append((seconds, counts["fits"], counts["files"], by_weight))
            print(name, turn, f"{seconds:.1f} s", dict(counts), flush=True)
    return runs


def difference(run: list, reference: list) -> float:
    """Greatest difference of the score of a weight that both ways searched."""
    known = reference[0][3]
    return max(abs(score - known[w]) for turn in run for w, score in turn[3].items())


def rows_of(title: str, runs: dict[str, list]) -> list[list]:
    """Rows of the table; a naive search of few weights is also scaled to all of them."""
    reference = next(iter(runs.values()))
    base = float(np.median([run[0] for run in reference]))
    rows = []
    for name, run in runs.items():
        seconds = float(np.median([turn[0] for turn in run]))
        _, fits, files, by_weight = run[0]
        n_weights, gap = len(by_weight), difference(run, reference)
        kinds = [(name, n_weights, 1.0)]
        if n_weights < len(GRID):
            kinds.append((f"{name}, scaled from {n_weights}", len(GRID), len(GRID) / n_weights))
        for label, count, scale in kinds:
            figures = [count, round(fits * scale), round(files * scale), f"{seconds * scale:.1f}"]
            ratio = f"{seconds * scale / base:.1f}" if count == len(GRID) else ""
            rows.append([title, label, *figures, ratio, f"{gap:.0e}"])
    return rows


def main() -> None:
    data = data_folder(__doc__.splitlines()[0])
    on_table, naive = "search as the head", "VotingClassifier, refitting"
    ready = {
        on_table: (search_on_table, None),
        "plain search with memory=": (search_with_memory, None),
        naive: (search_naively, None),
    }
    files = {on_table: (search_on_table, None), naive: (search_naively, NAIVE_WEIGHTS)}
    X, y, modalities = mfeat(data)
    rows = rows_of(f"mfeat, {len(y)} rows", measure(ready, X, y, modalities))
    X, y, modalities = digits(data)
    rows += rows_of(f"digits, {len(y)} rows", measure(files, X, y, modalities))
    header = [
        "data", "way", "weights", "base fits", "files decoded", "seconds", "ratio",
        "greatest difference of a score",
    ]  # fmt: skip
    text = "\n\n".join(
        [
            "# Weight tuning",
            f"Three modalities, {N_FOLDS} folds, {len(GRID)} weights on a grid of step 0.1, chosen "
            f"by log-loss; the same folds for all ways. Seconds are medians of {ROUNDS} rounds in "
            "which the ways take turns, one process, one thread of BLAS. The search as the head "
            "also fits the final members, which the others are spared. The ratio is to its "
            "seconds; the last column compares the mean test score of each weight with its.",
            "mfeat has ready features (three views, standardised, logistic regression). Digits are "
            "read from files: MFCC of the recording; HOG and a histogram of the picture, which is "
            f"opened once for each. There the naive search tries {NAIVE_WEIGHTS} weights in each "
            "round, others each time; its cost is the same for every weight, and the line under "
            f"it is scaled to {len(GRID)}, not measured. The members give float32 probabilities "
            "there, whose sums miss one by up to 2e-7: the head brings them to one, "
            "VotingClassifier does not, which is the difference of the scores.",
            markdown(header, rows),
            "Made by `python benchmarks/weight_tuning.py`.\n",
        ]
    )
    write_result("weight_tuning", text)


if __name__ == "__main__":
    main()
