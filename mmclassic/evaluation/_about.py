"""What a report says about the data and the folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmclassic.evaluation._plan import Plan
from mmclassic.modalities._modality import Modality


def describe(
    data: Sequence[Modality],
    codes: np.ndarray,
    plans: Sequence[Plan],
    groups: np.ndarray | None,
    splitter: Any,
    class_weight: str | None = None,
) -> dict[str, Any]:
    """What the report says about the data and the folds.

    Parameters
    ----------
    data : sequence of Modality
    codes : ndarray of shape (n_rows,), int
    plans : sequence of Plan
        One for each repeat.
    groups : ndarray of shape (n_rows,), optional
    splitter : object
    class_weight : str, optional
        Told where there is one.
    """
    weighted = {} if class_weight is None else {"class weight": class_weight}
    return {
        "n_rows": len(codes),
        "modalities": [modality.name for modality in data],
        "columns": {
            m.name: [m.columns] if isinstance(m.columns, str) else list(m.columns) for m in data
        },
        "splitter": _folds_in_words(plans, groups, splitter),
        "missing": {m.name: int((~m.present).sum()) - len(m.errors) for m in data},
        "unreadable": {m.name: len(m.errors) for m in data},
        "base fits per modality": sum(len(p.train) for p in plans) + (len(plans[0].folds) > 1),
        **weighted,
    }


def _folds_in_words(plans: Sequence[Plan], groups, splitter) -> str:
    folds = plans[0].folds
    if len(folds) == 1:
        train, test = len(folds[0].train), len(folds[0].test)
        return f"one official split: {train} training rows, {test} test rows"
    kind = "grouped, stratified" if groups is not None else "stratified"
    words = f"{len(folds)} folds ({kind if hasattr(splitter, 'n_splits') else 'given'})"
    if len(plans) == 1:
        return words
    return f"{words}, shuffled {len(plans)} times; row counts and lists are of the first"
