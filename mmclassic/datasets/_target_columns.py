"""The target of a table from a file: labels as they are written, numbers, or several labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmclassic.datasets._numbers import check_numbers

YES_OR_NO = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}


def settle_target(table, target: str | Sequence[str], task: str, where: str) -> None:
    """Turn the written target of a table into what a benchmark takes; changes the table.

    Parameters
    ----------
    table : pandas.DataFrame
        Its target columns hold text as it is written in the file.
    target : str or sequence of str
        Several columns hold 0 and 1, or false and true: several labels.
    task : {"auto", "classification", "regression"}
        "auto": numbers with decimal places are numbers, all else are labels.
    where : str
        What messages call the table.

    Raises
    ------
    ValueError
        Naming column, row and cell, where numbers are wanted and there are words, or several
        columns hold something else than 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"price": ["9.50", "12"], "mood": ["0", "1"]})
    >>> settle_target(table, "price", "auto", "table")
    >>> settle_target(table, "mood", "auto", "table")
    >>> table["price"].tolist(), table["mood"].tolist()
    ([9.5, 12.0], ['0', '1'])
    """
    import pandas as pd

    if not isinstance(target, str):
        for name in target:
            table[name] = _indicator(table[name], name, where)
        return
    if task == "regression":
        check_numbers(table, [target], where)
    numbers = pd.to_numeric(table[target], errors="coerce")
    are_numbers = bool((numbers.notna() | table[target].isna()).all())
    values = numbers.to_numpy(dtype=float)
    broken = np.isfinite(values) & (values != np.round(values))
    if task == "regression" or (task == "auto" and are_numbers and broken.any()):
        table[target] = numbers


def _indicator(column, name: str, where: str):
    known = column.map(lambda cell: YES_OR_NO.get(str(cell).strip().lower()), na_action="ignore")
    wrong = known.isna() & column.notna()
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise ValueError(
            f"{where}: of several target columns each holds 0 and 1 (or false and true); column "
            f"{name!r}, row {row} holds {column.iloc[row]!r}."
        )
    return known
