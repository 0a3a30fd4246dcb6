"""The candidates of early fusion: all blocks side by side, one logistic regression per C."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from mmclassic._threads import one_thread
from mmclassic.fusion._member import decision_margins
from mmclassic.fusion._row_space import RowSpace
from mmclassic.modalities._modality import Modality


@dataclass(frozen=True)
class EarlyMember:
    """Fitted blocks and one fitted classifier per C.

    Attributes
    ----------
    transformers : list of fitted transformers, or None where a block had no row
    widths : list of int
        Features of each block.
    space : RowSpace
    classifiers : list of LogisticRegression
        On the coordinates of ``space``.
    """

    transformers: list
    widths: list[int]
    space: RowSpace
    classifiers: list[LogisticRegression]

    def values(
        self, blocks: Sequence[Modality], rows: np.ndarray, classes: np.ndarray
    ) -> np.ndarray:
        """Decision values of the candidates; their softmax gives the probabilities.

        Returns
        -------
        values : ndarray of shape (n_rows, n_candidates, n_classes)
            NaN for classes that were not seen.
        """
        values = np.full((len(rows), len(self.classifiers), len(classes)), np.nan)
        seen = np.searchsorted(classes, self.classifiers[0].classes_)
        with one_thread():
            features = self.space.transform(
                block_features(blocks, self.transformers, self.widths, rows)
            )
            for index, classifier in enumerate(self.classifiers):
                values[:, index, seen] = decision_margins(classifier, features)
        return values


def fit_early(
    blocks: Sequence[Modality],
    labels: np.ndarray,
    rows: np.ndarray,
    Cs: Sequence[float],
    class_weight: str | dict | None = None,
) -> EarlyMember:
    """Fit the blocks' transformers and every candidate on some rows.

    Parameters
    ----------
    blocks : sequence of Modality
        Whose estimators are transformers.
    labels : ndarray of shape (n_samples,)
    rows : ndarray of int
    Cs : sequence of float
        Inverse strengths of the L2 penalty.
    class_weight : "balanced" or dict, optional
        Of the classifiers.

    Returns
    -------
    member : EarlyMember
    """
    transformers, widths = [], []
    with one_thread():
        for block in blocks:
            data, kept = block.take(rows)
            transformer = clone(block.estimator).fit(data, labels[kept]) if len(kept) else None
            transformers.append(transformer)
            widths.append(0 if transformer is None else transformer.transform(data[:1]).shape[1])
        space = RowSpace(block_features(blocks, transformers, widths, rows))
        classifiers = [
            LogisticRegression(C=C, max_iter=1000, class_weight=class_weight).fit(
                space.coordinates, labels[rows]
            )
            for C in Cs
        ]
    return EarlyMember(transformers, widths, space, classifiers)


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
