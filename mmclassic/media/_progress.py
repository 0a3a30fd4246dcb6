"""Who wants to know how far the reading of a column is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[int, int, str], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def progress_to(listener: Listener | None) -> Iterator[None]:
    """Within this block, reading calls ``listener(done, total, what)`` after each chunk of cells.

    Examples
    --------
    >>> with progress_to(lambda done, total, what: print(done, total, what)):
    ...     list(tracked(["first chunk", "second chunk"], [32, 10], "photo"))
    32 42 photo
    42 42 photo
    ['first chunk', 'second chunk']
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tracked(chunks: Iterable, sizes: list[int], what: str) -> Iterator:
    """Hand chunks on, and tell the listener how many cells they held."""
    total, done = sum(sizes), 0
    for chunk, size in zip(chunks, sizes, strict=True):
        done += size
        tell(done, total, what)
        yield chunk


def tell(done: int, total: int | None, what: str) -> None:
    """Tell the listener, if there is one, how far something is.

    Parameters
    ----------
    done : int
    total : int or None
        None where it is not known, and nothing is told.
    what : str
    """
    listener = _listener.get()
    if listener is not None and total is not None:
        listener(done, total, what)
