"""The models of a benchmark fitted for use: the shared fits are their cross-fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone

from mmclassic.evaluation._judge import CHOICE, best_modality
from mmclassic.evaluation._own_models import fit_own
from mmclassic.evaluation._plan import OuterFold
from mmclassic.evaluation._scoring import Scoring
from mmclassic.evaluation._shared_fits import SharedFits
from mmclassic.evaluation._task import Pieces
from mmclassic.modalities._modality import Modality
from mmclassic.modalities._table import check_table


@dataclass(frozen=True)
class FinalModel:
    """Fits any model of a benchmark on all rows (with an official split: on the training rows).

    Attributes
    ----------
    table : frame
    late, early : estimators
        Not fitted; what the benchmark judged.
    fits : SharedFits
        Their fits without one fold are the cross-fitted table of all rows, so that a final model
        costs one more fit per modality.
    data, blocks : list of Modality
        The modalities as they were read, for late and for early fusion.
    groups : ndarray of shape (n_rows,), optional
    metric, scoring : str, Scoring
        By which the best modality is chosen.
    models : mapping from name to estimator
        The user's own.
    """

    table: Any
    late: Any
    early: Any
    fits: SharedFits
    data: list[Modality]
    blocks: list[Modality]
    groups: np.ndarray | None
    metric: str
    scoring: Scoring
    models: Mapping[str, Any] = field(default_factory=dict)

    def fit(self, name: str) -> Any:
        """One model by its name in the result.

        Parameters
        ----------
        name : str

        Returns
        -------
        model : estimator
            A late or early fusion; a modality alone is a late fusion of one. What knows the
            targets only is scikit-learn's dummy. The user's own are what they are.
        """
        task, pieces = self.fits.task, self.fits.plan.final
        rows = np.sort(np.concatenate([part for _, part in pieces]))
        if name in self.models:
            return fit_own(self.models[name], self.table, task, rows, self.groups)
        if name == task.prior_name:
            return task.fit_prior(rows)
        if name == self.fits.members[-1].name:
            return self._fit_early()
        if name == CHOICE:
            scores = self.fits.cross_fitted(pieces, range(len(self.data)))[1]
            best = best_modality(self.fits, pieces, scores, self.metric, self.scoring)
            return self._fit_late(task.alone, [self.data[best]], pieces)
        heads = task.heads(len(self.data))
        if name in heads:
            head = self.late.fusion if name == task.default_head else heads[name]
            return self._fit_late(head, self.data, pieces)
        chosen = [modality for modality in self.data if modality.name == name]
        return self._fit_late(task.alone, chosen, pieces)

    def fit_default(self, fold: OuterFold) -> Any:
        """The default fusion, fitted on the training rows of one outer fold."""
        return self._fit_late(self.late.fusion, self.data, fold.inner)

    def _fit_late(self, fusion: Any, data: list[Modality], pieces: Pieces) -> Any:
        names = [modality.name for modality in data]
        triples = [triple for triple in self.late.modalities if triple[0] in names]
        model = clone(self.late).set_params(modalities=triples, fusion=fusion)
        check_table(model, self.table, reset=True)
        model.unreadable_cells_ = [error for modality in data for error in modality.errors]
        return self.fits.task.fit_late(model, data, self.fits, pieces, self.groups)

    def _fit_early(self) -> Any:
        pieces = self.fits.plan.final
        rows = np.concatenate([part for _, part in pieces])
        values = self.fits.values(len(self.fits.members) - 1, pieces)
        choice = self.fits.task.choose(values, rows, self.fits.priors(pieces))
        model = clone(self.early)
        check_table(model, self.table, reset=True)
        model.unreadable_cells_ = [error for modality in self.data for error in modality.errors]
        return self.fits.task.fit_early(model, self.blocks, np.sort(rows), choice)
