"""Work on the cluster that ``joblib.parallel_config("dask")`` names, and workers that die."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from joblib.parallel import get_active_backend

# Tasks per thread of the cluster that are on their way at a time: results that wait for an
# earlier one are held in memory.
_TASKS_PER_THREAD = 3
_SECONDS_BETWEEN_LOOKS = 2.0
# How long to wait for a worker where a cluster has none, in seconds.
PATIENCE = 60.0


class NoWorkersError(RuntimeError):
    """A cluster has had no worker for a while.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds: float):
        super().__init__(
            f"The Dask cluster has had no worker for {seconds:.0f} s: start workers, and run this "
            "again. What is in a store, or written to a folder, is not computed twice."
        )


@dataclass(frozen=True)
class WorkerDied:
    """In place of a result: a worker died over it, or over one that was computed beside it.

    Attributes
    ----------
    alone : bool
        Whether nothing else was computed by that worker.
    """

    alone: bool


def is_dask(backend: Any) -> bool:
    """Whether a joblib backend is that of Dask.

    Examples
    --------
    >>> is_dask(get_active_backend()[0])
    False
    """
    return any(kind.__module__ == "joblib._dask" for kind in type(backend).__mro__)


def client_in_force() -> Any:
    """The Dask client behind joblib's backend in force, or None; also None within a worker.

    A task that waited for others of its own cluster would keep the thread that they need.
    """
    backend = get_active_backend()[0]
    if not is_dask(backend):
        return None
    from distributed.worker import thread_state

    return None if hasattr(thread_state, "execution_state") else backend.client


def run_on(client: Any, function: Callable[[Any], Any], items: Iterable) -> Iterator:
    """``function`` of every item, on the workers of a Dask cluster, in the order of the items.

    Parameters
    ----------
    client : distributed.Client
    function : callable
        Sent once, and kept by the workers.
    items : iterable
        Taken as the work goes on: a few are held at a time.

    Yields
    ------
    result : object
        What the function returned; :class:`WorkerDied` where Dask gave up, after three workers
        more died over the item (``distributed.scheduler.allowed-failures``).

    Raises
    ------
    Exception
        What the function raised, or NoWorkersError where the cluster has no worker for a minute.
    """
    import cloudpickle

    # As the result of a task: Dask makes it again where the worker that held it dies. What is
    # scattered would be lost.
    shared = client.submit(cloudpickle.loads, cloudpickle.dumps(function), pure=False)
    pending: deque = deque()
    gone = None
    try:
        for item in items:
            if len(pending) >= _TASKS_PER_THREAD * max(1, sum(client.ncores().values())):
                gone = yield from _results_of(client, pending, 1)
            if gone is not None:
                raise gone
            pending.append(client.submit(_call, shared, item, pure=False))
        yield from _results_of(client, pending, len(pending))
    finally:
        client.cancel([*pending, shared])


def _results_of(client: Any, pending: deque, n_wanted: int) -> Generator[Any, None, Any]:
    """The first results; where all workers are gone, all on their way as lost, and that error.

    One of these items may have killed the workers: who reads it elsewhere finds it, and has it
    behind him when the work is taken up again.
    """
    for _ in range(n_wanted):
        result = _result_of(client, pending[0])
        pending.popleft()
        if isinstance(result, _Gone):
            yield from [WorkerDied(alone=False)] * (1 + len(pending))
            pending.clear()
            return result.error
        yield result
    return None


@dataclass(frozen=True)
class _Gone:
    """In place of a result: there has been no worker for a while."""

    error: RuntimeError


def _call(function: Callable, item: Any) -> Any:
    return function(item)


def _result_of(client: Any, future: Any) -> Any:
    from distributed import KilledWorker

    seen = time.monotonic()
    while True:
        try:
            return future.result(timeout=_SECONDS_BETWEEN_LOOKS)
        except KilledWorker:  # one worker after the other
            return WorkerDied(alone=True)
        except TimeoutError:
            if future.status == "error":  # it is the function's own
                raise
            if client.ncores():
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE:
                return _Gone(NoWorkersError(PATIENCE))
