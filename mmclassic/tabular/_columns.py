"""A table of ordinary columns, however it is held."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing

from mmclassic._cells import as_cells


def columns_of(X: Any) -> tuple[list[str], list[list]]:
    """Names and cells of each column.

    Parameters
    ----------
    X : frame or array-like of shape (n_samples, n_features)

    Returns
    -------
    names : list of str
        "0", "1", … where columns have no names.
    columns : list of list
        One list of n_samples cells per column.

    Raises
    ------
    ValueError
        If X is no table.

    Examples
    --------
    >>> columns_of([[1, "a"], [2, "b"]])
    (['0', '1'], [[1, 2], ['a', 'b']])
    """
    if hasattr(X, "columns"):
        names = [str(name) for name in X.columns]
        parts = [_safe_indexing(X, [index], axis=1) for index in range(len(names))]
        return names, [as_cells(part) for part in parts]
    if not isinstance(X, np.ndarray):
        X = np.array([list(row) for row in X], dtype=object)
    if X.ndim != 2:
        raise ValueError(f"Expected a table of rows and columns, got {X.ndim} dimension(s).")
    return [str(index) for index in range(X.shape[1])], [column.tolist() for column in X.T]
