"""Ridge-penalised models on many features, solved in the space of the rows.

A linear model with an L2 penalty depends on the features only through their inner products, so n
rows of d > n features can be rotated into at most n coordinates without changing any prediction.
A logistic regression on 336 rows of 60 000 features then costs what one on 336 features costs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

# Above this many rows the matrix of inner products costs more than it saves.
MAX_ROWS = 1_500


class RowSpace:
    """Rotation of features onto the span of the training rows.

    Parameters
    ----------
    blocks : list of {ndarray, CSR array} of shape (n_samples, n_features of the block)
        Features side by side; each block stays dense or sparse as it is.

    Attributes
    ----------
    coordinates : ndarray of shape (n_samples, rank)
        The training rows; the joined features where there are fewer of them than rows, or too
        many rows.
    bases : list of ndarray of shape (n_features of the block, rank), or None
        None where nothing is rotated.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(5, 50))
    >>> space = RowSpace([X])
    >>> space.coordinates.shape
    (5, 5)
    >>> bool(np.allclose(space.coordinates @ space.coordinates.T, X @ X.T))
    True
    """

    def __init__(self, blocks: list):
        n_samples = blocks[0].shape[0]
        n_features = sum(block.shape[1] for block in blocks)
        self.bases: list | None = None
        if n_features <= n_samples or n_samples > MAX_ROWS:
            self.coordinates = join(blocks)
            return
        gram = sum(_dense(block @ block.T) for block in blocks)
        values, vectors = np.linalg.eigh(gram)
        kept = values > max(values[-1], 0) * 1e-10
        values, vectors = values[kept], vectors[:, kept]
        self.coordinates = vectors * np.sqrt(values)
        self.bases = [_dense(block.T @ (vectors / np.sqrt(values))) for block in blocks]

    def transform(self, blocks: list) -> Any:
        """Other rows in the same coordinates."""
        if self.bases is None:
            return join(blocks)
        return sum(_dense(block @ basis) for block, basis in zip(blocks, self.bases, strict=True))

    def coefficients(self, coefficients: np.ndarray) -> np.ndarray:
        """Coefficients for joined features, from those for the coordinates.

        Returns
        -------
        coefficients : ndarray of shape (n_classes, n_features)
        """
        if self.bases is None:
            return coefficients
        return np.hstack([coefficients @ basis.T for basis in self.bases])


def join(blocks: list) -> Any:
    """Blocks side by side; sparse if one of them is.

    Examples
    --------
    >>> join([np.ones((2, 1)), np.zeros((2, 2))]).shape
    (2, 3)
    """
    if any(sparse.issparse(block) for block in blocks):
        return sparse.hstack([sparse.csr_array(block) for block in blocks], format="csr")
    return np.hstack(blocks)


def _dense(matrix: Any) -> np.ndarray:
    return matrix.toarray() if sparse.issparse(matrix) else np.asarray(matrix)
