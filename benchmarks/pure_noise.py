"""How often does a benchmark claim something on tables in which there is nothing to find?

    python benchmarks/pure_noise.py [TABLES]

Synthetic tables (by default 200, half as many with rare classes, and half as many with numbers to
predict) of numbers and categories, some of them missing, with targets that are independent of all
columns. Counts how often the default fusion "beats" the prior and the best modality (chosen inside
the folds) at p < .05, with 3 folds and with two repeats of them; writes the counts, beside the
binomial 99 % bound around 5 %, to benchmarks/results/pure_noise.md.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.stats import binom

from mmclassic import benchmark
from mmclassic.evaluation._comparison import compare_with_default

N_TABLES = 200
N_JOBS = 2
N_FOLDS = 3
RIVALS = ("prior", "best modality")
# Scores by which two models that know nothing are equally good, whatever they answer.
NULLS = {
    "equal classes": ("accuracy", "balanced_accuracy", "roc_auc_ovr"),
    "rare classes": ("balanced_accuracy", "roc_auc_ovr"),
    "numbers": ("r2", "mean_absolute_error"),
}
# Of classes also a loss, by which a fusion of noise is no better than the prior, but may be worse.
METRICS = {kind: (*names, "log_loss", "accuracy") for kind, names in NULLS.items()}
METRICS["equal classes"], METRICS["numbers"] = METRICS["equal classes"][:-1], NULLS["numbers"]
NUMERIC, CATEGORICAL = ["a", "b", "c"], ["d", "e"]
RESULT = Path(__file__).parent / "results" / "pure_noise.md"


def make_table(seed: int, kind: str) -> pd.DataFrame:
    """60 to 120 rows of 2 or 3 classes; every second table has gaps."""
    rng = np.random.default_rng([seed, list(NULLS).index(kind)])
    n_rows, n_classes = int(rng.choice([60, 90, 120])), int(rng.choice([2, 3]))
    table = pd.DataFrame(rng.normal(size=(n_rows, len(NUMERIC))), columns=NUMERIC)
    for column in CATEGORICAL:
        table[column] = rng.choice(list("uvwxyz"), n_rows)
    labels = np.arange(n_rows) % n_classes
    if kind == "rare classes":
        labels = np.minimum(rng.geometric(0.7, n_rows) - 1, n_classes - 1)
        labels[: 6 * n_classes] = np.arange(6 * n_classes) % n_classes
    if seed % 2:
        table.loc[rng.random(n_rows) < 0.2, NUMERIC] = np.nan
        table.loc[rng.random(n_rows) < 0.2, CATEGORICAL] = None
    if kind == "numbers":
        return table.assign(label=rng.normal(size=n_rows))
    return table.assign(label=rng.permutation(labels))


def claims_of(seed: int, kind: str) -> list[tuple[str, ...]]:
    """What is claimed of one table: kind, folds, score, rival, and "beats" or "loses to"."""
    result = benchmark(
        make_table(seed, kind),
        "label",
        numeric=NUMERIC,
        categorical=CATEGORICAL,
        cv=N_FOLDS,
        n_repeats=2,
        random_state=seed,
    )
    both = [o for o in result.outcomes if o.default or o.family in ("prior", "choice")]
    both = [replace(o, name="prior") if o.family == "prior" else o for o in both]
    once = [replace(outcome, folds=outcome.folds[:N_FOLDS]) for outcome in both]
    claims = []
    for folds, outcomes in (("3 folds", once), ("2 × 3 folds", both)):
        for metric in METRICS[kind]:
            scoring = result._scoring
            found = compare_with_default(outcomes, result.y, metric, scoring=scoring)
            for rival, comparison in found.items():
                if comparison.clear:
                    word = "beats" if comparison.gain > 0 else "loses to"
                    claims.append((kind, folds, metric, rival, word))
    return claims


def asked_of(kind: str) -> list[tuple[str, str]]:
    """Scores and rivals that a fusion of noise is no better by."""
    if kind == "numbers":
        return [(metric, "prior") for metric in NULLS[kind]]
    return [*((metric, rival) for metric in NULLS[kind] for rival in RIVALS), ("log_loss", "prior")]


def markdown_of(counts: Counter, n_tables: dict[str, int]) -> str:
    """The counts as tables."""
    lines = ["# Claims on pure noise", "", INTRODUCTION.format(n=sum(n_tables.values())), ""]
    lines += ["| classes | folds | score | against | beats | bound | | loses to |"]
    lines += ["| --- | --- | --- | --- | ---: | ---: | --- | ---: |"]
    for kind in NULLS:
        for folds in ("3 folds", "2 × 3 folds"):
            for metric, rival in asked_of(kind):
                lines.append(_line(counts, (kind, folds, metric, rival), n_tables[kind]))
    lines += ["", REMARK, ""]
    lines += ["| classes | folds | score | against | beats | loses to |"]
    lines += ["| --- | --- | --- | --- | ---: | ---: |"]
    for kind, folds, metric, rival in sorted({claim[:4] for claim in counts}):
        if (metric, rival) not in asked_of(kind):
            beats, loses = (counts[kind, folds, metric, rival, w] for w in ("beats", "loses to"))
            words = metric.replace("_", " ")
            lines.append(f"| {kind} | {folds} | {words} | {rival} | {beats} | {loses} |")
    return "\n".join(lines) + "\n"


def _line(counts: Counter, what: tuple[str, ...], n_tables: int) -> str:
    beats, loses = (counts[(*what, word)] for word in ("beats", "loses to"))
    bound = int(binom.ppf(0.99, n_tables, 0.05))
    words = " | ".join(what).replace("_", " ")
    within = "within" if beats <= bound else "**too many**"
    share = f"{beats} of {n_tables} ({beats / n_tables:.1%})"
    return f"| {words} | {share} | {bound} | {within} | {loses} |"


INTRODUCTION = (
    "{n} synthetic tables of numbers and categories, targets independent of all columns. How often "
    'the default fusion "beats" a rival at p < .05 (two-sided), and the binomial 99 % bound around '
    "5 %. With 3 folds accuracy is tested by McNemar's test and the errors of numbers by a paired "
    "t-test of the rows, all else by the corrected resampled t-test. Made by "
    "`python benchmarks/pure_noise.py`."
)
REMARK = (
    "The following claims are not chance. By log loss an overconfident modality is worse than a "
    "fusion that has learned to trust nothing, by the errors of numbers one that follows the noise "
    "is, and where classes are rare a model that always says "
    "the frequent one has the better accuracy: on noise these differences are real."
)


def main() -> None:
    n_tables = int(sys.argv[1]) if len(sys.argv) > 1 else N_TABLES
    sizes = {"equal classes": n_tables, "rare classes": n_tables // 2, "numbers": n_tables // 2}
    jobs = [(seed, kind) for kind, size in sizes.items() for seed in range(size)]
    found = Parallel(n_jobs=N_JOBS)(delayed(claims_of)(*job) for job in jobs)
    text = markdown_of(Counter(claim for claims in found for claim in claims), sizes)
    print(text)
    if n_tables >= 200:
        RESULT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
