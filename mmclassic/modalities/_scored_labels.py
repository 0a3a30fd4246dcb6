"""Accuracy of a classifier, with a word about labels that it has never seen."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin

from mmclassic._errors import DataQualityWarning

_N_SHOWN = 5


class LabelScoreMixin(ClassifierMixin):
    """A classifier whose ``score`` does not count unseen labels as wrong in silence."""

    def score(self, X, y, sample_weight=None):
        """Share of rows that are predicted right.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), or (n_samples, n_labels)
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        score : float

        Warns
        -----
        DataQualityWarning
            If y holds labels that were not there in ``fit``: these rows count as wrong.
        """
        _warn_of_unseen(y, self.classes_)
        return super().score(X, y, sample_weight)


def _warn_of_unseen(y: Any, classes: np.ndarray) -> None:
    labels = np.asarray(y.to_list() if hasattr(y, "to_list") else y)
    if labels.ndim != 1:
        return  # an indicator: its columns are the labels
    known = set(classes.tolist())
    unseen = [label not in known for label in labels.tolist()]
    if any(unseen):
        names = sorted({str(label) for label in labels[unseen].tolist()})
        more = "" if len(names) <= _N_SHOWN else f" and {len(names) - _N_SHOWN} more"
        warnings.warn(
            f"{sum(unseen)} of {len(labels)} rows have a label that was not there in fit "
            f"({', '.join(names[:_N_SHOWN])}{more}): they count as wrong.",
            DataQualityWarning,
            stacklevel=3,
        )
