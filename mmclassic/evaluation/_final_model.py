"""The models of a benchmark fitted for use: the shared fits are their cross-fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.dummy import DummyClassifier

from mmclassic.evaluation._judge import CHOICE, PRIOR, best_modality, make_heads
from mmclassic.evaluation._metrics import scores_of
from mmclassic.evaluation._own_models import fit_own
from mmclassic.evaluation._shared_fits import SharedFits
from mmclassic.fusion import EarlyFusionClassifier, LateFusionClassifier, Voting
from mmclassic.fusion._early import choose_candidate
from mmclassic.fusion._heads import learns_from_scores, make_head
from mmclassic.fusion._member import gives_probabilities
from mmclassic.fusion._routing import RoutedParams
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
    metric, scoring : str, callable
        By which the best modality is chosen.
    models : mapping from name to classifier
        The user's own.
    """

    table: Any
    late: LateFusionClassifier
    early: EarlyFusionClassifier
    fits: SharedFits
    data: list[Modality]
    blocks: list[Modality]
    groups: np.ndarray | None
    metric: str = "accuracy"
    scoring: Callable[..., dict] = scores_of
    models: Mapping[str, Any] = field(default_factory=dict)

    def fit(self, name: str) -> Any:
        """One model by its name in the result.

        Parameters
        ----------
        name : str

        Returns
        -------
        model : LateFusionClassifier or EarlyFusionClassifier
            A modality alone is a late fusion of one. The class prior is scikit-learn's
            DummyClassifier. The user's own are what they are.
        """
        if name in self.models:
            labels = self.fits.classes[self.fits.codes]
            return fit_own(self.models[name], self.table, labels, self._rows(), self.groups)
        if name == PRIOR:
            rows = self._rows()
            labels = self.fits.classes[self.fits.codes[rows]]
            return DummyClassifier(strategy="prior").fit(np.zeros((len(rows), 1)), labels)
        if name == self.fits.members[-1].name:
            return self._fit_early()
        if name == CHOICE:
            modalities = range(len(self.data))
            scores = self.fits.cross_fitted(self.fits.plan.final, modalities)[1]
            pieces = self.fits.plan.final
            best = best_modality(self.fits, pieces, scores, self.metric, self.scoring)
            return self._fit_late(Voting(), [self.data[best]])
        heads = make_heads(len(self.data))
        if name in heads:
            return self._fit_late(
                heads[name] if name != "log_pool" else self.late.fusion, self.data
            )
        chosen = [modality for modality in self.data if modality.name == name]
        return self._fit_late(Voting(), chosen)

    def _rows(self) -> np.ndarray:
        return np.sort(np.concatenate([rows for _, rows in self.fits.plan.final]))

    def _head_weight(self) -> np.ndarray | None:
        """What each row of the table counts in the head; rows of an official test part nothing."""
        rows = self._rows()
        weight = self.fits.head_weight(rows)
        if weight is None:
            return None
        everywhere = np.zeros(len(self.fits.codes))
        everywhere[rows] = weight
        return everywhere

    def _fit_late(self, fusion: Any, data: list[Modality]) -> LateFusionClassifier:
        names = [modality.name for modality in data]
        triples = [triple for triple in self.late.modalities if triple[0] in names]
        model = clone(self.late).set_params(modalities=triples, fusion=fusion)
        check_table(model, self.table, reset=True)
        model.classes_ = self.fits.classes
        model.unreadable_cells_ = [error for modality in data for error in modality.errors]
        splits, cross_fitted = self._cross_fit(fusion, data)
        routed = RoutedParams(groups=self.groups, sample_weight=self._head_weight())
        head = make_head(model.fusion)
        return model._fit_read(
            head,
            data,
            self.fits.codes,
            splits,
            routed,
            rows=self._rows(),
            cross_fitted=cross_fitted,
        )

    def _cross_fit(self, fusion: Any, data: list[Modality]):
        """Folds and raw values as fit would make them, or nothing where it would not need them."""
        learns = isinstance(fusion, str) or learns_from_scores(fusion)
        if not learns and all(gives_probabilities(modality.estimator) for modality in data):
            return None, None
        pieces = self.fits.plan.final
        rows = np.concatenate([rows for _, rows in pieces])
        names = [member.name for member in self.fits.members]
        values = np.full((len(self.fits.codes), len(data), len(self.fits.classes)), np.nan)
        priors = np.full((len(values), len(self.fits.classes)), 1 / len(self.fits.classes))
        for index, modality in enumerate(data):
            values[rows, index] = self.fits.values(names.index(modality.name), pieces)[:, 0]
        priors[rows] = self.fits.priors(pieces)
        return [(self.fits.plan.train[fit], rows) for fit, rows in pieces], (values, priors)

    def _fit_early(self) -> EarlyFusionClassifier:
        pieces = self.fits.plan.final
        rows = np.concatenate([rows for _, rows in pieces])
        values = self.fits.values(len(self.fits.members) - 1, pieces)
        choice = choose_candidate(
            values, self.fits.codes[rows], self.fits.priors(pieces), self.fits.head_weight(rows)
        )
        model = clone(self.early)
        check_table(model, self.table, reset=True)
        model.classes_ = self.fits.classes
        model.unreadable_cells_ = [error for modality in self.data for error in modality.errors]
        return model._fit_read(self.blocks, self.fits.codes, choice, rows=self._rows())
