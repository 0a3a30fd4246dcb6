"""The parts of a folder of features: Parquet files that are complete, or not there."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

import numpy as np

from mmclassic._errors import CellError
from mmclassic._optional import import_optional
from mmclassic.extraction._chunks import Chunk

ROW = "row"
ERRORS = "_errors.csv"
MANIFEST = "_manifest.json"
# Names with a dot or an underscore in front are no data to those who read a folder of Parquet.
_OURS = re.compile(r"part-\d{6,}\.parquet|[._].*", re.DOTALL)
_NOTE = b"mmclassic"


@dataclass(frozen=True)
class PartNote:
    """What a part says of itself, within its file.

    Attributes
    ----------
    fingerprint : str
        Of its rows, the files that they name, and the settings.
    n_cells : dict from column to int
        Cells that are there, read or not.
    errors : list of CellError
        Numbered by the whole table.
    """

    fingerprint: str
    n_cells: dict[str, int]
    errors: list[CellError]


def make_folder(out: str | os.PathLike) -> Path:
    """The folder of the parts.

    Parameters
    ----------
    out : path-like

    Raises
    ------
    ValueError
        If it holds what is no part: who reads the folder would read that, too.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    others = [path.name for path in folder.iterdir() if not _OURS.fullmatch(path.name)]
    if others:
        raise ValueError(
            f"{folder} holds files that are no parts of features, such as {min(others)!r}: name "
            "a folder of its own."
        )
    return folder


def part_path(folder: Path, number: int) -> Path:
    """Where a part lies.

    Examples
    --------
    >>> part_path(Path("features"), 12).name
    'part-000012.parquet'
    """
    return folder / f"part-{number:06}.parquet"


def read_note(path: Path) -> PartNote | None:
    """What a part says of itself; None where it is absent, damaged, or not of our making.

    Parameters
    ----------
    path : Path
    """
    parquet = import_optional("pyarrow.parquet", "parquet")
    from pyarrow import ArrowException

    try:
        note = json.loads((parquet.read_schema(path).metadata or {})[_NOTE])
        errors = [CellError(*values) for values in note["errors"]]
        return PartNote(note["fingerprint"], note["n_cells"], errors)
    except (OSError, ArrowException, KeyError, TypeError, ValueError):
        return None


def write_part(
    path: Path,
    chunk: Chunk,
    features: Sequence[tuple[Sequence[str], np.ndarray]],
    note: PartNote,
) -> None:
    """Write a part, whole or not at all.

    Parameters
    ----------
    path : Path
    chunk : Chunk
        Its rows are numbered, and its kept columns written, before the features.
    features : sequence of (names, ndarray of shape (n_rows, n_features), float32)
    note : PartNote
    """
    import pyarrow
    from pyarrow import parquet

    start, n_rows = chunk.start, chunk.n_rows
    columns = {ROW: pyarrow.array(np.arange(start, start + n_rows)), **chunk.kept}
    for names, values in features:
        by_column = np.ascontiguousarray(values.T)
        columns |= {name: pyarrow.array(by_column[place]) for place, name in enumerate(names)}
    table = pyarrow.Table.from_pydict(columns)
    errors = [astuple(error) for error in note.errors]
    said = {"fingerprint": note.fingerprint, "n_cells": note.n_cells, "errors": errors}
    table = table.replace_schema_metadata({_NOTE: json.dumps(said).encode()})
    with _replacing(path) as part:
        # Features are noise to a dictionary or a compressor: both cost time and bring nothing.
        parquet.write_table(
            table, part, compression="none", use_dictionary=list(chunk.kept),
            write_statistics=[ROW], write_page_checksum=True,
        )  # fmt: skip


def write_text(path: Path, text: str) -> None:
    """Write a small file, whole or not at all."""
    with _replacing(path) as part:
        part.write(text.encode())


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of another when it is complete on disk."""
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with open(part, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def remove_others(folder: Path, n_parts: int) -> int:
    """Remove the parts of a longer table, and what a killed run left half written.

    Returns
    -------
    n_removed : int
        Parts that were whole.
    """
    n_removed = 0
    names = {part_path(folder, number).name for number in range(n_parts)}
    for path in [*folder.glob("part-*.parquet"), *folder.glob(".part-*.parquet.*")]:
        if path.name not in names:
            path.unlink(missing_ok=True)
            n_removed += path.suffix == ".parquet" and not path.name.startswith(".")
    return n_removed


def errors_as_csv(errors: Iterable[CellError]) -> str:
    """Records as CSV, with a header.

    Examples
    --------
    >>> print(errors_as_csv([CellError(3, "photo", "cat.jpg", "empty", "0 bytes")]), end="")
    row,column,source,code,reason
    3,photo,cat.jpg,empty,0 bytes
    """
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "column", "source", "code", "reason"])
    writer.writerows(astuple(error) for error in errors)
    return text.getvalue()
