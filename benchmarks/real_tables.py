"""The benchmark on real tables: spoken and handwritten digits, a shop's products, questions.

    python benchmarks/real_tables.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Prints the results,
and writes them to benchmarks/results/real_tables.md.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

from mmclassic import DataQualityWarning, benchmark, load_demo, read_table
from mmclassic.datasets._table import resolve_paths

ROOT = Path(__file__).resolve().parents[1]
METRICS = ["accuracy", "balanced_accuracy", "f1_macro", "log_loss", "calibration_error"]
PRICES = ["retail_price", "discounted_price"]


def digits(data: Path) -> tuple:
    """600 pairs of a spoken and a handwritten digit; no speaker is in two folds."""
    table = read_paths(data / "digits" / "digits.csv", ["label", "speaker"], ["image", "audio"])
    return table, {"target": "label", "image": "image", "audio": "audio", "groups": "speaker"}


def products(data: Path, backbone: Path | None = None) -> tuple:
    """420 products of seven categories: description, picture and prices."""
    table = read_paths(
        data / "products" / "products.csv", ["category", "description", "name"], ["image"]
    )
    options = {"target": "category", "text": "description", "image": "image", "numeric": PRICES}
    return table, {**options, "backbone": backbone}


def short_names(data: Path, backbone: Path | None = None) -> tuple:
    """The same, with the first three words of the name in place of the description."""
    table, options = products(data, backbone)
    table["name"] = table["name"].str.split().str[:3].str.join(" ")
    return table, {**options, "text": "name"}


def questions(data: Path) -> tuple:
    """5952 questions of six types, on their official split."""
    table = read_table(data / "questions" / "questions.csv", literal=["text", "label", "split"])
    return table, {"target": "label", "text": "text", "split": "split"}


def demo() -> tuple:
    """The embedded table."""
    options = {"target": "label", "text": "text", "image": "image", "audio": "audio"}
    return load_demo(), {**options, "random_state": 0}


def read_paths(path: Path, literal: list[str], paths: list[str]):
    """A table whose paths are seen from its folder."""
    table = read_table(path, literal=[*literal, *paths])
    for name in paths:
        table[name] = resolve_paths(table[name], path.parent)
    return table


def section(title: str, table, options: dict) -> str:
    """The results of one table in Markdown."""
    start = time.perf_counter()
    result = benchmark(table, **options, on_unreadable="missing")
    seconds = time.perf_counter() - start
    columns = ", ".join(f"{key}={value!r}" for key, value in options.items() if key != "backbone")
    return (
        f"## {title}\n\n`benchmark(table, {columns})`: {result.about['splitter']}; "
        f"{seconds:.0f} s.\n\n{result.verdict}\n\n{result.to_markdown(metrics=METRICS)}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    backbone = data / "squeezenet" / "SqueezeNet_fp16.onnx"
    tables = {
        "The embedded table": demo(),
        "Digits": digits(data),
        "Products": products(data),
        "Products, SqueezeNet for the pictures": products(data, backbone),
        "Products, three words of the name": short_names(data),
        "Products, three words of the name and SqueezeNet": short_names(data, backbone),
        "Questions": questions(data),
    }
    sections = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        for title, (table, options) in tables.items():
            sections.append(section(title, table, options))
            print(sections[-1], flush=True)
    head = (
        "# Results on real tables\n\nMade by `python benchmarks/real_tables.py`. Means over the "
        "folds ± standard deviation; what the tables are is said in the functions of the script.\n"
    )
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    (results / "real_tables.md").write_text("\n".join([head, *sections]), encoding="utf-8")


if __name__ == "__main__":
    main()
