"""CategoryColumns: categories as text, whatever a file reader made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names, _check_feature_names_in

from mmclassic._cells import is_missing
from mmclassic.tabular._columns import columns_of


def category_text(cell: Any) -> str:
    """A category as text; missing is the empty text, and 3.0 is 3.

    A reader gives 3 in a file without gaps, 3.0 in one with a gap, and "3" in one with a word: all
    are the same category.

    Examples
    --------
    >>> [category_text(cell) for cell in (3, 3.0, "3", 2.5, True, None)]
    ['3', '3', '3', '2.5', 'True', '']
    """
    if is_missing(cell):
        return ""
    if isinstance(cell, bool | np.bool_):
        return str(bool(cell))
    if isinstance(cell, int | np.integer):
        return str(int(cell))
    if isinstance(cell, float | np.floating):
        return str(int(cell)) if float(cell).is_integer() else str(float(cell))
    return str(cell)


class CategoryColumns(TransformerMixin, BaseEstimator):
    """Columns of categories as text, ready for a one-hot encoder; nothing is learned.

    Attributes
    ----------
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects, shape (n_features,)

    See Also
    --------
    NumberColumns : The same for numbers.

    Examples
    --------
    >>> from mmclassic import CategoryColumns
    >>> CategoryColumns().transform([[1.0, "red"], [None, 2]])
    array([['1', 'red'],
           ['', '2']], dtype=object)
    """

    # What its cells are, for those who damage or show them.
    _medium = "categorical"

    _parameter_constraints: dict = {}

    def fit(self, X, y=None):
        """Note the columns.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self : object
        """
        _check_feature_names(self, X, reset=True)
        self.n_features_in_ = len(columns_of(X)[1])
        return self

    def transform(self, X):
        """Categories as text.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)

        Returns
        -------
        categories : ndarray of str objects, shape (n_samples, n_features)
            Missing cells are empty texts.
        """
        _, columns = columns_of(X)
        texts = [[category_text(cell) for cell in column] for column in columns]
        n_samples = len(texts[0]) if texts else 0
        table = np.empty((n_samples, len(texts)), dtype=object)
        for index, column in enumerate(texts):
            table[:, index] = column
        return table

    def get_feature_names_out(self, input_features=None):
        """Names of the columns, unchanged.

        Parameters
        ----------
        input_features : array-like of str, optional

        Returns
        -------
        names : ndarray of str objects
        """
        return _check_feature_names_in(self, input_features)

    def __sklearn_is_fitted__(self):
        return True

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags
