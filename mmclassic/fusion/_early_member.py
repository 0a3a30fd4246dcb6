"""The candidates of early fusion: all blocks side by side, one linear model per penalty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone

from mmclassic._threads import one_thread
from mmclassic.fusion._member import decision_margins
from mmclassic.fusion._modality import Modality
from mmclassic.fusion._row_space import RowSpace


@dataclass(frozen=True)
class EarlyMember:
    """Fitted blocks and one fitted linear model per candidate.

    Attributes
    ----------
    transformers : list of fitted transformers, or None where a block had no row
    widths : list of int
        Features of each block.
    space : RowSpace
    models : list of LogisticRegression or Ridge
        On the coordinates of ``space``.
    """

    transformers: list
    widths: list[int]
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
        return self.space.transform(block_features(blocks, self.transformers, self.widths, rows))


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
    transformers, widths = [], []
    with one_thread():
        for block in blocks:
            data, kept = block.take(rows)
            transformer = clone(block.estimator).fit(data, target[kept]) if len(kept) else None
            transformers.append(transformer)
            widths.append(0 if transformer is None else transformer.transform(data[:1]).shape[1])
        space = RowSpace(block_features(blocks, transformers, widths, rows))
        fitted = [model.fit(space.coordinates, target[rows]) for model in models]
    return EarlyMember(transformers, widths, space, fitted)


def block_features(
    blocks: Sequence[Modality], transformers: Sequence[Any], widths: Sequence[int], rows: np.ndarray
) -> list:
    """Features of each block; zeros where a row lacks a block.

    Blocks are scaled to mean zero, so that a zero is the mean.

    Returns
    -------
    features : list of {ndarray, CSR array} of shape (n_rows, width), float64
    """
    return [
        _features_of(block, transformer, width, rows)
        for block, transformer, width in zip(blocks, transformers, widths, strict=True)
    ]


def _features_of(block: Modality, transformer: Any, width: int, rows: np.ndarray) -> Any:
    there = block.present[rows]
    if not there.any() or transformer is None:
        return sparse.csr_array((len(rows), width), dtype=np.float64)
    data, _ = block.take(rows)
    features = transformer.transform(data)
    if sparse.issparse(features):
        place = sparse.csr_array(
            (np.ones(there.sum()), (np.flatnonzero(there), np.arange(there.sum()))),
            shape=(len(rows), there.sum()),
        )
        return place @ sparse.csr_array(features, dtype=np.float64)
    full = np.zeros((len(rows), width))
    full[there] = np.nan_to_num(np.asarray(features, dtype=np.float64))
    return full
