"""One modality of a table, read once: its stateless steps applied, its missing rows known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, get_tags
from sklearn.utils.validation import _num_samples

from mmclassic._cells import as_cells, missing_mask
from mmclassic._errors import CellError, UnreadableCellsError, renumber, settle


@dataclass(frozen=True)
class Modality:
    """What is left of ``(name, estimator, columns)`` once its cells were read.

    Attributes
    ----------
    name : str
    columns : str, int, list, slice, mask or callable
        As given.
    estimator : estimator
        The steps that are not stateless; takes ``data``.
    stateless : list of (str, transformer)
        The steps that were applied.
    data : features or cells, n_present rows
        Only rows that have the modality.
    position : ndarray of shape (n_samples,), int
        Row of ``data`` for each row of the table, -1 where the modality is missing.
    errors : list of CellError
        Unreadable cells, by row of the table; they count as missing.
    n_cells : int
        How many cells were tried.
    """

    name: str
    columns: Any
    estimator: Any
    stateless: list
    data: Any
    position: np.ndarray
    errors: list[CellError]
    n_cells: int

    @property
    def present(self) -> np.ndarray:
        """Boolean array of shape (n_samples,): the rows that have the modality."""
        return self.position >= 0

    def take(self, rows: np.ndarray) -> tuple[Any, np.ndarray]:
        """Data of those among some rows that have the modality, and which these are."""
        rows = rows[self.present[rows]]
        return take_rows(self.data, self.position[rows]), rows

    def behind(self, estimator: Any) -> Any:
        """This modality for another estimator that begins with the same stateless steps."""
        rest = _rest_of(estimator, _steps_of(estimator)[len(self.stateless) :])
        return replace(self, estimator=rest)

    def whole(self, fitted: Any) -> Any:
        """The fitted estimator behind the stateless steps again: it takes cells."""
        # Copies, so that parameters set on the unfitted model leave the fitted one alone.
        steps = [(name, clone(step, safe=False)) for name, step in self.stateless]
        return join_stateless(steps, fitted)


def read_modality(name: str, estimator: Any, columns: Any, X: Any) -> Modality:
    """Read the cells of one modality.

    Parameters
    ----------
    name : str
    estimator : estimator
        Where it is a Pipeline, its leading stateless steps are applied here, and the decoding
        half of the first step that is not stateless.
    columns : str, int, list, slice, mask or callable
        As in ColumnTransformer: a single name gives a column, a list a frame.
    X : frame or array of n_samples rows

    Returns
    -------
    modality : Modality

    Raises
    ------
    ValueError
        If the table has not these columns, or they are none.
    """
    column = take_named(name, X, columns(X) if callable(columns) else columns)
    rows = np.flatnonzero(~missing_rows(column))
    data = take_rows(column, rows)
    n_cells = len(rows)
    errors: list[CellError] = []
    stateless, rest = [], _steps_of(estimator)
    while rest and len(rows):
        step = rest[0][1]
        if hasattr(step, "read_cells"):
            data, unreadable = step.read_cells(data)
            errors += renumber(unreadable, rows)
            kept = np.flatnonzero(_was_read(data, unreadable))
            if len(kept) < len(rows):
                data, rows = _safe_indexing(data, kept), rows[kept]
        stateless_step = _is_stateless(step)
        if stateless_step and not hasattr(step, "read_cells") and not _is_passthrough(step):
            data = step.transform(data)
        if not stateless_step:
            break
        stateless.append(rest.pop(0))
    if not len(rows):
        stateless, rest = _split_without_data(estimator)
    position = np.full(_num_samples(X), -1)
    position[rows] = np.arange(len(rows))
    estimator = _rest_of(estimator, rest)
    return Modality(name, columns, estimator, stateless, data, position, errors, n_cells)


def take_named(name: str, X: Any, columns: Any) -> Any:
    """The columns of a modality; who is to blame where there are none."""
    try:
        column = _take_columns(X, columns)
    except (IndexError, KeyError, ValueError) as error:
        raise ValueError(
            f"Modality {name!r}: its columns {columns!r} do not fit a table of {X.shape[1]} "
            f"columns (text means names, whole numbers mean positions from 0): {error}"
        ) from error
    if getattr(column, "shape", ())[1:] == (0,):
        raise ValueError(
            f"Modality {name!r}: its columns {columns!r} select none of the table's {X.shape[1]}."
        )
    return column


def _take_columns(X: Any, columns: Any) -> Any:
    """A column or some columns of a table; the table's own way where it says the same."""
    if type(X) is np.ndarray and isinstance(columns, slice):
        return X[:, columns]
    named = type(columns) is list and columns and all(type(c) is str for c in columns)
    if hasattr(X, "columns") and named:
        return X[columns]
    mask = np.asarray(columns) if isinstance(columns, list | np.ndarray) else None
    if mask is not None and mask.dtype == bool and len(mask) != X.shape[1]:
        raise IndexError(f"a mask of {len(mask)} columns")
    return _safe_indexing(X, columns, axis=1)


def take_rows(data: Any, rows: np.ndarray) -> Any:
    """Some rows, never the memory of ``data`` itself: steps may work in place."""
    if hasattr(data, "take_rows"):
        return data.take_rows(rows)
    n_samples = _num_samples(data)
    if len(rows) == n_samples and (rows == np.arange(n_samples)).all():
        if type(data) is np.ndarray:
            return data.copy()
        if hasattr(data, "iloc"):
            return data.copy()
    return _safe_indexing(data, rows)


def _was_read(values: Any, unreadable: Sequence[CellError]) -> np.ndarray:
    """Rows that have a value: not unreadable, nor blank once decoded."""
    values = np.asarray(values)
    there = np.ones(len(values), dtype=bool)
    if values.dtype == object:
        there &= np.array([value is not None for value in values], dtype=bool)
    there[[error.row for error in unreadable]] = False
    return there


def read_modalities(modalities: Sequence[tuple], X: Any) -> list[Modality]:
    """Read every ``(name, estimator, columns)`` of a table."""
    return [read_modality(name, estimator, columns, X) for name, estimator, columns in modalities]


def behind(data: Sequence[Modality], model: Any) -> list[Modality]:
    """Modalities that were read, for another fitted model of the same ``modalities``."""
    return [
        modality.behind(estimator)
        for modality, (_, estimator, _) in zip(data, model.modalities_, strict=True)
    ]


def settle_unreadable(
    modalities: Sequence[Modality], on_unreadable: str, max_error_rate: float | None = None
) -> list[CellError]:
    """Raise, or warn once, about the unreadable cells of all modalities.

    Parameters
    ----------
    modalities : sequence of Modality
    on_unreadable : {"raise", "missing"}
    max_error_rate : float, optional
        Share of a modality's cells above which even "missing" raises.

    Returns
    -------
    errors : list of CellError
    """
    errors = [error for modality in modalities for error in modality.errors]
    for modality in modalities:
        n_errors = len(modality.errors)
        if max_error_rate is not None and n_errors > max_error_rate * modality.n_cells:
            if on_unreadable == "missing":
                advice = (
                    f"That is more than max_error_rate={max_error_rate} of modality "
                    f"{modality.name!r}: repair the cells, or raise max_error_rate."
                )
                raise UnreadableCellsError(modality.errors, modality.n_cells, advice)
            break
    settle(errors, sum(modality.n_cells for modality in modalities), on_unreadable, stacklevel=5)
    return errors


def missing_rows(column: Any) -> np.ndarray:
    """Rows in which all columns are missing: boolean array of shape (n_samples,).

    Examples
    --------
    >>> missing_rows(np.array([[np.nan, np.nan], [np.nan, 1.0]]))
    array([ True, False])
    """
    if hasattr(column, "columns"):
        return _missing_in_frame(column)
    if isinstance(column, np.ndarray) and column.dtype.kind in "biu":
        return np.zeros(len(column), dtype=bool)
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        missing = np.isnan(column)
        return np.asarray(missing.all(axis=tuple(range(1, column.ndim))))
    if isinstance(column, np.ndarray) and column.ndim > 1:
        return np.array([missing_mask(row).all() for row in column], dtype=bool)
    return missing_mask(as_cells(column))


def _missing_in_frame(frame: Any) -> np.ndarray:
    missing = np.ones(_num_samples(frame), dtype=bool)
    for index in range(frame.shape[1]):
        if not missing.any():
            break
        column = frame.iloc[:, index] if hasattr(frame, "iloc") else frame[:, index]
        missing &= missing_mask(as_cells(column))
    return missing


def join_stateless(stateless: list, estimator: Any) -> Any:
    """A pipeline of stateless steps and an estimator, or the estimator if there are none."""
    if not stateless:
        return estimator
    if isinstance(estimator, Pipeline):
        return Pipeline([*stateless, *estimator.steps])
    return Pipeline([*stateless, ("estimator", estimator)])


def _steps_of(estimator: Any) -> list:
    """Steps before the last, which may be stateless; none where it is no pipeline."""
    if isinstance(estimator, FrozenEstimator):
        return _steps_of(estimator.estimator)
    return list(estimator.steps[:-1]) if isinstance(estimator, Pipeline) else []


def _rest_of(estimator: Any, steps: list) -> Any:
    """The pipeline from the first step that is not stateless to its end."""
    if isinstance(estimator, FrozenEstimator):
        return FrozenEstimator(_rest_of(estimator.estimator, steps))
    if not isinstance(estimator, Pipeline):
        return estimator
    return Pipeline([*steps, estimator.steps[-1]], memory=estimator.memory)


def _split_without_data(estimator: Any) -> tuple[list, list]:
    """Stateless leading steps and the others, where there is no row to apply them to."""
    stateless, rest = [], _steps_of(estimator)
    while rest and _is_stateless(rest[0][1]):
        stateless.append(rest.pop(0))
    return stateless, rest


def _is_stateless(step: Any) -> bool:
    return _is_passthrough(step) or not get_tags(step).requires_fit


def _is_passthrough(step: Any) -> bool:
    return step is None or isinstance(step, str)
