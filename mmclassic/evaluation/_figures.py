"""The pictures of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._metric_names import (
    greater_is_better,
    is_share,
    metric_in_words,
    shown_value,
)
from mmclassic.evaluation._svg import COLOURS, shown_text, svg_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# One unit of a figure is one pixel at its natural size.
UNITS_PER_INCH = 72
# Above this many classes the cells hold no numbers; above the other not every class is named.
N_CLASSES_WITH_NUMBERS = 15
N_CLASSES_NAMED = 60


def score_bars(frame: pd.DataFrame, metric: str) -> str:
    """Bars of one score per model, coloured by family, with the deviation over folds, as SVG.

    Parameters
    ----------
    frame : DataFrame
        As ``BenchmarkResult.frame``; its order is kept, the first on top.
    metric : str
    """
    words = metric_in_words(metric)
    means = frame[f"{metric}_mean"]
    listed = "; ".join(
        f"{model}: {shown_value(mean, metric)}"
        for model, mean in zip(frame["model"], means, strict=True)
    )
    better = "larger" if greater_is_better(metric) else "smaller"
    return svg_of(
        lambda: _bars(frame, metric),
        f"bars-{metric}",
        f"{words} of every model",
        f"Horizontal bars of the mean {words} over folds, {better} is better. {listed}.",
    )


def confusion_map(matrix: pd.DataFrame, model: str) -> str:
    """A confusion matrix as SVG: one row per true label, shaded by its share of the row.

    Parameters
    ----------
    matrix : DataFrame of int
        As ``BenchmarkResult.confusion()``.
    model : str
        Whose it is, for the text alternative.
    """
    return svg_of(
        lambda: _matrix(matrix),
        "confusion",
        f"Confusion matrix of {model}",
        f"{len(matrix)} true labels by {len(matrix)} predicted labels; {int(np.trace(matrix))} of "
        f"{int(matrix.to_numpy().sum())} predictions are right. Most often confused: "
        f"{', '.join(most_confused(matrix)) or 'none'}.",
    )


def most_confused(matrix: pd.DataFrame, n_listed: int = 5) -> list[str]:
    """The most frequent confusions of two labels, in words.

    Examples
    --------
    >>> import pandas as pd
    >>> labels = ["cat", "dog"]
    >>> most_confused(pd.DataFrame([[8, 2], [1, 9]], index=labels, columns=labels))
    ['cat taken for dog (2 of 10)', 'dog taken for cat (1 of 10)']
    """
    counts = matrix.to_numpy()
    wrong = counts - np.diag(np.diag(counts))
    order = np.argsort(-wrong, axis=None, kind="stable")[:n_listed]
    pairs = [np.unravel_index(position, wrong.shape) for position in order]
    labels = [shown_text(label, 60) for label in matrix.index]
    return [
        f"{labels[true]} taken for {labels[predicted]} "
        f"({wrong[true, predicted]} of {counts[true].sum()})"
        for true, predicted in pairs
        if wrong[true, predicted] > 0
    ]


def _bars(frame: pd.DataFrame, metric: str) -> Figure:
    figure, axes = canvas(380, 46 + 26 * len(frame))
    means = frame[f"{metric}_mean"].to_numpy(dtype=float)
    spreads = np.nan_to_num(frame[f"{metric}_std"].to_numpy(dtype=float))
    lengths, positions = np.nan_to_num(means), np.arange(len(frame))
    colours = [COLOURS[family] for family in frame["family"]]
    axes.barh(positions, lengths, height=0.62, color=colours, clip_on=False)
    whiskers = np.flatnonzero(spreads)
    # Scorers such as neg_log_loss are below 0.
    lowest = 0.0 if lengths.min() >= 0 else 1.04 * float((lengths - spreads).min())
    for colour, width in ((COLOURS["paper"], 4.0), (COLOURS["ink"], 1.8)):  # a pale rim, the line
        axes.hlines(
            positions[whiskers],
            np.maximum(lengths[whiskers] - spreads[whiskers], lowest),
            lengths[whiskers] + spreads[whiskers],
            color=colour,
            linewidth=width,
            clip_on=False,
        )
    longest = float((lengths + spreads).max(initial=0.0))
    most = 1.0 if (is_share(metric) and longest <= 1.0) or lowest == longest else 1.04 * longest
    axes.set_xlim(lowest, most)
    axes.set_ylim(len(frame) - 0.45, -0.55)
    axes.set_yticks(positions, [shown_text(name, 18) for name in frame["model"]], parse_math=False)
    for label, default in zip(axes.get_yticklabels(), frame["default"], strict=True):
        label.set_fontweight("bold" if default else "normal")
    _values_at_right(axes, means, frame["default"], metric)
    axes.xaxis.grid(True, color=COLOURS["grid"], linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(axis="x", labelsize=10, labelcolor=COLOURS["muted"])
    return figure


def _values_at_right(axes: Axes, values: np.ndarray, defaults: pd.Series, metric: str) -> None:
    for position, (value, default) in enumerate(zip(values, defaults, strict=True)):
        axes.text(
            1.17,
            position,
            shown_value(value, metric),
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            color=COLOURS["ink"],
            fontsize=11.5,
            fontweight="bold" if default else "normal",
        )


def _matrix(matrix: pd.DataFrame) -> Figure:
    from matplotlib.patches import Rectangle

    counts = matrix.to_numpy()
    n_classes = len(counts)
    side = min(64 * n_classes + 60, 13 * n_classes + 260)
    label_size = float(np.clip(0.8 * side / n_classes, 8, 11.5))
    names = [shown_text(label, 22) for label in matrix.index]
    longest = max(map(len, names))
    margin = 34 + longest * label_size * 0.62
    upright = longest * label_size * 0.7 < side / n_classes  # the names fit below their columns
    figure, axes = canvas(side + margin, side + margin)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for true, predicted in zip(*np.nonzero(counts), strict=True):
        share = shares[true, predicted]
        place = (predicted - 0.5, true - 0.5)
        colour = COLOURS["accent"]
        axes.add_patch(Rectangle(place, 1, 1, color=colour, alpha=0.06 + 0.94 * share, linewidth=0))
        if n_classes <= N_CLASSES_WITH_NUMBERS:
            _cell_number(axes, true, predicted, counts[true, predicted], share)
    step = -(-n_classes // N_CLASSES_NAMED)
    ticks = np.arange(0, n_classes, step)
    axes.set_xticks(ticks, names[::step], rotation=0 if upright else 90, parse_math=False)
    axes.set_yticks(ticks, names[::step], parse_math=False)
    axes.tick_params(labelsize=label_size)
    axes.set_xlim(-0.5, n_classes - 0.5)
    axes.set_ylim(n_classes - 0.5, -0.5)
    axes.set_xlabel("predicted label", color=COLOURS["muted"], fontsize=11)
    axes.set_ylabel("true label", color=COLOURS["muted"], fontsize=11)
    axes.set_aspect("equal")
    for spine in axes.spines.values():
        spine.set(visible=True, color=COLOURS["grid"])
    return figure


def _cell_number(axes: Axes, true: int, predicted: int, count: int, share: float) -> None:
    axes.text(
        predicted,
        true,
        str(count),
        ha="center",
        va="center",
        fontsize=11,
        color=COLOURS["paper"] if share > 0.5 else COLOURS["ink"],
    )


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A bare figure of so many pixels."""
    from matplotlib.figure import Figure

    size = (width / UNITS_PER_INCH, height / UNITS_PER_INCH)
    figure = Figure(figsize=size, dpi=UNITS_PER_INCH, layout="constrained")
    axes = figure.add_subplot()
    axes.tick_params(length=0, labelsize=11.5, labelcolor=COLOURS["ink"])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure, axes
