"""From the words of texts to one vector per text, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from mmclassic.text._count import count_terms
from mmclassic.text._encoded import Encoded
from mmclassic.text._pooling import (
    first_component,
    inverse_word_frequencies,
    pool_documents,
    pool_maximum,
    remove_component,
)
from mmclassic.text._term_weights import inverse_document_frequencies

# Texts that are pooled at once: memory holds the counts of so many.
_BATCH = 4096


@dataclass
class Pooling:
    """A way to pool, and what it has learned.

    Attributes
    ----------
    method : {"mean", "tfidf", "sif", "max"}
    vectors : ndarray of shape (n_words, n_features), float32
    weights : ndarray of shape (n_words,), float32, or None
        Of the words.
    component : ndarray of shape (n_features,), float64, or None
        The direction that is removed.
    """

    method: str
    vectors: np.ndarray
    weights: np.ndarray | None = None
    component: np.ndarray | None = None

    def learn(self, encoded: Encoded, sif_alpha: float) -> None:
        """Weights and component, from the known words of some texts."""
        if self.method == "tfidf":
            frequencies = self._sums(encoded, of_counts=False)
            self.weights = inverse_document_frequencies(frequencies, encoded.n_rows)
        elif self.method == "sif":
            self.weights = inverse_word_frequencies(self._sums(encoded), sif_alpha)
            self.component = first_component(self.batches(encoded))

    def batches(self, encoded: Encoded) -> Iterator[np.ndarray]:
        """Vectors of some texts, float32 of shape (at most 4096, n_features)."""
        return map(self._pool, self._counts(encoded))

    def _pool(self, counts: sparse.csr_matrix) -> np.ndarray:
        if self.method == "max":
            return pool_maximum(counts, self.vectors)
        divide_by = "counts" if self.method == "sif" else "weights"
        pooled = pool_documents(counts, self.vectors, weights=self.weights, divide_by=divide_by)
        return pooled if self.component is None else remove_component(pooled, self.component)

    def _counts(self, encoded: Encoded) -> Iterator[sparse.csr_matrix]:
        for first in range(0, encoded.n_rows, _BATCH):
            rows = encoded.rows(first, min(first + _BATCH, encoded.n_rows))
            yield count_terms(rows, len(self.vectors))

    def _sums(self, encoded: Encoded, *, of_counts: bool = True) -> np.ndarray:
        """How often each word occurs, or in how many texts."""
        sums = np.zeros(len(self.vectors))
        for counts in self._counts(encoded):
            weights = counts.data if of_counts else None
            sums += np.bincount(counts.indices, weights, minlength=len(sums))
        return sums


def n_without_terms(encoded: Encoded) -> int:
    """In how many rows no part is known; each row is one part.

    >>> numbers, ends = np.array([0, -1, -1], dtype=np.int32), np.array([0, 2, 3, 3])
    >>> n_without_terms(Encoded(numbers, ends, ["a"]))
    2
    """
    known = np.zeros(len(encoded.parts) + 1, dtype=np.int32)
    np.cumsum(encoded.parts >= 0, out=known[1:])
    return int((np.diff(known[encoded.part_ends]) == 0).sum())
