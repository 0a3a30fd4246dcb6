"""A progress bar with the time left, on the standard error stream."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator

WIDTH = 30


def show_progress(items: Iterable, total: int, what: str, *, enabled: bool) -> Iterator:
    """Hand items on, and show how many came and how long the others will take.

    Parameters
    ----------
    items : iterable
    total : int
    what : str
        Such as "fits".
    enabled : bool
        False only hands the items on.

    Yields
    ------
    item : object

    Examples
    --------
    >>> list(show_progress([1, 2], 2, "fits", enabled=False))
    [1, 2]
    """
    report = ProgressBar() if enabled else None
    for done, item in enumerate(items, start=1):
        yield item
        if report is not None:
            report(done, total, what)


class ProgressBar:
    """Draws one line on the standard error stream: call it with (done, total, what).

    Examples
    --------
    >>> ProgressBar()(0, 10, "fits")  # nothing can be said yet
    """

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, done: int, total: int, what: str) -> None:
        if not done:
            return
        line = progress_line(done, total, time.monotonic() - self._start, what)
        sys.stderr.write("\r" + line.ljust(WIDTH + 49))
        if done == total:
            sys.stderr.write("\n")
            self._start = time.monotonic()
        sys.stderr.flush()


def progress_line(done: int, total: int, elapsed: float, what: str) -> str:
    """One line of progress.

    Examples
    --------
    >>> progress_line(15, 45, 20.0, "fits")
    '[##########                    ] 15/45 fits, 0:20 passed, about 0:40 left'
    """
    filled = WIDTH * done // max(total, 1)
    bar = "#" * filled + " " * (WIDTH - filled)
    left = elapsed / done * (total - done)
    return f"[{bar}] {done}/{total} {what}, {_clock(elapsed)} passed, about {_clock(left)} left"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02d}"
