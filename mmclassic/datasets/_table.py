"""Tables from files, with the cells that a person wrote left as they are."""

from __future__ import annotations

import difflib
import json
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmclassic._cells import is_missing
from mmclassic._optional import import_optional

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|data:")


def read_table(path, *, literal: str | Sequence[str] = ()):
    """A table from a CSV, JSON lines or Parquet file.

    Parameters
    ----------
    path : str or path-like
        Its ending says what it is: ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson``, ``.json`` (lines,
        or one array of objects), ``.parquet`` or ``.pq`` (needs the extra ``parquet``). Text is
        UTF-8.
    literal : str or sequence of str, default=()
        Columns to take word for word: texts, paths and labels. ``NA``, ``None`` and ``nan`` are
        words there, and only the empty cell is missing. What looks like a number stays as it is
        written (``"007"``). In JSON and Parquet, which know numbers, a number or a truth value in
        such a column becomes its text, so that a label is ``"7"`` whatever the file; bytes,
        lists and objects (encoded pictures and sounds) stay what they are. The other columns
        are read as pandas does.

    Returns
    -------
    table : pandas.DataFrame
        One row per row of the file, numbered from 0. Literal columns have dtype object and
        ``None`` where they are empty.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the ending is unknown, the file is no such table, has no rows, two columns have the
        same name, or a literal column is not there.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "posts.csv"
    >>> _ = path.write_text("caption,age,mood\\nNA,31,1\\n,NA,0\\n")
    >>> read_table(path, literal=["caption", "mood"])
      caption   age mood
    0      NA  31.0    1
    1    None   NaN    0
    """
    path = Path(path)
    literal = [literal] if isinstance(literal, str) else list(dict.fromkeys(literal))
    reader = _reader_of(path)
    _check_file(path)
    try:
        table = reader(path, literal)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text ({error.reason}): save it as UTF-8.") from error
    if not len(table):
        raise ValueError(f"{path} has no rows.")
    return table


def read_columns(path: str | Path, names: Sequence[str]):
    """Some columns of a table, every cell as its file has it.

    Parameters
    ----------
    path : path-like
        Of a table that :func:`read_table` reads.
    names : sequence of str

    Returns
    -------
    columns : pandas.DataFrame of dtype object
        From JSON and Parquet, which tell them apart, numbers (whole ones of any size) and texts;
        from CSV texts. None where a cell is empty.

    Raises
    ------
    ValueError
        If there is no such column.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.jsonl"
    >>> _ = path.write_text('{"id": 1}\\n{"id": null}\\n')
    >>> read_columns(path, ["id"])["id"].tolist()
    [1, None]
    """
    import pandas as pd

    path = Path(path)
    reader = _reader_of(path)
    if reader is _read_json:
        rows, _ = _json_rows(path, names)
        cells = {name: [row.get(name) for row in rows] for name in names}
        return pd.DataFrame(cells, index=range(len(rows)), columns=list(names), dtype=object)
    if reader is _read_parquet:
        arrow = _arrow_table(path, names)
        cells = {name: arrow.column(name).to_pylist() for name in names}
        return pd.DataFrame(cells, index=range(len(arrow)), columns=list(names), dtype=object)
    return read_table(path, literal=names)[list(names)]


def check_columns(wanted: Sequence[str], present: Sequence[str], where: str = "The table") -> None:
    """Refuse columns that a table does not have, and say which it has.

    Parameters
    ----------
    wanted, present : sequence of str
    where : str
        What the message calls the table.

    Raises
    ------
    ValueError
        Naming the absent columns, the closest name, and the columns present.

    Examples
    --------
    >>> check_columns(["captoin"], ["caption", "mood"])
    Traceback (most recent call last):
    ...
    ValueError: The table has no column 'captoin'. Did you mean 'caption'? Its columns: ...
    """
    absent = [name for name in wanted if name not in present]
    if not absent:
        return
    close = [difflib.get_close_matches(name, list(present), n=1) for name in absent]
    hints = " or ".join(repr(match[0]) for match in close if match)
    hint = f" Did you mean {hints}?" if hints else ""
    names = ", ".join(map(repr, absent))
    raise ValueError(
        f"{where} has no column {names}.{hint} Its columns: {', '.join(map(str, present))}"
    )


def resolve_paths(column, folder):
    """Relative paths in a column of pictures or recordings, seen from the table's folder.

    Parameters
    ----------
    column : pandas.Series
        Cells; strings are paths. Missing cells, URLs, absolute paths and cells that are no paths
        stay what they are. A dict ``{"bytes": None, "path": ...}`` gets its path resolved.
    folder : str or path-like
        Folder of the table.

    Returns
    -------
    column : pandas.Series of dtype object
        With the same index and name.

    Examples
    --------
    >>> import pandas as pd
    >>> resolve_paths(pd.Series(["cat.jpg", None, "https://example.org/a.jpg"]), "data").tolist()
    ['data/cat.jpg', None, 'https://example.org/a.jpg']
    """
    resolved = np.empty(len(column), dtype=object)
    for row, cell in enumerate(column):
        resolved[row] = _resolve(cell, folder)
    return type(column)(resolved, index=column.index, name=column.name, dtype=object)


def _resolve(cell: Any, folder) -> Any:
    if is_missing(cell):
        return None
    if isinstance(cell, dict) and cell.get("bytes") is None and cell.get("path"):
        return {**cell, "path": _resolve(cell["path"], folder)}
    if not isinstance(cell, str | os.PathLike) or URL.match(os.fspath(cell)):
        return cell
    return os.path.join(folder, cell)  # leaves an absolute path as it is


# One reader per format


def _read_csv(path: Path, literal: list[str]):
    """Literal columns as text, the others as pandas reads them: two passes, one rule each."""
    import pandas as pd

    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    options: dict = {"sep": separator, "encoding": "utf-8-sig", "index_col": False}
    with warnings.catch_warnings():
        # pandas drops cells for which there is no column, with this warning.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            words_only: dict = {**options, "dtype": str, "keep_default_na": False}
            header = pd.read_csv(path, header=None, nrows=1, **words_only).iloc[0]
            _check_header(path, [name for name in header if name], literal)
            words = pd.read_csv(path, usecols=literal, **words_only) if literal else {}
            table = pd.read_csv(path, low_memory=False, **options)
        except pd.errors.ParserWarning as error:
            raise ValueError(f"{path}: a row has more cells than the header.") from error
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise ValueError(f"{path} is no table: {error}".rstrip()) from error
    for name in literal:
        table[name] = _literal(words[name], table.index)
    return table


def _read_json(path: Path, literal: list[str]):
    import pandas as pd

    rows, columns = _json_rows(path, literal)
    table = pd.DataFrame(rows, columns=columns)
    for name in literal:
        table[name] = _literal([row.get(name) for row in rows], table.index)
    return table


def _json_rows(path: Path, wanted: Sequence[str]) -> tuple[list[dict], list[str]]:
    """Rows, and the columns of any of them."""
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("["):
        rows = _parse_json(path, 1, text)
    else:
        lines = enumerate(text.split("\n"), start=1)
        rows = [_parse_json(path, number, line) for number, line in lines if line.strip()]
    for row in rows:
        if not isinstance(row, dict):
            raise ValueError(
                f'{path}: expected an object {{"column": value}} per row, got {row!r}.'
            )
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if rows:
        _check_header(path, columns, wanted)
    return rows, columns


def _parse_json(path: Path, line: int, text: str) -> Any:
    def unique(pairs):
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            _check_header(path, names, [])
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path}, line {line + error.lineno - 1}: no JSON ({error.msg})."
        ) from error


def _read_parquet(path: Path, literal: list[str]):
    arrow = _arrow_table(path, literal)
    table = arrow.to_pandas().reset_index(drop=True)
    for name in literal:  # from Arrow: pandas would turn integers with gaps into floats
        table[name] = _literal(arrow.column(name).to_pylist(), table.index)
    return table


def _arrow_table(path: Path, wanted: Sequence[str]):
    parquet = import_optional("pyarrow.parquet", "parquet")
    from pyarrow import ArrowException

    try:
        # As one file: a folder called year=2024 must not become a column.
        arrow = parquet.ParquetFile(path).read()
    except ArrowException as error:
        raise ValueError(f"{path} is no Parquet file: {error}") from error
    _check_header(path, arrow.column_names, wanted)
    return arrow


READERS: dict[str, Callable] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".jsonl": _read_json,
    ".ndjson": _read_json,
    ".json": _read_json,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
}


# Checks


def _reader_of(path: Path) -> Callable:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            f"Cannot tell what kind of table {path} is: its name must end in {', '.join(READERS)}."
        )
    return reader


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise ValueError(f"{path} is a folder: name the table in it.")
    if not path.exists():
        folder = path.parent
        if not folder.is_dir():
            raise FileNotFoundError(f"No such file: {path} (there is no folder {folder})")
        close = difflib.get_close_matches(path.name, os.listdir(folder), n=1)
        hint = f" Did you mean {folder / close[0]}?" if close else ""
        raise FileNotFoundError(f"No such file: {path} (seen from {Path.cwd()}).{hint}")


def _check_header(path: Path, columns: Sequence[str], literal: Sequence[str]) -> None:
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise ValueError(f"{path} has several columns named {', '.join(map(repr, twice))}.")
    check_columns(literal, columns, str(path))


def _literal(cells, index):
    """A column as it is written: texts, and None where empty."""
    import pandas as pd

    words = np.empty(len(index), dtype=object)
    for row, cell in enumerate(cells):
        words[row] = _word(cell)
    return pd.Series(words, index=index, dtype=object)


def _word(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell or None
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None
    if isinstance(cell, bool):
        return str(cell).lower()  # as JSON writes it
    return str(cell) if isinstance(cell, int | float) else cell
