"""The base fits of a benchmark: each made once, each timed, serving every model that needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import delayed

from mmclassic._parallel import run_each
from mmclassic.evaluation._plan import OuterFold, Plan
from mmclassic.evaluation._progress import show_progress
from mmclassic.evaluation._task import Task
from mmclassic.modalities._modality import Modality


@dataclass(frozen=True)
class Member:
    """One thing that is fitted on rows and scores others: a modality, or early fusion.

    Attributes
    ----------
    name : str
    blocks : list of Modality
        One for a modality; all of them for early fusion.
    penalties : sequence of float or None
        Candidates of early fusion; None for a modality.
    """

    name: str
    blocks: list[Modality]
    penalties: Sequence[float] | None = None


class SharedFits:
    """Values of every member for every fit of a plan.

    Parameters
    ----------
    plan : Plan
    members : sequence of Member
        The last one is early fusion.
    task : Task
        The target, and how it is fitted.
    n_jobs : int, optional
    verbose : int, default=0
        Above 0, progress is shown.
    """

    def __init__(
        self,
        plan: Plan,
        members: Sequence[Member],
        task: Task,
        *,
        n_jobs: int | None = None,
        verbose: int = 0,
    ):
        self.plan, self.members, self.task = plan, list(members), task
        self._n_jobs, self._verbose = n_jobs, verbose
        jobs = [(fit, m) for fit in range(len(plan.train)) for m in range(len(self.members))]
        tasks = [
            delayed(task.fit_and_score)(self.members[m], plan.train[fit], plan.score[fit])
            for fit, m in jobs
        ]
        results = run_each(tasks, n_jobs)
        shown = show_progress(results, len(jobs), "fits", enabled=verbose > 0)
        self._results = dict(zip(jobs, shown, strict=True))

    def on(self, plan: Plan) -> SharedFits:
        """The same members fitted by another plan."""
        return SharedFits(plan, self.members, self.task, n_jobs=self._n_jobs, verbose=self._verbose)

    def values(self, member: int, pieces: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
        """Values of one member for some rows, piece by piece.

        Parameters
        ----------
        member : int
        pieces : sequence of (int, ndarray of int)
            A fit, and rows that it scored.

        Returns
        -------
        values : ndarray of shape (n_rows, n_candidates, …)
            Rows in the order of the pieces; see ``Task.fit_and_score``.
        """
        parts = []
        for fit, rows in pieces:
            parts.append(self._results[fit, member][0][np.searchsorted(self.plan.score[fit], rows)])
        return np.concatenate(parts)

    def values_of(self, name: str, pieces: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
        """Values of the member of a name."""
        return self.values([member.name for member in self.members].index(name), pieces)

    def priors(self, pieces: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
        """Prior of the training rows behind each row, shape (n_rows, n_outputs)."""
        return self.task.priors(self.plan.train, pieces)

    def fit_seconds(self, fits: Sequence[int], members: Sequence[int]) -> float:
        """Seconds of some fits of some members together."""
        return sum(self._results[fit, m][1] for fit in fits for m in members)

    def predict_seconds(self, fit: int, members: Sequence[int]) -> float:
        """Seconds in which some members of one fit scored its rows."""
        return sum(self._results[fit, m][2] for m in members)

    def tables(self, fold: OuterFold, members: Sequence[int]) -> tuple[Any, np.ndarray, np.ndarray]:
        """Score tables of an outer fold: of its training rows, cross-fitted, and of its test rows.

        Returns
        -------
        rows : ndarray of int
            The training rows, in the order of the first table.
        train_scores, test_scores : ndarray of shape (n, n_modalities, n_outputs)
        """
        rows, scores, softening = self.cross_fitted(fold.inner, members)
        pieces = [(fold.fit, fold.test)]
        values = np.concatenate([self.values(m, pieces) for m in members], axis=1)
        return rows, scores, self.task.to_scores(values, self.priors(pieces), softening)

    def cross_fitted(self, pieces, members: Sequence[int]) -> tuple[np.ndarray, np.ndarray, Any]:
        """Rows, their score table, and what softens the values of others into scores."""
        rows = np.concatenate([rows for _, rows in pieces])
        order = np.argsort(rows)
        values = np.concatenate([self.values(m, pieces) for m in members], axis=1)[order]
        blocks = [self.members[m].blocks[0] for m in members]
        priors = self.priors(pieces)[order]
        return (rows[order], *self.task.cross_fit(blocks, values, rows[order], priors))
