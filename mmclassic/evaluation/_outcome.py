"""What a benchmark measured: outputs and seconds, per model and fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FAMILIES = ("prior", "modality", "choice", "early", "late", "joint", "own")


@dataclass(frozen=True, eq=False)
class FoldOutcome:
    """One model on one test fold.

    Attributes
    ----------
    fold : int
        Number of the fold, counted from 0.
    rows : ndarray of int of shape (n_test,)
        Table rows of the fold, by position.
    outputs : float64 ndarray of shape (n_test, n_outputs)
        What the model, fitted without these rows, gives for them: class probabilities, the
        probability of each label, or one number.
    fit_seconds, predict_seconds : float
        Wall-clock seconds, the shared fits that the model needs included.

    Examples
    --------
    >>> FoldOutcome(0, np.array([4, 7]), np.array([[0.9, 0.1], [0.2, 0.8]]), 1.5, 0.1).rows
    array([4, 7])
    """

    fold: int
    rows: np.ndarray
    outputs: np.ndarray
    fit_seconds: float
    predict_seconds: float

    def __post_init__(self) -> None:
        if len(self.rows) == 0 or self.outputs.ndim != 2:
            raise ValueError(
                f"Fold {self.fold} needs rows and outputs of shape (n_test, n_outputs), "
                f"got {len(self.rows)} rows and shape {self.outputs.shape}."
            )
        if len(self.rows) != len(self.outputs):
            raise ValueError(
                f"Fold {self.fold} has {len(self.rows)} rows but outputs of "
                f"{len(self.outputs)} rows."
            )


@dataclass(frozen=True, eq=False)
class ModelOutcome:
    """One model on all test folds.

    Attributes
    ----------
    name : str
    family : {"prior", "modality", "choice", "early", "late", "joint", "own"}
        Knows the targets only, one modality alone, the modality that the training rows choose,
        features joined, scores fused, one model of all modalities, an estimator of the user.
    default : bool
        Whether this is the default fusion, about which the verdict speaks.
    folds : tuple of FoldOutcome

    Examples
    --------
    >>> fold = FoldOutcome(0, np.array([4]), np.array([[0.9, 0.1]]), 1.5, 0.1)
    >>> ModelOutcome("log_pool", "late", True, (fold,)).family
    'late'
    """

    name: str
    family: str
    default: bool
    folds: tuple[FoldOutcome, ...]

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise ValueError(
                f"The family of model {self.name!r} must be one of {FAMILIES}, got {self.family!r}."
            )
        if not self.folds:
            raise ValueError(f"Model {self.name!r} has no folds.")


def fold_of_rows(outcome: ModelOutcome, n_rows: int) -> np.ndarray:
    """The first fold that tests each row of the table, -1 for none.

    Examples
    --------
    >>> fold = FoldOutcome(0, np.array([1]), np.array([[0.9, 0.1]]), 1.5, 0.1)
    >>> fold_of_rows(ModelOutcome("log_pool", "late", True, (fold,)), 3)
    array([-1,  0, -1])
    """
    folds = np.full(n_rows, -1)
    for fold in reversed(outcome.folds):
        folds[fold.rows] = fold.fold
    return folds


def check_outcomes(outcomes: Sequence[ModelOutcome], n_outputs: int) -> None:
    """Refuse models that cannot be compared.

    Raises
    ------
    ValueError
        If there is none, two share a name, or folds or widths differ.
    """
    if not outcomes:
        raise ValueError("A benchmark result needs at least one model.")
    names = [outcome.name for outcome in outcomes]
    if len(set(names)) < len(names):
        raise ValueError(f"Two models have the same name: {', '.join(sorted(names))}.")
    first = outcomes[0].folds
    for outcome in outcomes:
        same = len(outcome.folds) == len(first) and all(
            fold.fold == other.fold and np.array_equal(fold.rows, other.rows)
            for fold, other in zip(outcome.folds, first, strict=True)
        )
        if not same:
            raise ValueError(
                f"Models {outcome.name!r} and {names[0]!r} were tested on different folds: "
                "their scores cannot be compared."
            )
        widths = {fold.outputs.shape[1] for fold in outcome.folds}
        if widths != {n_outputs}:
            raise ValueError(
                f"Model {outcome.name!r} has outputs of width {sorted(widths)}, "
                f"there should be {n_outputs}: one for each class or label, or one number."
            )


def outcome_named(outcomes: Sequence[ModelOutcome], name: str) -> ModelOutcome:
    """One model by its name.

    Raises
    ------
    ValueError
        If there is none.
    """
    known = {outcome.name: outcome for outcome in outcomes}
    if name not in known:
        raise ValueError(f"There is no model {name!r}; the models are: {', '.join(known)}.")
    return known[name]


def prior_name_of(outcomes: Sequence[ModelOutcome]) -> str:
    """What the model that knows the targets only is called, where there is one."""
    return next((outcome.name for outcome in outcomes if outcome.family == "prior"), "prior")
