"""What a benchmark keeps beside scores: each fold's score table of test rows, and its head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class FoldEvidence:
    """One outer fold.

    Attributes
    ----------
    rows : ndarray of int of shape (n_test,)
        Table rows of the fold, by position.
    scores : ndarray of shape (n_test, n_modalities, n_outputs)
        Their score table, by base models that were not fitted on them; NaN across a modality
        that a row does not have.
    head : fusion head
        The default one, fitted on the cross-fitted training rows of the fold.
    """

    rows: np.ndarray
    scores: np.ndarray
    head: Any


def fuse_classes(head: Any, scores: np.ndarray) -> np.ndarray:
    """Class probabilities of a fitted head."""
    return head.predict_proba(scores)


@dataclass(frozen=True, eq=False)
class Evidence:
    """All outer folds. What is read from it is not optimistic: no row was fitted on.

    Attributes
    ----------
    modalities : tuple of str
    folds : tuple of FoldEvidence
    fuser : callable
        From a fitted head and a score table to outputs of shape (n_rows, n_outputs).

    Examples
    --------
    >>> from mmclassic.fusion import WeightedSum
    >>> scores = np.array([[[0.9, 0.1], [0.5, 0.5]], [[0.2, 0.8], [np.nan, np.nan]]])
    >>> head = WeightedSum().fit(scores, [0, 1])
    >>> evidence = Evidence(("text", "image"), (FoldEvidence(np.array([4, 7]), scores, head),))
    >>> evidence.fuse(evidence.scores).round(2).tolist(), evidence.present[:, 1].tolist()
    ([[0.7, 0.3], [0.2, 0.8]], [True, False])
    """

    modalities: tuple[str, ...]
    folds: tuple[FoldEvidence, ...]
    fuser: Callable[[Any, np.ndarray], np.ndarray] = fuse_classes

    @property
    def once(self) -> Evidence:
        """The folds up to where rows come again: the first repeat of a repeated cross-validation.

        For what counts or lists rows.
        """
        seen: set[int] = set()
        for number, fold in enumerate(self.folds):
            if not seen.isdisjoint(fold.rows.tolist()):
                return replace(self, folds=self.folds[:number])
            seen.update(fold.rows.tolist())
        return self

    @cached_property
    def rows(self) -> np.ndarray:
        """Table rows of all folds, one fold after the other."""
        return np.concatenate([fold.rows for fold in self.folds])

    @cached_property
    def scores(self) -> np.ndarray:
        """Score tables of all folds, in the order of ``rows``."""
        return np.concatenate([fold.scores for fold in self.folds])

    @cached_property
    def fold_numbers(self) -> np.ndarray:
        """Fold of each of ``rows``."""
        return np.repeat(np.arange(len(self.folds)), [len(fold.rows) for fold in self.folds])

    @property
    def present(self) -> np.ndarray:
        """Which of ``rows`` has which modality: bool of shape (n_rows, n_modalities)."""
        return ~np.isnan(self.scores[:, :, 0])

    def fuse(self, scores: np.ndarray) -> np.ndarray:
        """Each row fused by the head of its fold.

        Parameters
        ----------
        scores : ndarray of shape (n_rows, n_modalities, n_outputs)
            ``self.scores``, or that with some modalities taken away.

        Returns
        -------
        outputs : ndarray of shape (n_rows, n_outputs)
        """
        ends = np.cumsum([len(fold.rows) for fold in self.folds])[:-1]
        parts = zip(self.folds, np.split(scores, ends), strict=True)
        return np.concatenate([self.fuser(fold.head, part) for fold, part in parts])
