"""The values that a code is made of: a few components of each block, blocks on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from mmclassic.modalities._principal import block_components


@dataclass(frozen=True)
class BlockValues:
    """From features to values and back.

    Attributes
    ----------
    means : list of ndarray of shape (n_features of the block,)
    axes : list of ndarray of shape (n_values of the block, n_features of the block), or None
        Orthonormal; None where the features are the values.
    scales : list of float
        What the values of each block are divided by.
    """

    means: list
    axes: list
    scales: list

    @property
    def sizes(self) -> list[int]:
        """Number of values of each block."""
        pairs = zip(self.axes, self.means, strict=True)
        return [len(mean) if axes is None else len(axes) for axes, mean in pairs]

    def join(self, features: Sequence[Any], present: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values side by side, and which are there.

        Parameters
        ----------
        features : sequence of {ndarray, CSR array} of shape (n_samples, n_features of the block)
        present : bool ndarray of shape (n_samples, n_modalities)

        Returns
        -------
        values : ndarray of shape (n_samples, n_values)
            Zeros, the mean, where a block is absent.
        there : bool ndarray of shape (n_samples, n_values)
        """
        parts = []
        for block, mean, axes, scale in zip(
            features, self.means, self.axes, self.scales, strict=True
        ):
            if axes is None:
                dense = block.toarray() if sparse.issparse(block) else block
                parts.append((dense - mean) / scale)
            else:
                parts.append((np.asarray(block @ axes.T) - mean @ axes.T) / scale)
        there = np.repeat(present, self.sizes, axis=1)
        return np.where(there, np.hstack(parts), 0.0), there

    def to_features(self, values: np.ndarray) -> np.ndarray:
        """Features side by side, shape (n_samples, n_features)."""
        parts = np.split(values, np.cumsum(self.sizes)[:-1], axis=1)
        back = []
        for part, mean, axes, scale in zip(parts, self.means, self.axes, self.scales, strict=True):
            back.append(mean + (part * scale if axes is None else part * scale @ axes))
        return np.hstack(back)


def fit_block_values(
    features: Sequence[Any], present: np.ndarray, width: int | None, random_state: int
) -> BlockValues:
    """Scales, and principal components where blocks are to have at most some width.

    Parameters
    ----------
    features : sequence of {ndarray, CSR array} of shape (n_samples, n_features of the block)
    present : bool ndarray of shape (n_samples, n_modalities)
        Only rows that have a block speak for it.
    width : int or None
        None means the features themselves.
    random_state : int

    Returns
    -------
    values : BlockValues
        Each block has a variance of one, or what is left of it within the width.
    """
    means: list = []
    axes: list = []
    scales: list = []
    for m, block in enumerate(features):
        own = block[present[:, m]]
        mean = np.asarray(own.mean(axis=0)).ravel()
        square = own.multiply(own) if sparse.issparse(own) else own**2
        total = float(np.asarray(square.mean(axis=0)).sum() - (mean**2).sum())
        projection = None if width is None else block_components(own, width, random_state)
        means.append(mean)
        if width is None:
            axes.append(None)
        elif projection is None:
            axes.append(np.zeros((0, len(mean))))
        else:
            axes.append(projection.components_)
        scales.append(float(np.sqrt(total)) if total > 1e-20 else 1.0)
    return BlockValues(means, axes, scales)
