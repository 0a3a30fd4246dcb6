"""Regression: one number for each row."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from sklearn.base import clone, is_regressor
from sklearn.dummy import DummyRegressor

from mmclassic._threads import one_thread
from mmclassic.evaluation._number_metrics import NUMBER_METRICS
from mmclassic.evaluation._task import Task
from mmclassic.fusion import MedianRegressor, StackedRegressor, WeightedSumRegressor
from mmclassic.fusion._early_member import fit_early
from mmclassic.fusion._early_regressor import choose_alpha, ridge_candidates
from mmclassic.fusion._heads import fit_head, learns_from_scores
from mmclassic.fusion._regression_folds import regression_splitter
from mmclassic.fusion._regression_heads import make_regression_head
from mmclassic.fusion._regression_member import fit_regressor, predict_member
from mmclassic.fusion._routing import RoutedParams
from mmclassic.fusion._target import target_mean
from mmclassic.recipes import make_early_fusion_regressor, make_late_fusion_regressor


def number_heads() -> dict[str, Any]:
    """Every head that the benchmark of a regression compares, by name.

    Examples
    --------
    >>> list(number_heads())
    ['weighted_sum', 'mean', 'median', 'stacking']
    """
    return {
        "weighted_sum": WeightedSumRegressor("learned"),
        "mean": WeightedSumRegressor(),
        "median": MedianRegressor(),
        "stacking": StackedRegressor(),
    }


class NumberTask(Task):
    """Numbers; the output is the predicted one.

    Parameters
    ----------
    y : ndarray of shape (n_rows,), float

    Examples
    --------
    >>> NumberTask(np.array([1.0, 2.0, 6.0])).prior(np.arange(3))
    array([3.])
    """

    kind = "regression"
    prior_name = "target mean"
    default_head = "weighted_sum"
    metrics = NUMBER_METRICS
    alone = WeightedSumRegressor()

    def __init__(self, y: np.ndarray):
        self.y, self.classes = y, np.array([])

    @property
    def n_outputs(self) -> int:
        return 1

    @property
    def strata(self) -> np.ndarray:
        return np.zeros(len(self.y), dtype=int)

    def make_late(self, **options):
        return make_late_fusion_regressor(**options)

    def make_early(self, **options):
        return make_early_fusion_regressor(**options)

    def penalties(self, early):
        return early.alphas

    def splitter(self, cv, groups, random_state, rows=None):
        target = self.y if rows is None else self.y[rows]
        return regression_splitter(cv, target, groups, random_state=random_state)

    def check_training(self, rows, where):
        if not np.ptp(self.y[rows]) > 0:
            raise ValueError(
                f"{where} have the same target, {self.y[rows][0]:g}: nothing to learn."
            )

    def complete(self, rows):
        return len(rows) > 1

    def heads(self, n_modalities):
        return number_heads()

    def prior(self, rows):
        return np.array([target_mean(self.y[rows])])

    def fit_and_score(self, member, train, rows):
        start = time.perf_counter()
        if member.penalties is None:
            fitted = fit_regressor(member.blocks[0], self.y, train)
            middle = time.perf_counter()
            with one_thread():
                values = predict_member(fitted, member.blocks[0], rows)[:, None]
        else:
            candidates = ridge_candidates(member.penalties)
            fitted = fit_early(member.blocks, self.y, train, candidates)
            middle = time.perf_counter()
            values = fitted.predictions(member.blocks, rows)[:, :, None]
        return values, middle - start, time.perf_counter() - middle

    def cross_fit(self, blocks, values, rows, priors):
        return values, None

    def to_scores(self, values, priors, softening):
        return values

    def choose(self, values, rows, priors):
        return choose_alpha(values[:, :, 0], self.y[rows])

    def chosen(self, values, priors, choice):
        return values[:, choice]

    def fit_head(self, head, scores, rows, names, groups):
        groups = None if groups is None else groups[rows]
        return fit_head(clone(head), scores, self.y[rows], names, groups=groups)

    def fuse(self, head, scores):
        return head.predict(scores)[:, None]

    def fit_late(self, model, data, fits, pieces, groups):
        rows = np.concatenate([part for _, part in pieces])
        head = make_regression_head(model.fusion)
        splits, cross_fitted = None, None
        if learns_from_scores(head):
            cross_fitted = np.full((len(self.y), len(data), 1), np.nan)
            for index, modality in enumerate(data):
                cross_fitted[rows, index] = fits.values_of(modality.name, pieces)[:, 0]
            splits = [(fits.plan.train[fit], part) for fit, part in pieces]
        return model._fit_read(
            head, data, self.y, splits, RoutedParams(groups=groups),
            rows=np.sort(rows), cross_fitted=cross_fitted,
        )  # fmt: skip

    def fit_early(self, model, blocks, rows, choice):
        return model._fit_read(blocks, self.y, choice, rows=rows)

    def fit_prior(self, rows):
        return DummyRegressor().fit(np.zeros((len(rows), 1)), self.y[rows])

    def check_own(self, name, model):
        if not hasattr(model, "fit") or not is_regressor(model):
            raise ValueError(f"models[{name!r}] is no regressor: {model!r}.")

    def own_target(self, rows):
        return self.y[rows]

    def own_outputs(self, name, model, part, train):
        raw = np.asarray(model.predict(part), dtype=np.float64)
        if raw.size != len(raw) or not np.isfinite(raw).all():
            raise ValueError(
                f"models[{name!r}] gives predictions of shape {raw.shape} with "
                f"{(~np.isfinite(raw)).sum()} that are not finite: one number a row is needed."
            )
        return raw.reshape(-1, 1)
