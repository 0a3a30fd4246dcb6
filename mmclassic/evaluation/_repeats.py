"""Several repeats of a cross-validation as one result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mmclassic.evaluation._evidence import Evidence
from mmclassic.evaluation._outcome import ModelOutcome


def join_repeats(
    judged: Sequence[tuple[list[ModelOutcome], Evidence]],
) -> tuple[list[ModelOutcome], Evidence]:
    """The folds of all repeats, one after the other, numbered throughout.

    Parameters
    ----------
    judged : sequence of (list of ModelOutcome, Evidence)
        Of each repeat: the same models in the same order.
    """
    outcomes = []
    for versions in zip(*(models for models, _ in judged), strict=True):
        folds = [fold for version in versions for fold in version.folds]
        numbered = tuple(replace(fold, fold=number) for number, fold in enumerate(folds))
        outcomes.append(replace(versions[0], folds=numbered))
    first = judged[0][1]
    whole = tuple(fold for _, evidence in judged for fold in evidence.folds)
    return outcomes, replace(first, folds=whole)
