"""A result in short: as text, and as HTML for notebooks."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmclassic.evaluation._result import BenchmarkResult


def text_of(result: BenchmarkResult) -> str:
    """Counts, one line per model, the verdict."""
    columns = ["model", f"{result.metric}_mean", f"{result.metric}_std"]
    second = result._view.metrics.tie_breaker
    if result.metric != second:
        columns.append(f"{second}_mean")
    table = result.frame[columns].to_string(index=False, float_format="{:.3f}".format)
    counts = (
        f"{len(result.frame)} models, {result.folds['fold'].nunique()} folds, "
        f"{len(result.y)} rows, {result._view.in_short()}"
    )
    return f"BenchmarkResult: {counts}\n{table}\n{result.verdict}"


def html_of(result: BenchmarkResult) -> str:
    """The verdict and a small table; everything is escaped."""
    columns = [
        f"{name}_mean" for name in dict.fromkeys([result.metric, result._view.metrics.tie_breaker])
    ]
    table = result.frame[["model", "family", *columns, *("fit_seconds", "predict_seconds")]]
    shown = table.to_html(index=False, escape=True, float_format="{:.3f}".format, border=0)
    return f"<div><p>{html.escape(result.verdict)}</p>{shown}</div>"
