"""joblib on Dask, ending with an error where joblib's own backend waits for ever."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from joblib._dask import DaskDistributedBackend

from mmclassic import _dask
from mmclassic._dask import NoWorkersError


class _Failed:
    """In place of a task's result: the error that Dask gave up with."""

    def __init__(self, error: BaseException):
        self.error = error


class EndingDaskBackend(DaskDistributedBackend):
    """joblib's Dask backend, which also hears of tasks that failed on the cluster itself.

    Dask gives a task up when several workers died while they ran it. joblib notes that error but
    does not tell who waits for the task (joblib 1.6), and the call never returns. Nor does it
    where all workers are gone.
    """

    @classmethod
    def of(cls, backend: DaskDistributedBackend) -> EndingDaskBackend:
        """The same cluster and scattered data, for one call.

        Parameters
        ----------
        backend : DaskDistributedBackend
            As ``joblib.parallel_config("dask")`` made it.
        """
        if isinstance(backend, cls):
            return backend
        made = cls(
            client=backend.client,
            wait_for_workers_timeout=backend.wait_for_workers_timeout,
            **backend.submit_kwargs,
        )
        made._scatter, made.data_futures = backend._scatter, backend.data_futures
        made.nesting_level = backend.nesting_level
        return made

    def start_call(self):
        super().start_call()
        self._token = object()
        self.client.loop.add_callback(self._watch, self._token)

    async def _collect(self):
        while self._continue:
            async for future, result in self.waiting_futures:
                if future.status == "error":
                    result = _Failed(result[1])
                self._hand_on(future, result)
            await asyncio.sleep(0.01)

    async def _watch(self, token: object) -> None:
        """Fail what waits, when there has been no worker for a while."""
        seen = time.monotonic()
        while True:
            await asyncio.sleep(1)
            if not self._continue or self._token is not token:
                return
            if await self.client.scheduler.ncores():
                seen = time.monotonic()
            elif time.monotonic() - seen > _dask.PATIENCE:
                for future in list(self._callbacks):
                    self._hand_on(future, _Failed(NoWorkersError(_dask.PATIENCE)))
                return

    def _hand_on(self, future: Any, result: Any) -> None:
        waiting, callback = self._results.pop(future, None), self._callbacks.pop(future, None)
        if waiting is not None and callback is not None:
            waiting.set_result(result)
            callback(result)

    def abort_everything(self, ensure_ready=True):
        super().abort_everything(ensure_ready)
        # Dask forgets tasks that nobody holds; these would go on killing workers.
        self._results.clear()
        self._callbacks.clear()

    def retrieve_result_callback(self, out):
        if isinstance(out, _Failed):
            raise out.error
        return super().retrieve_result_callback(out)
