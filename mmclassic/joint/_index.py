"""What is searched: the codes of the rows that have a modality, and which rows these are."""

from __future__ import annotations

import numpy as np

from mmclassic.joint._search import top_k

# Codes and rows of one modality, by its name.
Index = dict[str, tuple[np.ndarray, np.ndarray]]


def joined(first: Index, second: Index, n_first: int) -> Index:
    """Two indices in one; the rows of the second come behind the ``n_first`` rows of the first.

    Examples
    --------
    >>> part = {"text": (np.eye(2), np.array([0, 2]))}
    >>> joined(part, part, 3)["text"][1]
    array([0, 2, 3, 5])
    """
    return {
        name: (
            np.concatenate([codes, second[name][0]]),
            np.concatenate([rows, second[name][1] + n_first]),
        )
        for name, (codes, rows) in first.items()
    }


def search_index(
    queries: np.ndarray,
    asked: np.ndarray,
    n_queries: int,
    index: tuple[np.ndarray, np.ndarray],
    k: int,
) -> tuple[np.ndarray, np.ndarray]:
    """The k best rows of an index for each query; nothing for those that cannot be asked.

    Parameters
    ----------
    queries : ndarray of shape (n_asked, n_components)
    asked : ndarray of shape (n_asked,), int
        Which of the ``n_queries`` they are.
    n_queries : int
    index : tuple of codes and rows
    k : int

    Returns
    -------
    rows : ndarray of shape (n_queries, k), int
    similarities : ndarray of shape (n_queries, k), float64
        -1 and NaN for queries that cannot be asked, and where the index is shorter than k.
    """
    codes, rows = index
    similarities = np.full((n_queries, k), np.nan)
    found = np.full((n_queries, k), -1)
    similarities[asked], places = top_k(queries.astype(codes.dtype, copy=False), codes, k)
    there = places >= 0
    places[there] = rows[places[there]]
    found[asked] = places
    return found, similarities
