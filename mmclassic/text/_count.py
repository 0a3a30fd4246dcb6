"""From rows of terms to sparse counts."""

from __future__ import annotations

import sys

import numpy as np
from scipy import sparse

from mmclassic.text._encoded import Encoded

# Terms that are renumbered at once.
_BATCH = 1 << 20


def renumbered(encoded: Encoded, columns: np.ndarray) -> Encoded:
    """Terms under new numbers, -1 for those to be left out; the old ones are overwritten.

    Parameters
    ----------
    encoded : Encoded
        No term is unknown.
    columns : int32 array of shape (n_terms,)
    """
    parts = encoded.parts
    for first in range(0, len(parts), _BATCH):  # indices take twice the memory of the parts
        parts[first : first + _BATCH] = columns[parts[first : first + _BATCH]]
    return encoded


def document_frequencies(encoded: Encoded) -> np.ndarray:
    """In how many rows each term occurs, an int64 array; no term is unknown.

    Examples
    --------
    >>> parts, ends = np.array([0, 1, 0, 1], dtype=np.int32), np.array([0, 3, 4])
    >>> document_frequencies(Encoded(parts, ends, ["a", "b"]))
    array([1, 2])
    """
    n_terms = len(encoded.terms)
    if _compiled():
        from mmclassic.text._terms_kernel import document_frequencies as compiled

        return compiled(*encoded.parts_of_rows(), encoded.parts, encoded.part_ends, n_terms)
    return np.bincount(count_terms(encoded, n_terms).indices, minlength=n_terms)


def total_frequencies(encoded: Encoded) -> np.ndarray:
    """How often each term occurs in all rows together, an int64 array; no term is unknown.

    Examples
    --------
    >>> parts, ends = np.array([0, 1, 0, 1], dtype=np.int32), np.array([0, 3, 4])
    >>> total_frequencies(Encoded(parts, ends, ["a", "b"]))
    array([2, 2])
    """
    ids, _ = encoded.parts_of_rows()
    uses = np.bincount(ids, minlength=len(encoded.part_ends) - 1)
    weights = np.repeat(uses, np.diff(encoded.part_ends))
    totals = np.bincount(encoded.parts, weights=weights, minlength=len(encoded.terms))
    return totals.astype(np.int64)


def count_terms(encoded: Encoded, n_columns: int, *, overwrite: bool = False) -> sparse.csr_matrix:
    """How often each term occurs in each row; those numbered -1 are left out.

    Parameters
    ----------
    encoded : Encoded
        Of n rows.
    n_columns : int
    overwrite : bool, default=False
        Take the memory of ``encoded``, whose rows must be parts; it is lost.

    Returns
    -------
    counts : CSR of shape (n, n_columns), float32, indices sorted, without duplicates

    Examples
    --------
    >>> parts, ends = np.array([0, 1, 0, -1], dtype=np.int32), np.array([0, 3, 4])
    >>> count_terms(Encoded(parts, ends, ["a", "b"]), 2).toarray()
    array([[2., 1.],
           [0., 0.]], dtype=float32)
    """
    count = _count_compiled if _compiled() else _count_plain
    counts, columns, row_ends = count(encoded, n_columns, overwrite)
    matrix = sparse.csr_matrix((counts, columns, row_ends), shape=(len(row_ends) - 1, n_columns))
    matrix.has_canonical_format = True
    return matrix


def _compiled() -> bool:
    """The terms were found by compiled loops, or these were loaded earlier."""
    return "mmclassic.text._terms_kernel" in sys.modules


def _count_compiled(encoded: Encoded, n_columns: int, overwrite: bool):
    from mmclassic.text._terms_kernel import count_parts

    ids, ends = encoded.parts_of_rows()
    parts, part_ends = encoded.parts, encoded.part_ends
    sizes = part_ends[ids + 1] - part_ends[ids]
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])[ends]
    # A row that is one part by itself is never longer than that: its place is taken.
    columns = parts if overwrite else np.empty(before[-1], dtype=np.int32)
    counts = np.empty(before[-1], dtype=np.float32)
    scratch = np.empty(np.diff(before).max(initial=0), dtype=np.int32)
    row_ends = np.empty(len(ends), dtype=np.int64)
    n = count_parts(ids, ends, parts, part_ends, scratch, columns, counts, row_ends)
    # In place: what was reserved for repeated terms and never written to takes no memory.
    columns.resize(n, refcheck=False)
    counts.resize(n, refcheck=False)
    return counts, columns, row_ends


def _count_plain(encoded: Encoded, n_columns: int, overwrite: bool = False):
    ids, ends = encoded.parts_of_rows()
    parts, part_ends = encoded.parts, encoded.part_ends
    sizes = part_ends[ids + 1] - part_ends[ids]
    rows = np.repeat(np.repeat(np.arange(len(ends) - 1), np.diff(ends)), sizes)
    starts = np.repeat(part_ends[ids] - np.cumsum(sizes) + sizes, sizes)
    terms = parts[starts + np.arange(len(rows))].astype(np.int64)
    keys, counts = np.unique((rows * n_columns + terms)[terms >= 0], return_counts=True)
    row_ends = np.searchsorted(keys, np.arange(len(ends)) * n_columns)
    return counts.astype(np.float32), (keys % max(1, n_columns)).astype(np.int32), row_ends
