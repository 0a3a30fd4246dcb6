"""Which rows each network of several stops early on."""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold


def held_out_folds(
    codes: np.ndarray, n_folds: int, seed: int, groups: np.ndarray | None = None
) -> np.ndarray:
    """The fold of each row; each class is spread over all folds, each group is in one.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,), int
    n_folds : int
        At most; groups may allow fewer.
    seed : int
    groups : ndarray of shape (n_samples,), optional

    Returns
    -------
    folds : ndarray of shape (n_samples,), int

    Raises
    ------
    ValueError
        If there is a single group.

    Examples
    --------
    >>> sorted(held_out_folds(np.array([0, 0, 1, 1]), 2, seed=0))
    [np.int64(0), np.int64(0), np.int64(1), np.int64(1)]
    """
    folds = np.zeros(len(codes), dtype=int)
    if groups is not None:
        n_groups = len(np.unique(groups))
        if n_groups < 2:
            raise ValueError("groups holds a single group: early stopping needs at least two.")
        number = min(n_folds, n_groups)
        stratified = np.bincount(codes)[np.unique(codes)].min() >= number
        kind = StratifiedGroupKFold if stratified else GroupKFold
        splitter = kind(number, shuffle=True, random_state=seed)
        for number, (_, test) in enumerate(splitter.split(codes, codes, groups)):
            folds[test] = number
        return folds
    # Class after class, each in random order, dealt out like cards.
    order = np.random.default_rng(seed).permutation(len(codes))
    order = order[np.argsort(codes[order], kind="stable")]
    folds[order] = np.arange(len(codes)) % n_folds
    return folds
