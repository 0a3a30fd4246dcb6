"""What a benchmark measured: probabilities and seconds, per model and fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FAMILIES = ("prior", "modality", "choice", "early", "late")


@dataclass(frozen=True, eq=False)
class FoldOutcome:
    """One model on one test fold.

    Attributes
    ----------
    fold : int
        Number of the fold, counted from 0.
    rows : ndarray of int of shape (n_test,)
        Table rows of the fold, by position.
    probabilities : float64 ndarray of shape (n_test, n_classes)
        What the model, fitted without these rows, predicts for them.
    fit_seconds, predict_seconds : float
        Wall-clock seconds, the shared fits that the model needs included.

    Examples
    --------
    >>> FoldOutcome(0, np.array([4, 7]), np.array([[0.9, 0.1], [0.2, 0.8]]), 1.5, 0.1).rows
    array([4, 7])
    """

    fold: int
    rows: np.ndarray
    probabilities: np.ndarray
    fit_seconds: float
    predict_seconds: float

    def __post_init__(self) -> None:
        if len(self.rows) == 0 or self.probabilities.ndim != 2:
            raise ValueError(
                f"Fold {self.fold} needs rows and probabilities of shape (n_test, n_classes), "
                f"got {len(self.rows)} rows and shape {self.probabilities.shape}."
            )
        if len(self.rows) != len(self.probabilities):
            raise ValueError(
                f"Fold {self.fold} has {len(self.rows)} rows but probabilities of "
                f"{len(self.probabilities)} rows."
            )


@dataclass(frozen=True, eq=False)
class ModelOutcome:
    """One model on all test folds.

    Attributes
    ----------
    name : str
    family : {"prior", "modality", "choice", "early", "late"}
        Class prior, one modality alone, the modality that the training rows choose, features
        joined, scores fused.
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
