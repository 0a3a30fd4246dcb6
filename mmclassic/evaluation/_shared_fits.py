"""The base fits of a benchmark: each made once, each timed, serving every model that needs it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import delayed
from sklearn.utils import compute_sample_weight

from mmclassic._parallel import run_each
from mmclassic.evaluation._plan import OuterFold, Plan
from mmclassic.evaluation._progress import show_progress
from mmclassic.fusion._cross_fit import fit_temperatures, fold_prior, to_scores
from mmclassic.fusion._early_member import fit_early
from mmclassic.fusion._member import fit_member, score_member
from mmclassic.modalities._modality import Modality


@dataclass(frozen=True)
class Member:
    """One thing that is fitted on rows and scores others: a modality, or early fusion.

    Attributes
    ----------
    name : str
    blocks : list of Modality
        One for a modality; all of them for early fusion.
    Cs : sequence of float or None
        Candidates of early fusion; None for a modality.
    class_weight : "balanced" or None
        Of early fusion; a modality's estimator has its own.
    """

    name: str
    blocks: list[Modality]
    Cs: Sequence[float] | None = None
    class_weight: str | None = None

    def fit_and_score(self, labels, classes, train, rows) -> tuple[np.ndarray, float, float]:
        """Values of shape (n_rows, n_candidates, n_classes); seconds of fit and of scoring."""
        start = time.perf_counter()
        if self.Cs is None:
            fitted = fit_member(self.blocks[0], labels, train, classes)
            middle = time.perf_counter()
            values = score_member(fitted, self.blocks[0], rows, classes)[:, None]
        else:
            fitted = fit_early(self.blocks, labels, train, self.Cs, self.class_weight)
            middle = time.perf_counter()
            values = fitted.values(self.blocks, rows, classes)
        return values, middle - start, time.perf_counter() - middle


class SharedFits:
    """Values of every member for every fit of a plan.

    Parameters
    ----------
    plan : Plan
    members : sequence of Member
    codes : ndarray of shape (n_rows,), int
    classes : ndarray of shape (n_classes,)
    class_weight : "balanced", optional
        Of the heads that are fitted on these fits.
    n_jobs : int, optional
    verbose : int, default=0
        Above 0, progress is shown.
    """

    def __init__(
        self,
        plan: Plan,
        members: Sequence[Member],
        codes: np.ndarray,
        classes: np.ndarray,
        *,
        class_weight: str | None = None,
        n_jobs: int | None = None,
        verbose: int = 0,
    ):
        self.class_weight, self._n_jobs, self._verbose = class_weight, n_jobs, verbose
        self.plan, self.members, self.codes, self.classes = plan, list(members), codes, classes
        labels = classes[codes]
        jobs = [(fit, m) for fit in range(len(plan.train)) for m in range(len(self.members))]
        tasks = [
            delayed(self.members[m].fit_and_score)(
                labels, classes, plan.train[fit], plan.score[fit]
            )
            for fit, m in jobs
        ]
        results = run_each(tasks, n_jobs)
        shown = show_progress(results, len(jobs), "fits", enabled=verbose > 0)
        self._results = dict(zip(jobs, shown, strict=True))

    def on(self, plan: Plan) -> SharedFits:
        """The same members fitted by another plan."""
        return SharedFits(
            plan,
            self.members,
            self.codes,
            self.classes,
            class_weight=self.class_weight,
            n_jobs=self._n_jobs,
            verbose=self._verbose,
        )

    def head_weight(self, rows: np.ndarray) -> np.ndarray | None:
        """What each of some training rows counts in a head."""
        if self.class_weight is None:
            return None
        return compute_sample_weight(self.class_weight, self.codes[rows])

    def values(self, member: int, pieces: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
        """Values of one member for some rows, piece by piece.

        Parameters
        ----------
        member : int
        pieces : sequence of (int, ndarray of int)
            A fit, and rows that it scored.

        Returns
        -------
        values : ndarray of shape (n_rows, n_candidates, n_classes)
            Rows in the order of the pieces.
        """
        parts = []
        for fit, rows in pieces:
            parts.append(self._results[fit, member][0][np.searchsorted(self.plan.score[fit], rows)])
        return np.concatenate(parts)

    def priors(self, pieces: Sequence[tuple[int, np.ndarray]]) -> np.ndarray:
        """Class prior of the training rows behind each row, shape (n_rows, n_classes)."""
        return np.concatenate(
            [
                np.tile(
                    fold_prior(self.codes, self.plan.train[fit], len(self.classes)), (len(rows), 1)
                )
                for fit, rows in pieces
            ]
        )

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
        train_scores, test_scores : ndarray of shape (n, n_modalities, n_classes)
        """
        rows, scores, temperatures = self.cross_fitted(fold.inner, members)
        pieces = [(fold.fit, fold.test)]
        values = np.concatenate([self.values(m, pieces) for m in members], axis=1)
        return rows, scores, to_scores(values, self.priors(pieces), temperatures)

    def cross_fitted(
        self, pieces, members: Sequence[int]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows, their score table, and the temperatures of modalities that give decision values."""
        rows = np.concatenate([rows for _, rows in pieces])
        order = np.argsort(rows)
        values = np.concatenate([self.values(m, pieces) for m in members], axis=1)[order]
        blocks = [self.members[m].blocks[0] for m in members]
        temperatures = fit_temperatures(blocks, values, self.codes[rows[order]], None)
        return (
            rows[order],
            to_scores(values, self.priors(pieces)[order], temperatures),
            temperatures,
        )
