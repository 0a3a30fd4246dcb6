"""Blocks of features projected to one width: principal components, canonical variates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmclassic.modalities._principal import block_components

# Principal components of each block that canonical variates are made from, at most.
MAX_COMPONENTS = 100
# A variate whose deviation is below this share of its block's is nothing but rounding.
NOTHING = 1e-8


@dataclass(frozen=True)
class Projection:
    """An affine map of a block: ``(features - mean) @ matrix``.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
    matrix : ndarray of shape (n_features, width)
    """

    mean: np.ndarray
    matrix: np.ndarray

    def __call__(self, features: Any) -> np.ndarray:
        """Projected rows, shape (n_samples, width); standardised on the rows it was made from."""
        return np.asarray(features @ self.matrix) - self.mean @ self.matrix


def principal_projection(features: Any, width: int, random_state: int = 0) -> Projection:
    """The first principal components, each with a standard deviation of one.

    Parameters
    ----------
    features : {ndarray, CSR array} of shape (n_samples, n_features)
    width : int
        Where the block has fewer components, the others are zero.
    random_state : int, default=0
        Of the randomised solver, which large blocks are given to.

    Returns
    -------
    projection : Projection

    Examples
    --------
    >>> X = np.array([[1.0, 0.0], [3.0, 0.0], [5.0, 0.0]])
    >>> principal_projection(X, 2)(X).std(axis=0, ddof=1)
    array([1., 0.])
    """
    mean, axes, deviations = _components(features, width, random_state)
    matrix = np.zeros((features.shape[1], width))
    matrix[:, : len(axes)] = axes.T / deviations
    return Projection(mean, matrix)


def canonical_projections(
    blocks: Sequence[Any], width: int, regularization: float, random_state: int = 0
) -> list[Projection]:
    """Canonical variates of any number of blocks, each with a standard deviation of one.

    The variates of two blocks without regularisation are those of canonical correlation analysis;
    for more blocks they are each block's best account of the directions that all blocks together
    explain best (MAXVAR).

    Parameters
    ----------
    blocks : sequence of {ndarray, CSR array} of shape (n_samples, n_features of the block)
        The same rows. Blocks wider than 100 are reduced to as many principal components first.
    width : int
        Where a block has nothing in common with the others, variates are zero; so are those
        beyond the components of all blocks together. A block that has fewer than these takes part
        in all of them by mixtures of its own: zeros in their place cost accuracy.
    regularization : float
        What is added to the variances of each block, in units of their mean.
    random_state : int, default=0

    Returns
    -------
    projections : list of Projection

    References
    ----------
    J. R. Kettenring: Canonical analysis of several sets of variables. Biometrika 58(3), 1971.

    H. D. Vinod: Canonical ridge and econometrics of joint production. Journal of Econometrics
    4(2), 1976. (The ridge.)
    """
    parts = [_components(block, MAX_COMPONENTS, random_state) for block in blocks]
    scores = [
        (np.asarray(block @ axes.T) - mean @ axes.T) / deviations
        for block, (mean, axes, deviations) in zip(blocks, parts, strict=True)
    ]
    # With components of variance one, ridges shrink each of them by its own factor.
    shrunk = []
    for _, _, deviations in parts:
        variances = deviations**2
        ridge = regularization * variances.mean() if len(variances) else 0.0
        shrunk.append(variances / (variances + ridge))
    stacked = np.hstack([z * np.sqrt(s) for z, s in zip(scores, shrunk, strict=True)])
    common = np.linalg.svd(stacked, full_matrices=False)[0][:, :width]
    projections = []
    for (mean, axes, deviations), z, s in zip(parts, scores, shrunk, strict=True):
        weights = s[:, None] * (z.T @ common)
        spread = (z @ weights).std(axis=0, ddof=1)
        is_there = spread > NOTHING
        matrix = np.zeros((len(mean), width))
        matrix[:, np.flatnonzero(is_there)] = (
            axes.T @ (weights / deviations[:, None])[:, is_there] / spread[is_there]
        )
        projections.append(Projection(mean, matrix))
    return _with_signs(projections)


def _components(features: Any, most: int, random_state: int) -> tuple:
    """Mean, axes and deviations of the principal components that vary."""
    pca = block_components(features, most, random_state)
    if pca is None:
        width = features.shape[1]
        return np.zeros(width), np.zeros((0, width)), np.zeros(0)
    deviations = np.sqrt(pca.explained_variance_)
    kept = deviations > max(deviations[0] * 1e-7, np.finfo(float).tiny)
    return pca.mean_, pca.components_[kept], deviations[kept]


def _with_signs(projections: list[Projection]) -> list[Projection]:
    """Signs that do not hang on the decomposition: the first block's largest weights are positive.

    All blocks turn together, for variates of different blocks agree in sign.
    """
    first = projections[0].matrix
    largest = first[np.abs(first).argmax(axis=0), np.arange(first.shape[1])]
    sign = np.where(largest < 0, -1.0, 1.0)
    return [Projection(one.mean, one.matrix * sign) for one in projections]
