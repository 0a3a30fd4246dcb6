"""Columns that terms are hashed into: numbers instead of words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from sklearn.utils.murmurhash import murmurhash3_32

from mmclassic.text._terms import Terms


class HashedTerms:
    """The hashed columns that a block keeps, which stand for terms nobody wrote down.

    Parameters
    ----------
    columns : ndarray of shape (n_kept,), int32
        Rising.
    n_columns : int
        How many there could be.

    Examples
    --------
    >>> terms = HashedTerms(np.array([3, 7], dtype=np.int32), 8)
    >>> len(terms), terms.strings()
    (2, ['hashed_3', 'hashed_7'])
    """

    def __init__(self, columns: np.ndarray, n_columns: int):
        self.columns = columns
        self.n_columns = n_columns

    def __len__(self) -> int:
        return len(self.columns)

    def strings(self) -> list[str]:
        """Names that say nothing of the terms."""
        return [f"hashed_{column}" for column in self.columns.tolist()]

    def order(self) -> np.ndarray:
        """Numbers of the columns in their order."""
        return np.arange(len(self))

    def select(self, numbers: np.ndarray) -> HashedTerms:
        """Some of the columns."""
        return HashedTerms(self.columns[numbers], self.n_columns)

    def places(self, hashed: np.ndarray) -> np.ndarray:
        """Places among the kept columns, an int32 array; -1 for those that are not kept.

        >>> HashedTerms(np.array([3, 7], dtype=np.int32), 8).places(np.array([7, 5]))
        array([ 1, -1], dtype=int32)
        """
        places = np.searchsorted(self.columns, hashed).astype(np.int32)
        places[places == len(self.columns)] = 0
        places[self.columns[places] != hashed] = -1
        return places


def hash_terms(terms: Terms, n_columns: int) -> np.ndarray:
    """Column of each term, as by scikit-learn's HashingVectorizer.

    Parameters
    ----------
    terms : Terms
    n_columns : int

    Returns
    -------
    columns : ndarray of shape (n_terms,), int32
        ``|h| mod n_columns``, where h is the signed 32-bit MurmurHash3 of the term in UTF-8.

    References
    ----------
    Weinberger, Dasgupta, Langford, Smola & Attenberg, "Feature hashing for large scale
    multitask learning", ICML 2009.

    Examples
    --------
    >>> hash_terms(Terms.from_strings(["cat", "dog"]), 1024)
    array([807, 549], dtype=int32)
    """
    text, offsets = terms.text.tobytes(), terms.offsets.tolist()
    hashes = np.fromiter(
        (murmurhash3_32(text[start:stop], 0) for start, stop in pairwise(offsets)),
        dtype=np.int64,
        count=len(terms),
    )
    smallest = hashes == -(2**31)  # has no absolute value in 32 bits; as scikit-learn does it
    hashes[smallest] = 2**31 - n_columns
    return (np.abs(hashes) % n_columns).astype(np.int32)
