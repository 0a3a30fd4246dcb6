"""How the default fusion stands up to damage, on test rows of one fold."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import _safe_indexing

from mmclassic._errors import DataQualityWarning
from mmclassic.evaluation._final_model import FinalModel
from mmclassic.inspection import robustness_curve

if TYPE_CHECKING:
    import pandas as pd

# Rows enough to see a curve, and few enough to cost less than the benchmark itself.
MAX_ROWS = 100
SCORINGS = {
    "classification": None,
    "regression": ["r2", "neg_root_mean_squared_error"],
    "multilabel": {"subset_accuracy": "accuracy", "f1_micro": "f1_micro"},
}


@dataclass(frozen=True, eq=False)
class Robustness:
    """The frame of ``robustness_curve``, and the number of rows behind it."""

    frame: pd.DataFrame
    n_rows: int


def robustness_of(final: FinalModel, seed: int = 0, max_rows: int = MAX_ROWS) -> Robustness:
    """Damage test rows of the first outer fold, and judge a fusion that was fitted without them.

    Parameters
    ----------
    final : FinalModel
    seed : int, default=0
        Draws the rows, where there are more than ``max_rows``, and the damage.
    max_rows : int, default=100

    Returns
    -------
    robustness : Robustness
    """
    fold = final.fits.plan.folds[0]
    rows = fold.test
    if len(rows) > max_rows:
        drawn = np.random.default_rng(seed).choice(rows, max_rows, replace=False)
        rows = np.sort(drawn)
    model = final.fit_default(fold)
    with warnings.catch_warnings():
        # Cells that could not be read were counted and told of when the table was read.
        warnings.simplefilter("ignore", DataQualityWarning)
        frame = robustness_curve(
            model,
            _safe_indexing(final.table, rows),
            final.fits.task.own_target(rows),
            scoring=SCORINGS[final.fits.task.kind],
            random_state=seed,
        )
    return Robustness(frame, len(rows))
