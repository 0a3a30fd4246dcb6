"""What depends on the kind of target: one object for each, between the target and the judging.

The benchmark itself knows outputs only: arrays of shape (n_rows, n_outputs) that hold class
probabilities, one predicted number, or the probability of each label.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mmclassic.evaluation._metric_set import MetricSet

if TYPE_CHECKING:
    from mmclassic.evaluation._shared_fits import Member, SharedFits
    from mmclassic.modalities._modality import Modality

# A fit, and rows that it scored.
Pieces = Sequence[tuple[int, np.ndarray]]


class Task(ABC):
    """A target, and how models of its kind are made, fitted, fused and folded.

    Attributes
    ----------
    kind : {"classification", "regression", "multilabel"}
    prior_name : str
        What is called the model that knows nothing.
    default_head : str
        The key of ``heads`` that the verdict speaks about.
    metrics : MetricSet
    alone : fusion head
        For a modality that stands alone: it learns nothing.
    y : ndarray of shape (n_rows,) or (n_rows, n_labels)
        Codes of classes, numbers, or an indicator.
    classes : ndarray
        Names of the outputs: classes or labels; empty for numbers.
    class_weight : "balanced" or None
    """

    kind: ClassVar[str]
    prior_name: ClassVar[str]
    default_head: ClassVar[str]
    metrics: ClassVar[MetricSet]
    alone: ClassVar[Any]
    y: np.ndarray
    classes: np.ndarray
    class_weight: str | None = None

    @property
    @abstractmethod
    def n_outputs(self) -> int:
        """Width of what a model gives."""

    @property
    @abstractmethod
    def strata(self) -> np.ndarray:
        """Int array of shape (n_rows,): rows that are drawn alike where few are drawn."""

    @abstractmethod
    def make_late(self, **options: Any) -> Any:
        """The late fusion of the recipes, not fitted."""

    @abstractmethod
    def make_early(self, **options: Any) -> Any:
        """The early fusion of the recipes, not fitted."""

    @abstractmethod
    def penalties(self, early: Any) -> Sequence[float]:
        """The candidates of an early fusion."""

    @abstractmethod
    def splitter(
        self, cv: Any, groups: Any, random_state: int | None, rows: np.ndarray | None = None
    ) -> Any:
        """The splitter of the table, or of some rows of it and their groups."""

    @abstractmethod
    def check_training(self, rows: np.ndarray, where: str) -> None:
        """Refuse training rows that lack a class, or a label."""

    @abstractmethod
    def complete(self, rows: np.ndarray) -> bool:
        """Whether a fit on these rows sees all that there is to tell apart."""

    @abstractmethod
    def heads(self, n_modalities: int) -> dict[str, Any]:
        """Every head that a benchmark compares, by name."""

    @abstractmethod
    def prior(self, rows: np.ndarray) -> np.ndarray:
        """Output of whoever knows these training rows' targets only, shape (n_outputs,)."""

    @abstractmethod
    def fit_and_score(
        self, member: Member, train: np.ndarray, rows: np.ndarray
    ) -> tuple[np.ndarray, float, float]:
        """Raw values of shape (n_rows, n_candidates, …); seconds of fit and of scoring."""

    @abstractmethod
    def cross_fit(
        self, blocks: Sequence[Modality], values: np.ndarray, rows: np.ndarray, priors: np.ndarray
    ) -> tuple[np.ndarray, Any]:
        """A score table from raw cross-fitted values of some rows, and what it took to make it.

        Returns
        -------
        scores : ndarray of shape (n_rows, n_modalities, n_outputs)
        softening : object
            For ``to_scores`` of other rows.
        """

    @abstractmethod
    def to_scores(self, values: np.ndarray, priors: np.ndarray, softening: Any) -> np.ndarray:
        """A score table from raw values, as ``cross_fit`` made it of others."""

    @abstractmethod
    def choose(self, values: np.ndarray, rows: np.ndarray, priors: np.ndarray) -> Any:
        """The candidate of early fusion that is best on cross-fitted rows."""

    @abstractmethod
    def chosen(self, values: np.ndarray, priors: np.ndarray, choice: Any) -> np.ndarray:
        """Outputs of the chosen candidate."""

    @abstractmethod
    def fit_head(
        self,
        head: Any,
        scores: np.ndarray,
        rows: np.ndarray,
        names: Sequence[str],
        groups: np.ndarray | None,
    ) -> Any:
        """A clone of a head, fitted on a score table of some rows."""

    @abstractmethod
    def fuse(self, head: Any, scores: np.ndarray) -> np.ndarray:
        """Outputs of a fitted head, shape (n_rows, n_outputs)."""

    @abstractmethod
    def fit_late(
        self,
        model: Any,
        data: list[Modality],
        fits: SharedFits,
        pieces: Pieces,
        groups: np.ndarray | None,
    ) -> Any:
        """A late fusion fitted on the rows of some pieces, whose fits are its cross-fit."""

    @abstractmethod
    def fit_early(self, model: Any, blocks: list[Modality], rows: np.ndarray, choice: Any) -> Any:
        """An early fusion fitted on some rows, with the candidate that was chosen."""

    @abstractmethod
    def fit_prior(self, rows: np.ndarray) -> Any:
        """scikit-learn's model that knows nothing, fitted on some rows."""

    @abstractmethod
    def check_own(self, name: str, model: Any) -> None:
        """Refuse an estimator of the user that cannot be judged."""

    @abstractmethod
    def own_target(self, rows: np.ndarray) -> np.ndarray:
        """The target of some rows as the user's own estimators take it."""

    @abstractmethod
    def own_outputs(self, name: str, model: Any, part: Any, train: np.ndarray) -> np.ndarray:
        """Outputs of a user's fitted estimator for a part of the table."""

    def priors(self, train: list[np.ndarray], pieces: Pieces) -> np.ndarray:
        """Prior of the training rows behind each row, shape (n_rows, n_outputs)."""
        return np.concatenate(
            [np.tile(self.prior(train[fit]), (len(rows), 1)) for fit, rows in pieces]
        )
