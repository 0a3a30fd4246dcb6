"""Threads that must be out of a library before the process may end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class Gate:
    """Lets threads in until it is closed; who closes it waits for those inside.

    joblib's threads are given up where its caller is interrupted. One that is still decoding when
    Python ends is unwound by force, which C++ answers by aborting the process.

    Examples
    --------
    >>> gate = Gate()
    >>> gate.run(len, "abc")
    3
    >>> gate.close(1.0)
    >>> gate.run(len, "abc")
    """

    def __init__(self):
        self._changed = threading.Condition()
        self._n_inside, self._closed = 0, False

    def run(self, function: Callable, *arguments: Any) -> Any:
        """The function's result; None once the gate is closed."""
        with self._changed:
            if self._closed:
                return None
            self._n_inside += 1
        try:
            return function(*arguments)
        finally:
            with self._changed:
                self._n_inside -= 1
                self._changed.notify_all()

    def close(self, seconds: float) -> None:
        """Let nobody in, and wait for those inside, for some seconds at most."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._n_inside == 0, seconds)
