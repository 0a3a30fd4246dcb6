"""ReadBlocks: a table whose blocks were read, for models of several blocks inside other models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from mmclassic._errors import CellError
from mmclassic.modalities._blocks import check_blocks
from mmclassic.modalities._modality import (
    Modality,
    read_modalities,
    settle_unreadable,
    take_named,
)
from mmclassic.modalities._table import check_table


@dataclass(frozen=True)
class ReadBlocks:
    """Some rows of a table, each block of it read; a model of joined blocks takes it as X.

    Attributes
    ----------
    blocks : list of Modality
        In the order of the model's ``modalities``.
    table : frame or ndarray
        What was read, for the names of its columns only.
    """

    blocks: list[Modality]
    table: Any

    def __len__(self) -> int:
        return len(self.blocks[0].position)

    def take_rows(self, rows: np.ndarray) -> ReadBlocks:
        """Some of the rows; nothing is copied but positions."""
        taken = [replace(block, position=block.position[rows]) for block in self.blocks]
        return replace(self, blocks=taken)


def blocks_to_fit(owner: Any, X: Any) -> tuple[list[Modality], list[CellError]]:
    """The blocks of ``owner.modalities``, and the cells of them that could not be read.

    Parameters
    ----------
    owner : estimator
        With ``modalities``, ``on_unreadable`` and ``max_error_rate``; gets ``n_features_in_``.
    X : frame, array-like of shape (n_samples, n_columns), or ReadBlocks
    """
    active = check_blocks(owner.modalities)
    if isinstance(X, ReadBlocks):
        check_table(owner, X.table, reset=True)
        return _behind(X, active), []
    X = check_table(owner, X, reset=True)
    data = read_modalities(active, X)
    return data, settle_unreadable(data, owner.on_unreadable, owner.max_error_rate)


def blocks_to_apply(
    owner: Any, X: Any, modalities: Sequence[tuple] | None = None
) -> list[Modality]:
    """The blocks of ``owner.modalities_``, or of others, in other rows; they are fitted."""
    modalities = owner.modalities_ if modalities is None else modalities
    if isinstance(X, ReadBlocks):
        return _behind(X, modalities)
    data = read_modalities(modalities, check_table(owner, X, reset=False))
    settle_unreadable(data, owner.on_unreadable)
    return data


def read_members(modalities: Sequence[tuple], X: Any, *, fitted: bool = False) -> list[Modality]:
    """Read the modalities of a fusion, those that join blocks from what the others read.

    Parameters
    ----------
    modalities : sequence of (name, estimator, columns)
        An estimator that joins blocks, or a pipeline that begins with one, is given ReadBlocks.
    X : frame or array of n_samples rows
    fitted : bool, default=False
        Whether their estimators are: then blocks are read as these were fitted.

    Returns
    -------
    read : list of Modality
        In the same order. Cells that several read in the same way are read once.
    """
    plain = [item for item in modalities if _joining(item[1]) is None]
    known = read_modalities(plain, X)
    read = {one.name: one for one in known}
    for item in modalities:
        if item not in plain:
            read[item[0]] = _read_joined(item, X, known, fitted)
    return [read[name] for name, _, _ in modalities]


def _read_joined(item: tuple, X: Any, known: Sequence[Modality], fitted: bool) -> Modality:
    """A modality whose data are the blocks that its estimator joins."""
    name, estimator, columns = item
    inner = _joining(estimator)
    table = take_named(name, X, columns(X) if callable(columns) else columns)
    triples = inner.modalities_ if fitted else check_blocks(inner.modalities)
    shared = [_read_already(known, triple) for triple in triples]
    fresh = read_modalities(
        [triple for triple, found in zip(triples, shared, strict=True) if found is None], table
    )
    waiting = iter(fresh)
    blocks = [next(waiting) if found is None else found for found in shared]
    rows = np.flatnonzero(np.any([block.present for block in blocks], axis=0))
    position = np.full(len(blocks[0].position), -1)
    position[rows] = np.arange(len(rows))
    errors = [error for block in fresh for error in block.errors]
    data = ReadBlocks(blocks, table).take_rows(rows)
    n_cells = sum(block.n_cells for block in fresh)
    return Modality(name, columns, estimator, [], data, position, errors, n_cells)


def _behind(X: ReadBlocks, triples: Sequence[tuple]) -> list[Modality]:
    pairs = zip(X.blocks, triples, strict=True)
    return [block.behind(estimator) for block, (_, estimator, _) in pairs]


def _joining(estimator: Any) -> Any:
    first = estimator.steps[0][1] if isinstance(estimator, Pipeline) else estimator
    return first if getattr(first, "_joins_blocks", False) else None


def _read_already(known: Sequence[Modality], triple: tuple) -> Modality | None:
    """What was read of the same columns by the same steps, for another estimator behind them."""
    name, estimator, columns = triple
    steps = _all_steps(estimator)
    named = columns if isinstance(columns, list) else [columns]
    if not all(isinstance(column, str) for column in named):
        return None  # positions count within the columns that the model of blocks is given
    for one in known:
        done = [step for _, step in one.stateless]
        first = _all_steps(one.estimator)[0]
        if hasattr(first, "read_cells") and get_tags(first).requires_fit:
            done.append(first)  # its decoding half was applied
        elif len(steps) > len(done) and hasattr(steps[len(done)], "read_cells"):
            continue
        same = len(steps) >= len(done) and all(map(_same, done, steps))
        if same and _same(one.columns, columns):
            return replace(one.behind(estimator), name=name)
    return None


def _all_steps(estimator: Any) -> list:
    return [step for _, step in estimator.steps] if isinstance(estimator, Pipeline) else [estimator]


def _same(one: Any, other: Any) -> bool:
    """Whether two parameters, or estimators and all their parameters, are equal."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if hasattr(one, "get_params") and not isinstance(one, type):
        return _same(one.get_params(deep=False), other.get_params(deep=False))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and bool((one == other).all())
    return bool(one == other)
