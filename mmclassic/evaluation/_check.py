"""check_table: what is wrong with the cells of a table, before hours of work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic._cells import as_cells, is_missing, missing_mask
from mmclassic.audio import MFCCVectorizer
from mmclassic.datasets._table import check_columns
from mmclassic.evaluation._identical import groups_of_identical
from mmclassic.evaluation._target import column_of, kind_of
from mmclassic.media._inspect_audio import inspect_audio
from mmclassic.media._inspect_image import inspect_image
from mmclassic.media._limits import Limits
from mmclassic.media._read import read_column
from mmclassic.media._source import describe
from mmclassic.media._text import decode_texts
from mmclassic.modalities._labels import encode_labels

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["row", "column", "source", "code", "severity", "reason"]
SEVERITIES = ["error", "warning", "note"]
MANY_MISSING = 0.5  # a column with a smaller share of cells is warned of
BLANK = "only blanks: it counts as missing"


def check_table(
    table,
    *,
    text=None,
    image=None,
    audio=None,
    target=None,
    root=None,
    limits=None,
    encoding="utf-8",
    decode=False,
    n_jobs=None,
) -> pd.DataFrame:
    """Broken, odd and repeated cells of a table, found from headers, before hours of work.

    Parameters
    ----------
    table : frame of n_rows rows
    text, image, audio : str or sequence of str, optional
        Columns of each medium.
    target : str or array-like of shape (n_rows,), optional
        The labels, or the column that holds them.
    root : str or path-like, optional
        Relative paths count from this folder, and no file outside it is read.
    limits : Limits, optional
        How large a cell may be.
    encoding : str, default="utf-8"
        Of texts that are bytes.
    decode : bool, default=False
        Also decode every picture and recording, which takes as long as reading them for features
        and finds what no header shows. Samples that are not compressed are always looked at.
    n_jobs : int, optional
        Threads.

    Returns
    -------
    findings : DataFrame
        One row per finding, in the order of the table: ``row``, counted from 0 (missing where it
        is about all rows), ``column``, ``source`` (the file), ``code``, ``severity`` and
        ``reason``. Severities are

        - "error", for what ``fit`` refuses: cells that cannot be read (``decode``, ``truncated``,
          ``unsupported``, ``limit``, ``unsafe_path``, ``empty``, ``type``) and labels that are
          missing or of no use (``labels``);
        - "warning", for what will mislead: ``conflicting_labels`` (equal cells, different
          labels), ``rare_class`` (a class of one row), ``similar_labels`` (that differ by
          blanks or capitals), ``missing`` of most rows, ``silent``, ``antiphase``,
          ``trailing_bytes``;
        - "note": ``missing``, ``blank`` (a text without words), ``duplicate``, ``extension``,
          ``animated``, ``pages``, ``clipped``.

    Raises
    ------
    ValueError
        If the table has no such column, or no column is named.

    Examples
    --------
    >>> import pandas as pd
    >>> from mmclassic import check_table
    >>> table = pd.DataFrame({"caption": ["a cat", None, "A  cat"], "mood": ["good", "bad", "bad"]})
    >>> check_table(table, text="caption", target="mood")[["row", "code", "severity"]]
       row                code severity
    0    0          rare_class  warning
    1    0  conflicting_labels  warning
    2    1             missing     note
    3    2  conflicting_labels  warning
    """
    import pandas as pd

    columns = {"text": text, "image": image, "audio": audio}
    named = [(medium, name) for medium, given in columns.items() for name in _names(given)]
    if not named and target is None:
        raise ValueError("There is nothing to check: name columns with text=, image= or audio=.")
    check_columns([name for _, name in named], [str(name) for name in table.columns])
    limits = Limits() if limits is None else limits
    labels = None if target is None else as_cells(column_of(table, target, "target"))
    findings = [] if labels is None else list(_findings_about_labels(labels, target))
    inspect = _inspectors(limits, root, encoding, decode, n_jobs)
    for medium, name in named:
        findings += inspect[medium](table[name], name)
        findings += _findings_about_twins(as_cells(table[name]), name, medium, root, labels)
    findings.sort(key=lambda one: (one[0] is not None, one[0]))
    frame = pd.DataFrame(findings, columns=COLUMNS)
    return frame.astype({"row": "Int64"})


def _names(given: Any) -> Sequence[str]:
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)


def _inspectors(limits, root, encoding, decode, n_jobs) -> dict[str, Callable]:
    shared = {"limits": limits, "root": root, "decode": decode}
    shortest = MFCCVectorizer().min_duration
    functions = {
        "image": partial(inspect_image, **shared),
        "audio": partial(inspect_audio, min_seconds=shortest, **shared),
    }
    inspectors: dict[str, Callable] = {
        medium: partial(_findings_about_files, function=function, n_jobs=n_jobs)
        for medium, function in functions.items()
    }
    return {"text": partial(_findings_about_texts, limits=limits, encoding=encoding), **inspectors}


def _findings_about_files(column, name: str, function: Callable, n_jobs) -> Iterator[tuple]:
    cells = as_cells(column)
    results, errors = read_column(cells, function, n_jobs=n_jobs)
    yield from _missing(cells, name)
    for error in errors:
        yield error.row, name, error.source, error.code, "error", error.reason
    for row, remarks in enumerate(results):
        for remark in remarks or ():
            yield row, name, describe(cells[row]), *remark


def _findings_about_texts(column, name: str, limits: Limits, encoding: str) -> Iterator[tuple]:
    cells = as_cells(column)
    texts, errors = decode_texts(cells, name=name, encoding=encoding, limits=limits)
    broken = {error.row for error in errors}
    yield from _missing(cells, name)
    for error in errors:
        yield error.row, name, error.source, error.code, "error", error.reason
    for row, text in enumerate(texts):
        if text is None and row not in broken and not is_missing(cells[row]):
            yield row, name, describe(cells[row]), "blank", "note", BLANK


def _missing(cells: list, name: str) -> Iterator[tuple]:
    there = int((~missing_mask(cells)).sum())
    if cells and not there:
        yield None, name, "", "missing", "error", "no row has a cell: leave the column out"
    elif there < MANY_MISSING * len(cells):
        reason = f"{there} of {len(cells)} rows have a cell"
        yield None, name, "", "missing", "warning", reason
    for row in np.flatnonzero(missing_mask(cells)).tolist():
        if isinstance(cells[row], str):
            yield row, name, repr(cells[row]), "blank", "note", BLANK
        else:
            yield row, name, "", "missing", "note", "no cell"


def _findings_about_twins(
    cells: list, name: str, medium: str, root: str | os.PathLike | None, labels: list | None
) -> Iterator[tuple]:
    """Each cell that equals an earlier one; each in a group of equal cells with two labels."""
    numbers = groups_of_identical(cells, medium, root)
    groups: dict[int, list[int]] = {}
    for row in np.flatnonzero(numbers >= 0).tolist():
        groups.setdefault(int(numbers[row]), []).append(row)
    for rows in groups.values():
        given = [None if labels is None or is_missing(labels[row]) else labels[row] for row in rows]
        named = {label for label in given if label is not None}
        if len(named) > 1:
            shown = ", ".join(sorted(map(repr, named)))
            for row in rows:
                other = rows[1] if row == rows[0] else rows[0]
                reason = f"the same as row {other}, but labels differ: {shown}"
                yield row, name, describe(cells[row]), "conflicting_labels", "warning", reason
            continue
        for row in rows[1:]:
            reason = f"the same as row {rows[0]}"
            yield row, name, describe(cells[row]), "duplicate", "note", reason


def _labels_alike(labels: list, name: str) -> Iterator[tuple]:
    """Labels that differ by blanks or capitals only."""
    spellings: dict[str, set] = {}
    for label in labels:
        if isinstance(label, str):
            spellings.setdefault(" ".join(label.split()).casefold(), set()).add(label)
    for same in spellings.values():
        if len(same) > 1:
            shown = ", ".join(sorted(map(repr, same)))
            reason = f"labels differ by blanks or capitals only: {shown}"
            yield None, name, shown, "similar_labels", "warning", reason


def _findings_about_labels(labels: list, target: Any) -> Iterator[tuple]:
    name = target if isinstance(target, str) else "target"
    missing = missing_mask(labels)
    for row in np.flatnonzero(missing).tolist():
        yield row, name, "", "labels", "error", "no label: leave the row out, or give it one"
    rows = np.flatnonzero(~missing)
    yield from _labels_alike([labels[row] for row in rows], name)
    if kind_of([labels[row] for row in rows]) == "continuous":
        return  # numbers to predict
    try:
        classes, codes = encode_labels([labels[row] for row in rows])
    except ValueError as error:
        yield None, name, "", "labels", "error", str(error)
        return
    for code in np.flatnonzero(np.bincount(codes) == 1).tolist():
        row = int(rows[np.flatnonzero(codes == code)[0]])
        reason = f"the only row of class {classes[code].item()!r}: folds need two"
        yield row, name, str(classes[code]), "rare_class", "warning", reason
