"""Score tables as frames, to look at and to keep; and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmclassic.fusion._regression_head import check_predictions
from mmclassic.fusion._scores import check_scores


def scores_to_frame(scores, modalities, classes=None, *, labels=None):
    """A score table as a pandas frame, to look at.

    Parameters
    ----------
    scores : array-like of shape (n_samples, n_modalities, n_classes)
        Of a regression (n_samples, n_modalities, 1).
    modalities : sequence of str, length n_modalities
    classes : sequence of length n_classes, default=None
        Of a classification. None means predictions of a regression, unless there are labels.
    labels : sequence of length n_labels, default=None
        Of a fusion of several labels, instead of classes: each has a probability of its own.

    Returns
    -------
    frame : pandas.DataFrame of shape (n_samples, n_modalities * n_classes)
        Columns are (modality, class) or (modality, label) pairs; of a regression, modalities. The
        names of the column levels say which.

    Raises
    ------
    ValueError
        If scores are no such table, or names are too few, too many, or twice there.

    Examples
    --------
    >>> from mmclassic import scores_to_frame
    >>> scores_to_frame([[[0.2, 0.8], [0.6, 0.4]]], ["text", "image"], ["no", "yes"])
    modality text      image
    class      no  yes    no  yes
    0         0.2  0.8   0.6  0.4
    >>> scores_to_frame([[[12.5], [13.0]]], ["text", "image"])
    modality  text  image
    0         12.5   13.0
    """
    import pandas as pd

    if classes is not None and labels is not None:
        raise ValueError("A score table has classes or labels, not both.")
    level = "modality" if classes is labels else "class" if labels is None else "label"
    table = _check_table(scores, level)
    _check_names(modalities, table.shape[1], "modality", "modalities")
    if level == "modality":
        columns = pd.Index(modalities, name=level)
    else:
        second = labels if classes is None else classes
        _check_names(second, table.shape[2], level, f"{level}s" if level == "label" else "classes")
        columns = pd.MultiIndex.from_product([modalities, second], names=["modality", level])
    return pd.DataFrame(table.reshape(len(table), -1), columns=columns)


def scores_from_frame(frame):
    """The way back from :func:`scores_to_frame`.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns are (modality, class) pairs; every modality has every class. Where the second level
        is named "label", they are (modality, label) pairs; where there is one level, named
        "modality", they are the predictions of a regression.

    Returns
    -------
    scores : ndarray of shape (n_samples, n_modalities, n_classes), float64
    modalities : list of str
        In the order of their first columns.
    classes : list, or None for a regression
        Or labels, in the order of the first modality's columns.

    Raises
    ------
    ValueError
        If columns are no pairs, a pair is absent or twice there, or rows are no scores.

    Examples
    --------
    >>> from mmclassic import scores_from_frame, scores_to_frame
    >>> frame = scores_to_frame([[[0.2, 0.8], [0.6, 0.4]]], ["text", "image"], ["no", "yes"])
    >>> scores, modalities, classes = scores_from_frame(frame)
    >>> scores.shape, modalities, classes
    ((1, 2, 2), ['text', 'image'], ['no', 'yes'])
    """
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()].tolist()[0]
        raise ValueError(f"The frame of scores has several columns {twice!r}.")
    if frame.columns.nlevels == 1 and frame.columns.name == "modality":
        table = frame.to_numpy(dtype=np.float64)[:, :, None]
        return _check_table(table, "modality"), frame.columns.tolist(), None
    if frame.columns.nlevels != 2:
        raise ValueError(
            "The columns of a frame of scores are (modality, class) pairs; of a regression, one "
            'level named "modality".'
        )
    modalities = list(dict.fromkeys(frame.columns.get_level_values(0)))
    classes = [label for modality, label in frame.columns if modality == modalities[0]]
    pairs = [(modality, label) for modality in modalities for label in classes]
    absent = [pair for pair in pairs if pair not in frame.columns]
    if absent:
        raise ValueError(f"The frame of scores has no column {absent[0]}.")
    table = frame[pairs].to_numpy(dtype=np.float64)
    level = "label" if frame.columns.names[1] == "label" else "class"
    table = table.reshape(len(frame), len(modalities), len(classes))
    return _check_table(table, level), modalities, classes


def _check_table(scores: Any, level: str) -> np.ndarray:
    """A score table of shape (n_samples, n_modalities, n_classes), by what its last axis is."""
    table = np.asarray(scores, dtype=np.float64)
    if level == "class":
        return check_scores(table)
    if level == "label":
        # A probability of its own for each label: (1 - p, p) is a distribution.
        if table.ndim != 3:
            raise ValueError(
                "A score table of labels has the shape (n_samples, n_modalities, n_labels), got "
                f"{table.shape}."
            )
        for label in range(table.shape[2]):
            check_scores(np.stack([1 - table[:, :, label], table[:, :, label]], axis=2))
        return table
    if table.ndim == 3 and table.shape[2] != 1:
        raise ValueError(
            f"The score table has {table.shape[2]} values for each modality: name its classes, or "
            "labels=. Only predictions of a regression, shape (n_samples, n_modalities, 1), have "
            "neither."
        )
    return check_predictions(table)[:, :, None]


def _check_names(names: Sequence, n_needed: int, one: str, several: str) -> None:
    names = list(names)
    if len(names) != n_needed:
        raise ValueError(f"The score table has {n_needed} {several}, got {len(names)} names.")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"The {one} {twice[0]!r} is named twice: names must differ.")
