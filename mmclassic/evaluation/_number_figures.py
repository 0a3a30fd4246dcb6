"""The pictures of a regression: predicted against true, and the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._figures import canvas
from mmclassic.evaluation._insight_figures import HEIGHT, WIDTH, _grid
from mmclassic.evaluation._metric_names import shown_number
from mmclassic.evaluation._svg import COLOURS, svg_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# More points would only make the page larger: a sample of them looks the same.
MAX_POINTS = 600
N_BARS = 25


def predicted_and_true(true: np.ndarray, predicted: np.ndarray, model: str) -> str:
    """Predicted against true values, the diagonal being perfect, as SVG.

    Parameters
    ----------
    true, predicted : ndarray of shape (n_rows,)
    model : str
    """
    told = true.std() > 0 and predicted.std() > 0
    correlation = f"{np.corrcoef(true, predicted)[0, 1]:.2f}" if told else "unknown"
    return svg_of(
        lambda: _scatter(true, predicted),
        "predicted",
        f"Predicted and true values of {model}",
        f"One point for each of {len(true)} test rows. True values from {shown_number(true.min())} "
        f"to {shown_number(true.max())}, predicted ones from {shown_number(predicted.min())} to "
        f"{shown_number(predicted.max())}; correlation {correlation}.",
    )


def residuals(true: np.ndarray, predicted: np.ndarray, model: str) -> str:
    """How often predictions are off by how much, as SVG.

    Parameters
    ----------
    true, predicted : ndarray of shape (n_rows,)
    model : str
    """
    errors = predicted - true
    shares = np.quantile(errors, [0.05, 0.25, 0.5, 0.75, 0.95])
    listed = ", ".join(shown_number(value) for value in shares)
    return svg_of(
        lambda: _histogram(errors),
        "residuals",
        f"Errors of {model}: predicted minus true",
        f"A histogram of {len(errors)} errors. 5, 25, 50, 75 and 95 % of them are below {listed}.",
    )


def _scatter(true: np.ndarray, predicted: np.ndarray) -> Figure:
    figure, axes = canvas(WIDTH, HEIGHT + 40)
    low = min(float(true.min()), float(predicted.min()))
    high = max(float(true.max()), float(predicted.max()))
    edge = 0.04 * max(high - low, 1e-9)
    limits = (low - edge, high + edge)
    axes.plot(limits, limits, color=COLOURS["muted"], linewidth=1.2, linestyle=(0, (2, 3)))
    rows = np.arange(len(true))
    if len(rows) > MAX_POINTS:
        rows = np.random.default_rng(0).choice(rows, MAX_POINTS, replace=False)
    axes.plot(
        true[rows], predicted[rows], linestyle="", marker="o", markersize=4.5, alpha=0.55,
        color=COLOURS["late"], markeredgewidth=0,
    )  # fmt: skip
    axes.set_xlim(*limits)
    axes.set_ylim(*limits)
    axes.locator_params(nbins=6)
    _grid(axes, "true", "predicted")
    return figure


def _histogram(errors: np.ndarray) -> Figure:
    figure, axes = canvas(WIDTH, HEIGHT + 40)
    n_bars = min(N_BARS, max(5, int(np.sqrt(len(errors)))))
    axes.hist(errors, bins=n_bars, color=COLOURS["late"], edgecolor=COLOURS["paper"], linewidth=0.8)
    axes.axvline(0, color=COLOURS["muted"], linewidth=1.2, linestyle=(0, (2, 3)))
    axes.locator_params(nbins=6)
    _grid(axes, "predicted minus true", "rows")
    return figure
