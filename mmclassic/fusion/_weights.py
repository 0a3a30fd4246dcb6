"""Weights of modalities: checking them, and the grid to search them on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def weights_by_name(weights: Any) -> Any:
    """A pandas Series of weights as a dict, for its index are names; anything else as it is.

    Raises
    ------
    ValueError
        If a name is there twice.

    Examples
    --------
    >>> import pandas as pd
    >>> weights_by_name(pd.Series({"image": 1.0, "text": 3.0}))
    {'image': 1.0, 'text': 3.0}
    """
    if not (hasattr(weights, "index") and hasattr(weights, "to_dict")):
        return weights
    names = [str(name) for name in weights.index]
    if len(set(names)) < len(names):
        raise ValueError(f"weights must name each modality once, got {names}.")
    return dict(zip(names, weights.tolist(), strict=True))


def check_weights(weights, modality_names: Sequence[str]) -> np.ndarray:
    """Weights as an array that sums to one.

    Parameters
    ----------
    weights : None, array-like of shape (n_modalities,), Series, or mapping from name to weight
        None means equal weights; the index of a pandas Series are names.
    modality_names : sequence of str, length n_modalities

    Returns
    -------
    weights : ndarray of shape (n_modalities,), float64

    Raises
    ------
    ValueError
        Naming the modality whose weight is absent, NaN, infinite or negative; or if all are zero.

    Examples
    --------
    >>> check_weights({"image": 1, "text": 3}, ["text", "image"])
    array([0.75, 0.25])
    """
    names = list(modality_names)
    if weights is None:
        return np.full(len(names), 1 / len(names))
    weights = weights_by_name(weights)
    if isinstance(weights, Mapping):
        absent = [name for name in names if name not in weights]
        unknown = [name for name in weights if name not in names]
        if absent or unknown:
            raise ValueError(
                f"weights must name each modality once ({names}); absent: {absent}, "
                f"unknown: {unknown}."
            )
        weights = [weights[name] for name in names]
    array = np.asarray(weights, dtype=np.float64)
    if array.shape != (len(names),):
        raise ValueError(
            f"weights has shape {array.shape} for {len(names)} modalities ({', '.join(names)})."
        )
    for name, weight in zip(names, array, strict=True):
        if not np.isfinite(weight) or weight < 0:
            raise ValueError(
                f"The weight of modality {name!r} is {weight}: it must be finite and not negative."
            )
    if not array.any():
        raise ValueError(f"All weights are zero: at least one of {names} must count.")
    # A power of two near the greatest costs no digit, and the sum of huge weights is finite.
    array = np.ldexp(array, -np.frexp(array.max())[1])
    return array / array.sum()


def check_bounds(bounds: Mapping, modality_names: Sequence[str]) -> np.ndarray:
    """Least and greatest weight of each modality, shape (n_modalities, 2).

    Parameters
    ----------
    bounds : mapping from name to (low, high)
        Modalities that are not named may have any weight from 0 to 1.
    modality_names : sequence of str, length n_modalities

    Raises
    ------
    ValueError
        If a name is unknown, something is no pair, or not 0 ≤ low ≤ high ≤ 1.

    Examples
    --------
    >>> check_bounds({"text": (0.5, 1)}, ["text", "image"])
    array([[0.5, 1. ],
           [0. , 1. ]])
    """
    unknown = [name for name in bounds if name not in modality_names]
    if unknown:
        raise ValueError(f"bounds names no modality: {unknown}; there are {list(modality_names)}.")
    for name, pair in bounds.items():
        if np.shape(pair) != (2,):
            raise ValueError(
                f"The bounds of modality {name!r} are {pair!r}: pass a pair, least and greatest "
                "weight; equal ones fix it."
            )
    array = np.array([bounds.get(name, (0, 1)) for name in modality_names], dtype=np.float64)
    for name, (low, high) in zip(modality_names, array, strict=True):
        if not 0 <= low <= high <= 1:
            raise ValueError(
                f"The bounds of modality {name!r} are {low:g} and {high:g}: not 0 ≤ low ≤ high ≤ 1."
            )
    return array


def simplex_grid(n_modalities: int, *, step: float = 0.1) -> list[tuple[float, ...]]:
    """All weights on a grid that are not negative and sum to one.

    Parameters
    ----------
    n_modalities : int
    step : float, default=0.1
        Must divide 1.

    Returns
    -------
    grid : list of tuple of float
        (1/step + n_modalities - 1 choose n_modalities - 1) weights. A list of tuples, because
        scikit-learn refuses a 2-d array as the values of a parameter grid.

    Raises
    ------
    ValueError
        If there is no modality, or step does not divide 1.

    Examples
    --------
    >>> from mmclassic import simplex_grid
    >>> simplex_grid(2, step=0.5)
    [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)]
    >>> len(simplex_grid(3, step=0.1))
    66
    """
    if n_modalities < 1:
        raise ValueError(f"n_modalities must be at least 1, got {n_modalities}.")
    if not 0 < step <= 1 or abs(1 / step - round(1 / step)) > 1e-6:
        raise ValueError(f"step must divide 1, such as 0.1 or 0.25; got {step}.")
    n_steps = round(1 / step)

    def compositions(total: int, parts: int):
        if parts == 1:
            yield (total,)
            return
        for first in range(total + 1):
            for rest in compositions(total - first, parts - 1):
                yield (first, *rest)

    return [tuple(part / n_steps for part in c) for c in compositions(n_steps, n_modalities)]
