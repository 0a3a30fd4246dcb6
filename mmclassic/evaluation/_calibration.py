"""How well confidence tracks accuracy, before and after the fusion has learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._outcome import ModelOutcome
from mmclassic.evaluation._view import View
from mmclassic.inspection import reliability_curve, risk_coverage_curve
from mmclassic.inspection._selective import RiskCoverage

if TYPE_CHECKING:
    import pandas as pd

# The fusion that learns nothing.
BEFORE = "mean"
N_BINS = 10


def calibration_frame(outcomes: Sequence[ModelOutcome], model: str, view: View) -> pd.DataFrame:
    """Reliability of one model, and of the mean of the modalities, where that was judged.

    Parameters
    ----------
    outcomes : sequence of ModelOutcome
    model : str
    view : View
        Of what has confidence.

    Returns
    -------
    frame : DataFrame
        ``model``, ``confidence``, ``accuracy``, ``n_rows`` of each bin; test rows of all folds.
        Of several labels, each label of a row counts as a row.
    """
    import pandas as pd

    wanted = [outcome for outcome in outcomes if outcome.name in (BEFORE, model)]
    parts = []
    for outcome in sorted(wanted, key=lambda outcome: outcome.name == model):
        labels, probabilities = pooled(outcome, view)
        part = reliability_curve(labels, probabilities, n_bins=N_BINS)
        part.insert(0, "model", outcome.name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def risk_of(outcome: ModelOutcome, view: View) -> RiskCoverage:
    """The risk–coverage curve over the test rows of all folds."""
    return risk_coverage_curve(*pooled(outcome, view))


def pooled(outcome: ModelOutcome, view: View) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities of the test rows of all folds.

    Raises
    ------
    ValueError
        For a regression, which has no probabilities.
    """
    found = view.pooled(outcome)
    if found is None:
        raise ValueError("A regression gives no probabilities: it has no confidence to judge.")
    return found
