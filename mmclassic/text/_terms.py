"""A set of different terms, numbered, held as two arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mmclassic.text._order import order_of_terms

# Terms that are moved at once.
_BATCH = 1 << 16


class Terms:
    """Terms, the i-th of which is ``text[offsets[i] : offsets[i + 1]]`` in UTF-8.

    Millions of terms take a tenth of the memory of a dictionary, and are saved at once. What
    finds their numbers again is made when it is first needed, and is not saved.

    Parameters
    ----------
    text : ndarray of uint8
    offsets : ndarray of shape (n_terms + 1,), int64

    Examples
    --------
    >>> terms = Terms.from_strings(["b", "a", "año"])
    >>> len(terms), terms.strings(), terms.numbers()["año"]
    (3, ['b', 'a', 'año'], 2)
    >>> terms.select(terms.order()).strings()
    ['a', 'año', 'b']
    """

    def __init__(self, text: np.ndarray, offsets: np.ndarray):
        self.text = text
        self.offsets = offsets

    @classmethod
    def from_strings(cls, strings: Sequence[str]) -> Terms:
        """Terms in the order given; they must be different."""
        encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
        lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def strings(self) -> list[str]:
        """The terms."""
        text, offsets = self.text.tobytes(), self.offsets.tolist()
        return [
            text[start:stop].decode("utf-8", "surrogatepass") for start, stop in pairwise(offsets)
        ]

    def order(self) -> np.ndarray:
        """Numbers of the terms in the order of their code points."""
        return order_of_terms(self.text, self.offsets)

    def select(self, numbers: np.ndarray) -> Terms:
        """Some of the terms, in a new order."""
        batches = [slice(i, i + _BATCH) for i in range(0, len(numbers), _BATCH)]
        offsets = np.zeros(len(numbers) + 1, dtype=np.int64)
        for part in batches:
            offsets[1:][part] = self.offsets[numbers[part] + 1] - self.offsets[numbers[part]]
        np.cumsum(offsets, out=offsets)
        text = np.empty(offsets[-1], dtype=np.uint8)
        for part in batches:  # positions take eight times the memory of the text
            first, last = offsets[:-1][part], offsets[1:][part]
            moves = np.repeat(self.offsets[numbers[part]] - first, last - first)
            text[first[0] : last[-1]] = self.text[np.arange(first[0], last[-1]) + moves]
        return Terms(text, offsets)

    def numbers(self) -> dict[str, int]:
        """Number of each term."""
        if "_numbers" not in vars(self):
            self._numbers = {term: number for number, term in enumerate(self.strings())}
        return self._numbers

    def slots(self) -> np.ndarray:
        """The hash table of the compiled loops, at most half full."""
        if "_slots" not in vars(self):
            from mmclassic.text._terms_kernel import fill_slots

            self._check()
            slots = np.zeros(n_slots(len(self)), dtype=np.uint64)
            fill_slots(self.text, self.offsets, slots)
            self._slots = slots
        return self._slots

    def _check(self) -> None:
        """Refuse a damaged file: compiled loops would read beyond the arrays."""
        text, offsets = self.text, self.offsets
        if not (
            text.dtype == np.uint8
            and offsets.dtype == np.int64
            and text.ndim == offsets.ndim == 1
            and len(offsets)
            and offsets[0] == 0
            and offsets[-1] == len(text)
            and (np.diff(offsets) >= 0).all()
        ):
            raise ValueError("The terms are damaged: their offsets do not fit their text.")

    def __getstate__(self) -> dict[str, Any]:
        return {"text": self.text, "offsets": self.offsets}


def n_slots(n_terms: int) -> int:
    """Size of a hash table that is at most half full.

    >>> n_slots(3), n_slots(5)
    (8, 16)
    """
    return 1 << max(3, (2 * n_terms - 1).bit_length())
