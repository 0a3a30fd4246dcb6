"""Precomputed: somebody else's class probabilities as a modality."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class Precomputed(ClassifierMixin, BaseEstimator):
    """A classifier whose input are already class probabilities, from any other model.

    It learns nothing but the classes. Whoever made the probabilities answers for their not
    having been fitted on these rows.

    Parameters
    ----------
    classes : array-like of shape (n_classes,), default=None
        The class of each column. None means the sorted labels.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int

    Examples
    --------
    >>> from mmclassic import Precomputed
    >>> model = Precomputed().fit([[0.9, 0.1], [0.2, 0.8]], ["no", "yes"])
    >>> model.predict([[0.3, 0.7]])
    array(['yes'], dtype='<U3')
    """

    _parameter_constraints: dict = {"classes": ["array-like", None]}

    def __init__(self, *, classes=None):
        self.classes = classes

    def fit(self, X, y):
        """Check the probabilities and remember the classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes)
            Class probabilities, one column per class.
        y : array-like of shape (n_samples,)

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If there is not one column per class, or rows are no probability distributions.
        """
        self._validate_params()
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        columns = np.unique(y) if self.classes is None else np.asarray(self.classes)
        if X.shape[1] != len(columns):
            raise ValueError(
                f"Precomputed takes one column per class: got {X.shape[1]} columns for "
                f"{len(columns)} classes ({', '.join(map(str, columns[:10]))})."
            )
        unknown = np.setdiff1d(y, columns)
        if len(unknown):
            raise ValueError(f"y has classes without a column of probabilities: {unknown}.")
        self._check_distribution(X)
        self._order_ = np.argsort(columns, kind="stable")
        self.classes_ = columns[self._order_]
        return self

    def predict_proba(self, X):
        """The probabilities as given, columns in the order of ``classes_``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        self._check_distribution(X)
        X = X[:, self._order_]
        return X / X.sum(axis=1, keepdims=True)

    def predict(self, X):
        """The most probable class of each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes)

        Returns
        -------
        y : ndarray of shape (n_samples,)
        """
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    @staticmethod
    def _check_distribution(X):
        wrong = (X < 0).any(axis=1) | (np.abs(X.sum(axis=1) - 1) > 0.0101)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise ValueError(
                f"{wrong.sum()} rows are no class probabilities (not negative, sum 1 within .01); "
                f"the first is row {row}: {X[row]}."
            )
