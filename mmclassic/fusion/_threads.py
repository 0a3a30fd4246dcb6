"""One thread for small matrices."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread() -> Any:
    """A context in which BLAS and OpenMP use one thread.

    The matrices of one modality are small: threads that wait for each other cost more than they
    bring, ten times the fit where another program uses the cores, and ``n_jobs`` runs whole fits
    side by side.

    Examples
    --------
    >>> import numpy as np
    >>> with one_thread():
    ...     product = np.ones((2, 2)) @ np.ones((2, 2))
    """
    return _controller(len(sys.modules)).limit(limits=1)


@lru_cache(maxsize=1)
def _controller(n_modules: int) -> ThreadpoolController:
    """The loaded libraries; looked for anew (some ms) only where an import may have added one."""
    return ThreadpoolController()
