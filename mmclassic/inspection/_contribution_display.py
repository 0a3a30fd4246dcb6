"""ModalityContributionDisplay: what each modality brings, as bars."""

from __future__ import annotations

import numpy as np

from mmclassic.inspection._contributions import modality_ablation, modality_shapley
from mmclassic.inspection._plotting import (
    BLUE,
    GREY,
    ORANGE,
    axes_for,
    legend_below,
    score_label,
    sentence,
    signed,
    tidy,
    wrapped,
)


class ModalityContributionDisplay:
    """What each modality adds to a score, as horizontal bars.

    Made by :meth:`from_estimator` or :meth:`from_frame`.

    Parameters
    ----------
    modalities : sequence of str, length n_modalities
    parts : dict from str to array of shape (n_modalities,)
        One group of bars for each item: its label in the legend, and the values.
    score_name : str
    total : float
        Score of all modalities less that of the class prior.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    bars_ : list of matplotlib BarContainer

    See Also
    --------
    modality_shapley, modality_ablation : The figures themselves.

    Examples
    --------
    >>> from mmclassic import ModalityContributionDisplay
    >>> display = ModalityContributionDisplay(
    ...     ["text", "image"], {"Shapley value": [0.2, 0.1]}, score_name="accuracy", total=0.3
    ... ).plot()
    >>> display.ax_.get_xlabel()
    'Change of the accuracy'
    """

    def __init__(self, modalities, parts, *, score_name, total):
        self.modalities = list(modalities)
        self.parts = {label: np.asarray(values, dtype=float) for label, values in parts.items()}
        self.score_name = score_name
        self.total = total

    @classmethod
    def from_estimator(
        cls,
        model,
        X,
        y,
        *,
        kind="shapley",
        scoring="accuracy",
        scores=None,
        cv=5,
        groups=None,
        ax=None,
    ):
        """Compute the contributions, and draw them.

        Parameters
        ----------
        model : LateFusionClassifier or LateFusionRegressor, fitted
        X : frame or array-like of shape (n_samples, n_columns), or None
            As in :func:`modality_shapley`.
        y : array-like of shape (n_samples,), or an indicator of shape (n_samples, n_labels)
        kind : {"shapley", "ablation"}, default="shapley"
        scoring : str or callable, default="accuracy"
            One score.
        scores : array-like of shape (n_samples, n_modalities, n_classes), default=None
        cv : int, splitter or iterable, default=5
        groups : array-like of shape (n_samples,), default=None
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : ModalityContributionDisplay

        Raises
        ------
        ValueError
            If ``kind`` is another.
        """
        if kind not in ("shapley", "ablation"):
            raise ValueError(f'kind must be "shapley" or "ablation", got {kind!r}.')
        function = modality_shapley if kind == "shapley" else modality_ablation
        frame = function(model, X, y, scoring=scoring, scores=scores, cv=cv, groups=groups)
        return cls.from_frame(frame, ax=ax)

    @classmethod
    def from_frame(cls, frame, *, metric=None, ax=None):
        """Draw what :func:`modality_shapley` or :func:`modality_ablation` gave.

        Parameters
        ----------
        frame : pandas.DataFrame
        metric : str, default=None
            Which score; None is the first.
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : ModalityContributionDisplay

        Raises
        ------
        ValueError
            If the frame has no such score.
        """
        ablation = "kept" in frame.columns
        there = list(frame["metric"].unique() if ablation else frame.columns)
        metric = there[0] if metric is None else metric
        if metric not in there:
            raise ValueError(f"The frame has no score {metric!r}; it has {there}.")
        if not ablation:
            values = frame[metric]
            parts = {"Shapley value": values.to_numpy()}
            display = cls(frame.index, parts, score_name=metric, total=float(values.sum()))
            return display.plot(ax=ax)
        rows = frame[frame["metric"] == metric].set_index("kept")
        alone = rows.loc[["alone"]]
        nothing, everything = rows.loc["none", "value"], rows.loc["all", "value"]
        parts = {
            "alone, over the class prior": (alone["value"] - nothing).to_numpy(),
            "added to the others": (everything - rows.loc[["without"], "value"]).to_numpy(),
        }
        total = float(everything - nothing)
        return cls(alone["modality"], parts, score_name=metric, total=total).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the bars, the greatest at the top.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None: axes of a new figure.

        Returns
        -------
        display : ModalityContributionDisplay
        """
        n_modalities, n_parts = len(self.modalities), len(self.parts)
        self.ax_ = tidy(axes_for(ax, (6.4, 1.6 + 0.42 * n_modalities * n_parts)))
        self.figure_ = self.ax_.figure
        order = np.argsort(-next(iter(self.parts.values())), kind="stable")
        height = 0.8 / n_parts
        self.bars_ = []
        for place, (label, values) in enumerate(self.parts.items()):
            y = np.arange(n_modalities) + (place - (n_parts - 1) / 2) * height
            color = (BLUE, ORANGE)[place % 2]
            bars = self.ax_.barh(y, values[order], height * 0.9, label=label, color=color)
            self.ax_.bar_label(bars, [signed(value) for value in values[order]], padding=3)
            self.bars_.append(bars)
        self.ax_.set_yticks(range(n_modalities), [wrapped(self.modalities[k]) for k in order])
        self.ax_.invert_yaxis()
        self.ax_.axvline(0, color=GREY, linewidth=0.8)
        self.ax_.margins(x=0.18)  # room for the figures beside the bars
        self._label(n_parts)
        return self

    def _label(self, n_parts):
        name = score_label(self.score_name)
        self.ax_.set_xlabel(f"Change of the {name}")
        what = "Shapley value" if n_parts == 1 else "Contribution"
        self.ax_.set_title(
            f"{what} of each modality\n{sentence(name)}: all together {signed(self.total)} over "
            "the class prior",
            fontsize="medium",
        )
        if n_parts > 1:
            # Half an inch below the axis, however many bars there are.
            height = 0.42 * len(self.modalities) * n_parts + 0.6
            legend_below(self.ax_, 0.55 / height, n_columns=2)
