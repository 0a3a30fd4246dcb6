"""The rows to look at, with their cells: what the page shows of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mmclassic._cells import is_missing
from mmclassic.evaluation._exhibits import CLIP_BYTES, SIDE, Exhibit, exhibit_of
from mmclassic.evaluation._row_words import Answer, RowWords
from mmclassic.evaluation._sources import MEDIA, Sources
from mmclassic.evaluation._svg import shown_text

if TYPE_CHECKING:
    import pandas as pd

# Characters of base64 that all recordings of a page may take, and how many pictures may have their
# full size: so the page stays below 3 MB.
SOUND_BUDGET = 1_600_000
N_PICTURES = 80
NOT_KEPT = Exhibit("note", "not shown: the result was made without its table")


@dataclass(frozen=True)
class RowPart:
    """One modality of a row: its cell, and what it says alone (None where the row lacks it)."""

    modality: str
    exhibit: Exhibit
    answer: Answer | None


@dataclass(frozen=True)
class RowCard:
    """One row: why it is shown, the fusion's answer, and every modality."""

    row: int
    why: str
    truth: str
    answer: Answer
    parts: tuple[RowPart, ...]


def row_cards(
    rows: pd.DataFrame,
    modalities: Sequence[str],
    sources: Sources | None,
    words: RowWords | None = None,
) -> list[RowCard]:
    """One card per row of ``BenchmarkResult.rows_to_look_at``.

    Parameters
    ----------
    rows : DataFrame
    modalities : sequence of str
    sources : Sources, optional
        Without them no cell is shown.
    words : RowWords, optional
        How rows are told; by default those of classes.
    """
    words = RowWords() if words is None else words
    sizes = sizes_of(len(rows), modalities)
    columns = {name: _cells(sources, name) for name in modalities}
    return [
        RowCard(
            record["row"],
            record["why"],
            words.truth(record),
            words.answer(record),
            tuple(
                RowPart(
                    name,
                    _exhibit(record["row"], name, columns[name], sources, sizes),
                    words.part(record, name),
                )
                for name in modalities
            ),
        )
        for record in rows.to_dict("records")
    ]


def sizes_of(n_rows: int, modalities: Sequence[str]) -> dict[str, int]:
    """Side of pictures and bytes of recordings, smaller where there are many.

    Examples
    --------
    >>> sizes_of(20, ["text", "image"])
    {'side': 160, 'clip_bytes': 80000}
    """
    media = [Sources.medium(name) for name in modalities]
    n_clips, n_pictures = n_rows * media.count("audio"), n_rows * media.count("image")
    side = SIDE * min(1.0, math.sqrt(N_PICTURES / max(n_pictures, 1)))
    clip_bytes = SOUND_BUDGET * 3 // 4 // max(n_clips, 1) - 100  # the head of the file
    return {"side": int(side), "clip_bytes": min(CLIP_BYTES, clip_bytes)}


def _cells(sources: Sources | None, name: str) -> list | None:
    if sources is None or sources.medium(name) not in MEDIA:
        return None
    return sources.cells(name)


def _exhibit(
    row: int, name: str, cells: list | None, sources: Sources | None, sizes: dict[str, int]
) -> Exhibit:
    if sources is None:
        return NOT_KEPT
    if cells is None:
        return values_shown(sources.values(name, row))
    return exhibit_of(cells[row], sources.medium(name), **sizes)


def values_shown(values: dict[str, Any]) -> Exhibit:
    """Numbers and categories of a row in words.

    Examples
    --------
    >>> values_shown({"price": 449.0, "brand": None}).text
    'price: 449, brand: missing'
    """
    words = []
    for name, value in values.items():
        shown = f"{value:g}" if isinstance(value, float) else shown_text(value, 60)
        words.append(f"{name}: {'missing' if is_missing(value) else shown}")
    return Exhibit("text", ", ".join(words))
