"""Seconds and memory of every head on a large score table: 100 000 rows, 3 modalities, 10 classes.

``python benchmarks/head_speed.py`` prints a table and writes ``benchmarks/results/head_speed.md``.
Seconds are medians of repetitions, the heads taken in turn; memory is the greatest amount that
numpy held at once during ``predict_proba``, as a multiple of the score table (24 MB).
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from pathlib import Path

import numpy as np

from mmclassic import GatedPool, LogPool, Stacking, Voting, WeightedSum

N_ROWS, N_MODALITIES, N_CLASSES = 100_000, 3, 10
N_ROUNDS = 5
RESULTS = Path(__file__).parent / "results" / "head_speed.md"


def make_table(missing: float) -> tuple[np.ndarray, np.ndarray]:
    """A random score table, and labels."""
    rng = np.random.default_rng(0)
    scores = rng.dirichlet(np.ones(N_CLASSES), size=(N_ROWS, N_MODALITIES))
    scores[rng.random((N_ROWS, N_MODALITIES)) < missing] = np.nan
    return scores, rng.integers(0, N_CLASSES, N_ROWS)


def peak_of(head, scores: np.ndarray) -> float:
    """Peak of allocated memory during a prediction, as a multiple of the table."""
    tracemalloc.start()
    head.predict_proba(scores)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / scores.nbytes


def main() -> None:
    heads = {
        "LogPool": LogPool(),
        "GatedPool": GatedPool(),
        "WeightedSum": WeightedSum(),
        "WeightedSum, learned": WeightedSum("learned"),
        "Stacking": Stacking(),
        **{
            f"Voting, {rule}": Voting(rule=rule)
            for rule in ("hard", "max", "median", "product", "entropy")
        },
    }
    tables = {share: make_table(share) for share in (0.0, 0.3)}
    seconds: dict = {(name, share): [] for name in heads for share in tables}
    peaks = {}
    for name, head in heads.items():
        scores, y = tables[0.3]
        head.fit(scores[:2000], y[:2000])
        for share, (table, _) in tables.items():
            peaks[name, share] = peak_of(head, table)
    for _ in range(N_ROUNDS):
        for (name, share), times in seconds.items():
            start = time.perf_counter()
            heads[name].predict_proba(tables[share][0])
            times.append(time.perf_counter() - start)
    lines = [
        "# Heads on 100 000 rows × 3 modalities × 10 classes",
        "",
        f"Made by `python benchmarks/head_speed.py`: medians of {N_ROUNDS} rounds.",
        "",
        "| head | complete: seconds | complete: memory | 30 % missing: seconds | 30 %: memory |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name in heads:
        cells = [
            f"{statistics.median(seconds[name, share]):.3f} | {peaks[name, share]:.2f} ×"
            for share in tables
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    text = "\n".join(lines) + "\n"
    print(text)
    RESULTS.write_text(text, encoding="utf8")


if __name__ == "__main__":
    main()
