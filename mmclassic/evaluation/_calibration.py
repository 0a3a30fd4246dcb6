"""How well confidence tracks accuracy, before and after the fusion has learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._outcome import ModelOutcome
from mmclassic.inspection import reliability_curve, risk_coverage_curve
from mmclassic.inspection._selective import RiskCoverage

if TYPE_CHECKING:
    import pandas as pd

# The fusion that learns nothing.
BEFORE = "mean"
N_BINS = 10


def calibration_frame(outcomes: Sequence[ModelOutcome], model: str, y: np.ndarray) -> pd.DataFrame:
    """Reliability of one model, and of the mean of the modalities, where that was judged.

    Parameters
    ----------
    outcomes : sequence of ModelOutcome
    model : str
    y : ndarray of int of shape (n_rows,)

    Returns
    -------
    frame : DataFrame
        ``model``, ``confidence``, ``accuracy``, ``n_rows`` of each bin; test rows of all folds.
    """
    import pandas as pd

    wanted = [outcome for outcome in outcomes if outcome.name in (BEFORE, model)]
    parts = []
    for outcome in sorted(wanted, key=lambda outcome: outcome.name == model):
        labels, probabilities = pooled(outcome, y)
        part = reliability_curve(labels, probabilities, n_bins=N_BINS)
        part.insert(0, "model", outcome.name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def risk_of(outcome: ModelOutcome, y: np.ndarray) -> RiskCoverage:
    """The risk–coverage curve over the test rows of all folds."""
    return risk_coverage_curve(*pooled(outcome, y))


def pooled(outcome: ModelOutcome, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities of the test rows of all folds."""
    rows = np.concatenate([fold.rows for fold in outcome.folds])
    probabilities = np.concatenate([fold.probabilities for fold in outcome.folds])
    return y[rows], probabilities / probabilities.sum(axis=1, keepdims=True)
