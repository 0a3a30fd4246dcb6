"""Precomputed: somebody else's class probabilities, or decision values, as a modality."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


def classes_of_columns(X: Any, classes: np.ndarray) -> np.ndarray:
    """The class of each column: by its name where the names are the classes, else in order.

    Parameters
    ----------
    X : frame or array
    classes : ndarray of shape (n_classes,)
        Sorted.

    Returns
    -------
    classes : ndarray of shape (n_classes,)

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"yes": [0.9], "no": [0.1]})
    >>> classes_of_columns(frame, np.array(["no", "yes"]))
    array(['yes', 'no'], dtype='<U3')
    """
    names = [str(name) for name in getattr(X, "columns", [])]
    labels = [str(label) for label in classes.tolist()]
    if sorted(names) != sorted(labels) or len(set(labels)) < len(labels):
        return classes
    return classes[[labels.index(name) for name in names]]


class Precomputed(ClassifierMixin, BaseEstimator):
    """A classifier whose input are already scores of classes, from any other model.

    It learns nothing but the classes. Whoever made the scores answers for their not having been
    fitted on these rows. Decision values become probabilities in a late fusion, at a temperature
    that is fitted on them.

    Parameters
    ----------
    classes : array-like of shape (n_classes,), default=None
        The class of each column. None means by name, where the columns of a frame are called as
        the labels are, in any order; otherwise the sorted labels.
    kind : {"probabilities", "decision"}, default="probabilities"
        What the columns hold. Decision values of two classes may be one column, positive for the
        second class.

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

    _parameter_constraints: dict = {
        "classes": ["array-like", None],
        "kind": [StrOptions({"probabilities", "decision"})],
    }

    def __init__(self, *, classes=None, kind="probabilities"):
        self.classes = classes
        self.kind = kind

    def fit(self, X, y):
        """Check the scores and remember the classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes)
            One column per class.
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
        frame = X
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        columns = (
            classes_of_columns(frame, np.unique(y))
            if self.classes is None
            else np.asarray(self.classes)
        )
        one_margin = self.kind == "decision" and len(columns) == 2 and X.shape[1] == 1
        if X.shape[1] != len(columns) and not one_margin:
            raise ValueError(
                f"Precomputed takes one column per class: got {X.shape[1]} columns for "
                f"{len(columns)} classes ({', '.join(map(str, columns[:10]))})."
            )
        unknown = np.setdiff1d(y, columns)
        if len(unknown):
            raise ValueError(f"y has classes without a column of probabilities: {unknown}.")
        if self.kind == "probabilities":
            self._check_distribution(X)
        self._order_ = np.argsort(columns, kind="stable")
        self.classes_ = columns[self._order_]
        return self

    @available_if(lambda self: self.kind == "probabilities")
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

    @available_if(lambda self: self.kind == "decision")
    def decision_function(self, X):
        """The decision values as given, columns in the order of ``classes_``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes)

        Returns
        -------
        decisions : ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        if X.shape[1] == 1:
            return X[:, 0] if self._order_[0] == 0 else -X[:, 0]
        X = X[:, self._order_]
        return X[:, 1] - X[:, 0] if X.shape[1] == 2 else X

    def predict(self, X):
        """The class of each row with the greatest score.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_classes)

        Returns
        -------
        y : ndarray of shape (n_samples,)
        """
        scores = self.decision_function(X) if self.kind == "decision" else self.predict_proba(X)
        chosen = (scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[chosen]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = self.kind == "probabilities"
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
