"""The sections of a report that look inside: modalities, rows, data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic.evaluation._calibration import BEFORE, pooled, risk_of
from mmclassic.evaluation._insight_figures import (
    learning_lines,
    reliability_map,
    risk_curves,
    shares,
)
from mmclassic.evaluation._metric_names import (
    greater_is_better,
    is_share,
    metric_in_words,
    shown_gain,
    shown_value,
)
from mmclassic.evaluation._metrics import calibration_error
from mmclassic.evaluation._row_cards import RowCard, row_cards
from mmclassic.evaluation._verdict import p_in_words

if TYPE_CHECKING:
    import pandas as pd

    from mmclassic.evaluation._result import BenchmarkResult

SEVERITIES = {"warning": 0, "note": 1, "ok": 2}


def leads_of(result: BenchmarkResult) -> dict[str, dict[str, str]]:
    """How far the default fusion is ahead of each other model: gain, interval and p as shown."""
    leads = {}
    for record in result.comparisons.to_dict("records"):
        if np.isnan(record["gain"]):
            continue
        gain, low, high = (
            shown_gain(record[name], result.metric) for name in ("gain", "low", "high")
        )
        interval = "" if np.isnan(record["low"]) else f"[{low}, {high}]"
        p = "" if np.isnan(record["p"]) else p_in_words(record["p"])
        leads[record["rival"]] = {"gain": gain, "interval": interval, "p": p}
    return leads


def contributions_section(result: BenchmarkResult) -> dict[str, Any]:
    """Lines, totals, one sentence and a picture."""
    from markupsafe import Markup

    found, metrics = result._contributions, result._view.metrics.insights
    signs = [1 if greater_is_better(metric) else -1 for metric in metrics]
    frame = found.frame

    def cells(record: dict, place: int) -> list[str]:
        metric = metrics[place]
        without = record[f"{metric}_without"] - found.everything[place]
        share = signs[place] * record[f"{metric}_shapley"]
        alone = shown_value(record[f"{metric}_alone"], metric)
        return [alone, shown_gain(without, metric), shown_gain(share, metric)]

    lines = [
        {
            "modality": record["modality"],
            "n_rows": f"{record['n_rows']:,}",
            "cells": cells(record, 0) + cells(record, 1),
        }
        for record in frame.to_dict("records")
    ]
    first, both = metrics[0], list(enumerate(metrics))
    known = frame[f"{first}_shapley"].notna().all()
    return {
        "metrics": [(metric_in_words(metric), is_share(metric)) for metric in metrics],
        "lines": lines,
        "sentence": contribution_in_words(
            frame, found.everything[0], found.nothing[0], first, result._prior_name()
        ),
        "everything": [shown_value(found.everything[k], metric) for k, metric in both],
        "nothing": [shown_value(found.nothing[k], metric) for k, metric in both],
        "gain": [shown_gain(found.everything[k] - found.nothing[k], m) for k, m in both],
        "drawing": Markup(shares(frame, first)) if known else "",
    }


def contribution_in_words(
    frame: pd.DataFrame,
    everything: float,
    nothing: float,
    metric: str = "accuracy",
    prior: str = "class prior",
) -> str:
    """Who brings most, and who could be left out.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"modality": ["text", "image"], "accuracy_shapley": [0.4, 0.1],
    ...                       "accuracy_without": [0.5, 0.79]})
    >>> contribution_in_words(frame, 0.8, 0.3)
    'Together the modalities bring +50.0 points of accuracy over the class prior. Most comes from
    text (+40.0). Without text the fusion changes by -30.0 points, without image by -1.0.'
    """
    name, points = metric_in_words(metric), " points" if is_share(metric) else ""
    unit = f"{points} of {name}" if points else f" of {name}"
    gain = shown_gain(everything - nothing, metric)
    words = [f"Together the modalities bring {gain}{unit} over the {prior}."]
    share, without = frame[f"{metric}_shapley"], frame[f"{metric}_without"]
    if share.notna().all() and len(frame) > 1:
        best = int(share.argmax())
        named = frame["modality"].iloc[best]
        words.append(f"Most comes from {named} ({shown_gain(share.iloc[best], metric)}).")
    if len(frame) > 1:
        changes = [
            f"without {one} {'the fusion changes ' if index == 0 else ''}by "
            f"{shown_gain(left - everything, metric)}{points if index == 0 else ''}"
            for index, (one, left) in enumerate(zip(frame["modality"], without, strict=True))
        ]
        sentence = ", ".join(changes)
        words.append(f"{sentence[0].upper()}{sentence[1:]}.")
    return " ".join(words)


def weights_section(result: BenchmarkResult) -> list[dict[str, Any]] | None:
    """One line per modality, with the width of its bar in percent."""
    frame = result.weights
    if frame is None:
        return None
    largest = float(np.abs(frame["mean"]).max()) or 1.0
    return [
        {
            "modality": record["modality"],
            "mean": f"{record['mean']:.2f}",
            "std": "" if np.isnan(record["std"]) else f"{record['std']:.2f}",
            "share": "–" if np.isnan(record["share"]) else f"{record['share']:.0%}",
            "width": f"{100 * max(record['mean'], 0) / largest:.1f}",
        }
        for record in frame.to_dict("records")
    ]


def calibration_section(result: BenchmarkResult) -> dict[str, Any] | None:
    """Calibration errors before and after, and both curves; None for numbers."""
    from markupsafe import Markup

    model, view = result._shown_model(), result._view
    frame = result.calibration
    if frame is None:
        return None
    errors = []
    for name in dict.fromkeys(frame["model"]):
        error = calibration_error(*pooled(result._outcome(name), view))
        errors.append({"model": name, "before": name == BEFORE, "error": f"{error:.3f}"})
    single = result.frame[result.frame["family"].isin(["modality"])]["model"]
    names = [model, *[name for name in single[:1] if name != model]]
    curves = {name: risk_of(result._outcome(name), view) for name in names}
    return {
        "errors": errors,
        "reliability": Markup(reliability_map(frame, model)),
        "risk": Markup(risk_curves(curves, view.answers)),
        "answers": view.answers,
        "sentence": risk_in_words(curves[model], view.answers),
    }


def risk_in_words(curve: Any, answers: str = "rows") -> str:
    r"""What leaving the least sure rows to a person buys.

    Examples
    --------
    >>> from mmclassic.inspection import risk_coverage_curve
    >>> curve = risk_coverage_curve([0, 0], [[0.9, 0.1], [0.4, 0.6]])
    >>> risk_in_words(curve)
    'All rows: 50.0\xa0% errors. The surest half of the rows: 0.0\xa0%.'
    """
    words = [f"All {answers}: {100 * curve.risk[-1]:.1f}\u00a0% errors."]
    for share, name in ((0.8, "80\u00a0%"), (0.5, "half")):
        near = int(np.argmin(np.abs(curve.coverage - share)))
        if abs(curve.coverage[near] - share) < 0.05:
            words.append(
                f"The surest {name} of the {answers}: {100 * curve.risk[near]:.1f}\u00a0%."
            )
    return " ".join(words)


def overlap_section(result: BenchmarkResult) -> dict[str, Any] | None:
    """Which modalities err on the same rows; None where there is one."""
    evidence = result._known_evidence().once
    return result._view.overlap_section(evidence, result._contributions.everything[0])


def rows_section(result: BenchmarkResult) -> list[RowCard]:
    """The rows to look at, with their cells."""
    modalities = result._known_evidence().modalities
    return row_cards(result.rows_to_look_at, modalities, result.sources, result._view.words)


def quality_section(result: BenchmarkResult) -> list[dict[str, Any]]:
    """Findings, the most serious first."""
    frame = result.data_quality
    order = frame["severity"].map(SEVERITIES).sort_values(kind="stable").index
    return [
        {
            "check": record["check"],
            "modality": record["modality"] or "all",
            "severity": record["severity"],
            "detail": record["detail"],
        }
        for record in frame.loc[order].to_dict("records")
    ]


def learning_section(result: BenchmarkResult) -> dict[str, Any] | None:
    """The picture, and a sentence on the last step."""
    from markupsafe import Markup

    frame = result.learning_curve
    if frame is None or not len(frame):
        return None
    return {"drawing": Markup(learning_lines(frame)), "sentence": learning_in_words(frame)}


def learning_in_words(frame: pd.DataFrame) -> str:
    """What the last rows brought to the default fusion.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"family": "late", "n_train": [80, 240], "metric": "accuracy",
    ...                       "mean": [0.7, 0.75]})
    >>> learning_in_words(frame)
    'From 80 to 240 training rows the default fusion goes from accuracy 0.700 to 0.750.'
    """
    own = frame[frame["family"] == "late"]
    first, last = own.iloc[max(len(own) - 2, 0)], own.iloc[-1]
    words = metric_in_words(last["metric"])
    if len(own) < 2:
        return f"With {last['n_train']:.0f} training rows the default fusion has {words} " + (
            f"{shown_value(last['mean'], last['metric'])}."
        )
    return (
        f"From {first['n_train']:.0f} to {last['n_train']:.0f} training rows the default fusion "
        f"goes from {words} {shown_value(first['mean'], first['metric'])} to "
        f"{shown_value(last['mean'], last['metric'])}."
    )
