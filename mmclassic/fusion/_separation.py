"""Weights of blocks for which pooled features tell classes apart best."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax


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
    return softmax(min(found, key=lambda result: result.fun).x)
