"""RobustnessDisplay: accuracy and confidence while a modality is damaged, one panel per damage."""

from __future__ import annotations

import numpy as np

from mmclassic.inspection._plotting import BLUE, GREY, RED, score_label, sentence, tidy
from mmclassic.inspection._robustness import COLUMNS, robustness_curve

# Inches of one panel.
_WIDTH, _HEIGHT = 2.5, 2.2


class RobustnessDisplay:
    """A score against the severity of damage: a row of panels for each modality.

    Made by :meth:`from_estimator` or :meth:`from_frame`. Where the score is accuracy, mean
    confidence is drawn beside it: a model that knows when it is wrong has both fall together.

    Parameters
    ----------
    frame : pandas.DataFrame
        From :func:`robustness_curve`.
    metric : str, default=None
        Which score; None is the first.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The first panel.
    axes_ : ndarray of matplotlib Axes, shape (n_modalities, n_kinds)
        None where a modality has fewer kinds of damage.
    figure_ : matplotlib Figure

    See Also
    --------
    robustness_curve : The figures themselves.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier, RobustnessDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... ).fit(X[::2], y[::2])
    >>> display = RobustnessDisplay.from_estimator(model, X[1::2], y[1::2])
    >>> display.axes_.shape
    (2, 2)
    """

    def __init__(self, frame, *, metric=None):
        self.frame = frame
        self.metric = metric

    @classmethod
    def from_estimator(
        cls,
        model,
        X,
        y,
        *,
        modality=None,
        kinds=None,
        severities=None,
        scoring=None,
        random_state=0,
        ax=None,
    ):
        """Compute the curves, and draw them.

        Parameters
        ----------
        model : LateFusionClassifier or LateFusionRegressor, fitted
        X : frame or array-like of shape (n_samples, n_columns)
            Rows that the model was not fitted on.
        y : array-like of shape (n_samples,), or an indicator of shape (n_samples, n_labels)
        modality : str or sequence of str, default=None
        kinds : str or sequence of str, default=None
        severities : sequence of float, or dict from kind to sequence of float, default=None
        scoring : str, callable, sequence of str or dict, default=None
            All as in :func:`robustness_curve`.
        random_state : int, default=0
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : RobustnessDisplay
        """
        frame = robustness_curve(
            model,
            X,
            y,
            modality=modality,
            kinds=kinds,
            severities=severities,
            scoring=scoring,
            random_state=random_state,
        )
        return cls.from_frame(frame, ax=ax)

    @classmethod
    def from_frame(cls, frame, *, metric=None, ax=None):
        """Draw what :func:`robustness_curve` gave, or some of its rows.

        Parameters
        ----------
        frame : pandas.DataFrame
        metric : str, default=None
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : RobustnessDisplay

        Raises
        ------
        ValueError
            If a column is absent, there are no rows, or there is no such score.
        """
        absent = [name for name in COLUMNS if name not in frame.columns]
        if absent or not len(frame):
            raise ValueError(
                f"The frame has {len(frame)} rows and lacks the columns {absent}: pass what "
                "robustness_curve gave."
            )
        there = list(frame["metric"].unique())
        metric = there[0] if metric is None else metric
        if metric not in there:
            raise ValueError(f"The frame has no score {metric!r}; it has {there}.")
        return cls(frame, metric=metric).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the panels.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Its place is filled with the panels. None: a new figure.

        Returns
        -------
        display : RobustnessDisplay
        """
        metric = self.frame["metric"].iloc[0] if self.metric is None else self.metric
        shown = {metric, "confidence"} if metric == "accuracy" else {metric}
        rows = self.frame[self.frame["metric"].isin(shown)]
        panels = {
            name: list(dict.fromkeys(part["kind"]))
            for name, part in rows.groupby("modality", sort=False)
        }
        n_columns = max(len(kinds) for kinds in panels.values())
        grid = self._grid(ax, len(panels), n_columns)
        self.axes_ = np.full((len(panels), n_columns), None, dtype=object)
        for row, (name, kinds) in enumerate(panels.items()):
            for column, kind in enumerate(kinds):
                shared = self.axes_[0, 0]
                panel = tidy(self.figure_.add_subplot(grid[row, column], sharey=shared))
                own = rows[(rows["modality"] == name) & (rows["kind"] == kind)]
                _draw_panel(panel, own, metric)
                panel.set_title(_title_of(kind), fontsize="medium")
                panel.tick_params(axis="y", labelleft=column == 0)
                self.axes_[row, column] = panel
            both = ", confidence" * (len(shown) > 1)
            label = f"{name}\n{sentence(score_label(metric))}{both}"
            self.axes_[row, 0].set_ylabel(label, fontsize="medium")
        self.ax_ = self.axes_[0, 0]
        self._add_legend(own_figure=ax is None)
        return self

    def _add_legend(self, own_figure):
        """Below all panels; in a figure that is not ours, in the first panel."""
        if not own_figure:
            self.ax_.legend(frameon=False, fontsize="small", loc="best")
            return
        handles, labels = self.ax_.get_legend_handles_labels()
        self.figure_.legend(
            handles, labels, frameon=False, ncols=len(labels), loc="outside lower center"
        )

    def _grid(self, ax, n_rows, n_columns):
        """Places of the panels, in a new figure or instead of some axes."""
        import matplotlib.pyplot as plt
        from matplotlib.gridspec import GridSpec, GridSpecFromSubplotSpec

        if ax is None:
            # Not narrower than the legend.
            width = max(_WIDTH * n_columns + 0.6, 5.6)
            self.figure_ = plt.figure(figsize=(width, _HEIGHT * n_rows + 0.5), layout="constrained")
            self.figure_.get_layout_engine().set(h_pad=0.08)
            return GridSpec(n_rows, n_columns, figure=self.figure_)
        self.figure_ = ax.figure
        ax.set_axis_off()
        return GridSpecFromSubplotSpec(n_rows, n_columns, ax.get_subplotspec(), hspace=0.8)


def _title_of(kind):
    return "JPEG compression" if kind == "jpeg" else kind.replace("_", " ")


def _draw_panel(panel, rows, metric):
    """One kind of damage of one modality."""
    own = rows[rows["metric"] == metric].sort_values("level")
    panel.axhline(own["without"].iloc[0], color=GREY, linestyle=":", label="without the modality")
    panel.plot(own["level"], own["value"], "o-", color=BLUE, label=score_label(metric))
    sure = rows[rows["metric"] == "confidence"].sort_values("level")
    if metric == "accuracy" and len(sure):
        panel.plot(sure["level"], sure["value"], "s--", color=RED, label="mean confidence")
    severities = [f"{value:g}".replace("-", "−") for value in own["severity"].iloc[1:]]
    panel.set_xticks(own["level"], ["none", *severities], fontsize="small")
    panel.set_xlabel(own["unit"].iloc[0], fontsize="small")
