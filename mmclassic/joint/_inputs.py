"""What a network of several modalities sees: a few components of each, and which are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_array


def project(projection: PCA | None, features: Any) -> np.ndarray:
    """Components of other rows, scaled to a variance of one per component on average.

    The scale is one for the whole block: what varies little stays small.

    Returns
    -------
    components : ndarray of shape (n_samples, n_components), float64
    """
    if projection is None or not features.shape[0]:
        width = 0 if projection is None else projection.n_components_
        return np.zeros((features.shape[0], width))
    scale = np.sqrt(projection.explained_variance_.mean())
    return np.asarray(projection.transform(features), dtype=np.float64) / scale


def drop_modalities(present: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Take whole modalities from some rows, never the last one.

    Parameters
    ----------
    present : bool ndarray of shape (n_samples, n_modalities)
    rate : float
        Probability with which a modality is taken from a row.
    rng : Generator

    Returns
    -------
    kept : bool ndarray of shape (n_samples, n_modalities)

    References
    ----------
    N. Neverova, C. Wolf, G. Taylor, F. Nebout: ModDrop: adaptive multi-modal gesture recognition.
    IEEE TPAMI 38(8):1692-1706, 2016.

    Examples
    --------
    >>> present = np.array([[True, True], [False, True]])
    >>> drop_modalities(present, 1.0, np.random.default_rng(0)).sum(axis=1)
    array([1, 1])
    """
    # A row that would lose everything keeps one of its modalities, drawn at random.
    draws = np.where(present, rng.random(present.shape), -1.0)
    kept = present & (draws >= rate)
    bare = ~kept.any(axis=1) & present.any(axis=1)
    kept[np.flatnonzero(bare), draws[bare].argmax(axis=1)] = True
    return kept


def join_inputs(components: Sequence[np.ndarray], kept: np.ndarray) -> np.ndarray:
    """Components side by side, zeros where a modality is not kept; then a column for each modality.

    Parameters
    ----------
    components : sequence of ndarray of shape (n_samples, n_components of the block)
    kept : bool ndarray of shape (n_samples, n_modalities)

    Returns
    -------
    inputs : ndarray of shape (n_samples, n_inputs)

    Examples
    --------
    >>> join_inputs([np.array([[5.0]]), np.array([[7.0]])], np.array([[True, False]]))
    array([[5., 0., 1., 0.]])
    """
    shown = [block * kept[:, [index]] for index, block in enumerate(components)]
    return np.hstack([*shown, kept.astype(np.float64)])


def check_code(code: Any, width: int) -> np.ndarray:
    """Codes as a float64 array of shape (n_samples, width).

    Raises
    ------
    ValueError
        If they are of another width.
    """
    found = check_array(code, dtype=np.float64, ensure_min_samples=0)
    if found.shape[1] != width:
        raise ValueError(
            f"X has {found.shape[1]} columns, the code has {width}: pass what transform gives."
        )
    return found
