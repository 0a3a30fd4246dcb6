"""Weights of modalities and the grid to search them on."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import ParameterGrid

from mmclassic import simplex_grid
from mmclassic.fusion._weights import check_bounds, check_weights

NAMES = ["text", "image", "audio"]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (None, [1 / 3, 1 / 3, 1 / 3]),
        ([1, 1, 2], [0.25, 0.25, 0.5]),
        ((0, 0, 7), [0, 0, 1]),
        (np.array([0.2, 0.3, 0.5]), [0.2, 0.3, 0.5]),
        ({"audio": 1, "text": 3, "image": 0}, [0.75, 0, 0.25]),
        (pd.Series({"audio": 1, "text": 3, "image": 0}), [0.75, 0, 0.25]),
        ([1e308] * 3, [1 / 3] * 3),
    ],
)
def test_weights_sum_to_one(weights, expected):
    np.testing.assert_allclose(check_weights(weights, NAMES), expected)


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ([1, -0.1, 1], "weight of modality 'image' is -0.1"),
        ([1, 1, np.nan], "weight of modality 'audio' is nan"),
        ([np.inf, 1, 1], "weight of modality 'text' is inf"),
        ([0, 0, 0], "All weights are zero"),
        ([1, 1], r"shape \(2,\) for 3 modalities \(text, image, audio\)"),
        ([[1, 1, 1]], r"shape \(1, 3\)"),
        ({"text": 1, "image": 1}, r"absent: \['audio'\]"),
        ({"text": 1, "image": 1, "audio": 1, "video": 1}, r"unknown: \['video'\]"),
        ({"text": 1, "image": -1, "audio": 1}, "weight of modality 'image' is -1"),
        (["a", "b", "c"], "could not convert"),
        (pd.Series([1, 1, 1]), r"absent: \['text', 'image', 'audio'\]"),
        (pd.Series([1, 1, 1], index=["text", "text", "audio"]), "each modality once"),
    ],
)
def test_bad_weights(weights, match):
    with pytest.raises(ValueError, match=match):
        check_weights(weights, NAMES)


@pytest.mark.parametrize("pair", [0.3, (0.3,), (0, 0.5, 1), None])
def test_bounds_that_are_no_pair(pair):
    with pytest.raises(ValueError, match=r"bounds of modality 'image' are .*: pass a pair"):
        check_bounds({"image": pair}, NAMES)


@pytest.mark.parametrize(("n_modalities", "n_steps"), [(1, 10), (2, 4), (3, 10), (4, 5)])
def test_the_grid_against_brute_force(n_modalities, n_steps):
    grid = simplex_grid(n_modalities, step=1 / n_steps)
    everything = product(range(n_steps + 1), repeat=n_modalities)
    expected = {parts for parts in everything if sum(parts) == n_steps}
    found = {tuple(round(part * n_steps) for part in weights) for weights in grid}
    assert found == expected
    assert len(grid) == len(found) == comb(n_steps + n_modalities - 1, n_modalities - 1)
    np.testing.assert_allclose(np.sum(grid, axis=1), 1)


def test_scikit_learn_takes_it_as_a_grid():
    grid = simplex_grid(3)
    assert len(ParameterGrid({"weights": grid})) == len(grid) == 66
    assert all(isinstance(weights, tuple) for weights in grid)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"n_modalities": 0}, "at least 1, got 0"),
        ({"n_modalities": 2, "step": 0.3}, "must divide 1.*0.3"),
        ({"n_modalities": 2, "step": 0}, "must divide 1"),
        ({"n_modalities": 2, "step": -0.5}, "must divide 1"),
        ({"n_modalities": 2, "step": 2}, "must divide 1"),
    ],
)
def test_bad_grids(arguments, match):
    with pytest.raises(ValueError, match=match):
        simplex_grid(**arguments)
