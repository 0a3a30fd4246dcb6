"""A small table of two blocks that tell much of each other, and of their classes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mmclassic import BlockScaler

LEFT, RIGHT = ["a", "b", "c", "d"], ["e", "f", "g"]
BLOCKS = [("left", BlockScaler(), LEFT), ("right", BlockScaler(), RIGHT)]


def make_views(n_rows=120, *, missing=0.0, noise=0.5, seed=0):
    """A frame with the columns a … d and e … g, of which whole blocks can be missing; labels."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_rows) % 3)
    hidden = np.eye(3)[y] * 2 + rng.normal(size=(n_rows, 3)) * noise
    mixing = np.random.default_rng(9).normal(size=(3, 7))
    X = hidden @ mixing + rng.normal(size=(n_rows, 7)) * noise
    lacking = rng.random((n_rows, 2)) < missing
    lacking[lacking.all(axis=1), 0] = False
    X[lacking[:, 0], :4] = np.nan
    X[lacking[:, 1], 4:] = np.nan
    return pd.DataFrame(X, columns=[*LEFT, *RIGHT]), np.array(["cat", "dog", "owl"])[y]
