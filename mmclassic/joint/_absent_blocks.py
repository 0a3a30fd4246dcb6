"""Rows to be read without some of their modalities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn.utils.validation import _num_samples

from mmclassic.modalities import Modality, check_table, read_modalities, settle_unreadable
from mmclassic.modalities._read_blocks import ReadBlocks, blocks_to_apply
from mmclassic.modalities._table import named_columns


def blocks_without(model: Any, X: Any, missing: str | Sequence[str] | None) -> list[Modality]:
    """The blocks of rows; those that are to be missing are neither needed nor read.

    Parameters
    ----------
    model : fitted model of blocks
    X : frame, array-like of shape (n_samples, n_columns), or ReadBlocks
        A frame whose columns are read by name may lack those of the missing modalities.
    missing : str, sequence of str or None
        Names of modalities.

    Returns
    -------
    blocks : list of Modality
        All of them; those that are missing are there in no row.

    Raises
    ------
    ValueError
        If there is no such modality.
    """
    names = [name for name, _, _ in model.modalities_]
    absent = [missing] if isinstance(missing, str) else list(missing or [])
    for name in absent:
        if name not in names:
            raise ValueError(f"missing={name!r} is no modality: there are {names}.")
    if not absent or isinstance(X, ReadBlocks):
        blocks = blocks_to_apply(model, X)
        gone = np.full(len(blocks[0].position), -1)
        return [replace(b, position=gone) if b.name in absent else b for b in blocks]
    kept = [item for item in model.modalities_ if item[0] not in absent]
    by_name = hasattr(X, "columns") and named_columns(model.modalities_) is not None
    X = check_table(SimpleNamespace(modalities=kept) if by_name else model, X, reset=False)
    read = read_modalities(kept, X)
    settle_unreadable(read, model.on_unreadable)
    found = {block.name: block for block in read}
    gone = np.full(_num_samples(X), -1)
    return [
        found.get(name) or Modality(name, columns, fitted, [], gone[:0, None], gone, [], 0)
        for name, fitted, columns in model.modalities_
    ]
