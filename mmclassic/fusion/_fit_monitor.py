"""How a fit tells scikit-learn's callbacks, and the console, how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sklearn.utils._user_interface import _print_elapsed_time

from mmclassic.fusion._member import cached_fit


@dataclass(frozen=True)
class WatchedFit:
    """``fit_estimator``, or a cached form of it, between the hooks of a callback's task."""

    fit: Callable
    owner: Any
    context: Any
    propagate: bool

    def __call__(self, estimator: Any, data: Any, labels: Any, params: dict) -> Any:
        handed_on = self.propagate and hasattr(estimator, "set_callbacks")
        hand_on = self.context.propagate_callback_context if handed_on else nullcontext
        with hand_on(estimator):
            self.context.call_on_fit_task_begin(estimator=self.owner, X=data, y=labels)
            fitted = self.fit(estimator, data, labels, params)
            self.context.call_on_fit_task_end(estimator=self.owner, X=data, y=labels)
        return fitted


class FitMonitor:
    """The stages of one fit.

    Parameters
    ----------
    owner : estimator
        Whose fit it is; its ``memory`` and ``verbose`` count.
    context : CallbackContext, optional
        Of the fit; None where it is a part of something that no callback watches.

    Notes
    -----
    Callbacks are handed on to base models that take them (pipelines, searches), but not where
    ``memory`` caches their fits: a fit that is looked up has no progress.
    """

    def __init__(self, owner: Any, context: Any = None):
        self._owner = owner
        self._context = context
        self._verbose = owner.verbose > 0
        self._task: Any = None

    @contextmanager
    def stage(self, name: str, n_fits: int = 0) -> Iterator[None]:
        """One stage of the fit, in which ``n_fits`` base models are fitted."""
        message = name if self._verbose else None
        with _print_elapsed_time(type(self._owner).__name__, message):
            if self._context is None:
                yield
                return
            self._task = self._context.subcontext(name, None, n_fits, n_fits == 0)
            self._task.call_on_fit_task_begin(estimator=self._owner)
            yield
            self._task.call_on_fit_task_end(estimator=self._owner)

    def fits(self, names: Sequence[str]) -> list[Callable]:
        """How to fit each of the base models of this stage."""
        fit = cached_fit(self._owner.memory)
        if self._context is None:
            return [fit] * len(names)
        tasks = [self._task.subcontext(name, index) for index, name in enumerate(names)]
        return [WatchedFit(fit, self._owner, task, self._owner.memory is None) for task in tasks]
