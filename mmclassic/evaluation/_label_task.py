"""Several labels at once: each is a classification of its own, on the same folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.dummy import DummyClassifier

from mmclassic.evaluation._class_task import ClassTask, check_classifier, make_heads
from mmclassic.evaluation._label_folds import label_splitter
from mmclassic.evaluation._label_metrics import LABEL_METRICS
from mmclassic.evaluation._task import Task
from mmclassic.fusion import Voting
from mmclassic.recipes import make_late_fusion


class LabelHeads:
    """One fitted head for each label.

    Parameters
    ----------
    heads : sequence of heads
        Each knows the classes 0 and 1.
    """

    def __init__(self, heads: Sequence[Any]):
        self.heads = list(heads)

    @property
    def weights_(self) -> np.ndarray:
        """Weights of the modalities, the mean over labels."""
        return np.mean([head.weights_ for head in self.heads], axis=0)

    def fuse(self, scores: np.ndarray) -> np.ndarray:
        """Probability of each label.

        Parameters
        ----------
        scores : ndarray of shape (n_rows, n_modalities, n_labels)
        """
        fused = [
            head.predict_proba(both(scores[:, :, label]))[:, 1]
            for label, head in enumerate(self.heads)
        ]
        return np.stack(fused, axis=1)


def both(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities of not having a label and of having it, along a new last axis.

    Examples
    --------
    >>> both(np.array([0.25]))
    array([[0.75, 0.25]])
    """
    return np.stack([1 - probabilities, probabilities], axis=-1)


class LabelTask(Task):
    """An indicator; outputs are the probability of each label.

    Parameters
    ----------
    y : ndarray of shape (n_rows, n_labels), int
    labels : ndarray of shape (n_labels,)
        Their names.
    class_weight : "balanced", optional

    Examples
    --------
    >>> task = LabelTask(np.array([[0, 1], [1, 1], [0, 0]]), np.array(["a", "b"]))
    >>> task.prior(np.arange(3)).round(2)
    array([0.33, 0.67])
    """

    kind = "multilabel"
    prior_name = "label prior"
    default_head = "log_pool"
    metrics = LABEL_METRICS
    alone = Voting()

    def __init__(self, y: np.ndarray, labels: np.ndarray, class_weight: str | None = None):
        self.y, self.classes, self.class_weight = y, labels, class_weight
        self.parts = [ClassTask(column, np.array([0, 1]), class_weight) for column in y.T]

    @property
    def n_outputs(self) -> int:
        return len(self.parts)

    @property
    def strata(self) -> np.ndarray:
        return np.zeros(len(self.y), dtype=int)

    def make_late(self, **options):
        return make_late_fusion(**options, class_weight=self.class_weight)

    def make_early(self, **options):
        return self.parts[0].make_early(**options)

    def penalties(self, early):
        return early.Cs

    def splitter(self, cv, groups, random_state, rows=None):
        return label_splitter(cv, self.y if rows is None else self.y[rows], groups, random_state)

    def check_training(self, rows, where):
        lacking = [name for name, one in zip(self.classes, self.parts, strict=True)
                   if not one.complete(rows)]  # fmt: skip
        if lacking:
            raise ValueError(
                f"{where} hold no row with, or none without, the label {str(lacking[0])!r}: a "
                "label needs rows of both kinds in 3 folds at least. Leave it out, or take fewer "
                "folds."
            )

    def complete(self, rows):
        return all(part.complete(rows) for part in self.parts)

    def heads(self, n_modalities):
        return make_heads(n_modalities)

    def prior(self, rows):
        return np.array([part.prior(rows)[1] for part in self.parts])

    def fit_and_score(self, member, train, rows):
        """Values of shape (n_rows, n_candidates, n_labels, 2)."""
        found = [part.fit_and_score(member, train, rows) for part in self.parts]
        values = np.stack([values for values, _, _ in found], axis=2)
        return values, sum(fit for _, fit, _ in found), sum(predict for _, _, predict in found)

    def cross_fit(self, blocks, values, rows, priors):
        found = [
            part.cross_fit(blocks, values[:, :, label], rows, both(priors[:, label]))
            for label, part in enumerate(self.parts)
        ]
        scores = np.stack([scores[:, :, 1] for scores, _ in found], axis=2)
        return scores, [temperatures for _, temperatures in found]

    def to_scores(self, values, priors, softening):
        scores = [
            part.to_scores(values[:, :, label], both(priors[:, label]), softening[label])[:, :, 1]
            for label, part in enumerate(self.parts)
        ]
        return np.stack(scores, axis=2)

    def choose(self, values, rows, priors):
        return [
            part.choose(values[:, :, label], rows, both(priors[:, label]))
            for label, part in enumerate(self.parts)
        ]

    def chosen(self, values, priors, choice):
        outputs = [
            part.chosen(values[:, :, label], both(priors[:, label]), choice[label])[:, 1]
            for label, part in enumerate(self.parts)
        ]
        return np.stack(outputs, axis=1)

    def fit_head(self, head, scores, rows, names, groups):
        return LabelHeads(
            [
                part.fit_head(head, both(scores[:, :, label]), rows, names, groups)
                for label, part in enumerate(self.parts)
            ]
        )

    def fuse(self, head, scores):
        return head.fuse(scores)

    def fit_late(self, model, data, fits, pieces, groups):
        values = [fits.values_of(modality.name, pieces)[:, 0] for modality in data]
        table = np.stack(values, axis=1)
        model.classes_ = self.classes
        model.label_models_ = [clone(model) for _ in self.parts]
        for label, (one, part) in enumerate(zip(model.label_models_, self.parts, strict=True)):
            one.classes_ = np.array([0, 1])
            part.fit_known(one, data, fits.plan.train, pieces, table[:, :, label], groups)
        return model

    def fit_early(self, model, blocks, rows, choice):
        model.classes_ = self.classes
        model.label_models_ = [clone(model) for _ in self.parts]
        for one, part, own in zip(model.label_models_, self.parts, choice, strict=True):
            part.fit_early(one, blocks, rows, own)
        return model

    def fit_prior(self, rows):
        return DummyClassifier(strategy="prior").fit(np.zeros((len(rows), 1)), self.y[rows])

    def check_own(self, name, model):
        check_classifier(name, model)

    def own_target(self, rows):
        return self.y[rows]

    def own_outputs(self, name, model, part, train):
        raw = model.predict_proba(part)
        if isinstance(raw, list):  # scikit-learn's forests and nearest neighbours
            raw = [
                np.asarray(one)[:, list(classes).index(1)] if 1 in classes else np.zeros(len(one))
                for one, classes in zip(raw, model.classes_, strict=True)
            ]
            raw = np.stack(raw, axis=1)
        raw = np.asarray(raw, dtype=np.float64)
        if raw.shape[1:] != (self.n_outputs,) or not np.isfinite(raw).all():
            raise ValueError(
                f"models[{name!r}] gives probabilities of shape {raw.shape} with "
                f"{(~np.isfinite(raw)).sum()} that are not finite, for {self.n_outputs} labels."
            )
        return raw
