"""What all fusion heads share: the checks, the class prior, the row that has nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from mmclassic._threads import one_thread
from mmclassic.fusion._scores import check_scores, class_prior, present

# Rows that are pooled at once: a bound on memory, and what stays in the processor's cache.
ROWS_AT_ONCE = 8192


class FusionHead(ClassifierMixin, BaseEstimator):
    """A small estimator from a score table to class probabilities.

    Subclasses learn in ``_fit(scores, y, sample_weight)`` and pool in ``_pool(scores)``, which
    gives NaN, or zeros, for rows that it has nothing to say about: those get the class prior.
    """

    # Requested by default, so that weights by name and error texts survive a search.
    __metadata_request__fit = {"modality_names": True, "sample_weight": True}
    __metadata_request__score = {"sample_weight": True}

    # False: nothing is learned from the scores, so no cross-fit is needed to fit this head.
    _learns_from_scores = True

    def _fit(self, scores: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None) -> None:
        raise NotImplementedError

    def _pool(self, scores: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def fit(
        self,
        scores,
        y,
        modality_names: Sequence[str] | None = None,
        sample_weight=None,
    ):
        """Fit the head on a cross-fitted score table.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, n_classes)
            Class probabilities; NaN across a modality that a row does not have.
        y : array-like of shape (n_samples,), int
            Classes, encoded 0 … n_classes - 1.
        modality_names : sequence of str, optional
            For weights by name and for messages; "0", "1", … if absent.
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If scores are no score table, or y does not fit them.
        """
        self._validate_params()
        scores = check_scores(scores)
        y = self._check_y(y, scores)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(
                sample_weight, scores[:, 0], dtype=np.float64, ensure_non_negative=True
            )
        n_modalities, n_classes = scores.shape[1:]
        names = range(n_modalities) if modality_names is None else modality_names
        self.modality_names_ = [str(name) for name in names]
        if len(self.modality_names_) != n_modalities:
            raise ValueError(
                f"modality_names has {len(self.modality_names_)} names for {n_modalities} "
                "modalities."
            )
        self.classes_ = np.arange(n_classes)
        self.class_prior_ = class_prior(y, n_classes, sample_weight)
        with one_thread():
            self._fit(scores, y, sample_weight)
        return self

    def predict_proba(self, scores):
        """Fused class probabilities.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, n_classes)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            The class prior for rows that have no modality, or only some without weight.
        """
        if not hasattr(self, "classes_"):  # quicker than asking for the tags of a fitted head
            check_is_fitted(self)
        scores = check_scores(scores, n_modalities=len(self.modality_names_))
        if scores.shape[2] != len(self.classes_):
            raise ValueError(
                f"The score table has {scores.shape[2]} classes, the head was fitted on "
                f"{len(self.classes_)}."
            )
        fused = np.empty((len(scores), len(self.classes_)))
        for start in range(0, len(scores), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            fused[rows] = self._fuse(scores[rows])
        return fused

    def _fuse(self, scores):
        """Pooled rows that sum to one; the prior where there is nothing to pool."""
        pooled = self._pool(scores)
        total = pooled.sum(axis=1, keepdims=True)
        silent = ~(total > 0) | ~present(scores).any(axis=1, keepdims=True)
        # Rows that sum to one stay as they are, so that weights [1, 0] give the first modality
        # to the last bit.
        total = np.where(silent | (np.abs(total - 1) < 1e-12), 1, total)
        # A last bit above one would be no probability to scikit-learn's log-loss.
        return np.minimum(np.where(silent, self.class_prior_, pooled / total), 1.0)

    def predict(self, scores):
        """Most probable class of each row, encoded 0 … n_classes - 1.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, n_classes)

        Returns
        -------
        y : ndarray of shape (n_samples,), int
        """
        return self.predict_proba(scores).argmax(axis=1)

    @staticmethod
    def _check_y(y, scores: np.ndarray) -> np.ndarray:
        y = np.asarray(y)
        if y.shape != (len(scores),):
            raise ValueError(f"y has shape {y.shape} for {len(scores)} rows of scores.")
        if not len(y):
            raise ValueError("A head needs at least one row.")
        n_classes = scores.shape[2]
        if not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() >= n_classes:
            raise ValueError(
                f"A head takes classes encoded 0 … {n_classes - 1}, got {np.unique(y)[:5]}: "
                "the labels belong to LateFusionClassifier."
            )
        return y

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        return tags
