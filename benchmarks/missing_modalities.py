"""Modalities missing at random, in training and test, on six views of handwritten digits.

    python benchmarks/missing_modalities.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Prints accuracy and
log-loss on test rows of late fusion by several heads and of rivals that fill in features, and
writes them to benchmarks/results/missing_modalities.md.
"""

from __future__ import annotations

import warnings

import numpy as np
from _mfeat import VIEWS, data_folder, judge, load_views, markdown, members, paired, write_result
from joblib import Parallel, delayed
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from mmclassic import (
    BlockScaler,
    EarlyFusionClassifier,
    LateFusionClassifier,
    LogPool,
    Stacking,
    WeightedSum,
)
from mmclassic.fusion._missing import apply_missing_policy

N_TRAIN = 300
RATES = (0.0, 0.1, 0.3, 0.5)
SEEDS = range(10)

DEFAULT = "LogPool, a rule per pattern (default)"
HEADS = {
    "WeightedSum, learned, per pattern": WeightedSum("learned"),
    "Stacking, per pattern": Stacking(),
    "WeightedSum, mean": WeightedSum(),
}
FILL = 'LogPool, missing="fill"'
EARLY = "EarlyFusionClassifier (mean, tuned C)"


def rivals() -> dict:
    """Logistic regression on joined features, the absent ones filled in."""

    def filled(imputer):
        return make_pipeline(imputer, StandardScaler(), LogisticRegression(max_iter=2000))

    return {
        "joined features, mean-imputed, logistic": filled(SimpleImputer()),
        "joined features, zero-filled, logistic": filled(
            SimpleImputer(strategy="constant", fill_value=0.0)
        ),
    }


def remove(X: np.ndarray, columns: list, rate: float, seed: int) -> np.ndarray:
    """NaN across each view of each row with a probability."""
    absent = np.random.default_rng(seed).random((len(X), len(columns))) < rate
    X = X.copy()
    for view, part in enumerate(columns):
        X[absent[:, view], part] = np.nan
    return X


def one_split(X, columns, y, rate: float, seed: int) -> dict:
    """Scores of every model on one split at one rate."""
    X = remove(X, columns, rate, seed)
    rows = np.arange(len(y))
    train, test = train_test_split(rows, train_size=N_TRAIN, stratify=y, random_state=seed)
    triples = list(zip(VIEWS, members("mixed"), columns, strict=True))
    blocks = [(name, BlockScaler(), part) for name, part in zip(VIEWS, columns, strict=True)]
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LateFusionClassifier(triples).fit(X[train], y[train])
        scores, test_scores = model.cross_fit_scores_, model.score_table(X[test])
        found = {DEFAULT: model.fuse(test_scores)}
        for name, head in HEADS.items():
            found[name] = head.fit(scores, y[train]).predict_proba(test_scores)
        fill = [apply_missing_policy(s, "fill", model.class_prior_) for s in (scores, test_scores)]
        found[FILL] = LogPool().fit(fill[0], y[train]).predict_proba(fill[1])
        for name, rival in {EARLY: EarlyFusionClassifier(blocks), **rivals()}.items():
            found[name] = rival.fit(X[train], y[train]).predict_proba(X[test])
    return {name: judge(y[test], probabilities) for name, probabilities in found.items()}


def table_of(done: dict[float, list[dict]], what: int) -> str:
    """One score of every model at every rate."""
    header = ["model"] + [f"{rate:.0%} missing" for rate in RATES]
    rows = []
    for name in done[RATES[0]][0]:
        means = [np.mean([result[name][what] for result in done[rate]]) for rate in RATES]
        rows.append([name] + [f"{mean:.{3 + (what == 1)}f}" for mean in means])
    return markdown(header, rows)


def differences(done: dict[float, list[dict]]) -> str:
    """Log-loss of the default less that of each other model, paired by split."""
    header = ["default less …"] + [f"{rate:.0%} missing" for rate in RATES]
    rows = []
    for name in [name for name in done[RATES[0]][0] if name != DEFAULT]:
        row = [name]
        for rate in RATES:
            losses = np.array([(r[DEFAULT][1], r[name][1]) for r in done[rate]])
            mean, error = paired(losses[:, 0], losses[:, 1])
            row.append(f"{mean:+.4f} ± {error:.4f}" + (" (worse)" if mean > error else ""))
        rows.append(row)
    return markdown(header, rows)


def main() -> None:
    X, columns, y = load_views(data_folder(__doc__.splitlines()[0]))
    jobs = [(rate, seed) for rate in RATES for seed in SEEDS]
    results = Parallel(n_jobs=2)(delayed(one_split)(X, columns, y, *job) for job in jobs)
    done: dict[float, list[dict]] = {rate: [] for rate in RATES}
    for (rate, _), result in zip(jobs, results, strict=True):
        done[rate].append(result)
    text = "\n\n".join(
        [
            "# Missing modalities",
            f"UCI multiple features, six views, ten classes; {N_TRAIN} training rows, "
            f"{len(SEEDS)} random splits, tested on the other rows. Each view of each row is "
            "missing with the probability shown, in training and test. Late fusion of mixed "
            "members (two logistic, two naive Bayes, nearest neighbours, a forest), one five-fold "
            "cross-fit for all heads. The rivals see the features of all views side by side.",
            "## Accuracy",
            table_of(done, 0),
            "## Log-loss",
            table_of(done, 1),
            "## Difference in log-loss",
            "Paired by split, ± one standard error. A negative one says that the default is "
            "better; (worse) marks where it loses by more than one standard error.",
            differences(done),
            "Made by `python benchmarks/missing_modalities.py`.\n",
        ]
    )
    write_result("missing_modalities", text)


if __name__ == "__main__":
    main()
