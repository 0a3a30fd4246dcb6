"""What the displays share: axes, colours, and how a score is called on an axis."""

from __future__ import annotations

from textwrap import fill
from typing import Any

# Okabe and Ito's colours: told apart with any colour vision, and in grey by their order.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#595959"
SERIES = (BLUE, RED, GREEN, ORANGE, "#CC79A7", "#56B4E9", "#000000")

_LABELS = {
    "accuracy": "accuracy",
    "neg_log_loss": "negative log-loss, nats",
    "r2": "R²",
    "neg_root_mean_squared_error": "negative RMSE, units of the target",
}


def axes_for(ax: Any, size: tuple[float, float]) -> Any:
    """The given axes, or those of a new figure that leaves room for all labels.

    Parameters
    ----------
    ax : matplotlib axes or None
    size : (float, float)
        Width and height of a new figure, in inches.
    """
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1] if ax is None else ax


def legend_below(ax: Any, below: float, n_columns: int = 1) -> None:
    """A legend under the axis where the figure makes room for it, else where it covers least.

    Parameters
    ----------
    ax : matplotlib axes
    below : float
        Distance from the axis, as a share of its length.
    n_columns : int, default=1
    """
    if ax.figure.get_layout_engine() is None:
        ax.legend(frameon=False, loc="best")
        return
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, -below), "ncols": n_columns}
    ax.legend(frameon=False, **place)


def score_label(name: str) -> str:
    """What an axis calls a score.

    Examples
    --------
    >>> score_label("neg_log_loss"), score_label("balanced_accuracy")
    ('negative log-loss, nats', 'balanced accuracy')
    """
    return _LABELS.get(name, name.replace("neg_", "negative ").replace("_", " "))


def sentence(text: str) -> str:
    """Text that begins with a capital letter.

    Examples
    --------
    >>> sentence("accuracy"), sentence("R² of it")
    ('Accuracy', 'R² of it')
    """
    return text[:1].upper() + text[1:]


def wrapped(name: str) -> str:
    """A name in lines short enough to leave room for what it names.

    Examples
    --------
    >>> wrapped("text: a column with a long name")
    'text: a column\\nwith a long name'
    """
    return fill(name, 18)


def signed(value: float) -> str:
    """A difference with its sign, to three decimals; a true minus sign.

    Examples
    --------
    >>> signed(0.1234), signed(-0.5), signed(0.0)
    ('+0.123', '−0.500', '0.000')
    """
    text = f"{abs(value):.3f}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else "−") + text


def tidy(ax: Any) -> Any:
    """No frame but the two axes."""
    ax.spines[["top", "right"]].set_visible(False)
    return ax
