"""Whether columns that should hold numbers do."""

from __future__ import annotations

from collections.abc import Sequence


def check_numbers(table, names: Sequence[str], where: str = "The table") -> None:
    """Refuse columns of words among those of numbers, and say where the first word is.

    Parameters
    ----------
    table : pandas.DataFrame
    names : sequence of str
        Columns of the table.
    where : str
        What the message calls the table.

    Raises
    ------
    ValueError
        Naming column, row and cell.

    Examples
    --------
    >>> import pandas as pd
    >>> check_numbers(pd.DataFrame({"age": [31, None], "price": ["12", "free"]}), ["age", "price"])
    Traceback (most recent call last):
    ...
    ValueError: The table: column 'price' is no column of numbers; row 1 holds 'free'. ...
    """
    import pandas as pd

    for name in names:
        words = pd.to_numeric(table[name], errors="coerce").isna() & table[name].notna()
        if words.any():
            row = int(words.to_numpy().argmax())
            raise ValueError(
                f"{where}: column {name!r} is no column of numbers; row {row} holds "
                f"{table[name].iloc[row]!r}. Name it as a categorical or a text column, or mend it."
            )
