"""From the vectors of words to one vector per document."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import sparse

# Documents whose word vectors are gathered at once by the maximum; bounds the memory only.
_BATCH = 1024


def pool_documents(
    counts: sparse.csr_matrix,
    vectors: np.ndarray,
    *,
    weights: np.ndarray | None = None,
    divide_by: str = "weights",
) -> np.ndarray:
    """Weighted mean of the vectors of each document's words.

    One sparse matrix times the matrix of vectors; a row of the result depends on its own
    document only, to the last bit.

    Parameters
    ----------
    counts : CSR of shape (n_documents, n_words), float32
    vectors : ndarray of shape (n_words, n_features), float32
    weights : ndarray of shape (n_words,), float32, optional
        Weight of each word; equal by default.
    divide_by : {"weights", "counts"}, default="weights"
        Divide each document's sum by its sum of weights, or by its number of known words.

    Returns
    -------
    pooled : ndarray of shape (n_documents, n_features), float32
        Zero rows for documents without a known word.

    Examples
    --------
    >>> vectors = np.array([[1, 0], [0, 3]], dtype=np.float32)
    >>> counts = sparse.csr_matrix([[2, 1], [0, 0]], dtype=np.float32)
    >>> pool_documents(counts, vectors)
    array([[0.6666667, 1.       ],
           [0.       , 0.       ]], dtype=float32)
    """
    weighted = counts.copy()
    if weights is not None:
        weighted.data = counts.data * weights[counts.indices]
    summands = weighted if divide_by == "weights" else counts
    totals = summands @ np.ones(counts.shape[1], dtype=np.float32)
    weighted.data = weighted.data / np.repeat(totals, np.diff(counts.indptr))
    return weighted @ vectors


def pool_maximum(counts: sparse.csr_matrix, vectors: np.ndarray) -> np.ndarray:
    """Largest value of each feature among the vectors of each document's words.

    Parameters
    ----------
    counts : CSR of shape (n_documents, n_words)
    vectors : ndarray of shape (n_words, n_features), float32

    Returns
    -------
    pooled : ndarray of shape (n_documents, n_features), float32
        Zero rows for documents without a known word.

    Examples
    --------
    >>> vectors = np.array([[1, -2], [-1, -1]], dtype=np.float32)
    >>> pool_maximum(sparse.csr_matrix([[2, 1], [0, 0]]), vectors)
    array([[ 1., -1.],
           [ 0.,  0.]], dtype=float32)
    """
    pooled = np.zeros((counts.shape[0], vectors.shape[1]), dtype=np.float32)
    known = np.flatnonzero(np.diff(counts.indptr))
    for first in range(0, len(known), _BATCH):
        rows = known[first : first + _BATCH]
        start, stop = counts.indptr[rows[0]], counts.indptr[rows[-1] + 1]
        gathered = vectors[counts.indices[start:stop]]
        # Rows without words take no space, so the starts of the others are strictly rising.
        pooled[rows] = np.maximum.reduceat(gathered, counts.indptr[rows] - start, axis=0)
    return pooled


def inverse_word_frequencies(occurrences: np.ndarray, alpha: float) -> np.ndarray:
    """Smooth inverse frequency of every word, ``alpha / (alpha + p)``.

    Parameters
    ----------
    occurrences : ndarray of shape (n_words,)
        How often each word was counted; p is its share of all.
    alpha : float
        The larger, the more even the weights.

    Returns
    -------
    weights : ndarray of shape (n_words,), float32

    References
    ----------
    Arora, Liang & Ma, "A simple but tough-to-beat baseline for sentence embeddings",
    ICLR 2017.

    Examples
    --------
    >>> inverse_word_frequencies(np.array([3, 1, 0]), 0.25)
    array([0.25, 0.5 , 1.  ], dtype=float32)
    """
    return (alpha / (alpha + occurrences / occurrences.sum())).astype(np.float32)


def first_component(batches: Iterable[np.ndarray]) -> np.ndarray:
    """First right singular vector of a tall matrix, without centring.

    Parameters
    ----------
    batches : iterable of ndarray of shape (n_rows, n_features)
        The matrix, some rows at a time.

    Returns
    -------
    component : ndarray of shape (n_features,), float64, of unit length
        Its sign is arbitrary.

    Examples
    --------
    >>> abs(first_component([np.array([[3.0, 0.0]]), np.array([[0.0, 1.0]])]))
    array([1., 0.])
    """
    wide = (batch.astype(np.float64) for batch in batches)
    return np.linalg.eigh(sum(batch.T @ batch for batch in wide))[1][:, -1]


def remove_component(features: np.ndarray, component: np.ndarray) -> np.ndarray:
    """Features without their projection on a direction.

    Parameters
    ----------
    features : ndarray of shape (n_documents, n_features), float32
    component : ndarray of shape (n_features,), of unit length

    Returns
    -------
    residuals : ndarray of shape (n_documents, n_features), float32

    Examples
    --------
    >>> remove_component(np.array([[2, 5]], dtype=np.float32), np.array([1.0, 0.0]))
    array([[0., 5.]], dtype=float32)
    """
    # A sum per row instead of a matrix product: BLAS orders its sums by the number of rows.
    lengths = (features * component).sum(axis=1, keepdims=True)
    return (features - lengths * component).astype(np.float32)
