"""Blocks: the features of each modality, for models that see all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.preprocessing import FunctionTransformer

from mmclassic.modalities._modality import Modality
from mmclassic.modalities._table import check_modalities


@dataclass(frozen=True)
class FittedBlocks:
    """What the blocks of some training rows taught.

    Attributes
    ----------
    transformers : list of fitted transformers, or None where a block had no row
    widths : list of int
        Features of each block; 0 where it had no row.
    means : list of ndarray of shape (width,), float64
        Of the features of the training rows; zeros for sparse blocks.
    """

    transformers: list
    widths: list[int]
    means: list[np.ndarray]

    def features(self, blocks: Sequence[Modality], rows: np.ndarray) -> list:
        """Features of each block; where a row lacks a block, or a feature, the mean.

        Parameters
        ----------
        blocks : sequence of Modality
        rows : ndarray of shape (n_rows,), int

        Returns
        -------
        features : list of {ndarray, CSR array} of shape (n_rows, width), float64
            Sparse blocks have a row of zeros where they are absent, as of an empty text.
        """
        found = []
        for block, transformer, mean in zip(blocks, self.transformers, self.means, strict=True):
            data, kept = block.take(rows)
            own = None
            if transformer is not None and len(kept):
                own = features_of(transformer, data)
            found.append(_in_place(own, block.present[rows], mean))
        return found


def fit_blocks(
    blocks: Sequence[Modality], labels: np.ndarray | None, rows: np.ndarray
) -> tuple[FittedBlocks, list]:
    """Fit the transformer of every block on those of some rows that have it.

    Parameters
    ----------
    blocks : sequence of Modality
        Whose estimators are transformers.
    labels : ndarray of shape (n_samples,), optional
    rows : ndarray of shape (n_rows,), int

    Returns
    -------
    fitted : FittedBlocks
    features : list of {ndarray, CSR array} of shape (n_rows, width), float64
        Of these rows, as ``fitted.features`` gives them.
    """
    transformers: list[Any] = []
    means, features = [], []
    for block in blocks:
        data, kept = block.take(rows)
        if not len(kept):
            transformers.append(None)
            means.append(np.zeros(0))
            features.append(_in_place(None, block.present[rows], means[-1]))
            continue
        transformer = clone(block.estimator)
        transformer.fit(data, None if labels is None else labels[kept])
        own = features_of(transformer, data)
        transformers.append(transformer)
        means.append(np.zeros(own.shape[1]) if sparse.issparse(own) else mean_without_nan(own))
        features.append(_in_place(own, block.present[rows], means[-1]))
    return FittedBlocks(transformers, [len(mean) for mean in means], means), features


def features_of(transformer: Any, data: Any) -> Any:
    """Features as a float64 matrix: a CSR array, or an ndarray of shape (n_rows, width)."""
    features = transformer.transform(data)
    if sparse.issparse(features):
        return sparse.csr_array(features, dtype=np.float64)
    features = np.asarray(features, dtype=np.float64)
    return features[:, None] if features.ndim == 1 else features


def mean_without_nan(features: np.ndarray) -> np.ndarray:
    """Mean of each column without its NaN; 0 where all are.

    Examples
    --------
    >>> mean_without_nan(np.array([[1.0, np.nan], [3.0, np.nan]]))
    array([2., 0.])
    """
    there = ~np.isnan(features)
    return np.where(there, features, 0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)


def block_names(name: str, transformer: Any, width: int) -> list[str]:
    """Names of a block's features, such as ``image__hog0``; numbers where it does not name them.

    Examples
    --------
    >>> block_names("audio", None, 2)
    ['audio__0', 'audio__1']
    """
    try:
        own = [str(one) for one in transformer.get_feature_names_out()]
    except (AttributeError, TypeError, ValueError):  # it has none, or needs some that it lacks
        own = []
    if len(own) != width:
        own = [str(number) for number in range(width)]
    return [f"{name}__{one}" for one in own]


def check_blocks(modalities: Any) -> list[tuple]:
    """The blocks that are not dropped, after checks; "passthrough" takes columns as features.

    Raises
    ------
    ValueError
        As :func:`check_modalities` does.
    TypeError
        If something is no transformer.
    """
    as_they_are = FunctionTransformer(feature_names_out="one-to-one")
    read = [
        (item[0], as_they_are, item[2])
        if isinstance(item, tuple | list) and len(item) == 3 and _is_passthrough(item[1])
        else item
        for item in modalities
    ]
    active = check_modalities(read)
    for name, transformer, _ in active:
        if not hasattr(transformer, "transform"):
            raise TypeError(
                f"Modality {name!r}: {type(transformer).__name__} is no transformer; features are "
                "joined here, not predictions."
            )
    return active


def _is_passthrough(estimator: Any) -> bool:
    return isinstance(estimator, str) and estimator == "passthrough"


def _in_place(own: Any, there: np.ndarray, mean: np.ndarray) -> Any:
    """Features of the rows that have a block, in the place of these rows among all."""
    if own is None:
        return np.tile(mean, (len(there), 1))
    if sparse.issparse(own):
        place = sparse.csr_array(
            (np.ones(there.sum()), (np.flatnonzero(there), np.arange(there.sum()))),
            shape=(len(there), there.sum()),
        )
        return place @ own
    full = np.tile(mean, (len(there), 1))
    full[there] = np.where(np.isnan(own), mean, own)
    return full
