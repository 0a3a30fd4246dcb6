"""The methods of a classifier that follow from its probabilities."""

from __future__ import annotations

import numpy as np

from mmclassic.modalities._scored_labels import LabelScoreMixin


class ProbabilisticClassifier(LabelScoreMixin):
    """A classifier with ``predict_proba``, whose ``predict`` is the most probable class."""

    def predict_log_proba(self, X):
        """Logarithms of ``predict_proba(X)``.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        logarithms : ndarray of shape (n_samples, n_classes), float64
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X):
        """Most probable class of each row.

        For an indicator, where the model takes one, the labels above one half.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        y : ndarray of shape (n_samples,); (n_samples, n_labels) for an indicator
        """
        probabilities = self.predict_proba(X)
        if hasattr(self, "label_models_"):
            return (probabilities > 0.5).astype(int)
        return self.classes_[probabilities.argmax(axis=1)]
