"""Compiled fusions: what compile_model gives, small, immutable, and quick on one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mmclassic.fusion._compiled_links import Links
from mmclassic.fusion._compiled_rule import Rule, rule_of, softmax_in_place
from mmclassic.fusion._compiled_table import LinearTable
from mmclassic.fusion._missing import apply_missing_policy
from mmclassic.fusion._patterns import Pattern, rows_by_pattern


@dataclass(frozen=True, eq=False)
class CompiledModel:
    """What compiled models share: the linear part, and what it says of the table."""

    table: LinearTable

    @property
    def n_features_in_(self) -> int:
        """Columns of the table."""
        return self.table.n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of the columns, where the model was fitted on a frame."""
        if self.table.feature_names_in_ is None:
            raise AttributeError("The model was fitted on an array: its columns have no names.")
        return self.table.feature_names_in_


@dataclass(frozen=True, eq=False)
class CompiledClassifier(CompiledModel):
    """A compiled model that gives class probabilities.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    class_prior_ : ndarray of shape (n_classes,)
    """

    classes_: np.ndarray
    class_prior_: np.ndarray

    def predict_proba(self, X: Any) -> np.ndarray:
        """Class probabilities, as the model gives them.

        Parameters
        ----------
        X : frame, or array of shape (n_samples, n_features_in_)
            Quickest as a float64 array.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
        """
        values, present = self.table.values(self.table.read(X))
        probabilities = self._fuse(values, present)
        if present is not None:
            probabilities[~present.any(axis=1)] = self.class_prior_
        return probabilities

    def predict(self, X: Any) -> np.ndarray:
        """Most probable class of each row, shape (n_samples,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _fuse(self, values: np.ndarray, present: np.ndarray | None) -> np.ndarray:
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class CompiledLateFusion(CompiledClassifier):
    """A compiled LateFusionClassifier.

    Attributes
    ----------
    links : Links
    calibration : ndarray of shape (n_modalities, 1), or None
        Temperature of each modality's scores.
    floor : float
        What scores are raised to before the logarithm, for the calibration.
    missing : {"skip", "drop", "fill"}
    head : estimator
        The fitted head, for patterns that have no rule.
    rules : dict from pattern to Rule or None
    """

    links: Links
    calibration: np.ndarray | None
    floor: float
    missing: str
    head: Any
    rules: dict[Pattern, Rule | None]

    def _fuse(self, values, present):
        scores = self.links(values)
        if self.calibration is not None:
            logs = np.log(np.maximum(scores, self.floor))
            scores = softmax_in_place(logs / self.calibration)
        everything = (True,) * scores.shape[1]
        if present is None:
            return self._apply(scores, everything)
        if self.missing == "fill":
            filled = np.where(present[:, :, None], scores, self.class_prior_)
            return self._apply(filled, everything)
        scores[~present] = np.nan
        if len(scores) == 1 and present.any():
            return self._apply(scores, tuple(present[0].tolist()))
        fused = np.empty((len(scores), scores.shape[2]))
        for pattern, rows in rows_by_pattern(present):
            if any(pattern):
                fused[rows] = self._apply(scores[rows], pattern)
        return fused

    def _apply(self, scores: np.ndarray, pattern: Pattern) -> np.ndarray:
        """Fuse rows of one pattern; scores are NaN where it is False."""
        rule = self.rules[pattern] if pattern in self.rules else rule_of(self.head, pattern)
        if rule is None:
            return np.array(self.head.predict_proba(scores))
        return rule(scores if all(pattern) else scores[:, np.array(pattern)])


@dataclass(frozen=True, eq=False)
class CompiledEarlyFusion(CompiledClassifier):
    """A compiled EarlyFusionClassifier: the blocks' shares of the decision are summed.

    Attributes
    ----------
    absent : ndarray of shape (n_modalities, n_classes)
        The share of a block that a row lacks: that of its mean.
    intercepts : ndarray of shape (n_classes,)
    links : Links
    """

    absent: np.ndarray
    intercepts: np.ndarray
    links: Links

    def _fuse(self, values, present):
        if present is not None:
            values = np.where(present[:, :, None], values, self.absent)
        total = np.add.reduce(values, axis=1)
        total += self.intercepts
        return self.links(total[:, None])[:, 0]


@dataclass(frozen=True, eq=False)
class CompiledRegressor(CompiledModel):
    """A compiled LateFusionRegressor.

    Attributes
    ----------
    missing : {"skip", "drop", "fill"}
    head : estimator
    weights : ndarray of shape (n_modalities,), or None
        Of the rule for rows that have everything; None where only the head knows it.
    intercept : float
    target_mean_ : float
    """

    missing: str
    head: Any
    weights: np.ndarray | None
    intercept: float
    target_mean_: float

    def predict(self, X: Any) -> np.ndarray:
        """Fused predictions, as the model gives them, shape (n_samples,).

        Parameters
        ----------
        X : frame, or array of shape (n_samples, n_features_in_)
            Quickest as a float64 array.
        """
        values, present = self.table.values(self.table.read(X))
        if present is None and self.weights is not None:
            return values[:, :, 0] @ self.weights + self.intercept
        if not len(values):
            return np.empty(0)
        if present is None:
            return self.head.predict(values)
        values[~present] = np.nan
        mean = np.array([self.target_mean_])
        fused = self.head.predict(apply_missing_policy(values, self.missing, mean))
        return np.where(present.any(axis=1), fused, self.target_mean_)
