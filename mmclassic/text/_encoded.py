"""Texts as numbers of terms, and what a caller has to say for that."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from mmclassic.text._terms import Terms
from mmclassic.text._tokenizers import Tokenizer

# Characters that are handled together: enough to hide what a chunk costs, few enough for the
# processor's cache and for the peak of memory.
_CHUNK = 1 << 19
# Loading the compiled loops takes half a second in a fresh process; fewer characters, and
# terms, are done sooner in Python.
_WORTH_LOADING = 1_000_000


@dataclass(frozen=True)
class WordPlan:
    """Words and n-grams of words: how they are found, and which are left out."""

    tokenizer: Tokenizer
    lowercase: bool = True
    ngram_range: tuple[int, int] = (1, 1)
    stop_words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CharacterPlan:
    """N-grams of characters within words, as scikit-learn's ``char_wb``."""

    lowercase: bool
    ngram_range: tuple[int, int]


class Encoded(NamedTuple):
    """Rows of parts, each of which holds terms, by their numbers.

    The terms of part k are ``parts[part_ends[k] : part_ends[k + 1]]``, -1 for what is no known
    term. With ``row_parts`` (ids, ends), the parts of row i are ``ids[ends[i] : ends[i + 1]]``:
    a word is cut into its n-grams of characters once, however often it occurs. Without, row i is
    part i.
    """

    parts: np.ndarray
    part_ends: np.ndarray
    terms: Terms
    row_parts: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def n_rows(self) -> int:
        return len(self.part_ends if self.row_parts is None else self.row_parts[1]) - 1

    def rows(self, first: int, stop: int) -> Encoded:
        """Some of the rows."""
        ends = self.part_ends if self.row_parts is None else self.row_parts[1]
        start, end = ends[first], ends[stop]
        ends = ends[first : stop + 1] - start
        if self.row_parts is None:
            return self._replace(parts=self.parts[start:end], part_ends=ends)
        return self._replace(row_parts=(self.row_parts[0][start:end], ends))

    def parts_of_rows(self) -> tuple[np.ndarray, np.ndarray]:
        """``row_parts``, also where they are left out."""
        if self.row_parts is None:
            return np.arange(self.n_rows, dtype=np.int32), np.arange(self.n_rows + 1)
        return self.row_parts


def chunks_of(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Slices of some texts that hold about as many characters each.

    >>> list(chunks_of(["a", "b"]))
    [['a', 'b']]
    """
    lengths = np.fromiter(accumulate(map(len, texts)), dtype=np.int64, count=len(texts))
    first = 0
    while first < len(texts):
        before = lengths[first - 1] if first else 0
        stop = int(np.searchsorted(lengths, before + _CHUNK, side="right"))
        stop = max(first + 1, min(stop, first + _CHUNK // 16))
        yield texts[first:stop]
        first = stop


def compiled_loops_pay(texts: Sequence[str], terms: Terms | None) -> bool:
    """Whether the compiled loops are at hand, or worth the time it takes to load them."""
    if "mmclassic.text._terms_kernel" not in sys.modules:
        work = sum(map(len, texts)) + (0 if terms is None else len(terms.text))
        if work < _WORTH_LOADING:
            return False
    try:
        import mmclassic.text._scan_kernel
        import mmclassic.text._terms_kernel  # noqa: F401
    except ImportError:  # no numba for this Python: the same, more slowly
        return False
    return True
