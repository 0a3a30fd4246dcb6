"""Ordinary columns made worse: noise on numbers, categories of other rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmclassic._cells import is_missing


def number_noise(
    cells: Sequence[Any], severity: float, rngs: Sequence[np.random.Generator]
) -> list:
    """Gaussian noise on the numbers of a column.

    Parameters
    ----------
    cells : sequence of n cells
        What is missing, or no number, stays as it is.
    severity : float
        In standard deviations of the column.
    rngs : sequence of n Generator
        One per row; the columns of a table draw from it in turn.

    Returns
    -------
    cells : list of n cells

    Examples
    --------
    >>> rngs = [np.random.default_rng(row) for row in range(3)]
    >>> number_noise([1.0, None, 3.0], 0.1, rngs)[:2]
    [1.0125730221..., None]
    """
    numbers = np.array([_number(cell) for cell in cells])
    finite = np.isfinite(numbers)
    noise = np.array([rng.standard_normal() for rng in rngs])
    scale = severity * numbers[finite].std() if finite.any() else 0.0
    return [
        float(number + scale * shift) if known else cell
        for cell, number, known, shift in zip(cells, numbers, finite, noise, strict=True)
    ]


def replaced_categories(
    cells: Sequence[Any], severity: float, rngs: Sequence[np.random.Generator]
) -> list:
    """Some categories replaced by those of other rows, drawn by how often they occur.

    Parameters
    ----------
    cells : sequence of n cells
        What is missing stays missing.
    severity : float
        Share of the cells that are replaced; some by the category that they had.
    rngs : sequence of n Generator

    Returns
    -------
    cells : list of n cells

    Examples
    --------
    >>> rngs = [np.random.default_rng(row) for row in range(4)]
    >>> replaced_categories(["red", "red", "blue", None], 1.0, rngs)
    ['blue', 'red', 'blue', None]
    """
    # In an order of their own, so that the order of the rows does not matter.
    donors = sorted((cell for cell in cells if not is_missing(cell)), key=repr)
    draws = [rng.random(2) for rng in rngs]
    return [
        cell if is_missing(cell) or chance >= severity else donors[int(place * len(donors))]
        for cell, (chance, place) in zip(cells, draws, strict=True)
    ]


def is_number_column(cells: Sequence[Any]) -> bool:
    """Whether all cells that are there are numbers, or text that is one; at least one is.

    Examples
    --------
    >>> is_number_column([1, "2.5", None]), is_number_column([1, "red"]), is_number_column([True])
    (True, False, False)
    """
    there = [cell for cell in cells if not is_missing(cell)]
    return bool(there) and all(np.isfinite(_number(cell)) for cell in there)


def _number(cell: Any) -> float:
    if is_missing(cell) or isinstance(cell, bool | np.bool_ | bytes):
        return np.nan
    try:
        return float(cell)
    except (TypeError, ValueError):
        return np.nan
