"""Tables of categories, which cost next to nothing to fit."""

from __future__ import annotations

import numpy as np
import pandas as pd

COLUMNS = {"categorical": ["shape"], "text": "colour"}


def make_table(n_rows: int = 60, labels=("cat", "dog", "owl"), seed: int = 0) -> pd.DataFrame:
    """A shape and a colour, each telling a part of the label."""
    rng = np.random.default_rng(seed)
    codes = rng.permutation(np.arange(n_rows) % len(labels))
    table = pd.DataFrame({"label": np.array(labels)[codes]})
    for name in ("shape", "colour"):
        told = rng.random(n_rows) < 0.6
        table[name] = [
            f"{name}{code}" for code in np.where(told, codes, rng.integers(0, len(labels), n_rows))
        ]
    return table.assign(owner=[f"owner {row // 4}" for row in range(n_rows)])


def folds_of(result) -> list[np.ndarray]:
    """Tested rows of each fold."""
    return [fold.rows for fold in result.outcomes[0].folds]


def outcome_of(result, name: str):
    """One model of a result."""
    return next(outcome for outcome in result.outcomes if outcome.name == name)
