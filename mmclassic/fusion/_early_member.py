"""The candidates of early fusion: all blocks side by side, one linear model per penalty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmclassic._threads import one_thread
from mmclassic.fusion._member import decision_margins
from mmclassic.fusion._row_space import RowSpace
from mmclassic.modalities._blocks import FittedBlocks, fit_blocks
from mmclassic.modalities._modality import Modality


@dataclass(frozen=True)
class EarlyMember:
    """Fitted blocks and one fitted linear model per candidate.

    Attributes
    ----------
    blocks : FittedBlocks
    space : RowSpace
    models : list of LogisticRegression or Ridge
        On the coordinates of ``space``.
    """

    blocks: FittedBlocks
    space: RowSpace
    models: list[Any]

    def values(
        self, blocks: Sequence[Modality], rows: np.ndarray, classes: np.ndarray
    ) -> np.ndarray:
        """Decision values of the candidates; their softmax gives the probabilities.

        Returns
        -------
        values : ndarray of shape (n_rows, n_candidates, n_classes)
            NaN for classes that were not seen.
        """
        values = np.full((len(rows), len(self.models), len(classes)), np.nan)
        seen = np.searchsorted(classes, self.models[0].classes_)
        with one_thread():
            features = self._features(blocks, rows)
            for index, classifier in enumerate(self.models):
                values[:, index, seen] = decision_margins(classifier, features)
        return values

    def predictions(self, blocks: Sequence[Modality], rows: np.ndarray) -> np.ndarray:
        """Predictions of the candidates of a regression.

        Returns
        -------
        predictions : ndarray of shape (n_rows, n_candidates)
        """
        with one_thread():
            features = self._features(blocks, rows)
            return np.stack([model.predict(features) for model in self.models], axis=1)

    def _features(self, blocks: Sequence[Modality], rows: np.ndarray) -> Any:
        return self.space.transform(self.blocks.features(blocks, rows))


def fit_early(
    blocks: Sequence[Modality],
    target: np.ndarray,
    rows: np.ndarray,
    models: Sequence[Any],
) -> EarlyMember:
    """Fit the blocks' transformers and every candidate on some rows.

    Parameters
    ----------
    blocks : sequence of Modality
        Whose estimators are transformers.
    target : ndarray of shape (n_samples,)
        Labels, or the numbers of a regression.
    rows : ndarray of int
    models : sequence of linear models
        Unfitted, with an L2 penalty each; they are fitted as they are.

    Returns
    -------
    member : EarlyMember
    """
    with one_thread():
        fitted, features = fit_blocks(blocks, target, rows)
        space = RowSpace(features)
        trained = [model.fit(space.coordinates, target[rows]) for model in models]
    return EarlyMember(fitted, space, trained)
