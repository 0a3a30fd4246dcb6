"""Classification: one label for each row."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.utils import compute_sample_weight

from mmclassic.evaluation._metrics import CLASS_METRICS
from mmclassic.evaluation._task import Task
from mmclassic.fusion import GatedPool, LogPool, Stacking, Voting, WeightedSum, simplex_grid
from mmclassic.fusion._cross_fit import fit_temperatures, fold_prior, to_scores
from mmclassic.fusion._early_choice import choose_candidate, logistic_candidates
from mmclassic.fusion._early_member import fit_early
from mmclassic.fusion._folds import splitter_for
from mmclassic.fusion._heads import fit_head, learns_from_scores, make_head
from mmclassic.fusion._log_loss import negative_log_loss
from mmclassic.fusion._member import fit_member, gives_probabilities, score_member
from mmclassic.fusion._routing import RoutedParams
from mmclassic.recipes import make_early_fusion, make_late_fusion


def make_heads(n_modalities: int) -> dict[str, Any]:
    """Every head that a benchmark compares, by name.

    Examples
    --------
    >>> list(make_heads(2))
    ['log_pool', 'mean', 'weighted_sum', 'gated', 'voting', 'product', 'stacking']
    """
    heads: dict[str, Any] = {"log_pool": LogPool(), "mean": WeightedSum()}
    if n_modalities > 1:
        # As fine a grid as costs little: 11, 66, 56 or 35 candidates; then equal steps of a half.
        step = {2: 0.1, 3: 0.1, 4: 0.2, 5: 0.25}.get(n_modalities, 0.5)
        grid = {"weights": simplex_grid(n_modalities, step=step)}
        heads["weighted_sum"] = GridSearchCV(WeightedSum(), grid, scoring=negative_log_loss)
    heads["gated"] = GatedPool()
    heads["voting"] = Voting(rule="hard")
    heads["product"] = Voting(rule="product")
    heads["stacking"] = Stacking()
    return heads


class ClassTask(Task):
    """Codes of classes; outputs are class probabilities.

    Parameters
    ----------
    y : ndarray of shape (n_rows,), int
    classes : ndarray of shape (n_classes,)
    class_weight : "balanced", optional
        Of what learns from labels.

    Examples
    --------
    >>> task = ClassTask(np.array([0, 1, 1]), np.array(["no", "yes"]))
    >>> task.n_outputs, task.prior(np.arange(3)).round(2)
    (2, array([0.33, 0.67]))
    """

    kind = "classification"
    prior_name = "class prior"
    default_head = "log_pool"
    metrics = CLASS_METRICS
    alone = Voting()

    def __init__(self, y: np.ndarray, classes: np.ndarray, class_weight: str | None = None):
        self.y, self.classes, self.class_weight = y, classes, class_weight

    @property
    def labels(self) -> np.ndarray:
        """The label of each row."""
        return self.classes[self.y]

    @property
    def n_outputs(self) -> int:
        return len(self.classes)

    @property
    def strata(self) -> np.ndarray:
        return self.y

    def make_late(self, **options):
        return make_late_fusion(**options, class_weight=self.class_weight)

    def make_early(self, **options):
        return make_early_fusion(**options, class_weight=self.class_weight)

    def penalties(self, early):
        return early.Cs

    def splitter(self, cv, groups, random_state, rows=None):
        codes = self.y if rows is None else self.y[rows]
        classes = self.classes.tolist()
        return splitter_for(cv, codes, groups, classes=classes, random_state=random_state)

    def check_training(self, rows, where):
        missing = np.setdiff1d(self.y, self.y[rows])
        if len(missing):
            raise ValueError(f"{where} lack the classes {self.classes[missing].tolist()}.")

    def complete(self, rows):
        return len(np.unique(self.y[rows])) == len(self.classes)

    def heads(self, n_modalities):
        return make_heads(n_modalities)

    def prior(self, rows):
        return fold_prior(self.y, rows, len(self.classes))

    def fit_and_score(self, member, train, rows):
        start = time.perf_counter()
        if member.penalties is None:
            fitted = fit_member(member.blocks[0], self.labels, train, self.classes)
            middle = time.perf_counter()
            values = score_member(fitted, member.blocks[0], rows, self.classes)[:, None]
        else:
            candidates = logistic_candidates(member.penalties, self.class_weight)
            fitted = fit_early(member.blocks, self.labels, train, candidates)
            middle = time.perf_counter()
            values = fitted.values(member.blocks, rows, self.classes)
        return values, middle - start, time.perf_counter() - middle

    def cross_fit(self, blocks, values, rows, priors):
        temperatures = fit_temperatures(blocks, values, self.y[rows], None)
        return to_scores(values, priors, temperatures), temperatures

    def to_scores(self, values, priors, softening):
        return to_scores(values, priors, softening)

    def choose(self, values, rows, priors):
        return choose_candidate(values, self.y[rows], priors, self.head_weight(rows))

    def chosen(self, values, priors, choice):
        index, temperature = choice
        return to_scores(values[:, [index]], priors, np.array([temperature]))[:, 0]

    def fit_head(self, head, scores, rows, names, groups):
        return fit_head(
            clone(head), scores, self.y[rows], names,
            sample_weight=self.head_weight(rows), groups=None if groups is None else groups[rows],
        )  # fmt: skip

    def fuse(self, head, scores):
        return head.predict_proba(scores)

    def head_weight(self, rows: np.ndarray) -> np.ndarray | None:
        """What each of some training rows counts in a head."""
        if self.class_weight is None:
            return None
        return compute_sample_weight(self.class_weight, self.y[rows])

    def fit_late(self, model, data, fits, pieces, groups):
        values = [fits.values_of(modality.name, pieces)[:, 0] for modality in data]
        cross_fitted = np.stack(values, axis=1)
        model.classes_ = self.classes
        return self.fit_known(model, data, fits.plan.train, pieces, cross_fitted, groups)

    def fit_known(
        self,
        model: Any,
        data: Sequence,
        train: list[np.ndarray],
        pieces: Any,
        values: np.ndarray,
        groups: np.ndarray | None,
    ) -> Any:
        """A late fusion fitted on what was read, given the raw values of its cross-fit.

        Parameters
        ----------
        model : LateFusionClassifier
            With its table checked, and ``classes_``.
        data : sequence of Modality
        train : list of ndarray of int
            Training rows of each fit.
        pieces : sequence of (fit, rows)
        values : ndarray of shape (n_rows of the pieces, n_modalities, n_classes)
        groups : ndarray of shape (n_rows of the table,), optional
        """
        rows = np.concatenate([part for _, part in pieces])
        weight = self.head_weight(rows)
        if weight is not None:  # rows that are in no piece count nothing
            everywhere = np.zeros(len(self.y))
            everywhere[rows] = weight
            weight = everywhere
        splits, cross_fitted = None, None
        needs_no_table = not learns_from_scores(make_head(model.fusion))
        if not (needs_no_table and all(gives_probabilities(m.estimator) for m in data)):
            table = np.full((len(self.y), len(data), self.n_outputs), np.nan)
            priors = np.full((len(self.y), self.n_outputs), 1 / self.n_outputs)
            table[rows], priors[rows] = values, self.priors(train, pieces)
            splits, cross_fitted = [(train[fit], part) for fit, part in pieces], (table, priors)
        return model._fit_read(
            make_head(model.fusion), data, self.y, splits,
            RoutedParams(groups=groups, sample_weight=weight),
            rows=np.sort(rows), cross_fitted=cross_fitted,
        )  # fmt: skip

    def fit_early(self, model, blocks, rows, choice):
        model.classes_ = self.classes
        return model._fit_read(blocks, self.y, choice, rows=rows)

    def fit_prior(self, rows):
        model = DummyClassifier(strategy="prior")
        return model.fit(np.zeros((len(rows), 1)), self.labels[rows])

    def check_own(self, name, model):
        check_classifier(name, model)

    def own_target(self, rows):
        return self.labels[rows]

    def own_outputs(self, name, model, part, train):
        raw = np.asarray(model.predict_proba(part), dtype=np.float64)
        n_rows, columns = raw.shape[0], np.searchsorted(self.classes, model.classes_)
        if raw.shape[1:] != (len(columns),) or not np.isfinite(raw).all():
            raise ValueError(
                f"models[{name!r}] gives probabilities of shape {raw.shape} with "
                f"{(~np.isfinite(raw)).sum()} that are not finite, for {len(columns)} classes."
            )
        # A class that the training rows lack gets its prior, as for every other model.
        values = np.full((n_rows, 1, self.n_outputs), np.nan)
        values[:, 0, columns] = raw
        priors = np.tile(self.prior(train), (n_rows, 1))
        return to_scores(values, priors, np.array([np.nan]))[:, 0]


def check_classifier(name: str, model: Any) -> None:
    """Refuse what is no classifier with probabilities."""
    if not hasattr(model, "fit") or not is_classifier(model):
        raise ValueError(f"models[{name!r}] is no classifier: {model!r}.")
    if not hasattr(model, "predict_proba"):
        raise ValueError(
            f"models[{name!r}] lacks predict_proba: {type(model).__name__} gives no "
            "probabilities. Wrap it in sklearn.calibration.CalibratedClassifierCV."
        )
