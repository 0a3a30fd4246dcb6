"""What went wrong with which cell: records, errors and warnings that survive pickling."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

# How many cells an error message lists before it says "and N more".
N_LISTED = 10


class DataQualityWarning(UserWarning):
    """The result stands, but look at the data: cells count as missing, folds were reduced.

    Parameters
    ----------
    message : str
    errors : sequence of CellError, default=()
        The cells that it is about, where it is about cells that cannot be read.

    Attributes
    ----------
    errors : list of CellError

    Examples
    --------
    Which cells a prediction went without:

    >>> import warnings
    >>> from mmclassic import HOGVectorizer
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     _ = HOGVectorizer(on_unreadable="missing").transform(["no-such-file.jpg"])
    >>> [(error.row, error.source, error.code) for error in caught[0].message.errors]
    [(0, 'no-such-file.jpg', 'decode')]
    """

    def __init__(self, message: str = "", errors: Sequence[CellError] = ()):
        super().__init__(message)
        self.errors = list(errors)


class UnreadableCell(Exception):
    """One cell cannot be read; raised while decoding, before row and column are known.

    Parameters
    ----------
    code : {"decode", "truncated", "unsupported", "limit", "unsafe_path", "empty", "type", "crash"}
        What kind of damage it is; "crash" where reading the cell ended a worker process.
    reason : str
        What was wrong and what to do, without the name of the cell.
    """

    def __init__(self, code: str, reason: str):
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.reason} [{self.code}]"


@dataclass(frozen=True)
class CellError:
    """One unreadable cell of a table.

    Attributes
    ----------
    row : int
        Position in the table, counted from 0 (never an index label).
    column : str or None
        Name of the column, where it has one.
    source : str
        The file, or a short description of a cell that is not a file.
    code : str
        See :class:`UnreadableCell`.
    reason : str
        What was wrong and what to do.

    Examples
    --------
    >>> print(CellError(3, "photo", "cat.jpg", "empty", "the file has 0 bytes"))
    row 3, column 'photo', cat.jpg: the file has 0 bytes [empty]
    """

    row: int
    column: str | None
    source: str
    code: str
    reason: str

    def __str__(self) -> str:
        column = "" if self.column is None else f", column {self.column!r}"
        return f"row {self.row}{column}, {self.source}: {self.reason} [{self.code}]"


class UnreadableCellsError(ValueError):
    """Cells that could not be read, after all cells were tried.

    Parameters
    ----------
    errors : sequence of CellError
        One record per unreadable cell.
    n_cells : int
        How many cells were tried.
    advice : str, optional
        The next step, as the last line of the message.

    Attributes
    ----------
    errors : list of CellError
    n_cells : int
    """

    def __init__(self, errors: Sequence[CellError], n_cells: int, advice: str | None = None):
        self.errors = list(errors)
        self.n_cells = n_cells
        self.advice = advice or (
            'Repair or remove these cells, or pass on_unreadable="missing": they count as missing.'
        )
        super().__init__(self._message())

    def _message(self) -> str:
        lines = [f"{len(self.errors)} of {self.n_cells} cells cannot be read:"]
        lines += [f"  {error}" for error in self.errors[:N_LISTED]]
        if len(self.errors) > N_LISTED:
            lines.append(f"  and {len(self.errors) - N_LISTED} more (see the .errors attribute)")
        return "\n".join([*lines, self.advice])

    def __reduce__(self):
        return type(self), (self.errors, self.n_cells, self.advice)


def renumber(errors: Sequence[CellError], rows: Any) -> list[CellError]:
    """Errors numbered within a part of a table, numbered by the whole table.

    Parameters
    ----------
    errors : sequence of CellError
        With ``row`` counted within the part.
    rows : sequence or array of int
        Table row of each row of the part.
    """
    return [replace(error, row=int(rows[error.row])) for error in errors]


def settle(
    errors: Sequence[CellError], n_cells: int, on_unreadable: str, stacklevel: int = 3
) -> None:
    """Raise one error, or warn once, about the unreadable cells of one call.

    Parameters
    ----------
    errors : sequence of CellError
    n_cells : int
        How many cells were tried.
    on_unreadable : {"raise", "missing"}
    stacklevel : int, default=3
        As in :func:`warnings.warn`.

    Raises
    ------
    UnreadableCellsError
        With ``on_unreadable="raise"``, if there are errors.
    """
    if not errors:
        return
    if on_unreadable == "raise":
        raise UnreadableCellsError(errors, n_cells)
    counts = Counter(error.code for error in errors)
    codes = ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
    warning = DataQualityWarning(
        f"{len(errors)} of {n_cells} cells cannot be read and count as missing ({codes}); "
        f"the first: {errors[0]}",
        errors,
    )
    warnings.warn(warning, stacklevel=stacklevel)
