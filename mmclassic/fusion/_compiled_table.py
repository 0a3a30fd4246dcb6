"""The linear part of a compiled model: a table to values of all modalities in one product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

from mmclassic._cells import missing_mask
from mmclassic.fusion._compiled_block import Block
from mmclassic.modalities._table import check_table, named_columns

# Above this many weights (256 KB) modalities that lie side by side are multiplied one by one:
# reading the zeros between them would cost more than the calls.
ONE_PRODUCT = 2**15


@dataclass(frozen=True)
class Folded:
    """A modality: its columns among those that are read, its block, its values' intercepts.

    ``block`` ends in the values, so its matrix holds the model's coefficients too.
    """

    name: str
    columns: np.ndarray
    block: Block


@dataclass(frozen=True)
class LinearTable:
    """Values of every modality as one affine map of a row.

    Attributes
    ----------
    modalities : tuple of (name, None, columns)
        As the model has them, for the checks of a frame.
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects, or None
    used : ndarray of int
        Columns of the table that some modality reads.
    folded : tuple of Folded
    centre : ndarray of shape (n_used,)
    weights : ndarray of shape (n_used, n_modalities * n_values)
    bias : ndarray of shape (n_modalities * n_values,)
    members : ndarray of shape (n_used, n_modalities)
        1 where a modality reads a column.
    """

    modalities: tuple
    n_features_in_: int
    feature_names_in_: np.ndarray | None
    used: np.ndarray
    folded: tuple[Folded, ...]
    centre: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    members: np.ndarray
    side_by_side: bool
    reads_all: bool

    def read(self, X: Any) -> np.ndarray:
        """The columns that are read, shape (n_samples, n_used), float64.

        Raises
        ------
        ValueError
            If the columns are not those of the model, or hold no numbers.
        """
        if hasattr(X, "columns"):
            return self._read_frame(X)
        X = np.asarray(X)
        if X.ndim != 2:
            raise ValueError(
                f"Expected a 2-d array of shape (n_samples, {self.n_features_in_}), got the shape "
                f"{X.shape}: pass one row as [row]."
            )
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {X.shape[1]} columns, the model was fitted on {self.n_features_in_}."
            )
        X = X if self.reads_all else X[:, self.used]
        return X if X.dtype == np.float64 else as_floats(X)

    def _read_frame(self, X: Any) -> np.ndarray:
        X = check_table(self, X, reset=False)
        columns = self.used.tolist()
        if self.feature_names_in_ is not None and named_columns(self.modalities) is not None:
            columns = self.feature_names_in_[self.used].tolist()
        if list(X.columns) != columns:
            X = _safe_indexing(X, columns, axis=1)
        return as_floats(X.to_numpy())

    def values(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Values of every modality, and which modalities each row has.

        Returns
        -------
        values : ndarray of shape (n_samples, n_modalities, n_values)
            Of no meaning for modalities that a row does not have.
        present : ndarray of shape (n_samples, n_modalities), bool, or None for all of them
        """
        if isfinite(np.add.reduce(x, axis=None)):
            return self._product(x), None
        gaps = np.isnan(x)
        n_gaps = gaps @ self.members
        present = n_gaps < self.members.sum(axis=0)
        filled = np.where(gaps, self.centre, x)
        if not np.isfinite(filled).all():
            raise ValueError(f"{self._where(np.isinf(x))} is infinite.")
        values = self._product(filled)
        for index in np.flatnonzero((present & (n_gaps > 0)).any(axis=0)):
            rows = np.flatnonzero(present[:, index] & (n_gaps[:, index] > 0))
            values[rows, index] = self._filled_values(x[rows], rows, int(index))
        return values, present

    def _product(self, x: np.ndarray) -> np.ndarray:
        centred = x - self.centre
        n_modalities = len(self.folded)
        if self.side_by_side:
            values = np.empty((len(x), n_modalities, len(self.bias) // n_modalities))
            for index, one in enumerate(self.folded):
                columns = slice(one.columns[0], one.columns[-1] + 1)
                values[:, index] = centred[:, columns] @ self._weights_of(index)[columns]
            values += self.bias.reshape(n_modalities, -1)
            return values
        flat = centred @ self.weights
        flat += self.bias
        return flat.reshape(len(x), n_modalities, len(self.bias) // n_modalities)

    def _weights_of(self, index: int) -> np.ndarray:
        n_values = len(self.bias) // len(self.folded)
        return self.weights[:, index * n_values : (index + 1) * n_values]

    def _filled_values(self, x: np.ndarray, rows: np.ndarray, index: int) -> np.ndarray:
        """Values of a modality for rows that have some of its columns: NaN is filled or refused."""
        one = self.folded[index]
        x = x[:, one.columns]
        x = np.where(np.isnan(x), one.block.fill, x)
        if np.isnan(x).any():
            row, column = np.argwhere(np.isnan(x))[0]
            position = self.used[one.columns[column]]
            raise ValueError(
                f"Row {rows[row]}, column {self._name(position)} of modality {one.name!r} is NaN "
                "while others are not, and the modality has no SimpleImputer."
            )
        n_values = len(self.bias) // len(self.folded)
        bias = self.bias[index * n_values : (index + 1) * n_values]
        return (x - self.centre[one.columns]) @ self._weights_of(index)[one.columns] + bias

    def _where(self, wrong: np.ndarray) -> str:
        row, column = np.argwhere(wrong)[0]
        return f"Row {row}, column {self._name(self.used[column])}"

    def _name(self, position: int) -> str:
        names = self.feature_names_in_
        return str(position) if names is None else repr(names[position])


def make_table(model: Any, folded: Sequence[Folded], columns: Sequence[np.ndarray]) -> LinearTable:
    """Put folded modalities beside each other.

    Parameters
    ----------
    model : fitted fusion
    folded : sequence of Folded
        With ``columns`` not known yet.
    columns : sequence of ndarray of int
        Columns of the table that each modality reads.
    """
    used = np.unique(np.concatenate(columns))
    folded = [
        Folded(one.name, np.searchsorted(used, places), one.block)
        for one, places in zip(folded, columns, strict=True)
    ]
    centre, members = np.zeros(len(used)), np.zeros((len(used), len(folded)))
    for index, one in enumerate(folded[::-1]):  # the first that reads a column has the say
        centre[one.columns] = one.block.centre
        members[one.columns, len(folded) - 1 - index] = 1
    weights, bias = [], []
    for one in folded:
        full = np.zeros((len(used), len(one.block.shift)))
        full[one.columns] = one.block.weights()
        weights.append(full)
        bias.append(one.block.shift + (centre[one.columns] - one.block.centre) @ full[one.columns])
    size = sum(matrix.size for matrix in weights)
    contiguous = all((np.diff(one.columns) == 1).all() for one in folded)
    names = getattr(model, "feature_names_in_", None)
    return LinearTable(
        modalities=tuple((name, None, columns) for name, _, columns in model.modalities_),
        n_features_in_=int(model.n_features_in_),
        feature_names_in_=None if names is None else names.copy(),
        used=used,
        folded=tuple(folded),
        centre=centre,
        weights=np.hstack(weights),
        bias=np.concatenate(bias),
        members=members,
        side_by_side=contiguous and len(folded) > 1 and size > ONE_PRODUCT,
        reads_all=len(used) == model.n_features_in_,
    )


def as_floats(X: np.ndarray) -> np.ndarray:
    """An array as float64, whatever stands for a missing number as NaN.

    Examples
    --------
    >>> as_floats(np.array([[1, None]], dtype=object))
    array([[ 1., nan]])
    """
    if X.dtype.kind in "fiub":
        return X.astype(np.float64)
    gaps = missing_mask(X.ravel()).reshape(X.shape)
    floats = np.full(X.shape, np.nan)
    floats[~gaps] = X[~gaps].astype(np.float64)
    return floats
