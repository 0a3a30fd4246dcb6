"""One row of ready features, as a service answers it: the model, compiled, and VotingClassifier.

Three linear modalities of 80 columns each and five classes. Every contender answers the same row
in turn, five calls at a time, so that a machine that slows down slows them all. Each call is timed
by itself in processor time, because the scheduler of a shared machine interrupts long calls only.

``python benchmarks/one_row.py`` prints a table and writes ``benchmarks/results/one_row.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.datasets import make_classification
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic import LateFusionClassifier, compile_model

WIDTH = 80
N_RUNS, N_ROUNDS, N_CALLS = 3, 40, 5
RESULTS = Path(__file__).parent / "results" / "one_row.md"
COLUMNS = [f"{name}{i}" for name in ("text", "image", "audio") for i in range(WIDTH)]
BLOCKS = {name: slice(start * WIDTH, (start + 1) * WIDTH) for start, name in enumerate("tia")}


def member() -> Any:
    """What every modality is, for every contender."""
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))


def voting(frame: pd.DataFrame, y: np.ndarray) -> VotingClassifier:
    """scikit-learn's own way: each member selects its columns of the frame."""
    members = []
    for name, part in BLOCKS.items():
        select = ColumnTransformer([("columns", "passthrough", COLUMNS[part])])
        members.append((name, make_pipeline(select, member())))
    return VotingClassifier(members, voting="soft").fit(frame, y)


def late(table: Any, y: np.ndarray, fusion: str = "log_pool") -> LateFusionClassifier:
    """A late fusion of the same members, of a frame or of an array."""
    named = hasattr(table, "columns")
    modalities = [(n, member(), COLUMNS[p] if named else p) for n, p in BLOCKS.items()]
    return LateFusionClassifier(modalities, fusion=fusion).fit(table, y)


def contenders() -> dict[str, Callable[[], object]]:
    """Each answers one row."""
    X, y = make_classification(600, 3 * WIDTH, n_informative=30, n_classes=5, random_state=0)
    frame = pd.DataFrame(X, columns=COLUMNS)
    row, frame_row, gap = X[:1], frame[:1], X[:1].copy()
    gap[:, BLOCKS["i"]] = np.nan
    by_position, by_name, mean = late(X, y), late(frame, y), late(X, y, "weighted_sum")
    voter = voting(frame, y)
    pipelines = [estimator for _, estimator, _ in by_position.modalities_]
    parts = [row[:, part] for part in BLOCKS.values()]
    compiled, compiled_frame = compile_model(by_position), compile_model(by_name)
    compiled_mean = compile_model(mean)
    return {
        "VotingClassifier, frame": lambda: voter.predict_proba(frame_row),
        "LateFusionClassifier, frame": lambda: by_name.predict_proba(frame_row),
        "LateFusionClassifier, array": lambda: by_position.predict_proba(row),
        "the three pipelines alone, array": lambda: [
            pipeline.predict_proba(part) for pipeline, part in zip(pipelines, parts, strict=True)
        ],
        "compiled, frame": lambda: compiled_frame.predict_proba(frame_row),
        "compiled, array": lambda: compiled.predict_proba(row),
        "compiled, array, one modality missing": lambda: compiled.predict_proba(gap),
        "compiled mean, array": lambda: compiled_mean.predict_proba(row),
    }


def measure(runs: dict[str, Callable[[], object]]) -> dict[str, np.ndarray]:
    """Milliseconds of every single call of every contender."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(N_ROUNDS):
        for name, run in runs.items():
            for _ in range(N_CALLS):
                start = time.thread_time()
                run()
                times[name].append(1e3 * (time.thread_time() - start))
    return {name: np.array(values) for name, values in times.items()}


def main() -> None:
    """Print and write the table."""
    runs = contenders()
    rounds = [measure(runs) for _ in range(N_RUNS)]
    lines = [
        "# One row: three linear modalities of 80 columns, five classes",
        "",
        f"Made by `python benchmarks/one_row.py`: milliseconds of processor time of a call, in "
        f"{N_RUNS} runs of {N_ROUNDS * N_CALLS} calls.",
        "",
        "| contender | median of each run | fastest twentieth of each run |",
        "| --- | ---: | ---: |",
    ]
    for name in runs:
        medians = " / ".join(f"{np.median(times[name]):.3g}" for times in rounds)
        fast = " / ".join(f"{np.percentile(times[name], 5):.3g}" for times in rounds)
        lines.append(f"| {name} | {medians} | {fast} |")
    text = "\n".join(lines) + "\n"
    print(text)
    RESULTS.write_text(text, encoding="utf8")


if __name__ == "__main__":
    main()
