"""Modalities that read the columns of others: nothing can be removed from under them."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline


def refuse_joined(model: Any, what: str) -> None:
    """Refuse a fusion with a member that joins the blocks of others, such as early fusion.

    A modality is removed by its scores: those of a member that reads it too would stay as they are.

    Parameters
    ----------
    model : LateFusionClassifier or LateFusionRegressor, fitted
    what : str
        Who asks.

    Raises
    ------
    ValueError
        Naming the member.
    """
    fitted = getattr(model, "label_models_", [model])[0]
    for name, estimator, _ in fitted.modalities_:
        first = estimator.steps[0][1] if isinstance(estimator, Pipeline) else estimator
        if getattr(first, "_joins_blocks", False):
            raise ValueError(
                f"{what} removes modalities from the score table, but modality {name!r} "
                f"({type(first).__name__}) reads the columns of others and would keep what was "
                "removed: fit the fusion without it (early=False)."
            )
