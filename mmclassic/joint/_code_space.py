"""Two modalities in one space: from features to codes whose inner products say what is alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone

from mmclassic._threads import one_thread
from mmclassic.joint._posteriors import posterior_codes, posterior_maps
from mmclassic.joint._principal import LinearMap, lossless_space, principal_space
from mmclassic.joint._projections import canonical, partial_least_squares, two_way_ridge
from mmclassic.joint._search import unit_rows
from mmclassic.modalities import Modality
from mmclassic.modalities._blocks import features_of

METHODS = ("cca", "pls", "ridge", "semantic", "semantic_cca")
SEMANTIC = ("semantic", "semantic_cca")  # these need classes
# Rows whose features are held at once.
CHUNK = 4_096


@dataclass(frozen=True)
class Settings:
    """What a space is made with; see :class:`CrossModalRetriever`."""

    method: str
    n_components: int
    shrinkage: float
    power: float

    @property
    def semantic(self) -> bool:
        return self.method in SEMANTIC


@dataclass(frozen=True)
class Classes:
    """The classes of the rows, where there are any.

    Attributes
    ----------
    codes : ndarray of shape (n_samples,), int
        0 … n_classes - 1.
    n_classes : int
    """

    codes: np.ndarray
    n_classes: int


@dataclass(frozen=True)
class CodeSpace:
    """What was fitted on some rows.

    Attributes
    ----------
    transformers : list of two fitted transformers
    maps : list of two lists of LinearMap
        From features to values: one map per candidate.
    n_first : int
        With "ridge", how many values are of the first block; else 0.
    """

    transformers: list
    maps: list[list[LinearMap]]
    n_first: int

    def values(self, m: int, modality: Modality, rows: np.ndarray) -> list[np.ndarray]:
        """Values of those rows that have the modality, of each candidate."""
        found, kept = modality.take(rows)
        if not len(kept):  # transformers refuse tables without rows
            return [np.zeros((0, one.weights.shape[1])) for one in self.maps[m]]
        features = features_of(self.transformers[m], found)
        return [one(features) for one in self.maps[m]]


def finish(values: np.ndarray, method: str, n_first: int) -> np.ndarray:
    """Codes of length one from the values of a map.

    Examples
    --------
    >>> finish(np.array([[3.0, 4.0]]), "cca", 0)
    array([[0.6, 0.8]])
    >>> finish(np.array([[2.0, 5.0]]), "ridge", 1).round(3)
    array([[0.707, 0.707]])
    """
    if method in SEMANTIC:
        return posterior_codes(values)
    if method == "ridge":  # the mean of two cosines
        halves = [unit_rows(values[:, :n_first]), unit_rows(values[:, n_first:])]
        return np.hstack(halves) / np.sqrt(2)
    return unit_rows(values)


def complete_rows(data: Sequence[Modality], rows: np.ndarray) -> np.ndarray:
    """Those of some rows that have both modalities."""
    return rows[data[0].present[rows] & data[1].present[rows]]


def fit_code_space(
    data: Sequence[Modality],
    rows: np.ndarray,
    settings: Settings,
    classes: Classes | None = None,
    inverse_penalties: Sequence[Sequence[float]] = ((), ()),
) -> CodeSpace:
    """Fit the transformers and the maps on some rows.

    Parameters
    ----------
    data : sequence of two Modality
        Whose estimators are transformers.
    rows : ndarray of int
        Pairs are learnt from those that have both modalities; a classifier of one modality from
        all that have it.
    settings : Settings
    classes : Classes, optional
        Needed by the semantic methods.
    inverse_penalties : two sequences of float
        Candidates for C of the classifiers of the two modalities.

    Returns
    -------
    space : CodeSpace

    Raises
    ------
    ValueError
        If there are fewer than two pairs, or a modality does not vary.
    """
    pairs = complete_rows(data, rows)
    if settings.method != "semantic" and len(pairs) < 2:
        raise ValueError(
            f"method={settings.method!r} learns from rows that have both modalities: at least 2 "
            f"are needed, got n_samples={len(pairs)} of them (0 or 1 sample are too few)."
        )
    rows = rows if settings.semantic else pairs
    with one_thread():
        blocks = [_fit_block(modality, rows, settings, classes) for modality in data]
        maps: list[list[LinearMap]] = [[], []]
        n_first = 0
        if settings.method != "semantic":
            paired = [block.features[np.isin(block.rows, pairs)] for block in blocks]
            maps, n_first = _pair_maps(data, paired, settings)
        if settings.semantic and classes is not None:
            for m, block in enumerate(blocks):
                maps[m] = _class_maps(data[m], block, maps[m], classes, inverse_penalties[m])
    return CodeSpace([block.transformer for block in blocks], maps, n_first)


class _Block(NamedTuple):
    """A fitted transformer, the features that it gives, and the rows of the table these are of."""

    transformer: Any
    features: Any
    rows: np.ndarray


def _fit_block(
    modality: Modality, rows: np.ndarray, settings: Settings, classes: Classes | None
) -> _Block:
    found, kept = modality.take(rows)
    if len(kept) < 2:
        raise ValueError(
            f"Modality {modality.name!r} is there in {len(kept)} of the rows to fit on: at least "
            "2 are needed, n_samples=1 is too few (1 sample)."
        )
    target = classes.codes[kept] if settings.semantic and classes is not None else None
    transformer = clone(modality.estimator).fit(found, target)
    return _Block(transformer, features_of(transformer, found), kept)


def _pair_maps(
    data: Sequence[Modality], blocks: list, settings: Settings
) -> tuple[list[list[LinearMap]], int]:
    """The linear maps that bring pairs together, one each."""
    first, second = (_space_of(m, block) for m, block in zip(data, blocks, strict=True))
    n_first = 0
    if settings.method == "ridge":
        *weights, n_first = two_way_ridge(
            first.scores,
            second.scores,
            n_components=settings.n_components,
            shrinkage=settings.shrinkage,
        )
    elif settings.method == "pls":
        *weights, _ = partial_least_squares(
            first.scores, second.scores, n_components=settings.n_components
        )
    else:
        *weights, _ = canonical(
            first.scores,
            second.scores,
            n_components=settings.n_components,
            shrinkage=settings.shrinkage,
            power=settings.power,
        )
    return [[s.map(one)] for s, one in zip((first, second), weights, strict=True)], n_first


def _class_maps(
    modality: Modality,
    block: _Block,
    before: list[LinearMap],
    classes: Classes,
    inverse_penalties: Sequence[float],
) -> list[LinearMap]:
    """From features to margins, by way of the map before if there is one."""
    inputs = before[0](block.features) if before else block.features
    space = _space_of(modality, inputs, lossless_space)
    codes = classes.codes[block.rows]
    found = posterior_maps(space, codes, classes.n_classes, inverse_penalties)
    return [before[0].then(one) for one in found] if before else found


def _space_of(modality: Modality, block: Any, make: Callable = principal_space) -> Any:
    try:
        return make(block)
    except ValueError as error:
        raise ValueError(f"Modality {modality.name!r}: {error}") from error


def encode(
    modality: Modality, linear: LinearMap, method: str, n_first: int, dtype: Any = np.float64
) -> tuple[np.ndarray, np.ndarray]:
    """Codes of the rows of a table that have a modality, whose estimator is a fitted transformer.

    Returns
    -------
    codes : ndarray of shape (n_present, n_components)
    rows : ndarray of shape (n_present,), int
        Of the table.
    """
    rows = np.flatnonzero(modality.present)
    width = finish(np.zeros((1, linear.weights.shape[1])), method, n_first).shape[1]
    codes = np.empty((len(rows), width), dtype=dtype)
    for start in range(0, len(rows), CHUNK):
        block = slice(start, start + CHUNK)
        features = features_of(modality.estimator, modality.take(rows[block])[0])
        codes[block] = finish(linear(features), method, n_first)
    return codes, rows
