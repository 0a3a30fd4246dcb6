"""ReliabilityDisplay: how well confidence tracks accuracy."""

from __future__ import annotations

import numpy as np
from scipy.stats import binomtest

from mmclassic.inspection._plotting import GREY, SERIES, axes_for, legend_below, tidy
from mmclassic.inspection._reliability import reliability_curve
from mmclassic.inspection._selective import _checked

_DIAGONAL = "perfectly calibrated"


class ReliabilityDisplay:
    """Accuracy against confidence of the predicted class, in bins of equally many rows.

    Made by :meth:`from_estimator` or :meth:`from_predictions`; with ``ax`` of another one, both
    are in one picture.

    Parameters
    ----------
    confidence, accuracy : array-like of shape (n_bins,)
    n_rows : array-like of shape (n_bins,), int
    name : str, default=None
        In the legend.

    Attributes
    ----------
    calibration_error : float
        Mean distance of confidence and accuracy, by rows.
    intervals_ : ndarray of shape (n_bins, 2)
        95 % intervals of each accuracy (Wilson).
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    line_ : matplotlib Line2D

    See Also
    --------
    reliability_curve : The figures themselves.
    sklearn.calibration.CalibrationDisplay : For the probability of one class.

    Examples
    --------
    >>> from mmclassic import ReliabilityDisplay
    >>> probabilities = [[0.9, 0.1], [0.9, 0.1], [0.4, 0.6], [0.4, 0.6]]
    >>> display = ReliabilityDisplay.from_predictions([0, 0, 1, 0], probabilities, n_bins=2)
    >>> round(display.calibration_error, 2)
    0.1
    """

    def __init__(self, confidence, accuracy, n_rows, *, name=None):
        self.confidence = np.asarray(confidence, dtype=float)
        self.accuracy = np.asarray(accuracy, dtype=float)
        self.n_rows = np.asarray(n_rows)
        self.name = name

    @property
    def calibration_error(self):
        """Mean distance of confidence and accuracy, by rows."""
        return float(np.average(np.abs(self.confidence - self.accuracy), weights=self.n_rows))

    @classmethod
    def from_estimator(cls, estimator, X, y, *, n_bins=10, name=None, ax=None):
        """Draw the curve of a classifier, on rows that it was not fitted on.

        Parameters
        ----------
        estimator : fitted classifier with predict_proba
        X : frame or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
        n_bins : int, default=10
        name : str, default=None
            None: the class of the estimator.
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : ReliabilityDisplay
        """
        name = type(estimator).__name__ if name is None else name
        return cls.from_predictions(
            y,
            estimator.predict_proba(X),
            classes=estimator.classes_,
            n_bins=n_bins,
            name=name,
            ax=ax,
        )

    @classmethod
    def from_predictions(cls, y, probabilities, *, classes=None, n_bins=10, name=None, ax=None):
        """Draw the curve of probabilities in hand.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
        probabilities : array-like of shape (n_samples, n_classes)
        classes : array-like of shape (n_classes,), default=None
            Labels of the columns. None: y holds positions 0 … n_classes - 1.
        n_bins : int, default=10
        name : str, default=None
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : ReliabilityDisplay
        """
        curve = reliability_curve(y, _checked(probabilities), classes=classes, n_bins=n_bins)
        found = cls(curve["confidence"], curve["accuracy"], curve["n_rows"], name=name)
        return found.plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the curve, its intervals and the diagonal.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None: axes of a new figure.

        Returns
        -------
        display : ReliabilityDisplay
        """
        self.ax_ = tidy(axes_for(ax, (5.2, 6.0)))
        self.figure_ = self.ax_.figure
        drawn = [line for line in self.ax_.lines if line.get_label() != _DIAGONAL]
        if len(drawn) == len(self.ax_.lines):
            self.ax_.plot([0, 1], [0, 1], "--", color=GREY, linewidth=1, label=_DIAGONAL)
        color = SERIES[len(drawn) % len(SERIES)]
        named = "" if self.name is None else f"{self.name}, "
        label = f"{named}calibration error {self.calibration_error:.3f}"
        [self.line_] = self.ax_.plot(
            self.confidence, self.accuracy, marker="os^D"[len(drawn) % 4], color=color, label=label
        )
        self.intervals_ = self._intervals()
        self.ax_.vlines(self.confidence, *self.intervals_.T, color=color, alpha=0.45, linewidth=2.5)
        self._label()
        return self

    def _intervals(self):
        right = np.rint(self.accuracy * self.n_rows).astype(int)
        found = [
            binomtest(int(hits), int(rows)).proportion_ci(0.95, method="wilson")
            for hits, rows in zip(right, self.n_rows, strict=True)
        ]
        return np.array([(one.low, one.high) for one in found])

    def _label(self):
        self.ax_.set(
            xlim=(0, 1.02),
            ylim=(0, 1.02),
            xlabel="Confidence: mean probability of the predicted class",
            ylabel="Accuracy: share of rows that are right",
        )
        self.ax_.set_title(
            "Does confidence track accuracy?\nBins of equally many rows, 95 % intervals",
            fontsize="medium",
        )
        legend_below(self.ax_, 0.13)
