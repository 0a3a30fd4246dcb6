"""Coverage of conformal sets, overall and by pattern of missing views, on handwritten digits.

    python benchmarks/conformal.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Prints coverage and
size of the sets on test rows, and writes them to benchmarks/results/conformal.md.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from _mfeat import VIEWS, data_folder, load_views, markdown, members, write_result
from joblib import Parallel, delayed
from missing_modalities import remove
from scipy.stats import binom
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from mmclassic import ConformalClassifier, LateFusionClassifier
from mmclassic.inspection._conformity import conformal_quantile, lac_scores

COVERAGE = 0.9
N_TEST, N_CALIBRATION = 500, 500
RATES = (0.0, 0.3)
SEEDS = range(20)
LAC = "LAC, cross-fitted"
SETS: dict[str, dict] = {
    LAC: {},
    "APS, cross-fitted": {"method": "aps"},
    "APS, never empty, cross-fitted": {"method": "aps", "randomize": False},
    "LAC, held-out rows": {},
    "APS, held-out rows": {"method": "aps"},
}
MARGINAL = "LAC, one threshold for all patterns"
NAIVE = "LAC, one threshold, head judged on its own rows"


@dataclass
class Outcome:
    """Test rows of one split: sets, classes, and which views each row has."""

    sets: dict[str, np.ndarray]
    y: np.ndarray
    available: np.ndarray

    def hits(self, name: str) -> np.ndarray:
        return self.sets[name][np.arange(len(self.y)), self.y]


def fit(X, columns, y, rows) -> LateFusionClassifier:
    triples = list(zip(VIEWS, members("mixed"), columns, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LateFusionClassifier(triples).fit(X[rows], y[rows])


def one_split(X, columns, y, rate: float, seed: int) -> Outcome:
    """Sets of the same test rows, by two models that spend the other rows in different ways."""
    X = remove(X, columns, rate, 1000 + seed)
    train, test = train_test_split(
        np.arange(len(y)), test_size=N_TEST, stratify=y, random_state=seed
    )
    held_out, fewer = train[:N_CALIBRATION], train[N_CALIBRATION:]
    sets = {}
    with threadpool_limits(1):
        model, smaller = fit(X, columns, y, train), fit(X, columns, y, fewer)
        scores = model.score_table(X[test])
        for name, options in SETS.items():
            if name.endswith("cross-fitted"):
                conformal = ConformalClassifier(model, coverage=COVERAGE, **options)
                sets[name] = conformal.fit_cross_fitted(y[train]).set_of_scores(scores)
            else:
                conformal = ConformalClassifier(smaller, coverage=COVERAGE, **options)
                sets[name] = conformal.fit(X[held_out], y[held_out]).predict_set(X[test])
            if name == LAC:
                marginal = conformal.marginal_threshold_
        found = lac_scores(model.fuse(scores))
        own = lac_scores(model.fuse(model.cross_fit_scores_))[np.arange(len(train)), y[train]]
    sets[MARGINAL] = found <= marginal
    sets[NAIVE] = found <= conformal_quantile(own, COVERAGE)
    return Outcome(sets, y[test], ~np.isnan(scores[:, :, 0]))


def summary(outcomes: list[Outcome], names: list[str]) -> str:
    """Coverage and size of the sets over all patterns."""
    rows = []
    for name in names:
        covered = [100 * outcome.hits(name).mean() for outcome in outcomes]
        sizes = np.concatenate([outcome.sets[name].sum(axis=1) for outcome in outcomes])
        rows.append(
            [
                name,
                f"{np.mean(covered):.1f}",
                f"{np.min(covered):.1f} to {np.max(covered):.1f}",
                f"{sizes.mean():.2f}",
                f"{100 * (sizes == 0).mean():.1f}",
            ]
        )
    return markdown(["sets", "coverage, %", "over splits", "mean size", "empty, %"], rows)


def inside(hits: np.ndarray) -> bool:
    """Whether a number of hits lies in the binomial 99 % interval around the promise."""
    low, high = binom.interval(0.99, len(hits), COVERAGE)
    return bool(low <= hits.sum() <= high)


def by_pattern(outcomes: list[Outcome], names: list[str]) -> str:
    """How many patterns lie inside the binomial interval: each split alone, and all together."""
    rows = []
    available = np.concatenate([outcome.available for outcome in outcomes])
    for name in names:
        alone = [
            inside(outcome.hits(name)[(outcome.available == pattern).all(axis=1)])
            for outcome in outcomes
            for pattern in np.unique(outcome.available, axis=0)
        ]
        hits = np.concatenate([outcome.hits(name) for outcome in outcomes])
        pooled = [
            hits[(available == pattern).all(axis=1)] for pattern in np.unique(available, axis=0)
        ]
        together = [inside(one) for one in pooled]
        worst = min(100 * one.mean() for one in pooled if len(one) >= 50)
        rows.append(
            [
                name,
                f"{sum(alone)} of {len(alone)}",
                f"{sum(together)} of {len(together)}",
                f"{worst:.1f}",
            ]
        )
    header = ["sets", "inside, split by split", "inside, splits together", "least coverage, %"]
    return markdown(header, rows)


def by_number(outcomes: list[Outcome], names: list[str]) -> str:
    """Coverage by how many views a row has."""
    count = np.concatenate([outcome.available.sum(axis=1) for outcome in outcomes])
    kinds = [kind for kind in range(len(VIEWS) + 1) if (count == kind).sum() >= 30]
    rows = [["rows", *(int((count == kind).sum()) for kind in kinds)]]
    for name in names:
        hits = np.concatenate([outcome.hits(name) for outcome in outcomes])
        rows.append([name, *(f"{100 * hits[count == kind].mean():.1f}" for kind in kinds)])
    return markdown(["views that a row has", *map(str, kinds)], rows)


def main() -> None:
    X, columns, y = load_views(data_folder(__doc__.splitlines()[0]))
    jobs = [(rate, seed) for rate in RATES for seed in SEEDS]
    done = Parallel(n_jobs=2)(delayed(one_split)(X, columns, y, *job) for job in jobs)
    complete, missing = done[: len(SEEDS)], done[len(SEEDS) :]
    names = [*SETS, MARGINAL, NAIVE]
    text = "\n\n".join(
        [
            "# Conformal sets",
            f"UCI multiple features, six views, ten classes; {len(y)} rows, {N_TEST} of them for "
            f"testing, {len(SEEDS)} random splits. Promised coverage {COVERAGE:.0%}. Cross-fitted "
            "sets: the model is fitted on all other rows, and the sets are calibrated on the same "
            "rows, with a head cross-validated over the cross-fitted score table. Held-out rows: "
            f"the model is fitted on {len(y) - N_TEST - N_CALIBRATION} rows, the sets are "
            f"calibrated on the other {N_CALIBRATION}.",
            "## All views there",
            summary(complete, names),
            f"## Each view missing with probability {RATES[1]:.0%}",
            summary(missing, names),
            "### By pattern of missing views",
            "A pattern is inside if its hits lie in the binomial 99 % interval around the promise "
            "for its row count; about one in a hundred is outside by chance. The binomial "
            "interval knows nothing of the chance in calibration. Least coverage: over patterns "
            "with 50 rows or more.",
            by_pattern(missing, names),
            "### Coverage, %, by how many views a row has",
            by_number(missing, names),
            "Made by `python benchmarks/conformal.py`.\n",
        ]
    )
    write_result("conformal", text)


if __name__ == "__main__":
    main()
