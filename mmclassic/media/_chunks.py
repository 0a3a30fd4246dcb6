"""What one worker does with one chunk of cells: look them up, read the others, keep them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any

from mmclassic._errors import UnreadableCell
from mmclassic._threads import one_thread
from mmclassic.media._store import CellStore


class ChunkReader:
    """Reads chunks of cells; threads may share it, and a copy may go to another process.

    Parameters
    ----------
    function : callable
        From a list of cells to an iterable of their results, with an :class:`UnreadableCell` in
        place of the result of a cell that cannot be read.
    store : CellStore, optional
        Results of earlier runs; new results (float32 arrays) are added, chunk by chunk.
    start : callable, optional
        Called once before the first chunk in every process: opens what all cells share.
    """

    def __init__(
        self,
        function: Callable[[list], Iterable],
        store: CellStore | None = None,
        start: Callable[[], object] | None = None,
    ):
        self.function = function
        self.store = store
        self.start = start

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        if self.start is not None:
            self.start()

    def __call__(self, cells: list) -> list:
        return list(self.stream(cells))

    def stream(self, cells: list) -> Generator:
        """The results, one by one: who copies each needs room for one (with a store: for all)."""
        with one_thread():
            if self.store is None:
                yield from self.function(cells)
            else:
                yield from _read_with_store(cells, self.function, self.store)


def _read_with_store(cells: list, function: Callable[[list], Iterable], store: CellStore) -> list:
    keys = [store.key(cell) for cell in cells]
    known = store.get(keys)
    results: list[Any] = [None if key is None else known.get(key) for key in keys]
    # A cell that comes twice in a chunk is read once; one without a key, every time.
    places: dict[Any, list[int]] = {}
    for place, (key, result) in enumerate(zip(keys, results, strict=True)):
        if result is None:
            places.setdefault(place if key is None else key, []).append(place)
    read = function([cells[same[0]] for same in places.values()])
    fresh: dict[bytes, Any] = {}
    for same, result in zip(places.values(), read, strict=True):
        for place in same:
            results[place] = result
        key = keys[same[0]]
        if key is None or isinstance(result, UnreadableCell):
            continue
        if store.is_current(cells[same[0]], key):
            fresh[key] = result
    store.put(fresh)
    return results


class OneByOne:
    """A function of one cell as a function of many.

    Examples
    --------
    >>> list(OneByOne(len)([b"a", b"abc"]))
    [1, 3]
    """

    def __init__(self, function: Callable[[Any], Any]):
        self.function = function

    def __call__(self, cells: Sequence) -> Iterator:
        return (_attempt(self.function, cell) for cell in cells)


def _attempt(function: Callable, cell: Any) -> Any:
    try:
        return function(cell)
    except UnreadableCell as error:
        return error.with_traceback(None)
