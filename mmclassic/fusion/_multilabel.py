"""Several labels at once: one binary fusion per label, over cells that are read once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.utils.multiclass import type_of_target

from mmclassic._cells import missing_mask
from mmclassic.modalities._labels import encode_labels
from mmclassic.modalities._modality import Modality, behind


def is_indicator(y: Any) -> bool:
    """Whether y is a 2-d indicator of labels, perhaps with gaps.

    Examples
    --------
    >>> is_indicator([[0, 1], [1, 1]]), is_indicator([0, 1]), is_indicator(None)
    (True, False, False)
    """
    if y is None:
        return False
    y = y if sparse.issparse(y) else np.asarray(y)
    if y.ndim != 2 or y.shape[1] < 2:
        return False
    if not sparse.issparse(y) and (gaps := _gaps(y)).any():
        y = np.array(np.where(gaps, 0, y).tolist())
    return type_of_target(y) == "multilabel-indicator"


def split_indicator(y: Any) -> list[np.ndarray]:
    """Each column of an indicator as classes 0 and 1.

    Parameters
    ----------
    y : {array-like, sparse matrix} of shape (n_samples, n_labels)

    Returns
    -------
    columns : list of ndarray of shape (n_samples,), int

    Raises
    ------
    ValueError
        Naming the rows where a label is missing, or the label that all rows, or none, have.

    Examples
    --------
    >>> split_indicator([[0, 1], [1, 0]])
    [array([0, 1]), array([1, 0])]
    """
    names = list(getattr(y, "columns", range(np.shape(y)[1])))
    table = y.toarray() if sparse.issparse(y) else np.asarray(y)
    rows = np.flatnonzero(_gaps(table).any(axis=1))
    if len(rows):
        raise ValueError(
            f"y is missing (NaN, None or blank) in {len(rows)} rows, the first: "
            f"{rows[:10].tolist()}. Leave these rows out, or give them their labels."
        )
    table = table.astype(int)
    for name, column in zip(names, table.T, strict=True):
        if column.min() == column.max():
            what = "every" if column.all() else "no"
            raise ValueError(
                f"Label {name!r}: {what} row has it (one class only), so there is nothing to "
                "learn: leave the label out."
            )
    return list(table.T)


def one_model_per_target(model: Any, y: Any) -> tuple[list[Any], list[np.ndarray]]:
    """A classifier of fusions and its encoded labels; for an indicator a binary clone per label.

    Parameters
    ----------
    model : LateFusionClassifier or EarlyFusionClassifier
        Gets ``classes_``, and for an indicator ``label_models_``.
    y : array-like of shape (n_samples,), or an indicator of shape (n_samples, n_labels)

    Returns
    -------
    models : list of estimators
    codes : list of ndarray of shape (n_samples,), int
        Of each model.
    """
    model.__dict__.pop("label_models_", None)
    if not is_indicator(y):
        model.classes_, codes = encode_labels(y)
        return [model], [codes]
    targets = split_indicator(y)
    model.classes_ = label_names(y)
    model.label_models_ = [clone(model) for _ in targets]
    for part in model.label_models_:
        part.classes_ = np.array([0, 1])
    return model.label_models_, targets


def label_names(y: Any) -> np.ndarray:
    """Names of the labels: those of the columns where they are text, else positions.

    Examples
    --------
    >>> label_names([[0, 1], [1, 0]])
    array([0, 1])
    """
    names = list(getattr(y, "columns", ()))
    if names and all(isinstance(name, str) for name in names):
        return np.array(names)
    return np.arange(np.shape(y)[1])


def _gaps(table: np.ndarray) -> np.ndarray:
    """Where a 2-d array has no value: boolean array of its shape."""
    if table.dtype.kind in "biu":
        return np.zeros(table.shape, dtype=bool)
    return missing_mask(table.ravel().tolist()).reshape(table.shape)


def score_labels(models: Sequence[Any], data: Sequence[Modality], rows: np.ndarray) -> np.ndarray:
    """Probability of each label from each modality.

    Parameters
    ----------
    models : sequence of n_labels LateFusionClassifier
        Fitted on labels 0 and 1.
    data : sequence of Modality
        As the first of them reads the table.
    rows : ndarray of shape (n_rows,), int

    Returns
    -------
    scores : ndarray of shape (n_rows, n_modalities, n_labels)
    """
    tables = [model._score(behind(data, model), rows)[:, :, 1] for model in models]
    return np.stack(tables, axis=2)


def fuse_labels(models: Sequence[Any], scores: np.ndarray) -> np.ndarray:
    """Fused probability of each label.

    Parameters
    ----------
    models : sequence of n_labels LateFusionClassifier
    scores : ndarray of shape (n_samples, n_modalities, n_labels)

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_labels)
    """
    if scores.ndim != 3 or scores.shape[2] != len(models):
        raise ValueError(
            f"A score table of {len(models)} labels has the shape (n_samples, n_modalities, "
            f"{len(models)}), got {scores.shape}."
        )
    tables = np.stack([1 - scores, scores], axis=3)
    fused = [model.fuse(tables[:, :, label])[:, 1] for label, model in enumerate(models)]
    return np.stack(fused, axis=1)
