"""What becomes of rows that lack modalities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmclassic.modalities._modality import Modality


def training_rows(
    modalities: Sequence[Modality], missing: str, rows: np.ndarray | None = None
) -> np.ndarray:
    """Rows that take part in fitting.

    Parameters
    ----------
    modalities : sequence of Modality
    missing : {"skip", "drop", "fill"}
    rows : ndarray of int, optional
        Only these rows; default all.

    Returns
    -------
    rows : ndarray of int
        All these rows, or with "drop" the complete ones.

    Raises
    ------
    ValueError
        If no row is left.
    """
    available = np.stack([modality.present for modality in modalities], axis=1)
    rows = np.arange(len(available)) if rows is None else rows
    if missing != "drop":
        return rows
    rows = rows[available[rows].all(axis=1)]
    if not len(rows):
        counts = ", ".join(f"{m.name}: {int(m.present.sum())}" for m in modalities)
        raise ValueError(
            f'missing="drop" leaves no row: none has all modalities (rows present: {counts}).'
        )
    return rows


def apply_missing_policy(scores: np.ndarray, missing: str, prior: np.ndarray) -> np.ndarray:
    """Scores as the head gets them: with "fill", an absent modality gives the class prior.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
    missing : {"skip", "drop", "fill"}
    prior : ndarray of shape (n_classes,)

    Examples
    --------
    >>> scores = np.array([[[0.2, 0.8], [np.nan, np.nan]]])
    >>> apply_missing_policy(scores, "fill", np.array([0.5, 0.5]))
    array([[[0.2, 0.8],
            [0.5, 0.5]]])
    """
    if missing != "fill":
        return scores
    return np.where(np.isnan(scores), prior, scores)
