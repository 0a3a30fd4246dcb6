"""Weights of terms from their counts, as scikit-learn's TfidfTransformer."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

# Weights that are computed at once.
_BATCH = 1 << 20


def inverse_document_frequencies(frequencies: np.ndarray, n_documents: int) -> np.ndarray:
    """Smoothed idf of every term, ``log((1 + n) / (1 + df)) + 1``.

    Parameters
    ----------
    frequencies : ndarray of shape (n_terms,)
        How many of the documents have the term.
    n_documents : int

    Returns
    -------
    idf : ndarray of shape (n_terms,), float32

    Examples
    --------
    >>> inverse_document_frequencies(np.array([2, 1]), 2).round(3)
    array([1.   , 1.405], dtype=float32)
    """
    return (np.log((1 + n_documents) / (1 + frequencies)) + 1).astype(np.float32)


def weigh_terms(
    counts: sparse.csr_matrix, idf: np.ndarray, *, sublinear_tf: bool, norm: str | None
) -> sparse.csr_matrix:
    """Tf-idf weights, each row of unit length; the counts are overwritten.

    Parameters
    ----------
    counts : CSR of shape (n, n_terms), float32
    idf : ndarray of shape (n_terms,), float32
    sublinear_tf : bool
        Use 1 + log(tf) for tf.
    norm : {"l1", "l2"} or None

    Returns
    -------
    weights : CSR of shape (n, n_terms), float32

    Examples
    --------
    >>> counts = sparse.csr_matrix([[3, 2]], dtype=np.float32)
    >>> idf = np.array([1, 2], dtype=np.float32)
    >>> weigh_terms(counts, idf, sublinear_tf=False, norm="l2").toarray()
    array([[0.6, 0.8]], dtype=float32)
    """
    if sublinear_tf:
        np.log(counts.data, out=counts.data)
        counts.data += 1
    for first in range(0, counts.nnz, _BATCH):
        part = slice(first, first + _BATCH)
        counts.data[part] *= idf[counts.indices[part]]
    if norm is None or not counts.nnz:  # scikit-learn's refuses a matrix without rows
        return counts
    return normalize(counts, norm=norm, copy=False)
