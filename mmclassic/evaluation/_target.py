"""The target of a benchmark, and other columns that are given by name or as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _num_samples

from mmclassic.evaluation._class_task import ClassTask
from mmclassic.evaluation._label_task import LabelTask
from mmclassic.evaluation._number_task import NumberTask
from mmclassic.evaluation._task import Task
from mmclassic.fusion._multilabel import is_indicator, label_names, split_indicator
from mmclassic.fusion._target import check_target
from mmclassic.modalities._labels import encode_labels

TASKS = ("auto", "classification", "regression")
# More whole numbers than these, some of them rare, are hardly classes.
MANY_NUMBERS = 10


def column_of(table: Any, column: Any, what: str) -> Any:
    """A column of the table by its name, or values as they are.

    Raises
    ------
    ValueError
        If the table has no such column, or there is not one value for each row.

    Examples
    --------
    >>> import pandas as pd
    >>> column_of(pd.DataFrame({"mood": ["good", "bad"]}), "mood", "target")
    ['good', 'bad']
    """
    n_rows = _num_samples(table)
    if isinstance(column, str):
        if column not in table.columns:
            names = ", ".join(str(name) for name in list(table.columns)[:20])
            raise ValueError(f"{what}: the table has no column {column!r}; it has: {names}.")
        return table[column].to_list()
    if _num_samples(column) != n_rows:
        raise ValueError(f"{what} has {_num_samples(column)} values, the table has {n_rows} rows.")
    return column


def target_columns(table: Any, target: Any) -> list[str] | None:
    """Names of several columns that are the target together; None for anything else.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"sad": [0, 1, 0], "loud": [1, 1, 0]})
    >>> target_columns(table, ["sad", "loud"]), target_columns(table, "sad")
    (['sad', 'loud'], None)
    """
    if not isinstance(target, list | tuple) or not target:
        return None
    names = {str(name) for name in table.columns}
    known = [isinstance(one, str) and one in names for one in target]
    if all(known) or (any(known) and len(target) != _num_samples(table)):
        twice = [one for one, count in Counter(target).items() if count > 1]
        if twice and len(target) == _num_samples(table):
            return None  # labels, one for each row, that are called like columns
        for one in target:
            column_of(table, one, "target")
        if twice:
            raise ValueError(f"target names the column {twice[0]!r} twice.")
        return list(target)
    return None


def make_task(
    table: Any, target: Any, *, task: str = "auto", class_weight: str | None = None
) -> Task:
    """The target, and everything that depends on its kind.

    Parameters
    ----------
    table : frame of n_rows rows
    target : str, list of str, or array-like of n_rows rows
        A column; several columns of 0 and 1, one for each label; or the values themselves.
    task : {"auto", "classification", "regression"}, default="auto"
        "auto": several columns are labels, numbers with decimal places are a regression, anything
        else is classes.
    class_weight : "balanced", optional

    Returns
    -------
    task : Task

    Raises
    ------
    ValueError
        If targets are missing, of one class, no numbers, or do not fit ``task``.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"price": [9.5, 20.25, 3.1], "stars": [3, 4, 5]})
    >>> make_task(table, "price").kind, make_task(table, "stars").kind
    ('regression', 'classification')
    >>> make_task(table, "stars", task="regression").kind
    'regression'
    """
    if task not in TASKS:
        raise ValueError(f"task must be one of {', '.join(TASKS)}, got {task!r}.")
    if class_weight not in (None, "balanced"):
        raise ValueError(f'class_weight must be None or "balanced", got {class_weight!r}.')
    names = target_columns(table, target)
    if names is not None and len(names) == 1:
        [target], names = names, None
    values = _columns_of(table, names) if names else column_of(table, target, "target")
    if _width_of(values) > 1:
        return _label_task(values, names, task, class_weight)
    kind = kind_of(values)
    if task == "regression" or (task == "auto" and kind == "continuous"):
        if class_weight is not None:
            raise ValueError("class_weight is for classes: a regression has none.")
        return NumberTask(check_target(_plain(values)))
    if kind == "continuous":
        raise ValueError(
            'task="classification", but the target holds numbers with decimal places, such as '
            f'{_first_broken(values)}: leave task out, or pass task="regression".'
        )
    if task == "auto" and kind == "multiclass":
        _refuse_many_numbers(np.asarray(_plain(values)))
    classes, codes = encode_labels(values)
    return ClassTask(codes, classes, class_weight)


def target_in_words(table: Any, target: Any, kind: str) -> str:
    """What a report calls the target: its columns, or what it is.

    Examples
    --------
    >>> target_in_words(None, "mood", "classification")
    'mood'
    """
    several = [target] if isinstance(target, str) else target_columns(table, target)
    if several is None:
        return "numbers" if kind == "regression" else "labels"
    return ", ".join(several)


def _label_task(values: Any, names: Sequence[str] | None, task: str, class_weight) -> LabelTask:
    if task == "regression":
        raise ValueError("task: a regression has one target column; benchmark each by itself.")
    if not is_indicator(values):
        raise ValueError(
            "Several target columns are labels: each holds 0 and 1, or False and True, for each "
            "row. Numbers, or classes of several kinds, are benchmarked one column at a time."
        )
    indicator = np.stack(split_indicator(values), axis=1)
    labels = label_names(values) if names is None else np.array(names)
    return LabelTask(indicator, labels, class_weight)


def _columns_of(table: Any, names: Sequence[str]) -> Any:
    """Some columns as a pandas frame, whatever the table's kind."""
    import pandas as pd

    columns = {}
    for name in names:
        cells = table[name].to_list()
        # True and False beside 0 and 1 would make an array of objects.
        columns[name] = [int(cell) if isinstance(cell, bool) else cell for cell in cells]
    return pd.DataFrame(columns)


def _width_of(values: Any) -> int:
    shape = np.shape(values) if not sparse.issparse(values) else values.shape
    return shape[1] if len(shape) == 2 else 1


def _plain(values: Any) -> Any:
    return values.to_list() if hasattr(values, "to_list") else values


def kind_of(values: Any) -> str:
    array = np.asarray(_plain(values))
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return "unknown"
    try:
        return type_of_target(array)
    except (TypeError, ValueError):  # missing labels, mixed types: said better elsewhere
        return "unknown"


def _first_broken(values: Any) -> float:
    numbers = np.asarray(_plain(values), dtype=float)
    return float(numbers[numbers != np.round(numbers)][0])


def _refuse_many_numbers(values: np.ndarray) -> None:
    """Whole numbers that are hardly classes: prices, years, counts."""
    if values.dtype.kind in "OU":  # as a file has them
        try:
            values = values.astype(float)
        except (TypeError, ValueError):
            return
    classes, counts = np.unique(values, return_counts=True)
    rare = int((counts < 3).sum())
    if classes.dtype.kind in "iuf" and len(classes) > MANY_NUMBERS and rare:
        raise ValueError(
            f"The target holds {len(classes)} different whole numbers, {rare} of them in fewer "
            'than 3 rows. Pass task="regression" to predict numbers; classes need 3 rows each '
            '(then pass task="classification").'
        )
