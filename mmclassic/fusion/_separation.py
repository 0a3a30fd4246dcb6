"""Weights of blocks for which pooled features tell classes apart best."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.multiclass import type_of_target

from mmclassic._cells import missing_mask

# A gain in separation, as a share of it, that is but the ridge and rounding: on iris and wine,
# where any weights are equally good, separations differ by at most 5e-6 of their size.
NO_GAIN = 1e-4


def as_targets(y: Any, n_samples: int) -> np.ndarray:
    """What weights are learned from: indicators of classes, or numbers.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
    n_samples : int
        Rows of X.

    Returns
    -------
    targets : ndarray of shape (n_samples, n_targets), float64

    Raises
    ------
    ValueError
        If there is no y, it has other rows than X, is missing in some, or is the same in all.

    Examples
    --------
    >>> as_targets(["a", "b", "a"], 3).ravel()
    array([0., 1., 0.])
    """
    if y is None:
        raise ValueError('weights="learned" needs y: pass it to fit, or choose the weights.')
    if len(y) != n_samples:
        raise ValueError(f"X has {n_samples} rows, y has {len(y)}.")
    cells = np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y, dtype=object)
    rows = np.flatnonzero(missing_mask(cells.ravel()).reshape(n_samples, -1).any(axis=1))
    if len(rows):
        raise ValueError(
            f'weights="learned": y is missing in {len(rows)} rows, the first: '
            f"{rows[:10].tolist()}. Leave these rows out, or choose the weights."
        )
    if type_of_target(y).startswith("continuous"):
        targets = np.asarray(y, dtype=np.float64).reshape(n_samples, -1)
    else:
        targets = LabelBinarizer().fit_transform(y).astype(np.float64)
    if not np.ptp(targets, axis=0).any():
        raise ValueError(
            f'weights="learned" needs a y that varies: it is {cells.ravel()[0]!r} in all rows. '
            "Choose the weights."
        )
    return targets


def pool(components: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Σ λ_m F_m; the weight of a block that a row lacks is shared out among its others.

    Parameters
    ----------
    components : ndarray of shape (n_samples, n_blocks, width)
        NaN across a block that a row lacks.
    weights : ndarray of shape (n_blocks,)

    Returns
    -------
    pooled : ndarray of shape (n_samples, width)
        Zeros where no block with a weight is there.

    Examples
    --------
    >>> components = np.array([[[1.0], [3.0]], [[np.nan], [3.0]]])
    >>> pool(components, np.array([0.25, 0.75]))
    array([[2.5],
           [3. ]])
    """
    present = ~np.isnan(components[:, :, :1]).any(axis=2)
    shares = present * weights
    total = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, total, out=np.zeros_like(shares), where=total > 0)
    return np.einsum("nm,nmw->nw", shares, np.where(present[:, :, None], components, 0))


def separation(features: np.ndarray, targets: np.ndarray) -> float:
    """How much of the features' variance targets explain, in the features' own metric.

    The trace of S_T⁻¹ S_B: for indicators of classes Fukunaga's J₁, the sum of the squared
    canonical correlations of features and targets.

    Parameters
    ----------
    features : ndarray of shape (n_samples, width)
    targets : ndarray of shape (n_samples, n_targets), centred
        Orthonormal columns.

    Examples
    --------
    >>> targets = np.array([[-0.5], [-0.5], [0.5], [0.5]])
    >>> round(separation(np.array([[1.0], [1.0], [2.0], [2.0]]), targets), 6)
    1.0
    """
    centred = features - features.mean(axis=0)
    total = centred.T @ centred
    total[np.diag_indices_from(total)] += 1e-9 * max(np.trace(total), np.finfo(float).tiny)
    between = centred.T @ targets
    return float(np.sum(between * np.linalg.solve(total, between)))


def learn_weights(components: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Weights that sum to one and make ``separation`` of the pooled features greatest.

    Parameters
    ----------
    components : ndarray of shape (n_samples, n_blocks, width)
        NaN across a block that a row lacks.
    targets : ndarray of shape (n_samples, n_targets)
        Indicators of classes, or numbers.

    Returns
    -------
    weights : ndarray of shape (n_blocks,)
        Equal ones where all weights do equally well: the pooled features then hold whatever the
        blocks hold, as they do where width is large.

    References
    ----------
    K. Fukunaga: Introduction to Statistical Pattern Recognition, 2nd ed., chapter 10. Academic
    Press, 1990.
    """
    n_blocks = components.shape[1]
    values, singular, _ = np.linalg.svd(targets - targets.mean(axis=0), full_matrices=False)
    basis = values[:, singular > singular[0] * 1e-9] if singular[0] > 0 else values[:, :0]

    def loss(logits: np.ndarray) -> float:
        return -separation(pool(components, softmax(logits)), basis)

    # It can have several maxima: one search from equal weights, and one from each block alone.
    starts = [np.zeros(n_blocks), *(3.0 * np.eye(n_blocks))]
    found = [
        minimize(loss, start, method="L-BFGS-B", bounds=[(-8, 8)] * n_blocks) for start in starts
    ]
    best = min(found, key=lambda result: result.fun)
    if n_blocks > 1 and max(map(loss, starts)) - best.fun <= NO_GAIN * abs(best.fun):
        return np.full(n_blocks, 1 / n_blocks)
    return softmax(best.x)
