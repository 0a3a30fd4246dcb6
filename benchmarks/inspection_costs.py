"""What it costs to look inside: exact Shapley values, and a whole report beside a bare benchmark.

    python benchmarks/inspection_costs.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Writes seconds,
peak memory and how exactly the values sum to the gain to benchmarks/results/inspection_costs.md.
"""

from __future__ import annotations

import resource
import statistics
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from _mfeat import VIEWS, data_folder, load_views, logistic, markdown, write_result
from real_tables import products
from sklearn.exceptions import ConvergenceWarning

from mmclassic import (
    DataQualityWarning,
    LateFusionClassifier,
    benchmark,
    modality_ablation,
    modality_shapley,
)
from mmclassic._threads import one_thread

N_ROUNDS = 3
N_TRAIN = 1000
N_VIEWS = 8


def eight_views(columns: list) -> list[tuple[str, slice]]:
    """The six views, and the two widest ones cut in halves."""
    found = []
    for name, own in zip(VIEWS, columns, strict=True):
        middle = (own.start + own.stop) // 2
        if own.stop - own.start > 200:
            found += [
                (f"{name}-1", slice(own.start, middle)),
                (f"{name}-2", slice(middle, own.stop)),
            ]
        else:
            found.append((name, own))
    return found[:N_VIEWS]


def shapley_rows(data: Path) -> list[list]:
    """Seconds and error of the sum, for 3 to 8 modalities."""
    X, columns, y = load_views(data)
    order = np.random.default_rng(0).permutation(len(y))
    train, test = order[:N_TRAIN], order[N_TRAIN:]
    views = eight_views(columns)
    rows = []
    for n_modalities in range(3, N_VIEWS + 1):
        modalities = [(name, logistic(), own) for name, own in views[:n_modalities]]
        model = LateFusionClassifier(modalities).fit(X[train], y[train])
        scores = model.score_table(X[test])
        start = time.perf_counter()
        shares = modality_shapley(model, None, y[test], scores=scores)
        seconds = time.perf_counter() - start
        found = modality_ablation(model, None, y[test], scores=scores)
        whole, nothing = (
            found[found["kept"] == kept].set_index("metric")["value"] for kept in ("all", "none")
        )
        gain = whole - nothing
        error = float((shares.sum() - gain).abs().max())
        rows.append([n_modalities, 2**n_modalities, f"{seconds:.2f}", f"{error:.1e}"])
    return rows


def report_rows(data: Path) -> tuple[list[list], float, float]:
    """Seconds of the parts of a report on products with five folds, their ratio, its megabytes."""
    table, options = products(data)
    seconds: dict[str, list[float]] = {}
    ratios, size = [], 0.0
    for _ in range(N_ROUNDS):
        marks = [time.perf_counter()]
        benchmark(table, **options)
        marks.append(time.perf_counter())
        result = benchmark(table, **options, robustness=True)
        marks.append(time.perf_counter())
        with TemporaryDirectory() as folder:
            page = result.to_html(Path(folder) / "report.html")
            result.to_json(Path(folder) / "results.json")
            result.to_markdown(Path(folder) / "results.md")
            size = page.stat().st_size / 1e6
        marks.append(time.perf_counter())
        bare, damaged, pages = np.diff(marks)
        ratios.append((damaged + pages) / bare)
        parts = {"bare benchmark": bare, "benchmark with robustness": damaged, "page, JSON": pages}
        for name, value in parts.items():
            seconds.setdefault(name, []).append(value)
    lines = [[name, f"{statistics.median(values):.1f}"] for name, values in seconds.items()]
    return lines, statistics.median(ratios), size


def main() -> None:
    data = data_folder(str(__doc__))
    warnings.simplefilter("ignore", ConvergenceWarning)
    warnings.simplefilter("ignore", DataQualityWarning)
    with one_thread():
        parts, ratio, size = report_rows(data)
        shapley = shapley_rows(data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    text = (
        "# What looking inside costs\n\n## Exact Shapley values\n\n"
        f"Accuracy and log-loss of {2000 - N_TRAIN} test rows of UCI multiple features, all from "
        "one score table. The error is the greatest distance between the sum of the values and the "
        "gain over the class prior.\n\n"
        f"{markdown(['modalities', 'subsets', 'seconds', 'error of the sum'], shapley)}\n\n"
        "## The report\n\n"
        f"420 products: description, picture and prices; five folds, one process, nothing kept "
        f"from earlier runs; medians of {N_ROUNDS} rounds. The whole report (robustness, page of "
        f"{size:.1f} MB, JSON, Markdown) takes **{ratio:.2f} times** the bare benchmark. Peak "
        f"memory of everything here: {peak:.0f} MB.\n\n"
        f"{markdown(['part', 'seconds'], parts)}\n\n"
        "Made by `python benchmarks/inspection_costs.py`.\n"
    )
    write_result("inspection_costs", text)


if __name__ == "__main__":
    main()
