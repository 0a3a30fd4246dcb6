"""Exact search for the most similar codes, block by block."""

from __future__ import annotations

from typing import Any

import numpy as np

# Queries times items of one matrix product: 8 MB in single precision.
QUERY_BLOCK, ITEM_BLOCK = 256, 8_192


def unit_rows(codes: np.ndarray) -> np.ndarray:
    """Rows scaled to length one; rows of zeros stay, and are like nothing.

    Examples
    --------
    >>> unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    length = np.linalg.norm(codes, axis=1, keepdims=True)
    return codes / np.where(length > 0, length, 1.0)


def top_k(queries: np.ndarray, items: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k items with the largest inner product, for each query.

    Exact, and no matrix of all queries and all items is made: products of blocks are held against
    the best so far.

    Parameters
    ----------
    queries : ndarray of shape (n_queries, n_components)
    items : ndarray of shape (n_items, n_components)
        Of the same dtype.
    k : int
        At least 1.

    Returns
    -------
    similarities : ndarray of shape (n_queries, k), float64
        In falling order; NaN where there are fewer items.
    rows : ndarray of shape (n_queries, k), int
        Of the items; of equal ones the first, as far as the last bits of the products tell. -1
        where there are fewer items.

    Examples
    --------
    >>> top_k(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0], [1.0, 0.0], [0.6, 0.8]]), 2)
    (array([[1. , 0.6]]), array([[1, 2]]))
    """
    similarities = np.full((len(queries), k), np.nan)
    rows = np.full((len(queries), k), -1)
    found = min(k, len(items))
    if not found:
        return similarities, rows
    for start in range(0, len(queries), QUERY_BLOCK):
        block = slice(start, start + QUERY_BLOCK)
        similarities[block, :found], rows[block, :found] = _top_of(queries[block], items, found)
    return similarities, rows


def _top_of(queries: np.ndarray, items: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    best = np.full((len(queries), k), -np.inf, dtype=queries.dtype)
    rows = np.full((len(queries), k), len(items))
    for start in range(0, len(items), ITEM_BLOCK):
        products = queries @ items[start : start + ITEM_BLOCK].T
        # Rows come in rising order: an equal one that comes later does not enter.
        enters = products > best[:, -1:]
        if enters.sum() > 4 * enters.shape[0] * k and products.shape[1] > k:
            enters &= _largest(products, k)
        query, item = np.nonzero(enters)
        best, rows = _merge(best, rows, query, products[query, item], item + start)
    # The last bits of a product depend on its block: once more, one way for all.
    exact = np.einsum("qd,qkd->qk", queries, items[rows], dtype=np.float64)
    order = np.lexsort((rows, -exact), axis=1)
    return np.take_along_axis(exact, order, axis=1), np.take_along_axis(rows, order, axis=1)


def _largest(products: np.ndarray, k: int) -> np.ndarray:
    """Mask of the k largest of each row; of equal ones the first."""
    last = np.partition(products, -k, axis=1)[:, [-k]]
    above, equal = products > last, products == last
    places = k - above.sum(axis=1, keepdims=True)
    return above | (equal & (np.cumsum(equal, axis=1, dtype=np.int32) <= places))


def _merge(
    best: np.ndarray, rows: np.ndarray, query: np.ndarray, value: np.ndarray, row: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The k best of those so far and some new ones, of which a query may have any number."""
    n_queries, k = best.shape
    if not len(query):
        return best, rows
    query = np.concatenate([np.repeat(np.arange(n_queries), k), query])
    value = np.concatenate([best.ravel(), value])
    row = np.concatenate([rows.ravel(), row])
    order = np.lexsort((row, -value, query))
    first = np.searchsorted(query[order], np.arange(n_queries))
    kept = order[first[:, None] + np.arange(k)]
    return value[kept], row[kept]


def blocks_of(n_rows: int, size: int = QUERY_BLOCK) -> Any:
    """Rows in blocks, as arrays of row numbers.

    Examples
    --------
    >>> [block.tolist() for block in blocks_of(3, 2)]
    [[0, 1], [2]]
    """
    for start in range(0, n_rows, size):
        yield np.arange(start, min(start + size, n_rows))
