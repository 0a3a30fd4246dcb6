"""agreement: how far people agree with each other, and with the model, over a review sheet."""

from __future__ import annotations

import csv
import json
from difflib import get_close_matches
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

from sklearn.metrics import cohen_kappa_score

from mmclassic.inspection._sheet_cells import ANSWERS, JUDGEMENT, LABEL, MODEL, ROW, unescape


def agreement(path):
    """Cohen's kappa between people, and between people and the model, from a filled-in sheet.

    Parameters
    ----------
    path : str or path-like
        A sheet from :func:`review_sheet`, saved as CSV in UTF-8 with commas, semicolons or tabs.
        Rows may be sorted or removed, columns added; blank judgements count for nothing.

    Returns
    -------
    frame : pandas.DataFrame
        One row for each pair of people, and of a person and "model" or "label" (if it was
        written): ``first``, ``second``, ``n_rows`` that both judged, ``agreement`` (share of these
        with the same answer) and ``kappa``, 1 for perfect agreement and 0 for that of chance; NaN
        without rows, or if both always gave one and the same answer.

    Raises
    ------
    ValueError
        If the file is no such sheet, a row is there twice, or a judgement is no label; naming the
        line.

    Notes
    -----
    The rows were chosen for being hard: agreement on them is lower than on all.

    References
    ----------
    J. Cohen: A coefficient of agreement for nominal scales. Educational and Psychological
    Measurement 20(1), 1960.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from mmclassic import agreement
    >>> path = Path(mkdtemp()) / "sheet.csv"
    >>> rows = [["row", "judgement: Ada", "judgement: Bob", "answers", "model"],
    ...         [7, "yes", "yes", ["no", "yes"], "no"], [2, "no", "no", ["no", "yes"], "no"]]
    >>> _ = path.write_text("\\n".join(";".join(map(str, row)) for row in rows).replace("'", '"'))
    >>> agreement(path)
      first second  n_rows  agreement  kappa
    0   Ada    Bob       2        1.0    1.0
    1   Ada  model       2        0.5    0.0
    2   Bob  model       2        0.5    0.0
    """
    import pandas as pd

    header, rows = _read(Path(path))
    people = [name for name in header if name.startswith(JUDGEMENT)]
    others = [name for name in (MODEL, LABEL) if name in header]
    columns: dict[str, list[str | None]] = {name: [] for name in [*people, *others]}
    for line, row in rows:
        labels = _labels_of(row, line)
        for name, answers in columns.items():
            answers.append(_answer_of(row[name], labels, name, line))
    pairs = [*combinations(people, 2), *((one, other) for other in others for one in people)]
    found = [
        (_shown(one), _shown(other), *_compare(columns[one], columns[other]))
        for one, other in pairs
    ]
    return pd.DataFrame(found, columns=["first", "second", "n_rows", "agreement", "kappa"])


def _shown(column: str) -> str:
    return column.removeprefix(JUDGEMENT)


def _compare(first: list, second: list) -> tuple[int, float, float]:
    """Rows that both judged, the share of equal answers, and kappa."""
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    if not both:
        return 0, float("nan"), float("nan")
    one, other = zip(*both, strict=True)
    equal = sum(a == b for a, b in both) / len(both)
    if len({*one, *other}) == 1:
        return len(both), equal, float("nan")  # chance alone would agree as well
    return len(both), equal, float(cohen_kappa_score(one, other))


def _read(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Header, and rows with the line that each ends in; ValueError for what is no sheet."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8 (byte {error.start}): save the sheet as CSV in UTF-8, not as a "
            "workbook."
        ) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(StringIO(text), delimiter=delimiter)
    header = [unescape(name).strip() for name in next(reader, [])]
    _check_header(header, path)
    rows: list[tuple[int, dict[str, str]]] = []
    seen: dict[str, int] = {}
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise ValueError(
                f"{path}, line {line}: {len(cells)} cells under {len(header)} columns; a line "
                "break or delimiter was lost when the sheet was saved."
            )
        row = dict(zip(header, cells, strict=True))
        number = row[ROW].strip()
        if number in seen:
            raise ValueError(f"{path}, line {line}: row {number} is there already, in line "
                             f"{seen[number]}; keep one of them.")  # fmt: skip
        seen[number] = line
        rows.append((line, row))
    if not rows:
        raise ValueError(f"{path} has no rows below its header.")
    return header, rows


def _check_header(header: list[str], path: Path) -> None:
    absent = [name for name in (ROW, ANSWERS, MODEL) if name not in header]
    if not any(name.startswith(JUDGEMENT) and name != JUDGEMENT for name in header):
        absent.append(f"{JUDGEMENT}NAME")
    if absent:
        raise ValueError(
            f"{path} is no review sheet: it lacks the columns {absent}; it has {header[:20]}."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ValueError(f"{path} has several columns called {twice}: rename them.")


def _labels_of(row: dict[str, str], line: int) -> list[str]:
    """The labels that a row may have, as review_sheet wrote them."""
    try:
        labels: Any = json.loads(row[ANSWERS])
    except json.JSONDecodeError:
        labels = None
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ValueError(
            f"Line {line}: the column {ANSWERS!r} was changed ({row[ANSWERS]!r:.80}); it holds the "
            "labels there are, as a JSON list. Copy it from another line."
        )
    return labels


def _answer_of(cell: str, labels: list[str], column: str, line: int) -> str | None:
    """The label that a judgement means, however it is capitalised; None where it is blank."""
    text = unescape(cell.strip()).strip()
    if not text:
        return None
    if text in labels:
        return text
    folded = [label for label in labels if label.strip().casefold() == text.casefold()]
    if len(folded) == 1:
        return folded[0]
    close = get_close_matches(text, labels, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"Line {line}, column {column!r}: {text!r} is no label; there are {labels[:20]}.{hint}"
    )
