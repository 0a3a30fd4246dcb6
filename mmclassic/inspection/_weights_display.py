"""FusionWeightsDisplay: how much each modality counts; for three, how the score depends on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion import WeightedSum, simplex_grid
from mmclassic.inspection._labels import codes_of, modality_names
from mmclassic.inspection._plotting import BLUE, RED, axes_for, score_label, sentence, tidy, wrapped
from mmclassic.inspection._scoring import make_metric
from mmclassic.inspection._triangle import draw_triangle


class FusionWeightsDisplay:
    """The weights of the modalities as bars; for three with scores, as a point in a triangle.

    Made by :meth:`from_estimator` or :meth:`from_search`.

    Parameters
    ----------
    modalities : sequence of str, length n_modalities
    weights : array-like of shape (n_modalities,)
    grid : array-like of shape (n_points, n_modalities), default=None
        Weights whose score is known.
    grid_scores : array-like of shape (n_points,), default=None
    score_name : str, default=None

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure

    See Also
    --------
    simplex_grid : Weights to search.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import GridSearchCV
    >>> from mmclassic import FusionWeightsDisplay, WeightedSum, simplex_grid
    >>> scores = np.array([[[0.9, 0.1], [0.5, 0.5]], [[0.1, 0.9], [0.5, 0.5]]] * 2)
    >>> search = GridSearchCV(WeightedSum(), {"weights": simplex_grid(2, step=0.5)}, cv=2)
    >>> display = FusionWeightsDisplay.from_search(search.fit(scores, [0, 1, 0, 1]))
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['modality 0', 'modality 1']
    """

    def __init__(self, modalities, weights, *, grid=None, grid_scores=None, score_name=None):
        self.modalities = list(modalities)
        self.weights = np.asarray(weights, dtype=float)
        self.grid = None if grid is None else np.asarray(grid, dtype=float)
        self.grid_scores = None if grid_scores is None else np.asarray(grid_scores, dtype=float)
        self.score_name = score_name

    @classmethod
    def from_estimator(
        cls, model, y=None, *, scoring="neg_log_loss", scores=None, step=0.05, ax=None
    ):
        """Draw the weights of a fitted fusion.

        Parameters
        ----------
        model : LateFusionClassifier or LateFusionRegressor, fitted
            Its head has one weight per modality.
        y : array-like of shape (n_samples,), default=None
            The labels that it was fitted on. With three modalities and the head
            :class:`WeightedSum` they give the triangle, from the cross-fitted score table.
            A search over weights has the scores already.
        scoring : str or callable, default="neg_log_loss"
            Scorer of the triangle, where y is given.
        scores : array-like of shape (n_samples, n_modalities, n_classes), default=None
            A cross-fitted table, where the model has none.
        step : float, default=0.05
            Of the triangle's grid, where y is given.
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : FusionWeightsDisplay

        Raises
        ------
        ValueError
            If the head has no weights, or there is no table to score them on.
        """
        check_is_fitted(model)
        if hasattr(model, "label_models_"):
            raise ValueError("Pass one of model.label_models_: each label has its own weights.")
        names = modality_names(model)
        head = getattr(model.fusion_, "best_estimator_", model.fusion_)
        weights = _weights_of(head, len(names))
        found: tuple = (None, None, None)
        if hasattr(model.fusion_, "cv_results_"):
            found = _searched(model.fusion_, names)
        elif y is not None and len(names) == 3 and isinstance(head, WeightedSum):
            found = _evaluated(model, y, scoring, scores, step)
        grid, values, name = found
        return cls(names, weights, grid=grid, grid_scores=values, score_name=name).plot(ax=ax)

    @classmethod
    def from_search(cls, search, *, modalities=None, ax=None):
        """Draw the weights that a search over a head has chosen.

        Parameters
        ----------
        search : fitted GridSearchCV or another search over "weights"
        modalities : sequence of str, default=None
            Names; None: those that the head knows, or "modality 0", ….
        ax : matplotlib Axes, default=None

        Returns
        -------
        display : FusionWeightsDisplay
        """
        check_is_fitted(search)
        head = search.best_estimator_
        if modalities is None:
            known = getattr(head, "modality_names_", range(len(head.weights_)))
            modalities = [
                name if isinstance(name, str) and not name.isdigit() else f"modality {name}"
                for name in known
            ]
        weights = _weights_of(head, len(modalities))
        grid, values, name = _searched(search, modalities)
        display = cls(modalities, weights, grid=grid, grid_scores=values, score_name=name)
        return display.plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw a triangle, where there are three modalities and scores; otherwise bars.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None: axes of a new figure.

        Returns
        -------
        display : FusionWeightsDisplay
        """
        if self._has_triangle:
            self.ax_ = axes_for(ax, (6.4, 5.2))
            label = sentence(score_label(self.score_name or "score"))
            draw_triangle(
                self.ax_, self.modalities, self.weights, self.grid, self.grid_scores, label
            )
        else:
            self.ax_ = tidy(axes_for(ax, (6.4, 1.3 + 0.45 * len(self.modalities))))
            self._draw_bars()
        self.figure_ = self.ax_.figure
        return self

    @property
    def _has_triangle(self):
        """Whether the points with a score span a plane."""
        if self.grid is None or len(self.modalities) != 3:
            return False
        points = self.grid[np.isfinite(self.grid_scores)]
        return len(points) >= 3 and np.linalg.matrix_rank(points[1:] - points[0]) == 2

    def _draw_bars(self):
        bars = self.ax_.barh(range(len(self.weights)), self.weights, 0.7, color=BLUE)
        for bar, weight in zip(bars, self.weights, strict=True):
            bar.set_color(BLUE if weight >= 0 else RED)
        self.ax_.bar_label(bars, [f"{w:.2f}".replace("-", "−") for w in self.weights], padding=3)
        self.ax_.set_yticks(range(len(self.weights)), [wrapped(name) for name in self.modalities])
        self.ax_.invert_yaxis()
        self.ax_.margins(x=0.12)
        self.ax_.set_xlabel("Weight in the fusion")
        self.ax_.set_title("How much each modality counts", fontsize="medium")


def _weights_of(head: Any, n_modalities: int) -> np.ndarray:
    weights = np.asarray(getattr(head, "weights_", []))
    if weights.shape != (n_modalities,):
        raise ValueError(
            f"{type(head).__name__} does not have one weight for each modality: "
            "FusionWeightsDisplay needs WeightedSum, LogPool, or a search over one. "
            "ModalityContributionDisplay takes any head."
        )
    return weights


def _searched(search: Any, names: list[str]) -> tuple:
    """Weights that a search tried, their best mean score each, and the name of the score."""
    results = search.cv_results_
    if "param_weights" not in results:
        return None, None, None
    best: dict[tuple, float] = {}
    for weights, value in zip(results["param_weights"], results["mean_test_score"], strict=True):
        point = _as_point(weights, names)
        if point is not None:
            best[point] = max(value, best.get(point, -np.inf))
    scoring = search.scoring
    name = scoring if isinstance(scoring, str) else _name_of_scorer(search, scoring)
    return np.array(list(best)), np.array(list(best.values())), name


def _name_of_scorer(search: Any, scoring: Any) -> str:
    if scoring is None:
        return "accuracy" if hasattr(search, "classes_") else "r2"
    name = getattr(scoring, "__name__", "score")
    return "neg_log_loss" if name == "negative_log_loss" else name


def _as_point(weights: Any, names: list[str]) -> tuple[float, ...] | None:
    """Weights as a tuple that sums to one; None for those that are learned."""
    if isinstance(weights, str):
        return None
    if weights is None:
        weights = np.ones(len(names))
    if isinstance(weights, dict):
        weights = [weights[name] for name in names]
    array = np.asarray(weights, dtype=float)
    return tuple((array / array.sum()).tolist())


def _evaluated(model: Any, y: Any, scoring: Any, scores: Any, step: float) -> tuple:
    """The score of a linear pool with each weight on a grid, over the cross-fitted table."""
    if scores is None and not hasattr(model, "cross_fit_scores_"):
        raise ValueError(
            "The model has no cross_fit_scores_ to score weights on: pass "
            "scores=cross_fit_scores(model, X, y)."
        )
    names, metric = make_metric(model, scoring)
    table = np.asarray(model.cross_fit_scores_ if scores is None else scores, dtype=float)
    codes = codes_of(y, model.classes_)
    if len(codes) != len(table):
        raise ValueError(f"The cross-fitted table has {len(table)} rows, y has {len(codes)}.")
    rows = ~np.isnan(table).all(axis=(1, 2))
    table, codes = table[rows], codes[rows]
    grid = np.array(simplex_grid(3, step=step))
    values = [
        metric(model.classes_[codes], WeightedSum(weights).fit(table, codes).predict_proba(table))
        for weights in grid
    ]
    return grid, np.array(values)[:, 0], names[0]
