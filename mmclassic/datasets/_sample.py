"""Fewer rows of a table, for a quick look."""

from __future__ import annotations

import numpy as np


def take_sample(table, target: str | list[str], n_rows: int, seed: int):
    """Rows drawn at random, each class in proportion, in the order of the table.

    Parameters
    ----------
    table : pandas.DataFrame
    target : str or list of str
        Column of the labels, or columns; a missing label is a class of its own.
    n_rows : int
        At least 1; all rows where the table has no more.
    seed : int

    Returns
    -------
    table : pandas.DataFrame
        Numbered from 0.

    Raises
    ------
    ValueError
        If ``n_rows`` is less than 1.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"mood": ["good"] * 60 + ["bad"] * 30})
    >>> take_sample(table, "mood", 9, seed=0)["mood"].value_counts().to_dict()
    {'good': 6, 'bad': 3}
    """
    if n_rows < 1:
        raise ValueError(f"A sample has at least one row, got {n_rows}.")
    if n_rows >= len(table):
        return table
    order = np.random.default_rng(seed).permutation(len(table))
    classes = table.iloc[order].groupby(target, dropna=False)
    number = classes.ngroup()
    # How far through its class a row comes: the first rows of all classes together.
    place = (classes.cumcount() + 0.5) / number.map(number.value_counts())
    chosen = order[np.argsort(place.to_numpy(), kind="stable")[:n_rows]]
    return table.iloc[np.sort(chosen)].reset_index(drop=True)
