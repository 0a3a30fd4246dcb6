"""What the early fusions of classification and of regression share."""

from __future__ import annotations

from typing import Any

import numpy as np

from mmclassic.fusion._composition import ModalityComposition
from mmclassic.fusion._early_member import EarlyMember, block_features
from mmclassic.fusion._modality import Modality, read_modalities, settle_unreadable
from mmclassic.fusion._row_space import join


class EarlyFusion(ModalityComposition):
    """A composition over ``modalities`` with one linear model on the joined features."""

    def _keep(self, data: list[Modality], member: EarlyMember) -> Any:
        """Keep the fitted transformers; the linear model, its coefficients those of features."""
        self.modalities_ = []
        for modality, transformer in zip(data, member.transformers, strict=True):
            if transformer is None:
                raise ValueError(f"Modality {modality.name!r} has no row to fit on: leave it out.")
            self.modalities_.append((modality.name, modality.whole(transformer), modality.columns))
        model = member.models[0]
        model.coef_ = member.space.coefficients(model.coef_)
        model.n_features_in_ = model.coef_.shape[-1]
        self._widths = member.widths
        return model

    def _read(self, X: Any) -> list[Modality]:
        """The modalities of a table, for the fitted transformers."""
        data = read_modalities(self.modalities_, X)
        settle_unreadable(data, self.on_unreadable)
        return data

    def _features(self, data: list[Modality]) -> tuple[Any, np.ndarray]:
        """Joined features, and which rows have any modality."""
        transformers = [modality.estimator for modality in data]
        present = np.array([modality.present for modality in data])
        rows = np.arange(present.shape[1])
        blocks = block_features(data, transformers, self._widths, rows)
        return join(blocks), present.sum(axis=0) > 0

    def _to_portable(self):
        """Forget which cells could not be read, before the model is saved."""
        self.unreadable_cells_ = []
