"""Scores of one modality whose cells were damaged, for many damages in one pass over the cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from mmclassic.inspection._damage_table import is_number_column
from mmclassic.inspection._damages import Damage
from mmclassic.inspection._modality_cells import decode_or_none, sampling_rate_of
from mmclassic.inspection._one_modality import OneModality
from mmclassic.inspection._seeds import Seeder

# Rows whose decoded cells are in memory together.
CHUNK = 32


class Setting(NamedTuple):
    """One point of a curve."""

    kind: str
    severity: float


def damaged_scores(
    modality: OneModality,
    scores: np.ndarray,
    damages: Mapping[str, Damage],
    settings: list[Setting],
    random_state: int,
) -> dict[Setting, np.ndarray]:
    """Scores of the modality under each damage at each severity.

    Each cell is decoded once. Chance depends on its content and ``random_state``, not on the
    severity: what a little damage hits, more damage hits, too.

    Parameters
    ----------
    modality : OneModality
    scores : ndarray of shape (n_samples, n_classes)
        Its undamaged scores; rows that are NaN stay so.
    damages : dict from kind to Damage
    settings : list of Setting
    random_state : int

    Returns
    -------
    tables : dict from Setting to ndarray of shape (n_samples, n_classes)
    """
    tables = {setting: np.full_like(scores, np.nan) for setting in settings}
    present = ~np.isnan(scores).all(axis=1)
    gaps = [setting for setting in settings if damages[setting.kind].function is None]
    others = [setting for setting in settings if damages[setting.kind].function is not None]
    if gaps:
        chance = _chances(modality.columns, random_state)
        for setting in gaps:
            kept = chance >= setting.severity
            tables[setting][kept] = scores[kept]
    if others and present.any():
        in_media = modality.media[0] not in ("numeric", "categorical")
        damage = _damage_media if in_media else _damage_columns
        for rows, setting, columns in damage(modality, present, damages, others, random_state):
            tables[setting][rows] = _scores_or_note(modality, columns, setting)
    return tables


def _scores_or_note(modality: OneModality, columns: list[list], setting: Setting) -> np.ndarray:
    """Scores; an estimator that cannot take the damaged cells says which damage it was."""
    try:
        return modality.scores(columns)
    except Exception as error:
        error.add_note(
            f"Modality {modality.name!r} was damaged by {setting.kind!r} at {setting.severity:g}, "
            "which its estimator does not take: choose others with kinds=."
        )
        raise


def _chances(columns: list[list], random_state: int) -> np.ndarray:
    """A number from 0 to 1 for each row: the row is missing at all rates above it."""
    seeder = Seeder(random_state)
    seeds = [seeder(row) for row in zip(*columns, strict=True)]
    return np.array([np.random.default_rng(seed).random() for seed in seeds])


def _damage_media(
    modality: OneModality, present: np.ndarray, damages: Mapping, settings: list, random_state: int
) -> Iterator[tuple[np.ndarray, Setting, list[list]]]:
    """Rows, setting and damaged cells; every chunk of rows once for each setting."""
    medium, seeder, [cells] = modality.media[0], Seeder(random_state), modality.columns
    functions = {kind: damage.function for kind, damage in damages.items()}
    if medium == "audio":
        rate = sampling_rate_of(modality.reader)
        functions = {
            kind: partial(function, sampling_rate=rate)
            for kind, function in functions.items()
            if function is not None
        }
    rows_there = np.flatnonzero(present)
    for start in range(0, len(rows_there), CHUNK):
        rows = rows_there[start : start + CHUNK]
        decoded = [decode_or_none(cells[row], medium, modality.reader) for row in rows]
        seeds = [seeder(cell) for cell in decoded]
        for setting in settings:
            function = functions[setting.kind]
            yield rows, setting, [_damage_all(decoded, seeds, function, setting.severity)]


def _damage_all(decoded: list, seeds: list[int], function: Any, severity: float) -> list:
    return [
        None if cell is None else function(cell, severity, np.random.default_rng(seed))
        for cell, seed in zip(decoded, seeds, strict=True)
    ]


def _damage_columns(
    modality: OneModality, present: np.ndarray, damages: Mapping, settings: list, random_state: int
) -> Iterator[tuple[np.ndarray, Setting, list[list]]]:
    """All rows at once, since noise is counted in deviations of the column."""
    rows = np.flatnonzero(present)
    columns = [[cells[row] for row in rows] for cells in modality.columns]
    numeric = [
        "numeric" in modality.media and is_number_column(cells) for cells in modality.columns
    ]
    seeder = Seeder(random_state)
    seeds = [seeder(row) for row in zip(*columns, strict=True)]
    for setting in settings:
        rngs = [np.random.default_rng(seed) for seed in seeds]
        function: Any = damages[setting.kind].function
        wants_numbers = setting.kind == "noise"
        damaged = [
            function(cells, setting.severity, rngs) if is_number == wants_numbers else cells
            for cells, is_number in zip(columns, numeric, strict=True)
        ]
        yield rows, setting, damaged
