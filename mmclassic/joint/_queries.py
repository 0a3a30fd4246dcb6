"""Queries: a table that needs only the columns it asks by, or a bare column of cells."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from mmclassic._cells import as_cells, object_column
from mmclassic.modalities import Modality, check_table, read_modalities
from mmclassic.modalities._table import named_columns


def read_queries(retriever: Any, queries: Any, by: str) -> Modality:
    """The modality of the queries, read.

    Parameters
    ----------
    retriever : fitted estimator
        With ``modalities_``.
    queries : frame, array-like of shape (n_queries, n_columns), or column of cells
        A frame needs the columns of the modality only. Where ``fit`` saw a frame, and the modality
        reads one column by its name, anything but a frame is such a column.
    by : str
        Name of the modality.

    Returns
    -------
    modality : Modality

    Raises
    ------
    ValueError
        If there is no such modality, or columns are absent.
    """
    names = [name for name, _, _ in retriever.modalities_]
    if by not in names:
        raise ValueError(f"by must be the name of a modality, {' or '.join(names)}; got {by!r}.")
    name, transformer, columns = retriever.modalities_[names.index(by)]
    if hasattr(queries, "columns"):
        named = named_columns([(name, transformer, columns)]) is not None
        owner = SimpleNamespace(modalities=[(name, transformer, columns)]) if named else retriever
        queries = check_table(owner, queries, reset=False)
    elif isinstance(columns, str) and hasattr(retriever, "feature_names_in_"):
        queries, columns = object_column(as_cells(queries))[:, None], 0
    else:
        queries = check_table(retriever, queries, reset=False)
    return read_modalities([(name, transformer, columns)], queries)[0]
