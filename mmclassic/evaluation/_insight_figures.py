"""The pictures of the report that look inside: contributions, calibration, risk, damage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np

from mmclassic.evaluation._calibration import BEFORE
from mmclassic.evaluation._figures import canvas
from mmclassic.evaluation._metric_names import (
    UNITS,
    is_share,
    metric_in_words,
    shown_gain,
    shown_value,
)
from mmclassic.evaluation._svg import COLOURS, shown_text, svg_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mmclassic.inspection._selective import RiskCoverage

Corner = Literal["lower left", "lower right", "upper left"]
WIDTH, HEIGHT = 380, 300
# Of a line: more would only make the page larger.
MAX_POINTS = 400
# Lines differ in dash and marker too: colour alone does not reach everybody.
STYLES = (
    ("late", "-", "o"),
    ("modality", "--", "s"),
    ("early", "-.", "^"),
    ("accent", ":", "D"),
    ("choice", "-", "v"),
)


def shares(frame: pd.DataFrame, metric: str = "accuracy") -> str:
    """Shapley values for a score as SVG: one bar per modality.

    Parameters
    ----------
    frame : DataFrame
        As ``BenchmarkResult.contributions``.
    metric : str
        Shares are drawn in points.
    """
    values = frame[f"{metric}_shapley"].to_numpy(dtype=float)
    listed = [
        f"{name}: {shown_gain(value, metric)}"
        for name, value in zip(frame["modality"], values, strict=True)
    ]
    words, unit = metric_in_words(metric), ", in points" if is_share(metric) else ""
    return svg_of(
        lambda: _bars(list(frame["modality"]), values, metric),
        "shares",
        f"What each modality brings to the {words}{unit}",
        f"Horizontal bars of Shapley values. {'; '.join(listed)}.",
    )


def reliability_map(frame: pd.DataFrame, model: str) -> str:
    """Accuracy against confidence, the diagonal being perfect, as SVG.

    Parameters
    ----------
    frame : DataFrame
        As ``BenchmarkResult.calibration``.
    model : str
        The default fusion.
    """
    own = frame[frame["model"] == model]
    listed = [f"{c:.2f}: {a:.2f}" for c, a in zip(own["confidence"], own["accuracy"], strict=True)]
    return svg_of(
        lambda: _reliability(frame, model),
        "reliability",
        f"Reliability of {model}",
        f"Share of right answers against confidence in bins of equally many rows. Of {model}, "
        f"confidence and share: {', '.join(listed)}.",
    )


def risk_curves(curves: Mapping[str, RiskCoverage], answers: str = "rows") -> str:
    """Share of errors against the share of answers given, the surest first, as SVG.

    Parameters
    ----------
    curves : mapping from model to RiskCoverage
        The default fusion first.
    answers : str, default="rows"
        What is counted.
    """
    listed = [f"{name}: {curve.risk[-1]:.3f} of all {answers}" for name, curve in curves.items()]
    return svg_of(
        lambda: _risk(curves, answers),
        "risk",
        f"Errors among the {answers} answered, the surest first",
        f"Falling confidence from left to right. Errors of {'; '.join(listed)}.",
    )


def damage_curves(
    frame: pd.DataFrame, modality: str, name: str, limits: tuple[float, float]
) -> str:
    """A score against growing damage to one modality, one line per kind of damage, as SVG.

    Parameters
    ----------
    frame : DataFrame
        Rows of ``robustness_curve`` of one modality and metric.
    modality : str
    name : str
        Unique in the page.
    limits : (float, float)
        Of the score, the same for all modalities.
    """
    last = frame.groupby("kind", sort=False).last()
    listed = [f"{kind}: {row['value']:.3f}" for kind, row in last.iterrows()]
    words = metric_in_words(str(frame["metric"].iloc[0]))
    return svg_of(
        lambda: _damage(frame, words, limits),
        name,
        f"{words} while {modality} is damaged",
        f"From no damage to the worst. At the worst, {'; '.join(listed)}. Without {modality}: "
        f"{frame['without'].iloc[0]:.3f}.",
    )


def learning_lines(frame: pd.DataFrame) -> str:
    """A score against the number of training rows, one line per model, as SVG.

    Parameters
    ----------
    frame : DataFrame
        As ``BenchmarkResult.learning_curve``.
    """
    metric = str(frame["metric"].iloc[0])
    words = metric_in_words(metric)
    listed = [
        f"{model}: " + ", ".join(shown_value(mean, metric) for mean in own["mean"])
        for model, own in frame.groupby("model", sort=False)
    ]
    sizes = ", ".join(f"{n_train:.0f}" for n_train in dict.fromkeys(frame["n_train"]))
    return svg_of(
        lambda: _learning(frame, words),
        "learning-curve",
        f"{words} by training rows",
        f"Means over folds with {sizes} training rows. {'; '.join(listed)}.",
    )


def _learning(frame: pd.DataFrame, words: str) -> Figure:
    figure, axes = canvas(WIDTH, HEIGHT)
    styles = {"late": STYLES[0], "early": STYLES[2]}
    for model, own in frame.groupby("model", sort=False):
        colour, dash, marker = styles.get(own["family"].iloc[0], STYLES[1])
        _line(axes, own["n_train"], own["mean"], str(model), colour, dash, marker)
    low, high = float(frame["mean"].min()), float(frame["mean"].max())
    # Small changes should look small, whatever the unit.
    span = max(high - low, 0.1 if str(frame["metric"].iloc[0]) not in UNITS else 0.1 * abs(high))
    axes.set_ylim(high - 1.45 * span, high + 0.05 * span)  # below is room for the legend
    axes.set_xlim(0, 1.03 * float(frame["n_train"].max()))
    _legend(axes, "lower right")
    _grid(axes, "training rows", words)
    return figure


def _bars(names: list[str], values: np.ndarray, metric: str) -> Figure:
    points = 100 * values if is_share(metric) else values
    figure, axes = canvas(WIDTH, 60 + 34 * len(names))
    places = np.arange(len(names))
    axes.barh(places, points, height=0.6, color=COLOURS["modality"])
    low, high = min(points.min(), 0.0), max(points.max(), 0.0)
    room = 0.24 * max(high - low, 1e-9)
    for place, value in enumerate(points.tolist()):
        axes.text(
            max(value, 0.0) + 0.06 * room, place, shown_gain(values[place], metric),
            va="center", ha="left", color=COLOURS["ink"], fontsize=11.5,
        )  # fmt: skip
    axes.axvline(0, color=COLOURS["muted"], linewidth=1)
    axes.set_xlim(low - (0.2 * room if low < 0 else 0), high + room)
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.set_yticks(places, [shown_text(name, 18) for name in names], parse_math=False)
    words = metric_in_words(metric)
    _grid(axes, f"points of {words}" if is_share(metric) else words, "", axis="x")
    return figure


def _reliability(frame: pd.DataFrame, model: str) -> Figure:
    figure, axes = canvas(WIDTH, HEIGHT)
    axes.plot([0, 1], [0, 1], color=COLOURS["muted"], linewidth=1.2, linestyle=(0, (2, 3)))
    for name, own in frame.groupby("model", sort=False):
        colour, dash, marker = STYLES[1] if name == BEFORE and name != model else STYLES[0]
        _line(axes, own["confidence"], own["accuracy"], str(name), colour, dash, marker)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.04)
    _legend(axes, "lower right")
    _grid(axes, "confidence", "share of right answers")
    return figure


def _risk(curves: Mapping[str, RiskCoverage], answers: str) -> Figure:
    figure, axes = canvas(WIDTH, HEIGHT)
    for (name, curve), style in zip(curves.items(), STYLES, strict=False):
        n_points = len(curve.coverage)
        few = np.unique(np.linspace(0, n_points - 1, min(n_points, MAX_POINTS)).astype(int))
        _line(axes, curve.coverage[few], curve.risk[few], name, style[0], style[1], "")
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, max(0.05, 1.1 * max(curve.risk.max() for curve in curves.values())))
    _legend(axes, "upper left")
    _grid(axes, f"share of {answers} answered", "share of errors")
    return figure


def _damage(own: pd.DataFrame, words: str, limits: tuple[float, float]) -> Figure:
    figure, axes = canvas(WIDTH, HEIGHT)
    kinds = own.groupby("kind", sort=False)
    for index, (kind, line) in enumerate(kinds):
        colour, dash, marker = STYLES[index % len(STYLES)]
        _line(axes, line["level"], line["value"], str(kind).replace("_", " "), colour, dash, marker)
    without = own["without"].iloc[0]
    axes.axhline(without, color=COLOURS["muted"], linewidth=1.2, linestyle=(0, (2, 3)))
    axes.set_xticks(range(int(own["level"].max()) + 1))
    axes.set_ylim(*limits)
    if limits[0] < 0 <= own["value"].min():  # the room of the legend is no part of the scale
        axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= limits[1]])
    _legend(axes, "lower left")
    _grid(axes, "level of damage", words)
    return figure


def _line(axes: Axes, x, y, label: str, colour: str, dash: str, marker: str) -> None:
    axes.plot(
        np.asarray(x, dtype=float), np.asarray(y, dtype=float), label=shown_text(label, 24),
        color=COLOURS[colour], linestyle=dash, linewidth=2, marker=marker, markersize=5,
        clip_on=False,
    )  # fmt: skip


def _legend(axes: Axes, place: Corner) -> None:
    legend = axes.legend(
        loc=place, frameon=False, fontsize=10.5, labelcolor=COLOURS["ink"], handlelength=2.4
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _grid(axes: Axes, below: str, beside: str, axis: Literal["both", "x"] = "both") -> None:
    axes.grid(True, axis=axis, color=COLOURS["grid"], linewidth=1)
    axes.set_axisbelow(True)
    axes.set_xlabel(below, color=COLOURS["muted"], fontsize=11)
    axes.set_ylabel(beside, color=COLOURS["muted"], fontsize=11)
    axes.tick_params(axis="x", labelsize=10, labelcolor=COLOURS["muted"])
    if axis == "both":
        axes.tick_params(axis="y", labelsize=10, labelcolor=COLOURS["muted"])
