"""Every family of fusion beside the default late fusion, and absent views filled in.

    python benchmarks/joint.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Ten splits of each
table, the same for every model; features are extracted once. Prints accuracy and log-loss of
test rows, and writes them to benchmarks/results/joint.md. About seven minutes of one core.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _mfeat import VIEWS, data_folder, judge, load_views, markdown, paired, write_result
from real_tables import digits, short_names
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from mmclassic import (
    BlockScaler,
    DataQualityWarning,
    EarlyFusionClassifier,
    FeaturePooling,
    JointClassifier,
    LateFusionClassifier,
    MultimodalAutoencoder,
    make_early_fusion,
    make_late_fusion,
)
from mmclassic.modalities import read_modalities
from mmclassic.modalities._read_blocks import ReadBlocks

SPLITS = 10
DEFAULT = "late fusion (default)"
FILLS = {
    "mean": None,
    "autoencoder, pca": {"method": "pca"},
    "autoencoder, factor analysis": {"method": "factor_analysis"},
    "autoencoder, network": {"method": "mlp"},
}


class Task:
    """A table whose cells were read once.

    Parameters
    ----------
    late, late_with_early : LateFusionClassifier
        Not fitted.
    blocks : list of (name, transformer, columns)
        The same modalities without their classifiers.
    table : frame
    y : ndarray of shape (n_rows,), int
    groups : ndarray of shape (n_rows,), optional
    splits : list of (ndarray, ndarray)
    """

    def __init__(self, late, late_with_early, blocks, table, y, groups, splits):
        self.late, self.late_with_early, self.blocks = late, late_with_early, blocks
        self.table, self.y, self.groups, self.splits = table, y, groups, splits
        self.joined = ReadBlocks(read_modalities(blocks, table), table)

    def models(self) -> dict:
        """What is compared, on blocks; the late fusion is fitted apart."""
        blocks = self.blocks

        def logistic(inverse_penalty):
            return LogisticRegression(C=inverse_penalty, max_iter=2000)

        return {
            "early fusion": EarlyFusionClassifier(blocks),
            "joint network": JointClassifier(blocks, random_state=0),
            "joint code, pca": make_pipeline(
                MultimodalAutoencoder(blocks, n_components=128, random_state=0), logistic(30)
            ),
            "joint code, network": make_pipeline(
                MultimodalAutoencoder(blocks, method="mlp", random_state=0), logistic(30)
            ),
            "feature pooling, pca": make_pipeline(
                FeaturePooling(blocks, projection="pca"), logistic(3)
            ),
            "feature pooling, cca": make_pipeline(FeaturePooling(blocks), logistic(3)),
            "feature pooling, cca, learned": make_pipeline(
                FeaturePooling(blocks, weights="learned"), logistic(3)
            ),
        }


def judge_late(task: Task, early: bool, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Probabilities of test rows by the late fusion; with early fusion as one more member."""
    model = task.late_with_early if early else task.late
    groups = None if task.groups is None else task.groups[train]
    fitted = clone(model).fit(task.table.iloc[train], task.y[train], groups=groups)
    return fitted.predict_proba(task.table.iloc[test])


def judge_joined(task: Task, model, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Probabilities of test rows by a model of joined blocks."""
    given = {}
    if task.groups is not None and not hasattr(model, "steps"):
        given["groups"] = task.groups[train]
    model.fit(task.joined.take_rows(train), task.y[train], **given)
    return model.predict_proba(task.joined.take_rows(test))


def compare(task: Task) -> str:
    """One table of a task: a row for each model."""
    found: dict[str, list] = {}
    seconds: dict[str, float] = {}
    for train, test in task.splits:
        jobs = {
            DEFAULT: lambda a, b: judge_late(task, False, a, b),
            "late fusion with early=True": lambda a, b: judge_late(task, True, a, b),
        }
        for name, model in task.models().items():
            jobs[name] = lambda a, b, model=model: judge_joined(task, model, a, b)
        for name, job in jobs.items():
            start = time.perf_counter()
            scores = judge(task.y[test], job(train, test))
            found.setdefault(name, []).append(scores)
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start
    losses = {name: np.array(scores)[:, 1] for name, scores in found.items()}
    rows = []
    for name, scores in found.items():
        accuracy, loss, error = np.mean(scores, axis=0)
        difference, spread = paired(losses[name], losses[DEFAULT])
        beside = "" if name == DEFAULT else f"{difference:+.4f} ± {spread:.4f}"
        cost = seconds[name] / len(task.splits)
        rows.append([name, f"{accuracy:.3f}", f"{loss:.4f}", beside, f"{error:.3f}", f"{cost:.1f}"])
    header = ["model", "accuracy", "log-loss", "log-loss - default", "ece", "seconds"]
    return markdown(header, rows)


def media_task(table: pd.DataFrame, options: dict, store: Path) -> Task:
    """Cells of media; their features are kept in a store."""
    target, groups = options.pop("target"), options.pop("groups", None)
    options = {**options, "backbone": None, "cache": store}
    y = np.unique(table[target], return_inverse=True)[1]
    group = None if groups is None else np.unique(table[groups], return_inverse=True)[1]
    if group is None:
        splitter = StratifiedShuffleSplit(SPLITS, test_size=0.25, random_state=0)
        splits = list(splitter.split(table, y))
    else:
        splitter = GroupShuffleSplit(SPLITS, test_size=2, random_state=0)
        splits = list(splitter.split(table, y, group))
    fusions = [make_late_fusion(**options, early=early) for early in (False, True)]
    return Task(*fusions, make_early_fusion(**options).modalities, table, y, group, splits)


def views_task(data: Path, n_rows: int) -> Task:
    """Six views of digits, few rows to learn from."""
    X, parts, y = load_views(data)
    table = pd.DataFrame(X, columns=[f"f{number}" for number in range(X.shape[1])])
    columns = [list(table.columns[part]) for part in parts]
    blocks = [(name, BlockScaler(), own) for name, own in zip(VIEWS, columns, strict=True)]
    members = [
        (name, make_pipeline(BlockScaler(), LogisticRegression(C=3, max_iter=2000)), own)
        for name, own in zip(VIEWS, columns, strict=True)
    ]
    early = ("early", EarlyFusionClassifier(blocks), list(table.columns))
    fusions = [LateFusionClassifier(members), LateFusionClassifier([*members, early])]
    splitter = StratifiedShuffleSplit(SPLITS, train_size=n_rows, random_state=0)
    return Task(*fusions, blocks, table, y, None, list(splitter.split(table, y)))


def fill(task: Task) -> str:
    """Log-loss of a classifier of complete rows where one view of the test rows is filled in."""
    losses: dict[str, list] = {name: [] for name in ["nothing absent", *FILLS]}
    for train, test in task.splits:
        before, after = task.joined.take_rows(train), task.joined.take_rows(test)
        coders = {
            name: MultimodalAutoencoder(task.blocks, random_state=0, **options).fit(before)
            for name, options in FILLS.items()
            if options is not None
        }
        plain = coders["autoencoder, pca"]
        classifier = LogisticRegression(C=10.0, max_iter=2000)
        classifier.fit(plain.reconstruct(before), task.y[train])
        whole = plain.reconstruct(after)
        mean = plain.reconstruct(before).mean(axis=0)
        losses["nothing absent"].append(log_loss(task.y[test], classifier.predict_proba(whole)))
        for name in FILLS:
            own = []
            for view, part in plain.block_slices_.items():
                filled = whole.copy()
                if name == "mean":
                    filled[:, part] = mean[part]
                else:
                    filled = coders[name].reconstruct(after, missing=view)
                own.append(log_loss(task.y[test], classifier.predict_proba(filled)))
            losses[name].append(np.mean(own))
    rows = []
    for name, found in losses.items():
        difference, spread = paired(np.array(found), np.array(losses["mean"]))
        beside = "" if name == "mean" else f"{difference:+.4f} ± {spread:.4f}"
        wins = sum(a < b for a, b in zip(found, losses["mean"], strict=True))
        count = "" if name == "mean" else f"{wins} of {len(found)}"
        rows.append([name, f"{np.mean(found):.4f}", beside, count])
    return markdown(["absent view filled by", "log-loss", "log-loss - mean", "better on"], rows)


def main() -> None:
    data = data_folder(__doc__.splitlines()[0])
    start = time.perf_counter()
    sections = []
    with (
        warnings.catch_warnings(),
        threadpool_limits(1),
        tempfile.TemporaryDirectory() as folder,
    ):
        store = Path(folder) / "features.sqlite"
        for kind in (ConvergenceWarning, DataQualityWarning):
            warnings.simplefilter("ignore", kind)
        tasks = {
            "Digits: picture and sound, two of six speakers left out": media_task(
                *digits(data), store
            ),
            "Products: three words of the name, picture, prices": media_task(
                *short_names(data), store
            ),
            "UCI multiple features, 200 training rows": views_task(data, 200),
        }
        for title, task in tasks.items():
            sections.append(f"## {title}\n\n{compare(task)}")
            print(sections[-1], f"({time.perf_counter() - start:.0f} s)", flush=True)
        fills = [f"{size} training rows\n\n{fill(views_task(data, size))}" for size in (200, 500)]
    text = "\n\n".join(
        [
            "# Joint models, feature pooling and early fusion beside late fusion",
            f"{SPLITS} random splits of each table, the same for every model: a quarter of the "
            "rows is tested (of UCI multiple features all others). Features of cells are kept in "
            "a store; everything that learns is fitted on training rows. Differences are paired by "
            "split, ± one standard error (splits share rows: it is rather too small); a negative "
            "one says that the model is better than the default late fusion. Seconds: fit and "
            "prediction of one split, on one core; late fusions also read the store. Every model "
            "has its default settings, but the joint principal components, which are 128; codes go "
            "into a logistic regression with C=30, pooled features into one with C=3, as in "
            "`benchmark`.",
            *sections,
            "## An absent view filled in",
            "UCI multiple features: a logistic regression of all six views, fitted on complete "
            "rows; then each view in turn is absent in all test rows. Means over the views; "
            "differences from filling in the mean, paired by split.",
            *fills,
            "Made by `python benchmarks/joint.py`.\n",
        ]
    )
    write_result("joint", text)


if __name__ == "__main__":
    main()
