"""What the command writes for each row: labels or numbers, probabilities, the modalities used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor

from mmclassic.fusion import (
    EarlyFusionClassifier,
    EarlyFusionRegressor,
    LateFusionClassifier,
    LateFusionRegressor,
)
from mmclassic.joint import JointClassifier

DUMMIES = (DummyClassifier, DummyRegressor)
LATE = (LateFusionClassifier, LateFusionRegressor)
# What the command saves, and so can predict with.
MODELS = (*LATE, EarlyFusionClassifier, EarlyFusionRegressor, JointClassifier, *DUMMIES)


def predictions_of(model: Any, table: Any) -> tuple[dict[str, Any], int]:
    """Predictions by column, and the number of rows that had no modality.

    Parameters
    ----------
    model : one of ``MODELS``, or a pipeline that classifies, fitted
    table : frame of n_rows rows

    Returns
    -------
    columns : dict from name to array of shape (n_rows,)
        Of classes ``label`` and ``probability_<class>``; of numbers ``prediction``; of several
        labels ``label_<name>``, 0 or 1, and ``probability_<name>``. Late fusions tell
        ``modalities_used``, too.
    n_bare : int
        0 where the model does not tell.

    Examples
    --------
    >>> import pandas as pd
    >>> model = DummyRegressor().fit([[0], [0]], [1.0, 2.0])
    >>> predictions_of(model, pd.DataFrame({"a": [1, 2]}))
    ({'prediction': array([1.5, 1.5])}, 0)
    """
    given = np.zeros((len(table), 1)) if isinstance(model, DUMMIES) else table
    if not isinstance(model, LATE):
        regresses = isinstance(model, EarlyFusionRegressor | DummyRegressor)
        outputs = model.predict(given) if regresses else model.predict_proba(given)
        return _columns_of(model, outputs), 0
    scores = model.score_table(given)
    used = model.modalities_used(scores)
    columns = _columns_of(model, model.fuse(scores))
    columns["modalities_used"] = ["+".join(used.columns[row]) for row in used.to_numpy()]
    return columns, int((~used.any(axis=1)).sum())


def check_names(kept: Iterable[str], model: Any) -> None:
    """Refuse columns that have the name of a prediction.

    Parameters
    ----------
    kept : iterable of str
    model : as in :func:`predictions_of`

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_names(["id"], DummyRegressor().fit([[0]], [1.0]))
    """
    classes = getattr(model, "classes_", [])
    outputs: Any = np.empty((0, len(classes)))
    if isinstance(classes, list):  # of each label
        outputs = [np.empty((0, len(one))) for one in classes] if classes else np.empty(0)
    taken = {"modalities_used"} if isinstance(model, LATE) else set()
    taken.update(_columns_of(model, outputs))
    for name in kept:
        if name in taken:
            raise ValueError(
                f"--keep {name!r}: a column of the predictions has this name; rename the table's."
            )


def _columns_of(model: Any, outputs: Any) -> dict[str, Any]:
    if not hasattr(model, "classes_"):
        return {"prediction": np.asarray(outputs).reshape(-1)}
    if isinstance(outputs, list):  # scikit-learn's dummy of several labels
        outputs = np.stack(
            [one[:, list(c).index(1)] for one, c in zip(outputs, model.classes_, strict=True)],
            axis=1,
        )
        return _labels(range(outputs.shape[1]), outputs)
    if hasattr(model, "label_models_"):
        return _labels(model.classes_, outputs)
    shares = {f"probability_{c}": outputs[:, k] for k, c in enumerate(model.classes_)}
    return {"label": model.classes_[outputs.argmax(axis=1)], **shares}


def _labels(names: Any, outputs: np.ndarray) -> dict[str, Any]:
    has = {f"label_{name}": (outputs[:, k] > 0.5).astype(int) for k, name in enumerate(names)}
    return {**has, **{f"probability_{name}": outputs[:, k] for k, name in enumerate(names)}}
