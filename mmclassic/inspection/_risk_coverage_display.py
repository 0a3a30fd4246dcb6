"""RiskCoverageDisplay: what it buys to answer only where the model is sure."""

from __future__ import annotations

import numpy as np

from mmclassic.inspection._plotting import SERIES, axes_for, tidy
from mmclassic.inspection._selective import risk_coverage_curve


class RiskCoverageDisplay:
    """Share of wrong answers against the share of rows that are answered, the surest first.

    Made by :meth:`from_estimator` or :meth:`from_predictions`; with ``ax`` of another one, both
    are in one picture.

    Parameters
    ----------
    coverage, risk : array-like of shape (n_points,)
    area : float
        Mean of the risk over all coverages.
    name : str, default=None
        In the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    line_ : matplotlib Line2D

    See Also
    --------
    risk_coverage_curve : The figures themselves.
    abstain : Which rows to leave to a person.

    Examples
    --------
    >>> from mmclassic import RiskCoverageDisplay
    >>> probabilities = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]
    >>> display = RiskCoverageDisplay.from_predictions([0, 1, 1], probabilities)
    >>> round(display.area, 3)
    0.111
    """

    def __init__(self, coverage, risk, *, area, name=None):
        self.coverage = np.asarray(coverage, dtype=float)
        self.risk = np.asarray(risk, dtype=float)
        self.area = area
        self.name = name

    @classmethod
    def from_estimator(cls, estimator, X, y, *, name=None, ax=None):
        """Draw the curve of a classifier, on rows that it was not fitted on.

        Parameters
        ----------
        estimator : fitted classifier with predict_proba
        X : frame or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
        name : str, default=None
            None: the class of the estimator.
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : RiskCoverageDisplay
        """
        name = type(estimator).__name__ if name is None else name
        probabilities = estimator.predict_proba(X)
        return cls.from_predictions(y, probabilities, classes=estimator.classes_, name=name, ax=ax)

    @classmethod
    def from_predictions(cls, y, probabilities, *, classes=None, name=None, ax=None):
        """Draw the curve of probabilities in hand.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
        probabilities : array-like of shape (n_samples, n_classes)
        classes : array-like of shape (n_classes,), default=None
            Labels of the columns. None: y holds positions 0 … n_classes - 1.
        name : str, default=None
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : RiskCoverageDisplay
        """
        curve = risk_coverage_curve(y, probabilities, classes=classes)
        return cls(curve.coverage, curve.risk, area=curve.area, name=name).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the curve, from the surest row to all rows.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None: axes of a new figure.

        Returns
        -------
        display : RiskCoverageDisplay
        """
        from matplotlib.ticker import PercentFormatter

        self.ax_ = tidy(axes_for(ax, (6.4, 4.4)))
        self.figure_ = self.ax_.figure
        place = len(self.ax_.lines)
        color = SERIES[place % len(SERIES)]
        named = "" if self.name is None else f"{self.name}, "
        # A curve in steps: between two confidences there is nothing to choose.
        [self.line_] = self.ax_.step(
            self.coverage, self.risk, where="post", color=color,
            linestyle=("-", "--", "-.", ":")[place % 4], label=f"{named}mean risk {self.area:.3f}",
        )  # fmt: skip
        # A scatter, for it must not count as a curve when the next one takes its colour.
        self.ax_.scatter(self.coverage[-1:], self.risk[-1:], color=color, clip_on=False, zorder=3)
        room = 1.15 + 0.08 * (place + 1)  # for the legend
        top = max(line.get_ydata().max() for line in self.ax_.lines)
        self.ax_.set(xlim=(0, 1), ylim=(0, max(top * room, 0.01)))
        self.ax_.xaxis.set_major_formatter(PercentFormatter(1))
        self.ax_.yaxis.set_major_formatter(PercentFormatter(1, decimals=0 if top > 0.05 else 1))
        self.ax_.set_xlabel("Coverage: share of rows that are answered, the surest first")
        self.ax_.set_ylabel("Risk: share of wrong answers")
        self.ax_.set_title("What leaving unsure rows to a person buys", fontsize="medium")
        self.ax_.legend(frameon=False, loc="upper left")
        return self
