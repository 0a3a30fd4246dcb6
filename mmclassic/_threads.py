"""One thread for small matrices and pictures: libraries keep theirs to themselves."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_n_inside = 0
_limited_modules = 0
_undo = ExitStack()
_of_this_thread = threading.local()


@contextmanager
def one_thread() -> Iterator[None]:
    """Within this block BLAS, OpenMP and OpenCV use one thread.

    The matrices of one modality, the picture of one cell, are small: threads that wait for each
    other cost more than they bring, ten times the fit where another program uses the cores, and
    workers times their threads are more than there are cores; ``n_jobs`` runs whole fits, and
    whole cells, side by side. The limits of BLAS and OpenCV are global to a process, so threads
    share them: the first in sets them, the last out, whichever it is, restores what was found.

    Examples
    --------
    >>> import numpy as np
    >>> with one_thread(), one_thread():
    ...     product = np.ones((2, 2)) @ np.ones((2, 2))
    """
    _enter()
    try:
        with _one_of_openmp():
            yield
    finally:
        _leave()


@contextmanager
def _one_of_openmp() -> Iterator[None]:
    """The limit of OpenMP, which holds for the calling thread only; set once where nested."""
    limited, now = getattr(_of_this_thread, "limited_modules", 0), len(sys.modules)
    if limited == now:
        yield
        return
    with _controller(now).limit(limits=1, user_api="openmp"):
        _of_this_thread.limited_modules = now
        try:
            yield
        finally:
            _of_this_thread.limited_modules = limited


def _enter() -> None:
    global _n_inside, _limited_modules
    with _lock:
        _n_inside += 1
        # Anew where an import came in between: it may have brought a library.
        if _n_inside == 1 or _limited_modules != len(sys.modules):
            _limited_modules = len(sys.modules)
            _limit()


def _leave() -> None:
    global _n_inside
    with _lock:
        _n_inside -= 1
        if _n_inside == 0:
            _free_openblas()
            _undo.close()
            _free_openblas()


def _limit() -> None:
    """One thread; what each library had is noted, to be restored in the reverse order."""
    cv2: Any = sys.modules.get("cv2")
    if hasattr(cv2, "setNumThreads") and cv2.getNumThreads() != 1:
        _undo.callback(cv2.setNumThreads, cv2.getNumThreads())
        cv2.setNumThreads(1)
    _free_openblas()
    _undo.enter_context(_controller(len(sys.modules)).limit(limits=1, user_api="blas"))


def _free_openblas() -> None:
    """Let this thread, and then any other, set the threads of OpenBLAS.

    threadpoolctl (from 3.8) lets the first that did so and is alive, and ignores the others: but
    the last of ours to leave may be another than the first to come.
    """
    for library in _controller(len(sys.modules)).lib_controllers:
        if hasattr(library, "clear_controlling_thread"):
            library.clear_controlling_thread(force=True)


@lru_cache(maxsize=1)
def _controller(n_modules: int) -> ThreadpoolController:
    """The loaded libraries; looked for anew (0.4 ms) only where an import may have added one."""
    return ThreadpoolController()
