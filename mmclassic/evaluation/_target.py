"""The target of a benchmark, and other columns that are given by name or as values."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _num_samples

from mmclassic.modalities._labels import encode_labels

OTHER_TARGETS = {
    "continuous": "numbers",
    "continuous-multioutput": "several columns of numbers",
    "multilabel-indicator": "an indicator of several labels",
    "multiclass-multioutput": "several columns of labels",
}


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
    if len(column) != n_rows:
        raise ValueError(f"{what} has {len(column)} values, the table has {n_rows} rows.")
    return column


def encode_target(labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Classes and codes, as :func:`encode_labels`; targets of another kind are refused.

    Raises
    ------
    ValueError
        If it holds numbers to predict or several labels for each row.

    Examples
    --------
    >>> encode_target([0.5, 1.25, 3.0])
    Traceback (most recent call last):
    ...
    ValueError: benchmark takes classification only, one label for each row; this target holds
    numbers. Fit LateFusionRegressor for numbers, and LateFusionClassifier for several labels.
    """
    try:
        kind = type_of_target(np.asarray(labels))
    except ValueError:  # missing labels, mixed types: said better below
        kind = "unknown"
    if kind in OTHER_TARGETS:
        raise ValueError(
            "benchmark takes classification only, one label for each row; this target holds "
            f"{OTHER_TARGETS[kind]}. Fit LateFusionRegressor for numbers, and LateFusionClassifier "
            "for several labels."
        )
    return encode_labels(labels)
