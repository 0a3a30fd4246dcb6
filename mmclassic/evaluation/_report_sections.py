"""The sections of a report that look inside: modalities, rows, data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic.evaluation._calibration import BEFORE, pooled, risk_of
from mmclassic.evaluation._insight_figures import (
    damage_curves,
    learning_lines,
    reliability_map,
    risk_curves,
    shares,
)
from mmclassic.evaluation._metrics import calibration_error, is_share
from mmclassic.evaluation._overlap import oracle_accuracy
from mmclassic.evaluation._row_cards import RowCard, row_cards
from mmclassic.evaluation._verdict import metric_in_words, p_in_words

if TYPE_CHECKING:
    import pandas as pd

    from mmclassic.evaluation._result import BenchmarkResult

SEVERITIES = {"warning": 0, "note": 1, "ok": 2}


def leads_of(result: BenchmarkResult) -> dict[str, dict[str, str]]:
    """How far the default fusion is ahead of each other model: gain, interval and p as shown."""
    points = is_share(result.metric)
    leads = {}
    for record in result.comparisons.to_dict("records"):
        if np.isnan(record["gain"]):
            continue
        gain, low, high = (
            f"{100 * record[name]:+.1f}" if points else f"{record[name]:+.3f}"
            for name in ("gain", "low", "high")
        )
        interval = "" if np.isnan(record["low"]) else f"[{low}, {high}]"
        p = "" if np.isnan(record["p"]) else p_in_words(record["p"])
        leads[record["rival"]] = {"gain": gain, "interval": interval, "p": p}
    return leads


def contributions_section(result: BenchmarkResult) -> dict[str, Any]:
    """Lines, totals, one sentence and a picture."""
    from markupsafe import Markup

    found = result._contributions
    frame = found.frame
    lines = [
        {
            "modality": record["modality"],
            "n_rows": f"{record['n_rows']:,}",
            "cells": [
                _share(record["accuracy_alone"]),
                _points(record["accuracy_without"] - found.everything[0]),
                _points(record["accuracy_shapley"]),
                _loss(record["log_loss_alone"]),
                _change(record["log_loss_without"] - found.everything[1]),
                _change(-record["log_loss_shapley"]),
            ],
        }
        for record in frame.to_dict("records")
    ]
    known = frame["accuracy_shapley"].notna().all()
    return {
        "lines": lines,
        "sentence": contribution_in_words(frame, found.everything[0], found.nothing[0]),
        "everything": (_share(found.everything[0]), _loss(found.everything[1])),
        "nothing": (_share(found.nothing[0]), _loss(found.nothing[1])),
        "gain": (
            _points(found.everything[0] - found.nothing[0]),
            _change(found.everything[1] - found.nothing[1]),
        ),
        "drawing": Markup(shares(frame)) if known else "",
    }


def contribution_in_words(frame: pd.DataFrame, everything: float, nothing: float) -> str:
    """Who brings most, and who could be left out.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"modality": ["text", "image"], "accuracy_shapley": [0.4, 0.1],
    ...                       "accuracy_without": [0.5, 0.79]})
    >>> contribution_in_words(frame, 0.8, 0.3)
    'Together the modalities bring +50.0 points over the class prior. Most comes from text (+40.0).
    Without text the fusion changes by -30.0 points, without image by -1.0.'
    """
    words = [
        f"Together the modalities bring {_points(everything - nothing)} points over the class "
        "prior."
    ]
    if frame["accuracy_shapley"].notna().all() and len(frame) > 1:
        best = frame.iloc[int(frame["accuracy_shapley"].argmax())]
        words.append(f"Most comes from {best['modality']} ({_points(best['accuracy_shapley'])}).")
    if len(frame) > 1:
        changes = [
            f"without {name} {'the fusion changes ' if index == 0 else ''}by "
            f"{_points(without - everything)}{' points' if index == 0 else ''}"
            for index, (name, without) in enumerate(
                zip(frame["modality"], frame["accuracy_without"], strict=True)
            )
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


def calibration_section(result: BenchmarkResult) -> dict[str, Any]:
    """Calibration errors before and after, and both curves."""
    from markupsafe import Markup

    model = result._shown_model()
    frame = result.calibration
    errors = []
    for name in dict.fromkeys(frame["model"]):
        error = calibration_error(*pooled(result._outcome(name), result.y))
        errors.append({"model": name, "before": name == BEFORE, "error": f"{error:.3f}"})
    single = result.frame[result.frame["family"].isin(["modality"])]["model"]
    names = [model, *[name for name in single[:1] if name != model]]
    curves = {name: risk_of(result._outcome(name), result.y) for name in names}
    return {
        "errors": errors,
        "reliability": Markup(reliability_map(frame, model)),
        "risk": Markup(risk_curves(curves)),
        "sentence": risk_in_words(curves[model]),
    }


def risk_in_words(curve: Any) -> str:
    r"""What leaving the least sure rows to a person buys.

    Examples
    --------
    >>> from mmclassic.inspection import risk_coverage_curve
    >>> curve = risk_coverage_curve([0, 0], [[0.9, 0.1], [0.4, 0.6]])
    >>> risk_in_words(curve)
    'All rows: 50.0\xa0% errors. The surest half of the rows: 0.0\xa0%.'
    """
    words = [f"All rows: {100 * curve.risk[-1]:.1f}\u00a0% errors."]
    for share, name in ((0.8, "80\u00a0%"), (0.5, "half")):
        near = int(np.argmin(np.abs(curve.coverage - share)))
        if abs(curve.coverage[near] - share) < 0.05:
            words.append(f"The surest {name} of the rows: {100 * curve.risk[near]:.1f}\u00a0%.")
    return " ".join(words)


def overlap_section(result: BenchmarkResult) -> dict[str, Any] | None:
    """Pairs with the widths of their bars, and what the best choice of modality would reach."""
    frame = result.overlap
    if not len(frame):
        return None
    kinds = ("both_right", "only_first", "only_second", "none_right")
    pairs = [
        {
            **{name: f"{record[name]:,}" for name in kinds},
            "first": record["first"],
            "second": record["second"],
            "n_rows": f"{record['n_rows']:,}",
            "widths": [f"{100 * record[name] / max(record['n_rows'], 1):.2f}" for name in kinds],
            "q": "–" if np.isnan(record["q_statistic"]) else f"{record['q_statistic']:.2f}",
            "disagreement": _share(record["disagreement"]),
            "oracle": _share(record["oracle"]),
        }
        for record in frame.to_dict("records")
    ]
    return {
        "pairs": pairs,
        "oracle": _share(oracle_accuracy(result._known_evidence().once, result.y)),
        "fused": _share(result._contributions.everything[0]),
    }


def rows_section(result: BenchmarkResult) -> list[RowCard]:
    """The rows to look at, with their cells."""
    modalities = result._known_evidence().modalities
    return row_cards(result.rows_to_look_at, modalities, result.sources)


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
            f"{_share(last['mean'])}."
        )
    return (
        f"From {first['n_train']:.0f} to {last['n_train']:.0f} training rows the default fusion "
        f"goes from {words} {_share(first['mean'])} to {_share(last['mean'])}."
    )


def robustness_section(frame: pd.DataFrame) -> list[tuple[str, Any]]:
    """One picture per modality, all to one scale."""
    from markupsafe import Markup

    metrics = list(dict.fromkeys(frame["metric"]))
    frame = frame[frame["metric"] == ("accuracy" if "accuracy" in metrics else metrics[0])]
    values = frame[["value", "without"]].to_numpy(dtype=float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    span = max(high - low, 0.1)  # small changes should look small
    limits = (high - 1.45 * span, high + 0.05 * span)  # below is room for the legend
    return [
        (str(name), Markup(damage_curves(own, str(name), f"damage-{number}", limits)))
        for number, (name, own) in enumerate(frame.groupby("modality", sort=False))
    ]


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _points(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:+.1f}"


def _loss(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.3f}"


def _change(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:+.3f}"
