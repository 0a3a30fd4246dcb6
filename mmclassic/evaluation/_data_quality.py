"""What is wrong with the data, counted: gaps, damage, duplicates, imbalance, leaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic._cells import is_missing
from mmclassic.evaluation._identical import groups_of_identical, mixed_groups
from mmclassic.evaluation._sources import MEDIA, Sources
from mmclassic.evaluation._view import View

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["check", "modality", "n_rows", "share", "severity", "detail"]
# Above these, a finding is called a warning.
MANY_GAPS, TELLING = 0.2, 0.5
N_EXAMPLES = 3


def quality_frame(
    about: Mapping[str, Any],
    view: View,
    folds: np.ndarray,
    sources: Sources | None = None,
) -> pd.DataFrame:
    """One row per check and modality.

    Parameters
    ----------
    about : mapping
        Of a result; ``missing`` and ``unreadable`` count cells by modality.
    view : View
        The target.
    folds : ndarray of int of shape (n_rows,)
        The fold that tests each row, -1 for none.
    sources : Sources, optional
        Without them cells are not compared.

    Returns
    -------
    frame : DataFrame
        ``check``, ``modality`` (None for the whole table), ``n_rows`` concerned, ``share`` of all
        rows, ``severity`` ("ok", "note" or "warning"), and ``detail`` in words.
    """
    import pandas as pd

    findings = list(_gaps(about, len(view.y), sources))
    if sources is not None:
        for modality in sources.columns:
            medium = sources.medium(modality)
            if medium in MEDIA:
                cells = sources.cells(modality)
                findings += _duplicates(modality, groups_of_identical(cells, medium), view, folds)
            if medium == "text" and view.names_in_text is not None:
                findings += _labels_in_text(modality, cells, view.y, view.names_in_text)
    findings.append(view.balance())
    records = [(*row[:3], row[2] / max(len(view.y), 1), *row[3:]) for row in findings]
    frame = pd.DataFrame(records, columns=COLUMNS)
    # Not a column of str, in which None would become NaN.
    frame["modality"] = pd.Series([record[1] for record in records], dtype=object)
    return frame


def _gaps(about: Mapping[str, Any], n_rows: int, sources: Sources | None) -> Iterator[tuple]:
    for check, words in (("missing", "empty"), ("unreadable", "broken")):
        for modality, count in dict(about.get(check) or {}).items():
            if count == 0:
                yield check, modality, 0, "ok", f"No cell is {words}."
                continue
            serious = check == "unreadable" or count > MANY_GAPS * n_rows
            detail = f"{count:,} of {n_rows:,} cells are {words}; those rows use the others."
            if check == "unreadable" and sources is not None:
                detail += _first_errors(sources.errors.get(modality, ()))
            yield check, modality, int(count), "warning" if serious else "note", detail


def _first_errors(errors) -> str:
    shown = "; ".join(str(error) for error in errors[:N_EXAMPLES])
    return f" {shown}." if shown else ""


def _duplicates(
    modality: str, numbers: np.ndarray, view: View, folds: np.ndarray
) -> Iterator[tuple]:
    """Equal cells: harmless within a fold, a leak between folds, a contradiction between labels."""
    twice = numbers >= 0
    if not twice.any():
        yield "identical cells", modality, 0, "ok", "No two cells hold the same."
        return
    n_kinds = numbers.max() + 1
    yield (
        "identical cells", modality, int(twice.sum()), "note",
        f"{twice.sum():,} rows share {n_kinds:,} cells: {_examples(numbers, twice)}.",
    )  # fmt: skip
    across = mixed_groups(numbers, folds)
    if across.any():
        yield (
            "identical cells across folds", modality, int(across.sum()), "warning",
            f"{across.sum():,} rows have a twin in another fold, so a model may have seen what it "
            f"is tested on: {_examples(numbers, across)}. Give twins one group with groups=.",
        )  # fmt: skip
    contrary = mixed_groups(numbers, view.twin_codes)
    if contrary.any():
        what = "target" if view.kind == "regression" else "label"
        yield (
            f"identical cells, different {what}s", modality, int(contrary.sum()), "warning",
            f"{contrary.sum():,} rows have a twin with another {what}, so this modality cannot be "
            f"right about all of them: {_examples(numbers, contrary)}.",
        )  # fmt: skip


def _examples(numbers: np.ndarray, chosen: np.ndarray) -> str:
    """The first groups of twins, as row numbers."""
    kinds = np.unique(numbers[chosen])[:N_EXAMPLES]
    groups = [np.flatnonzero(numbers == kind)[:N_EXAMPLES] for kind in kinds]
    return "; ".join("rows " + ", ".join(str(row) for row in rows) for rows in groups)


def _labels_in_text(
    modality: str, cells: list, y: np.ndarray, classes: np.ndarray
) -> Iterator[tuple]:
    """Texts that name their own label: an easy table, or a leak."""
    names = [str(label).strip() for label in classes.tolist()]
    if not all(re.search(r"[^\W\d_]{3}", name) for name in names):
        return  # numbers and single letters occur in any text
    patterns = [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE) for name in names]
    named = [
        not is_missing(cell) and bool(patterns[code].search(str(cell)))
        for cell, code in zip(cells, y.tolist(), strict=True)
    ]
    count = int(np.sum(named))
    if count:
        share = count / len(named)
        yield (
            "label named in text", modality, count, "warning" if share > TELLING else "note",
            f"{count:,} texts ({share:.0%}) hold the name of their own label: make sure that they "
            "will where the model is used.",
        )  # fmt: skip
