"""The view of each kind of target, by its name."""

from __future__ import annotations

import numpy as np

from mmclassic.evaluation._class_view import ClassView
from mmclassic.evaluation._label_view import LabelView
from mmclassic.evaluation._number_view import NumberView
from mmclassic.evaluation._view import View

VIEWS: dict[str, type[View]] = {view.kind: view for view in (ClassView, NumberView, LabelView)}


def view_of(task: str, y: np.ndarray, classes: np.ndarray) -> View:
    """How a result of a kind of target is read.

    Raises
    ------
    ValueError
        If the kind is unknown.

    Examples
    --------
    >>> view_of("regression", np.array([1.0, 2.5]), np.array([])).n_outputs
    1
    """
    if task not in VIEWS:
        raise ValueError(f"task must be one of {', '.join(VIEWS)}, got {task!r}.")
    return VIEWS[task](y, classes)
