"""The principal components of a block, dense or sparse, of any shape."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA


def block_components(features: Any, most: int, random_state: int = 0) -> PCA | None:
    """The first principal components of a block.

    Parameters
    ----------
    features : {ndarray, CSR array} of shape (n_samples, n_features)
    most : int
        Most components; fewer where the block has not as many.
    random_state : int, default=0
        Of the randomised solver, which large blocks are given to.

    Returns
    -------
    pca : PCA, or None for a block that does not vary, or has one row

    Examples
    --------
    >>> block_components(np.array([[1.0, 5.0], [3.0, 5.0], [8.0, 5.0]]), 10).n_components_
    2
    >>> block_components(np.ones((3, 2)), 10)
    """
    is_sparse = sparse.issparse(features)
    # ARPACK finds fewer components than there are rows or columns.
    number = min(most, features.shape[0] - 1, features.shape[1] - int(is_sparse))
    if number < 1 or not _varies(features):
        return None
    solver = "arpack" if is_sparse else "auto"
    return PCA(number, svd_solver=solver, random_state=random_state).fit(features)


def _varies(features: Any) -> bool:
    """Whether any two rows differ."""
    if sparse.issparse(features):
        return bool((features != features[[0] * features.shape[0]]).nnz)
    return bool(np.ptp(features, axis=0).any())
