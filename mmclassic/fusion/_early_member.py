"""The candidates of early fusion: all blocks side by side, one logistic regression per C."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from mmclassic._threads import one_thread
from mmclassic.fusion._member import decision_margins
from mmclassic.fusion._row_space import RowSpace
from mmclassic.modalities._blocks import FittedBlocks, fit_blocks
from mmclassic.modalities._modality import Modality


@dataclass(frozen=True)
class EarlyMember:
    """Fitted blocks and one fitted classifier per C.

    Attributes
    ----------
    blocks : FittedBlocks
    space : RowSpace
    classifiers : list of LogisticRegression
        On the coordinates of ``space``.
    """

    blocks: FittedBlocks
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
            features = self.space.transform(self.blocks.features(blocks, rows))
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
    with one_thread():
        fitted, features = fit_blocks(blocks, labels, rows)
        space = RowSpace(features)
        classifiers = [
            LogisticRegression(C=C, max_iter=1000, class_weight=class_weight).fit(
                space.coordinates, labels[rows]
            )
            for C in Cs
        ]
    return EarlyMember(fitted, space, classifiers)
