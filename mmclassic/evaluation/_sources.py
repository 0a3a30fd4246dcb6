"""The cells behind a benchmark, for those parts of a report that show or count them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmclassic._cells import as_cells
from mmclassic._errors import CellError

MEDIA = ("text", "image", "audio")


@dataclass(frozen=True, eq=False)
class Sources:
    """A table, and which of its columns is which modality. Cells are read when asked for.

    Attributes
    ----------
    table : frame
    columns : mapping from modality to list of str
    errors : mapping from modality to sequence of CellError
        Cells that could not be read.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"title": ["a", "b"], "body": ["c", "d"]})
    >>> sources = Sources(table, {"text:title": ["title"], "text:body": ["body"]}, {})
    >>> sources.medium("text:body"), sources.cells("text:body")
    ('text', ['c', 'd'])
    """

    table: Any
    columns: Mapping[str, list[str]]
    errors: Mapping[str, Sequence[CellError]]

    @staticmethod
    def medium(modality: str) -> str:
        """ "text", "image", "audio", "numeric" or "categorical"."""
        return modality.partition(":")[0]

    def cells(self, modality: str) -> list:
        """All cells of a modality that has one column."""
        return as_cells(self.table[self.columns[modality][0]])

    def values(self, modality: str, row: int) -> dict[str, Any]:
        """The cells of one row by column, for a modality of numbers or categories."""
        return {name: as_cells(self.table[name])[row] for name in self.columns[modality]}
