"""Tasks side by side by joblib's backend in force, and two of its traps avoided."""

from __future__ import annotations

import errno
import os
import re
import warnings
from collections.abc import Iterable, Iterator
from pickle import PicklingError
from typing import Any

from joblib import Parallel
from joblib.parallel import get_active_backend

from mmclassic._dask import is_dask
from mmclassic._errors import DataQualityWarning

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def run_all(tasks: Iterable, n_jobs: int | None = None) -> list:
    """The results of tasks made with :func:`joblib.delayed`, in their order.

    As ``joblib.Parallel(n_jobs)(tasks)``, but on Dask it ends with an error where workers die
    over a task, and a full disk for temporary files costs speed, not the results.

    Parameters
    ----------
    tasks : iterable
    n_jobs : int, optional

    Returns
    -------
    results : list

    Examples
    --------
    >>> from joblib import delayed
    >>> run_all(delayed(len)(word) for word in ["a", "abc"])
    [1, 3]
    """
    tasks = list(tasks)
    try:
        return _parallel(n_jobs)(tasks)
    except PicklingError as error:
        _settle(error)
        return _parallel(n_jobs, max_nbytes=None)(tasks)


def run_each(tasks: Iterable, n_jobs: int | None = None) -> Iterator:
    """As :func:`run_all`, each result as soon as it and those before it are there.

    Parameters
    ----------
    tasks : iterable
    n_jobs : int, optional

    Yields
    ------
    result : object
    """
    tasks, n_done = list(tasks), 0
    try:
        for result in _parallel(n_jobs, return_as="generator")(tasks):
            n_done += 1
            yield result
    except PicklingError as error:
        _settle(error)
        yield from _parallel(n_jobs, return_as="generator", max_nbytes=None)(tasks[n_done:])


def _parallel(n_jobs: int | None, **options: Any) -> Parallel:
    backend = get_active_backend()[0]
    if is_dask(backend):
        from mmclassic._dask_backend import EndingDaskBackend

        options["backend"] = EndingDaskBackend.of(backend)
    return Parallel(n_jobs=n_jobs, **options)


def _settle(error: PicklingError) -> None:
    """Warn where joblib could not write its temporary files; else raise.

    joblib hands large arrays to its processes in files, and where they do not fit says that it
    "could not pickle the task".
    """
    # The cause is the traceback of joblib's own thread, as text.
    said = re.search(r"OSError: (\[Errno (\d+)\].*)", str(error.__cause__))
    if said is None or int(said[2]) not in _FULL:
        raise error
    folder = os.environ.get("JOBLIB_TEMP_FOLDER", "/dev/shm or the system's folder")
    warnings.warn(
        f"joblib's folder for temporary files ({folder}) is full ({said[1]}): the arrays go to "
        "the processes in messages, which takes more time and memory. Results are the same; "
        "name a larger folder in the environment variable JOBLIB_TEMP_FOLDER.",
        DataQualityWarning,
        stacklevel=4,
    )
