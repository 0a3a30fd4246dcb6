"""What a report says about the data and the folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmclassic.evaluation._plan import Plan
from mmclassic.evaluation._task import Task
from mmclassic.modalities._modality import Modality


def describe(
    data: Sequence[Modality],
    task: Task,
    plans: Sequence[Plan],
    groups: np.ndarray | None,
    splitter: Any,
) -> dict[str, Any]:
    """What the report says about the data and the folds.

    Parameters
    ----------
    data : sequence of Modality
    task : Task
        Its class weight is told where there is one.
    plans : sequence of Plan
        One for each repeat.
    groups : ndarray of shape (n_rows,), optional
    splitter : object
    """
    weighted = {} if task.class_weight is None else {"class weight": task.class_weight}
    return {
        "n_rows": len(task.y),
        "modalities": [modality.name for modality in data],
        "columns": {
            m.name: [m.columns] if isinstance(m.columns, str) else list(m.columns) for m in data
        },
        "splitter": _folds_in_words(plans, task, groups, splitter),
        "missing": {m.name: int((~m.present).sum()) - len(m.errors) for m in data},
        "unreadable": {m.name: len(m.errors) for m in data},
        "base fits per modality": sum(len(p.train) for p in plans) + (len(plans[0].folds) > 1),
        **weighted,
    }


def _folds_in_words(plans: Sequence[Plan], task: Task, groups, splitter) -> str:
    folds = plans[0].folds
    if len(folds) == 1:
        train, test = len(folds[0].train), len(folds[0].test)
        return f"one official split: {train} training rows, {test} test rows"
    stratified = task.kind == "classification" or (task.kind == "multilabel" and groups is None)
    kinds = ["grouped"] * (groups is not None) + ["stratified"] * stratified
    kind = ", ".join(kinds) or ("shuffled" if getattr(splitter, "shuffle", False) else "in order")
    words = f"{len(folds)} folds ({kind if hasattr(splitter, 'n_splits') else 'given'})"
    if len(plans) == 1:
        return words
    return f"{words}, shuffled {len(plans)} times; row counts and lists are of the first"
