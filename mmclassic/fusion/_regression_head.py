"""What all regression heads share: the checks, the target's mean, the row that has nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from mmclassic._threads import one_thread
from mmclassic.fusion._patterns import Pattern, patterns_to_fit, rows_by_pattern, rows_with
from mmclassic.fusion._target import check_target, target_mean

# Learned rules have a weight for each modality and an intercept. Non-negative least squares, and
# ridge regression, overtake the mean of 2, 3 or 5 modalities at about 8, 12 and 18 rows
# (simulated: equal signal, noise deviations .3 to 1.5, a shared error); with 3 or 4 rows they can
# be several times worse.
ROWS_PER_UNKNOWN = 3


def check_predictions(scores: Any, n_modalities: int | None = None) -> np.ndarray:
    """The score table of a regression, after checks, as one column per modality.

    Parameters
    ----------
    scores : array-like of shape (n_samples, n_modalities, 1)
        Predictions; NaN where a row does not have a modality.
    n_modalities : int, optional
        How many modalities there must be.

    Returns
    -------
    predictions : ndarray of shape (n_samples, n_modalities), float64

    Raises
    ------
    ValueError
        If the shape is wrong, or a prediction is infinite.

    Examples
    --------
    >>> check_predictions([[[1.0], [2.0]]])
    array([[1., 2.]])
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 3 or scores.shape[1] < 1 or scores.shape[2] != 1:
        raise ValueError(
            "The score table of a regression has the shape (n_samples, n_modalities, 1), "
            f"got {scores.shape}."
        )
    if n_modalities is not None and scores.shape[1] != n_modalities:
        raise ValueError(
            f"The score table has {scores.shape[1]} modalities, the head was fitted on "
            f"{n_modalities}."
        )
    if np.isinf(scores).any():
        row, modality, _ = np.argwhere(np.isinf(scores))[0]
        raise ValueError(f"The prediction of row {row}, modality {modality} is infinite.")
    return scores[:, :, 0]


def fit_patterns(
    predictions: np.ndarray, fit_rule: Callable[[np.ndarray, np.ndarray], Any]
) -> tuple[np.ndarray, list]:
    """One rule per pattern of missing modalities, from all rows with at least those modalities.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_modalities)
    fit_rule : callable
        From the predictions of the present modalities, shape (n_rows, n_present), and the numbers
        of these rows, to a rule.

    Returns
    -------
    patterns : ndarray of shape (n_patterns, n_modalities), bool
        Those with at least ``ROWS_PER_UNKNOWN`` rows per present modality, and for an intercept.
    rules : list of length n_patterns
    """
    available = ~np.isnan(predictions)
    patterns, rules = [], []
    for pattern in patterns_to_fit(available):
        rows = rows_with(available, pattern)
        if len(rows) >= ROWS_PER_UNKNOWN * (sum(pattern) + 1):
            patterns.append(pattern)
            rules.append(fit_rule(predictions[np.ix_(rows, np.flatnonzero(pattern))], rows))
    return np.array(patterns, dtype=bool).reshape(len(patterns), available.shape[1]), rules


def pool_patterns(
    predictions: np.ndarray,
    patterns: np.ndarray,
    rules: Sequence,
    apply_rule: Callable[[np.ndarray, Any, Pattern], np.ndarray],
) -> np.ndarray:
    """Apply the rule of each row's pattern; the mean of what is present where there is none.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_modalities)
    patterns : ndarray of shape (n_patterns, n_modalities), bool
    rules : sequence of length n_patterns
    apply_rule : callable
        From the predictions of the present modalities, a rule and its pattern, to fused
        predictions of shape (n_rows,).

    Returns
    -------
    fused : ndarray of shape (n_samples,)
        NaN for rows that have no modality.
    """
    fused = np.full(len(predictions), np.nan)
    for pattern, rows in rows_by_pattern(~np.isnan(predictions)):
        if any(pattern):
            part = predictions[np.ix_(rows, np.flatnonzero(pattern))]
            known = np.flatnonzero((patterns == pattern).all(axis=1))
            fused[rows] = (
                apply_rule(part, rules[known[0]], pattern) if len(known) else part.mean(axis=1)
            )
    return fused


class RegressionHead(RegressorMixin, BaseEstimator):
    """A small estimator from a score table of predictions to fused predictions.

    Subclasses learn in ``_fit(predictions, y, sample_weight)`` and pool in ``_pool(predictions)``,
    both from one column per modality; ``_pool`` gives NaN for rows that it has nothing to say
    about: those get the mean of the target.
    """

    # Requested by default, so that weights by name and error texts survive a search.
    __metadata_request__fit = {"modality_names": True, "sample_weight": True}
    __metadata_request__score = {"sample_weight": True}

    # False: nothing is learned from the scores, so no cross-fit is needed to fit this head.
    _learns_from_scores = True

    def _fit(
        self, predictions: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None
    ) -> None:
        raise NotImplementedError

    def _pool(self, predictions: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def fit(self, scores, y, modality_names: Sequence[str] | None = None, sample_weight=None):
        """Fit the head on a cross-fitted score table.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, 1)
            Predictions; NaN where a row does not have a modality.
        y : array-like of shape (n_samples,)
        modality_names : sequence of str, optional
            For weights by name and for messages; "0", "1", … if absent.
        sample_weight : array-like of shape (n_samples,), optional
            A row without weight is as if it were not there.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If scores are no score table, or y does not fit them.
        """
        self._validate_params()
        predictions = check_predictions(scores)
        y = check_target(y)
        if len(y) != len(predictions):
            raise ValueError(f"y has {len(y)} values for {len(predictions)} rows of scores.")
        n_modalities = predictions.shape[1]
        names = range(n_modalities) if modality_names is None else modality_names
        self.modality_names_ = [str(name) for name in names]
        if len(self.modality_names_) != n_modalities:
            raise ValueError(
                f"modality_names has {len(self.modality_names_)} names for {n_modalities} "
                "modalities."
            )
        if sample_weight is not None:
            sample_weight = _check_sample_weight(
                sample_weight, predictions, dtype=np.float64, ensure_non_negative=True
            )
            counts = sample_weight > 0
            predictions, y, sample_weight = predictions[counts], y[counts], sample_weight[counts]
        self.target_mean_ = target_mean(y, sample_weight)
        with one_thread():
            self._fit(predictions, y, sample_weight)
        return self

    def predict(self, scores):
        """Fused predictions.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, 1)

        Returns
        -------
        predictions : ndarray of shape (n_samples,), float64
            The mean of the target for rows that have no modality, or only some without weight.
        """
        check_is_fitted(self)
        predictions = check_predictions(scores, n_modalities=len(self.modality_names_))
        pooled = self._pool(predictions)
        return np.where(np.isnan(pooled), self.target_mean_, pooled)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        return tags
