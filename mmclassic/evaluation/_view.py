"""How a result is read: one object for each kind of target, behind the frames and the report."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mmclassic.evaluation._evidence import Evidence
from mmclassic.evaluation._metric_set import MetricSet
from mmclassic.evaluation._outcome import ModelOutcome
from mmclassic.evaluation._row_words import RowWords

if TYPE_CHECKING:
    import pandas as pd


class View(ABC):
    """A target, and what can be told of outputs for it.

    Parameters
    ----------
    y : ndarray of shape (n_rows,) or (n_rows, n_labels)
        Codes of classes, numbers, or an indicator.
    classes : ndarray
        Names of the outputs; empty for numbers.

    Attributes
    ----------
    kind : {"classification", "regression", "multilabel"}
    metrics : MetricSet
    words : RowWords
        How rows are shown in the report.
    answers : str
        What is counted where confidence is told; "" where there is none.
    """

    kind: ClassVar[str]
    metrics: ClassVar[MetricSet]
    words: ClassVar[RowWords]
    answers: ClassVar[str] = ""

    def __init__(self, y: np.ndarray, classes: np.ndarray):
        self.y, self.classes = np.asarray(y), np.asarray(classes)

    @property
    def n_outputs(self) -> int:
        """Width of what models give."""
        return max(len(self.classes), 1)

    @property
    @abstractmethod
    def twin_codes(self) -> np.ndarray:
        """Values that equal cells should share, shape (n_rows,)."""

    @property
    def names_in_text(self) -> np.ndarray | None:
        """Labels that texts may name, one for each code; None where there are none."""
        return None

    @abstractmethod
    def columns(self, rows: np.ndarray, outputs: np.ndarray) -> dict[str, Any]:
        """Truth and answer of some rows, as columns of the frame of predictions."""

    @abstractmethod
    def rows_frame(self, evidence: Evidence) -> pd.DataFrame:
        """The rows most worth a look."""

    @abstractmethod
    def overlap_frame(self, evidence: Evidence) -> pd.DataFrame:
        """Which modalities err on the same rows: one row per pair."""

    @abstractmethod
    def overlap_section(self, evidence: Evidence, fused: float) -> dict[str, Any] | None:
        """The same for the report; None where there is one modality."""

    @abstractmethod
    def balance(self) -> tuple:
        """A finding about the target: check, modality, rows, severity, words."""

    @abstractmethod
    def fact(self) -> tuple[str, str]:
        """What the target is, as a name and a value."""

    @abstractmethod
    def errors(self, outcome: ModelOutcome) -> dict[str, Any]:
        """What the report draws of one model's errors: names of its template to values."""

    def pooled(self, outcome: ModelOutcome) -> tuple[np.ndarray, np.ndarray] | None:
        """Codes and class probabilities of all answers to test rows; None for numbers."""
        return None

    def in_short(self) -> str:
        """What the target is, for the first line of a result as text."""
        return f"{len(self.classes)} classes"


def shown_range(smallest: int, largest: int) -> str:
    """Two counts as text.

    Examples
    --------
    >>> shown_range(3, 3), shown_range(3, 1200)
    ('3', '3 to 1,200')
    """
    return f"{smallest:,}" if smallest == largest else f"{smallest:,} to {largest:,}"


def outputs_of(outcome: ModelOutcome) -> tuple[np.ndarray, np.ndarray]:
    """Rows and outputs of all test folds, one fold after the other."""
    rows = np.concatenate([fold.rows for fold in outcome.folds])
    return rows, np.concatenate([fold.outputs for fold in outcome.folds])
