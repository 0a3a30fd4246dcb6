"""The outcomes of a benchmark as pandas frames, and these as text for people."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import confusion_matrix

from mmclassic.evaluation._comparison import Comparison
from mmclassic.evaluation._metric_names import greater_is_better, metric_in_words, shown_value
from mmclassic.evaluation._outcome import ModelOutcome
from mmclassic.evaluation._scoring import Scoring

if TYPE_CHECKING:
    import pandas as pd

SECONDS = ("fit_seconds", "predict_seconds")
# Digits shown; models that are equal at this precision are all shown as the best.
N_DIGITS = 3


def known_metrics(metrics: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    """Names of metrics after a check; None means all."""
    metrics = list(known) if metrics is None else list(metrics)
    for metric in metrics:
        if metric not in known:
            raise ValueError(f"There is no metric {metric!r}; the metrics are: {', '.join(known)}.")
    return metrics


def folds_frame(outcomes: Sequence[ModelOutcome], y: np.ndarray, scoring: Scoring) -> pd.DataFrame:
    """One row per model and fold: model, fold, n_test, every metric, seconds."""
    import pandas as pd

    records = [
        {
            "model": outcome.name,
            "fold": fold.fold,
            "n_test": len(fold.rows),
            **scoring(y[fold.rows], fold.outputs),
            "fit_seconds": float(fold.fit_seconds),
            "predict_seconds": float(fold.predict_seconds),
        }
        for outcome in outcomes
        for fold in outcome.folds
    ]
    return pd.DataFrame.from_records(records)


def summary_frame(
    outcomes: Sequence[ModelOutcome],
    folds: pd.DataFrame,
    metric: str,
    scoring: Scoring,
    model_bytes: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """One row per model, best first by `metric`; ties are broken by the score for that.

    Means and standard deviations (``ddof=0``, as in scikit-learn's ``cv_results_``) run over the
    folds in which a score is defined; with one such fold the deviation is NaN.
    """
    import pandas as pd

    records = []
    for outcome in outcomes:
        own = folds[folds["model"] == outcome.name]
        record = {"model": outcome.name, "family": outcome.family, "default": outcome.default}
        for name in scoring.names:
            scores = own[name].dropna()
            record[f"{name}_mean"] = scores.mean()
            record[f"{name}_std"] = scores.std(ddof=0) if len(scores) > 1 else float("nan")
        record |= {name: own[name].mean() for name in SECONDS}
        if model_bytes is not None:
            record["model_bytes"] = model_bytes[outcome.name]
        records.append(record)
    frame = pd.DataFrame.from_records(records)
    # Rounding lets scores that differ in the last bit only count as ties.
    keys = pd.DataFrame(
        {
            place: frame[f"{name}_mean"].round(12) * (-1 if greater_is_better(name) else 1)
            for place, name in (("first", metric), ("second", scoring.metrics.tie_breaker))
        }
    )
    order = keys.sort_values(["first", "second"], kind="stable", na_position="last").index
    return frame.loc[order].reset_index(drop=True)


def predictions_frame(
    outcomes: Sequence[ModelOutcome],
    columns: Callable[[np.ndarray, np.ndarray], Mapping[str, Any]],
) -> pd.DataFrame:
    """One row per model and tested row: row, fold, model, and what ``columns`` makes of outputs."""
    import pandas as pd

    parts = []
    for outcome in outcomes:
        for fold in outcome.folds:
            part = pd.DataFrame(columns(fold.rows, fold.outputs))
            part.insert(0, "model", outcome.name)
            part.insert(0, "fold", fold.fold)
            part.insert(0, "row", fold.rows)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def confusion_frame(outcome: ModelOutcome, y: np.ndarray, classes: np.ndarray) -> pd.DataFrame:
    """True labels by predicted labels, summed over the folds."""
    import pandas as pd

    true = np.concatenate([y[fold.rows] for fold in outcome.folds])
    predicted = np.concatenate([fold.outputs.argmax(axis=1) for fold in outcome.folds])
    return pd.DataFrame(
        confusion_matrix(true, predicted, labels=np.arange(len(classes))),
        index=pd.Index(classes, name="label"),
        columns=pd.Index(classes, name="prediction"),
    )


def comparisons_frame(comparisons: Mapping[str, Comparison], metric: str) -> pd.DataFrame:
    """One row per rival: rival, metric, gain, low, high, p, test."""
    import pandas as pd

    columns = ["rival", "metric", "gain", "low", "high", "p", "test"]
    records = [{"rival": name, "metric": metric, **asdict(c)} for name, c in comparisons.items()]
    return pd.DataFrame.from_records(records, columns=columns)


@dataclass(frozen=True)
class Score:
    """One number of the table as shown: ``mean`` and ``spread`` ("" where there is none)."""

    mean: str
    spread: str
    best: bool


@dataclass(frozen=True)
class Line:
    """One model of the table as shown."""

    model: str
    family: str
    default: bool
    scores: tuple[Score, ...]
    costs: tuple[str, ...]


def lines_of(frame: pd.DataFrame, metrics: Sequence[str]) -> list[Line]:
    """The frame as text, with the best of every metric marked."""
    means = frame[[f"{metric}_mean" for metric in metrics]].round(N_DIGITS)
    larger = np.array([greater_is_better(metric) for metric in metrics])
    best = np.where(larger, means.max(), means.min())
    lines = []
    for position, (_, row) in enumerate(frame.iterrows()):
        scores = tuple(
            Score(
                shown_value(row[f"{metric}_mean"], metric),
                shown_value(row[f"{metric}_std"], metric)
                if np.isfinite(row[f"{metric}_std"])
                else "",
                bool(means.iat[position, column] == best[column]),
            )
            for column, metric in enumerate(metrics)
        )
        costs = [seconds_in_words(row[name]) for name in SECONDS]
        if "model_bytes" in frame:
            size = row["model_bytes"] / 1e6
            costs.append("–" if np.isnan(size) else seconds_in_words(size))
        line = Line(str(row["model"]), row["family"], bool(row["default"]), scores, tuple(costs))
        lines.append(line)
    return lines


def headings_of(metrics: Sequence[str], *, sizes: bool = False) -> list[str]:
    """Column titles of the shown table; ``sizes``: with that of the saved models."""
    words = [metric_in_words(metric) for metric in metrics]
    return ["model", "family", *words, "fit (s)", "predict (s)", *["size (MB)"][: int(sizes)]]


def markdown_of(frame: pd.DataFrame, metrics: Sequence[str]) -> str:
    """A pipe table; the best of a column in bold, mean ± deviation over folds."""
    headings = headings_of(metrics, sizes="model_bytes" in frame)
    rows = [headings, ["---"] * 2 + ["---:"] * (len(headings) - 2)]
    for line in lines_of(frame, metrics):
        name = escape_markdown(line.model) + (" (default)" if line.default else "")
        scores = [
            (f"**{score.mean}**" if score.best else score.mean)
            + (f" ± {score.spread}" if score.spread else "")
            for score in line.scores
        ]
        rows.append([name, line.family, *scores, *line.costs])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def latex_of(frame: pd.DataFrame, metrics: Sequence[str]) -> str:
    """A booktabs table; the best of a column in bold, mean ± deviation over folds."""
    import pandas as pd

    rows = []
    for line in lines_of(frame, metrics):
        scores = [
            (rf"\textbf{{{score.mean}}}" if score.best else score.mean)
            + (rf" $\pm$ {score.spread}" if score.spread else "")
            for score in line.scores
        ]
        name = _one_line(line.model) + (" (default)" if line.default else "")
        rows.append([name, line.family, *scores, *line.costs])
    headings = headings_of(metrics, sizes="model_bytes" in frame)
    # Only names are escaped: the scores are LaTeX already.
    styler = pd.DataFrame(rows, columns=headings).style.hide(axis="index")
    styler = styler.format(escape="latex", subset=["model", "family"])
    styler = styler.format_index(escape="latex", axis="columns")
    return styler.to_latex(hrules=True, column_format="ll" + "r" * (len(headings) - 2))


def written(text: str, path: str | Path | None) -> str:
    """The text, also written to a file where there is a path."""
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text


def escape_markdown(text: str) -> str:
    """A name as literal text inside a pipe table.

    Examples
    --------
    >>> print(escape_markdown("a|b <i> log_pool"))
    a\\|b &lt;i&gt; log_pool
    """
    text = re.sub(r"([\\`*\[\]|~])", r"\\\1", html.escape(_one_line(text), quote=False))
    # Underscores inside a word, as in log_pool, mean nothing in Markdown.
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)


def seconds_in_words(seconds: float) -> str:
    """Seconds with about three digits.

    Examples
    --------
    >>> seconds_in_words(0.01234), seconds_in_words(12.34), seconds_in_words(1234.5)
    ('0.012', '12.3', '1234')
    """
    if seconds >= 100:
        return f"{seconds:.0f}"
    return f"{seconds:.1f}" if seconds >= 10 else f"{seconds:.3f}"


def _spread(value: float, metric: str) -> str:
    return shown_value(value, metric) if np.isfinite(value) else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
