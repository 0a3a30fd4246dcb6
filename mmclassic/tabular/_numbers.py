"""NumberColumns: numeric columns as floats, with the row and column of what is no number."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import (
    _check_feature_names,
    _check_feature_names_in,
    check_is_fitted,
)

from mmclassic._cells import is_missing
from mmclassic._errors import CellError, settle
from mmclassic.tabular._columns import columns_of

# Squares of larger numbers, and sums of these, may be infinite.
LARGEST = 1e100


def as_number(cell: Any) -> float:
    """A cell as a float; NaN where it is missing.

    Raises
    ------
    ValueError
        If it is no finite number.

    Examples
    --------
    >>> as_number("12.5"), as_number(None)
    (12.5, nan)
    """
    if is_missing(cell):
        return np.nan
    try:
        number = float(cell)
    except (TypeError, ValueError):
        raise ValueError(f"{cell!r:.60} is no number") from None
    if np.isinf(number):
        raise ValueError(f"{cell!r:.60} is infinite")
    if abs(number) > LARGEST:
        raise ValueError(f"{cell!r:.60} is larger than {LARGEST:g}")
    return number


class NumberColumns(TransformerMixin, BaseEstimator):
    """Numeric columns as a float matrix; missing cells are NaN.

    A word, an infinite number or one beyond 1e100 is an unreadable cell, named by row and column.
    A column that has no number at all in the training rows becomes zeros, since models of NaN
    cannot take it.

    Parameters
    ----------
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether cells that are no numbers end the call, or count as missing with one warning.

    Attributes
    ----------
    empty_ : ndarray of shape (n_features,), bool
        Columns without a number in the training rows.
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects, shape (n_features,)

    See Also
    --------
    CategoryColumns : The same for categories.

    Examples
    --------
    >>> from mmclassic import NumberColumns
    >>> NumberColumns().fit_transform([[1, None], ["2.5", None]])
    array([[1. , 0. ],
           [2.5, 0. ]])
    """

    # What its cells are, for those who damage or show them.
    _medium = "numeric"

    _parameter_constraints: dict = {"on_unreadable": [str]}

    def __init__(self, *, on_unreadable="raise"):
        self.on_unreadable = on_unreadable

    def fit(self, X, y=None):
        """Note the columns that are empty.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            With ``on_unreadable="raise"``, if cells are no finite numbers.
        """
        self._validate_params()
        _check_feature_names(self, X, reset=True)
        values = self._values(X)
        self.n_features_in_ = values.shape[1]
        self.empty_ = np.isnan(values).all(axis=0)
        return self

    def transform(self, X):
        """Numbers.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)

        Returns
        -------
        numbers : ndarray of shape (n_samples, n_features), float64
            NaN where a cell is missing; zeros in columns that were empty in ``fit``.

        Raises
        ------
        UnreadableCellsError
            With ``on_unreadable="raise"``, if cells are no finite numbers.
        ValueError
            If the number of columns is another than in ``fit``.
        """
        check_is_fitted(self)
        values = self._values(X)
        if values.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {values.shape[1]} columns, but NumberColumns was fitted on "
                f"{self.n_features_in_}."
            )
        values[:, self.empty_] = 0.0
        return values

    def read_cells(self, X) -> tuple[np.ndarray, list[CellError]]:
        """The stateless half: a float matrix, and errors instead of a raise or a warning.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)

        Returns
        -------
        numbers : ndarray of shape (n_samples, n_features), float64
            NaN for missing and unreadable cells.
        errors : list of CellError
        """
        if isinstance(X, np.ndarray) and X.dtype.kind in "biuf" and (np.abs(X) <= LARGEST).all():
            return X.astype(np.float64), []
        names, columns = columns_of(X)
        values = np.full((len(columns[0]) if columns else 0, len(columns)), np.nan)
        errors = []
        for index, (name, column) in enumerate(zip(names, columns, strict=True)):
            for row, cell in enumerate(column):
                try:
                    values[row, index] = as_number(cell)
                except ValueError as error:
                    reason = f"{error}; repair the cell or leave it empty"
                    errors.append(CellError(row, name, "number", "type", reason))
        return values, sorted(errors, key=lambda error: error.row)

    def _values(self, X):
        values, errors = self.read_cells(X)
        settle(errors, values.size, self.on_unreadable, stacklevel=4)
        return values

    def get_feature_names_out(self, input_features=None):
        """Names of the columns, unchanged.

        Parameters
        ----------
        input_features : array-like of str, optional

        Returns
        -------
        names : ndarray of str objects
        """
        check_is_fitted(self)
        return _check_feature_names_in(self, input_features)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags
