"""Linear steps of a pipeline folded into one affine map of the columns that a modality reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.utils import get_tags

from mmclassic.fusion._block_scaler import BlockScaler


class FoldError(ValueError):
    """What is in the way of folding a step; whoever knows its modality says the rest."""


@dataclass(frozen=True)
class Block:
    """Features as an affine map of a row x: ``((x - centre) * scale)[kept] @ matrix + shift``.

    Centring comes first, as in the scalers, so that large means cost no digits.

    Attributes
    ----------
    centre, scale : ndarray of shape (n_columns,)
    fill : ndarray of shape (n_columns,)
        What stands for a NaN in a row that has other values; NaN where there is nothing.
    kept : ndarray of int
        Columns that are still features.
    matrix : ndarray of shape (n_kept, n_features), or None for the identity
    shift : ndarray of shape (n_features,)
    """

    centre: np.ndarray
    scale: np.ndarray
    fill: np.ndarray
    kept: np.ndarray
    matrix: np.ndarray | None
    shift: np.ndarray

    @classmethod
    def identity(cls, n_columns: int) -> Block:
        """The columns as they are."""
        zeros, ones = np.zeros(n_columns), np.ones(n_columns)
        return cls(zeros, ones, np.full(n_columns, np.nan), np.arange(n_columns), None, zeros)

    def rescaled(self, centre: Any, scale: Any) -> Block:
        """Each feature minus a centre, divided by a scale."""
        centre = np.broadcast_to(np.asarray(centre, dtype=np.float64), self.shift.shape)
        scale = np.broadcast_to(np.asarray(scale, dtype=np.float64), self.shift.shape)
        if self.matrix is not None:
            return replace(self, matrix=self.matrix / scale, shift=(self.shift - centre) / scale)
        new_centre, new_scale = self.centre.copy(), self.scale.copy()
        new_centre[self.kept] += centre / self.scale[self.kept]
        new_scale[self.kept] /= scale
        return replace(self, centre=new_centre, scale=new_scale)

    def selected(self, chosen: np.ndarray, allow_nan: bool = False) -> Block:
        """Some of the features; with ``allow_nan`` it does not matter if others are NaN."""
        if self.matrix is not None:
            return replace(self, matrix=self.matrix[:, chosen], shift=self.shift[chosen])
        kept, fill = self.kept[chosen], self.fill
        if allow_nan:
            left_out = np.setdiff1d(self.kept, kept)
            fill = fill.copy()
            fill[left_out] = np.where(np.isnan(fill[left_out]), 0, fill[left_out])
        return replace(self, kept=kept, fill=fill, shift=self.shift[chosen])

    def imputed(self, values: np.ndarray) -> Block:
        """A value for NaN in each feature; only while features are single columns."""
        fill, kept = self.fill.copy(), self.kept
        raw = values / self.scale[kept] + self.centre[kept]
        fill[kept] = np.where(np.isnan(fill[kept]), raw, fill[kept])
        return replace(self, fill=fill)

    def projected(self, matrix: np.ndarray, shift: np.ndarray) -> Block:
        """Features times a matrix of shape (n_features, n_new), plus a shift."""
        matrix = np.asarray(matrix, dtype=np.float64)
        shift = self.shift @ matrix + shift
        if self.matrix is not None:
            matrix = self.matrix @ matrix
        return replace(self, matrix=matrix, shift=shift)

    def weights(self) -> np.ndarray:
        """The map behind the centring, shape (n_columns, n_features)."""
        weights = np.zeros((len(self.centre), len(self.shift)))
        matrix = np.eye(len(self.kept)) if self.matrix is None else self.matrix
        weights[self.kept] = self.scale[self.kept, None] * matrix
        return weights


def fold_step(block: Block, step: Any) -> Block:
    """A block behind one more fitted step.

    Raises
    ------
    FoldError
        If the step is not linear, or not known to be.
    """
    if isinstance(step, SelectorMixin):
        return block.selected(
            np.flatnonzero(step.get_support()), get_tags(step).input_tags.allow_nan
        )
    if type(step) not in _FOLDS:
        raise FoldError("it is not one of the linear steps")
    return _FOLDS[type(step)](block, step)


def _fold_standard(block: Block, step: Any) -> Block:
    return block.rescaled(
        step.mean_ if step.with_mean else 0.0, step.scale_ if step.with_std else 1.0
    )


def _fold_block(block: Block, step: Any) -> Block:
    return block.rescaled(step.mean_, step.scale_)


def _fold_robust(block: Block, step: Any) -> Block:
    return block.rescaled(
        step.center_ if step.with_centering else 0.0, step.scale_ if step.with_scaling else 1.0
    )


def _fold_min_max(block: Block, step: Any) -> Block:
    _refuse_clipping(step)
    return block.rescaled(-step.min_ / step.scale_, 1 / step.scale_)


def _fold_max_abs(block: Block, step: Any) -> Block:
    _refuse_clipping(step)
    return block.rescaled(0.0, step.scale_)


def _refuse_clipping(step: Any) -> None:
    if getattr(step, "clip", False):
        raise FoldError("clip=True is not linear: set clip=False")


def _fold_imputer(block: Block, step: Any) -> Block:
    values = np.asarray(step.statistics_)
    numbers = all(isinstance(value, Real) for value in values)
    if step.add_indicator or not numbers or not _is_nan(step.missing_values):
        raise FoldError("only a SimpleImputer of NaN by numbers, without indicator, can be folded")
    if block.matrix is not None:
        raise FoldError("a SimpleImputer must come before steps that mix columns")
    values = values.astype(np.float64)
    known = ~np.isnan(values)
    if step.keep_empty_features:
        values = np.where(known, values, 0)
        known[:] = True
    return block.imputed(np.where(known, values, 0)).selected(np.flatnonzero(known))


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and np.isnan(value)


def _fold_pca(block: Block, step: Any) -> Block:
    projected = block.projected(step.components_.T, -(step.mean_ @ step.components_.T))
    if not step.whiten:
        return projected
    scale = np.sqrt(step.explained_variance_)
    return projected.rescaled(0.0, np.maximum(scale, np.finfo(scale.dtype).eps))


def _fold_svd(block: Block, step: Any) -> Block:
    return block.projected(step.components_.T, np.zeros(len(step.components_)))


def _fold_function(block: Block, step: Any) -> Block:
    if step.func is not None:
        raise FoldError("a function may do anything: only the identity can be folded")
    return block


_FOLDS: dict[type, Callable[[Block, Any], Block]] = {
    StandardScaler: _fold_standard,
    BlockScaler: _fold_block,
    RobustScaler: _fold_robust,
    MinMaxScaler: _fold_min_max,
    MaxAbsScaler: _fold_max_abs,
    SimpleImputer: _fold_imputer,
    PCA: _fold_pca,
    TruncatedSVD: _fold_svd,
    FunctionTransformer: _fold_function,
}
