"""review_sheet: the rows where a human judgement is worth most, for people to fill in."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import check_is_fitted

from mmclassic._cells import is_missing
from mmclassic.inspection._labels import codes_of, modality_names
from mmclassic.inspection._modality_cells import columns_in, part_of
from mmclassic.inspection._review_priority import priorities, reasons
from mmclassic.inspection._sheet_cells import (
    ANSWERS,
    CONFIDENCE,
    JUDGEMENT,
    LABEL,
    MODEL,
    RESERVED,
    ROW,
    escape,
)
from mmclassic.media._source import describe
from mmclassic.modalities._table import check_table

# Characters of a cell that a sheet shows.
_LONGEST = 1000


def review_sheet(model, X, path, *, n_rows=100, y=None, people=("first person", "second person")):
    """Write the rows where a human judgement is worth most, for people to fill in.

    These are rows of which the fusion is unsure, rows whose modalities disagree and, with y, rows
    whose label the fusion contradicts. What the model says stands to the right of the columns
    to fill in: hide it while you judge.

    Parameters
    ----------
    model : LateFusionClassifier, fitted
    X : frame or array-like of shape (n_samples, n_columns)
        Rows that the model was not fitted on; of others it is too sure.
    path : str or path-like
        A new file: CSV in UTF-8, which spreadsheets open.
    n_rows : int, default=100
        How many rows to write; at most all.
    y : array-like of shape (n_samples,), default=None
        Labels in hand, to be checked by people.
    people : sequence of str, default=("first person", "second person")
        One column to fill in for each.

    Returns
    -------
    frame : pandas.DataFrame
        What was written, the most urgent row first: ``row`` (position in X), the cells of each
        modality (of pictures and recordings in memory a description), a column
        "judgement: NAME" for each person, ``answers`` (the labels there are, as JSON), ``label``
        (with y), ``model``, ``confidence``, what each modality says, ``priority`` (from 0 to 1)
        and ``why``, in words.

    Raises
    ------
    FileExistsError
        If the file is there: it may hold judgements.
    ValueError
        If the model fuses several labels or none, names of people are not distinct, or lengths
        differ.

    See Also
    --------
    agreement : Reads the sheet back.

    Notes
    -----
    Priority is the mean of: the entropy of the fused probabilities over its maximum; the
    Jensen–Shannon divergence of the modalities' probabilities over its maximum; and, with y, the
    fused probability of the answer less that of the label. Cells that a spreadsheet would run as
    formulas (they begin with =, +, - or @) get an apostrophe before them.

    References
    ----------
    B. Settles: Active learning literature survey. University of Wisconsin–Madison, 2009
    (uncertainty sampling; query by committee).

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier, review_sheet
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... ).fit(X[::2], y[::2])
    >>> sheet = review_sheet(model, X[1::2], mkdtemp() + "/sheet.csv", n_rows=2, people=["Ada"])
    >>> sheet[["row", "judgement: Ada", "model", "why"]]
       row judgement: Ada  model                                        why
    0   20                     0  sepal says 1 (90 %), petal says 0 (100 %)
    1   56                     2  sepal says 1 (82 %), petal says 2 (100 %)
    """
    import pandas as pd

    _check(model, n_rows, people)
    X = check_table(model, X, reset=False)
    scores = model.score_table(X)
    fused = model.fuse(scores)
    codes = None if y is None else codes_of(y, model.classes_)
    if codes is not None and len(codes) != len(fused):
        raise ValueError(f"X has {len(fused)} rows, y has {len(codes)}.")
    priority = priorities(scores, fused, codes)
    chosen = np.argsort(-priority, kind="stable")[:n_rows]
    why = reasons(scores[chosen], fused[chosen], None if codes is None else codes[chosen],
                  modality_names(model), model.classes_)  # fmt: skip
    columns = dict(
        [
            (ROW, chosen.tolist()),
            *_shown_cells(model, X, chosen),
            *((f"{JUDGEMENT}{name}", [""] * len(chosen)) for name in people),
            *_answers(model, scores[chosen], fused[chosen], codes, chosen),
            ("priority", priority[chosen].round(3).tolist()),
            ("why", why),
        ]
    )
    frame = pd.DataFrame(columns)
    _write(frame, path)
    return frame


def _shown_cells(model: Any, X: Any, rows: np.ndarray) -> Iterator[tuple[str, list[str]]]:
    """Name and text of each column that a modality reads."""
    for name, _, columns in model.modalities_:
        part = part_of(_safe_indexing(X, rows), columns)
        cells = columns_in(part)
        several = list(part.columns) if hasattr(part, "columns") else range(len(cells))
        for place, column in zip(several, cells, strict=True):
            title = name if len(cells) == 1 else f"{name}: {place}"
            title = f"{title} (cell)" if title in RESERVED else title
            yield title, [_as_text(cell) for cell in column]


def _as_text(cell: Any) -> str:
    if is_missing(cell):
        return ""
    if isinstance(cell, str):
        return cell if len(cell) <= _LONGEST else cell[:_LONGEST] + " …"
    if isinstance(cell, float | np.floating):
        return f"{cell:.6g}"
    return str(cell) if isinstance(cell, int | np.generic) else describe(cell)


def _answers(
    model: Any, scores: np.ndarray, fused: np.ndarray, codes: Any, rows: np.ndarray
) -> Iterator[tuple[str, list]]:
    """What labels there are, and what the model and each modality say."""
    classes = np.asarray(model.classes_)
    yield ANSWERS, [json.dumps([str(label) for label in classes], ensure_ascii=False)] * len(rows)
    if codes is not None:
        yield LABEL, classes[codes[rows]].tolist()
    yield MODEL, classes[fused.argmax(axis=1)].tolist()
    yield CONFIDENCE, fused.max(axis=1).round(3).tolist()
    for place, name in enumerate(modality_names(model)):
        own = scores[:, place]
        said = classes[np.nan_to_num(own).argmax(axis=1)].tolist()
        absent = np.isnan(own).any(axis=1)
        yield (
            f"{name} says",
            ["" if gap else str(one) for one, gap in zip(said, absent, strict=True)],
        )


def _write(frame: Any, path: Any) -> None:
    """CSV with a mark by which spreadsheets know UTF-8; never over another file."""
    target = Path(path)
    if target.exists():
        raise FileExistsError(
            f"{target} is there already, perhaps with judgements: choose another name, or remove "
            "it."
        )
    with target.open("x", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([escape(name) for name in frame.columns])
        writer.writerows([escape(cell) for cell in row] for row in frame.itertuples(index=False))


def _check(model: Any, n_rows: Any, people: Sequence[str]) -> None:
    check_is_fitted(model)
    if hasattr(model, "label_models_") or not hasattr(model, "classes_"):
        raise ValueError(
            "review_sheet needs a fusion of classes: for several labels, pass one of "
            "model.label_models_."
        )
    if not hasattr(model, "score_table"):
        raise ValueError(f"review_sheet needs a late fusion, got {type(model).__name__}.")
    if isinstance(n_rows, bool) or not isinstance(n_rows, int | np.integer) or n_rows < 1:
        raise ValueError(f"n_rows must be an integer of at least 1, got {n_rows!r}.")
    names = [people] if isinstance(people, str) else list(people)
    blank = [name for name in names if not isinstance(name, str) or not name.strip()]
    if isinstance(people, str) or blank or not names or len(set(names)) < len(names):
        raise ValueError(f"people must be a list of different names, got {people!r}.")
