"""Arrays and sets of terms that grow, at the memory of what they hold."""

from __future__ import annotations

import numpy as np

from mmclassic.text._terms import Terms, n_slots

# Room that is made for new terms at least.
_FEWEST = 4096


class GrowingArray:
    """A one-dimensional array to which others are appended.

    It is resized in place by half of its length, of which the system gives out pages when
    they are written to, so that the peak is the array itself.

    Examples
    --------
    >>> array = GrowingArray(np.int32)
    >>> array.extend([1, 2])
    >>> array.extend([3])
    >>> array.finish()
    array([1, 2, 3], dtype=int32)
    """

    def __init__(self, dtype):
        self._array = np.empty(0, dtype=dtype)
        self.size = 0

    def reserve(self, n: int) -> np.ndarray:
        """The array with room for n more at its end; to be forgotten before the next call."""
        if self.size + n > len(self._array):
            self._array.resize(self.size + max(n, self.size // 2), refcheck=False)
        return self._array

    def extend(self, values) -> None:
        """Append values."""
        self.reserve(len(values))[self.size : self.size + len(values)] = values
        self.size += len(values)

    def finish(self) -> np.ndarray:
        """The array at its length; nothing can be appended after this."""
        self._array.resize(self.size, refcheck=False)
        return self._array


class GrowingTerms:
    """Terms in the order of their first appearance, numbered by compiled loops.

    Examples
    --------
    >>> terms = GrowingTerms()
    >>> data = np.frombuffer(b"to be or not to be", dtype=np.uint8)
    >>> terms.add(data, np.array([[0, 2], [3, 5], [13, 15]]))
    array([0, 1, 0], dtype=int32)
    >>> terms.finish().strings()
    ['to', 'be']
    """

    def __init__(self):
        self._text = GrowingArray(np.uint8)
        self._offsets = GrowingArray(np.int64)
        self._offsets.extend([0])
        self._slots = np.zeros(0, dtype=np.uint64)

    def add(self, data: np.ndarray, spans: np.ndarray) -> np.ndarray:
        """Numbers of the terms in some spans, an int32 array."""
        ids = np.empty(len(spans), dtype=np.int32)
        first = 0
        while first < len(spans):
            # No more room than is needed soon: a small table stays in the processor's cache.
            stop = first + max(_FEWEST, self._offsets.size // 8)
            self._add(data, spans[first:stop], ids[first:stop])
            first = stop
        return ids

    def _add(self, data, spans, ids) -> None:
        from mmclassic.text._terms_kernel import add_terms, fill_slots

        n_terms = self._offsets.size - 1
        wanted = n_slots(n_terms + len(spans))
        offsets = self._offsets.reserve(len(spans))
        text = self._text.reserve(int((spans[:, 1] - spans[:, 0]).sum()))
        if wanted > len(self._slots):
            self._slots = np.zeros(0, dtype=np.uint64)  # the old ones go before the new ones come
            self._slots = np.zeros(wanted, dtype=np.uint64)
            fill_slots(text, offsets[: n_terms + 1], self._slots)
        n_terms = add_terms(data, spans, self._slots, text, offsets, n_terms, ids)
        self._offsets.size = n_terms + 1
        self._text.size = int(offsets[n_terms])

    def finish(self) -> Terms:
        """All terms; nothing can be added after this."""
        self._slots = self._slots[:0]
        return Terms(self._text.finish(), self._offsets.finish())
