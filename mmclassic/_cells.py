"""What is missing, and a column as a list of cells."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np


def is_missing(cell: Any) -> bool:
    """Whether a cell holds nothing: ``None``, NaN, ``pd.NA``, ``NaT`` or a blank string.

    An empty file or an unknown format is not missing but unreadable.

    Examples
    --------
    >>> [is_missing(cell) for cell in (None, float("nan"), "", "  ", "NA", 0.0)]
    [True, True, True, True, False, False]
    """
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell or cell.isspace()
    if isinstance(cell, float | np.floating):
        return cell != cell
    if isinstance(cell, np.datetime64 | np.timedelta64):
        return bool(np.isnat(cell))
    # No cell is pd.NA before pandas was imported; another thread may be importing it just now.
    pandas = sys.modules.get("pandas")
    return cell is getattr(pandas, "NA", None) or cell is getattr(pandas, "NaT", None)


def missing_mask(cells: Any) -> np.ndarray:
    """Boolean array of shape (n_cells,): which cells are missing.

    Examples
    --------
    >>> missing_mask(["a cat", None, " "])
    array([False,  True,  True])
    """
    return np.fromiter((is_missing(cell) for cell in cells), dtype=bool, count=len(cells))


def column_name(X: Any) -> str | None:
    """Name of a column: of a Series, or of a one-column frame; else None."""
    names = _names_of_frame(X)
    if len(names) == 1:
        return str(names[0])
    name = getattr(X, "name", None)
    return None if name is None or callable(name) or name == "" else str(name)


def _names_of_frame(X: Any) -> list:
    """Names of the columns of a frame (pandas, polars, pyarrow); none where it is no frame."""
    if hasattr(X, "to_pylist"):  # of pyarrow: columns are the columns themselves
        return list(getattr(X, "column_names", ()))
    names = getattr(X, "columns", ())
    return [] if callable(names) else list(names)


def as_cells(X: Any) -> list:
    """A column, however it is held, as a list with one item per row.

    Parameters
    ----------
    X : Series (pandas, polars, pyarrow), list, array of shape (n,) or (n, 1), one-column frame,
        or a numeric array of three or more dimensions, whose first axis are the rows. An array
        of shape (h, w, 1), (h, w, 3) or (h, w, 4) is taken for one picture, and refused.

    Returns
    -------
    cells : list of length n

    Raises
    ------
    ValueError
        If X is a single cell, or has several columns.

    Examples
    --------
    >>> as_cells(np.array([["a cat"], ["a dog"]]))
    ['a cat', 'a dog']
    """
    if isinstance(X, str | bytes | dict) or X is None:
        raise ValueError(
            f"Expected a column of cells, got a single {type(X).__name__}: pass [cell] for one row."
        )
    if hasattr(X, "columns"):
        names = _names_of_frame(X)
        if len(names) != 1:
            raise ValueError(
                f"Expected one column of cells, got a frame with {len(names)} columns "
                f"({', '.join(map(str, names[:5]))}, ...): select one of them."
            )
        if hasattr(X, "to_pylist"):
            return X.column(0).to_pylist()
        column = X[X.columns[0]]
        return column.to_list() if hasattr(column, "to_list") else list(column)
    if hasattr(X, "to_list"):
        return X.to_list()
    if hasattr(X, "to_pylist"):
        return X.to_pylist()
    if isinstance(X, np.ndarray):
        if X.ndim == 0:
            raise ValueError("Expected a column of cells, got a 0-dimensional array.")
        if X.ndim == 2:
            if X.shape[1] != 1:
                raise ValueError(
                    f"Expected one column of cells, got an array of shape {X.shape}: select one "
                    "column, or pass list(X) where each row is a recording or a picture."
                )
            X = X[:, 0]
        if X.ndim == 3 and X.shape[2] in (1, 3, 4):
            raise ValueError(
                f"Expected a column of cells, got an array of shape {X.shape}, which looks like "
                "one picture: pass [array] for one row, or list(array) where each of its "
                f"{X.shape[0]} rows is a picture or a recording."
            )
        if X.dtype.kind in "OU":
            return X.tolist()
    return list(X)


def repeatable(X: Any) -> Any:
    """X, or its items in a list where they can be had only once (a generator, ``map``).

    Examples
    --------
    >>> repeatable(text.upper() for text in ["a", "b"])
    ['A', 'B']
    """
    return list(X) if isinstance(X, Iterator) else X


def object_column(cells: Any) -> np.ndarray:
    """Cells as an object array of shape (n_cells,), whatever they are.

    Examples
    --------
    >>> object_column([np.zeros(2), None]).shape
    (2,)
    """
    column = np.empty(len(cells), dtype=object)
    for row, cell in enumerate(cells):
        column[row] = cell
    return column
