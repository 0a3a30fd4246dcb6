"""What the top of a report says: the large figures, the data, the versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic.evaluation._metric_names import shown_value
from mmclassic.evaluation._svg import shown_text
from mmclassic.evaluation._view import shown_range

if TYPE_CHECKING:
    from mmclassic.evaluation._result import BenchmarkResult

PACKAGES = ("mmclassic", "numpy", "scipy", "scikit-learn", "pandas", "gensim", "librosa")
# Keys of `about` that have a place of their own; the others are listed as they are.
PLACED = {
    "target",
    "n_rows",
    "modalities",
    "columns",
    "splitter",
    "missing",
    "unreadable",
    "reproduce",
    "versions",
    "robustness rows",
}
CARDS = {
    "late": "default fusion",
    "modality": "best modality on the test rows",
    "early": "early fusion",
}


def cards_of(result: BenchmarkResult) -> list[dict[str, str]]:
    """The large figures on top: default fusion, best modality, early fusion, the prior."""
    cards = []
    titles = {**CARDS, "prior": result._prior_name()}
    for family, title in titles.items():
        rows = result.frame[result.frame["family"] == family]
        if family == "late":
            rows = rows[rows["default"]]
        if len(rows):
            row = rows.iloc[0]
            mean, spread = row[f"{result.metric}_mean"], row[f"{result.metric}_std"]
            cards.append(
                {
                    "family": family,
                    "title": title,
                    "model": shown_text(row["model"], 40),
                    "mean": shown_value(mean, result.metric),
                    "spread": "" if np.isnan(spread) else f"± {shown_value(spread, result.metric)}",
                }
            )
    return cards


def facts_of(result: BenchmarkResult) -> list[tuple[str, str]]:
    """What is known of the table and the folds, as names and values."""
    about = result.about
    sizes = result.folds.drop_duplicates("fold")["n_test"]
    n_folds = len(sizes)
    test_rows = shown_range(sizes.min(), sizes.max())
    facts = [
        ("Rows", f"{about.get('n_rows', len(result.y)):,}"),
        result._view.fact(),
        ("Folds", f"{n_folds}, with {test_rows} test rows{' each' if n_folds > 1 else ''}"),
    ]
    if about.get("target"):
        facts.insert(0, ("Target", str(about["target"])))
    if about.get("splitter"):
        facts.append(("Split", str(about["splitter"])))
    return facts + [
        (shown_text(key.replace("_", " ")).capitalize(), _value(value))
        for key, value in about.items()
        if key not in PLACED
    ]


def modalities_of(about: Mapping[str, Any]) -> list[dict[str, str]]:
    """One record per modality: its columns, missing and unreadable cells ("" where unknown)."""
    names = list(about.get("modalities") or about.get("columns") or [])
    columns = about.get("columns") or {}
    records = []
    for name in names:
        record = {"name": str(name), "columns": _value(columns.get(name, ""))}
        for key in ("missing", "unreadable"):
            counts = about.get(key) or {}
            record[key] = f"{counts[name]:,}" if name in counts else ""
        records.append(record)
    return records


def installed_versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide the numbers."""
    versions = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # mmclassic itself, run from its folder
            continue
    return versions


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_value(item)}" for key, item in value.items())
    if isinstance(value, list | tuple | set):
        return ", ".join(map(str, value))
    return str(value)
