"""The result of a benchmark: frames, words and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic.evaluation._calibration import calibration_frame
from mmclassic.evaluation._comparison import Comparison, compare_with_default
from mmclassic.evaluation._contributions import Contributions, contributions_of, weights_of
from mmclassic.evaluation._data_quality import quality_frame
from mmclassic.evaluation._evidence import Evidence
from mmclassic.evaluation._outcome import (
    ModelOutcome,
    check_outcomes,
    fold_of_rows,
    outcome_named,
    prior_name_of,
)
from mmclassic.evaluation._scoring import Scoring
from mmclassic.evaluation._sources import Sources
from mmclassic.evaluation._tables import (
    comparisons_frame,
    confusion_frame,
    folds_frame,
    known_metrics,
    latex_of,
    markdown_of,
    predictions_frame,
    summary_frame,
    written,
)
from mmclassic.evaluation._to_json import json_of
from mmclassic.evaluation._to_text import html_of, text_of
from mmclassic.evaluation._verdict import verdict_of
from mmclassic.evaluation._views import view_of

if TYPE_CHECKING:
    import pandas as pd


class BenchmarkResult:
    """Scores, predictions and the answer in words of one benchmark.

    Parameters
    ----------
    outcomes : sequence of ModelOutcome
        Every model, scored on the same folds.
    y : array of shape (n_rows,), or (n_rows, n_labels)
        True classes of the whole table, encoded 0 to n_classes - 1; numbers; an indicator.
    classes : array of shape (n_classes,)
        The labels behind the codes; the names of the labels; empty for numbers.
    task : {"classification", "regression", "multilabel"}, default="classification"
    metric : str, optional
        The score that ranks the models and decides the verdict. Default: "accuracy", "r2" or
        "subset_accuracy".
    groups : array of shape (n_rows,), optional
        Rows of one group are no independent evidence: tests and intervals respect that.
    about : dict, optional
        What the report says about the data: ``target``, ``n_rows``, ``modalities``, ``columns``
        (of each), ``splitter``, ``missing`` and ``unreadable`` (modality to number of cells),
        ``reproduce`` (code), ``versions``. Each may be absent; others are shown as they are.
    notes : list of str, optional
        Remarks for the reader, such as reduced folds.
    best_model : callable, optional
        Takes the name of a model, gives it fitted on the whole table.
    evidence, sources : optional
        For the report: score tables of the test rows with the default heads; the table.
    scoring, learning_curve, robustness, model_bytes : optional
        As ``benchmark`` makes them: further scores, two DataFrames, sizes by model.

    Attributes
    ----------
    frame : DataFrame
        One row per model, best first by `metric`, ties broken by log-loss (root mean squared
        error): ``model``, ``family``, ``default``, ``…_mean`` and ``…_std`` (``ddof=0``, as in
        scikit-learn's ``cv_results_``; NaN with one fold) of every metric, ``fit_seconds`` and
        ``predict_seconds`` (means over folds), and ``model_bytes`` where known.
    folds : DataFrame
        One row per model and fold: ``model``, ``fold``, ``n_test``, every metric, seconds.
    predictions : DataFrame
        ``row``, ``fold``, ``model``, ``label``, ``prediction``, ``probability_<class>``, …; of a
        regression ``error`` in place of probabilities.
    comparisons : DataFrame
        The default fusion against each ``rival``: ``gain`` (above 0 where the default is better,
        also for losses), 95 % interval ``low`` to ``high``, ``p`` (two-sided), ``test``.
    contributions, overlap, weights, calibration, rows_to_look_at, data_quality : DataFrame
        What the report shows; each says below what it holds. The first three and the rows need
        evidence: without it they raise a RuntimeError. A regression has no calibration (None).
    verdict : str
        Whether the default fusion is better than the best single modality, in plain words.
    metrics : list of str
        Names of all scores.
    task, metric, groups, about, notes, classes, evidence, sources, learning_curve, robustness
        As given.

    Examples
    --------
    >>> from mmclassic import benchmark, load_demo
    >>> result = benchmark(load_demo(n_samples=100), "label", text="text", cv=3)
    >>> sorted(set(result.frame["family"]))
    ['early', 'late', 'modality', 'prior']
    """

    def __init__(
        self,
        outcomes: Sequence[ModelOutcome],
        y: np.ndarray,
        classes: np.ndarray,
        *,
        task: str = "classification",
        metric: str | None = None,
        groups: np.ndarray | None = None,
        about: dict[str, Any] | None = None,
        notes: Sequence[str] | None = None,
        best_model: Callable[[str], Any] | None = None,
        evidence: Evidence | None = None,
        sources: Sources | None = None,
        scoring: Scoring | None = None,
        learning_curve: pd.DataFrame | None = None,
        robustness: pd.DataFrame | None = None,
        model_bytes: Mapping[str, float] | None = None,
    ):
        self.outcomes = tuple(outcomes)
        self.y = np.asarray(y)
        self.classes = np.asarray(classes)
        self.task = task
        self._view = view_of(task, self.y, self.classes)
        self.metric = self._view.metrics.default if metric is None else metric
        self.groups = groups
        self.about = dict(about or {})
        self.notes = list(notes or [])
        self.evidence = evidence
        self.sources = sources
        self.learning_curve = learning_curve
        self.robustness = robustness
        self._best_model = best_model
        plain = Scoring({}, self.classes, self._view.metrics)
        self._scoring = plain if scoring is None else scoring
        self.metrics = self._scoring.names
        known_metrics([self.metric], self.metrics)
        check_outcomes(self.outcomes, self._view.n_outputs)
        self.folds = folds_frame(self.outcomes, self.y, self._scoring)
        self.frame = summary_frame(
            self.outcomes, self.folds, self.metric, self._scoring, model_bytes
        )

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """The default fusion against each other model."""
        return comparisons_frame(self._comparisons, self.metric)

    @cached_property
    def verdict(self) -> str:
        """The answer in words."""
        return verdict_of(self.frame, self._comparisons, self.metric, len(self.outcomes[0].folds))

    @cached_property
    def _comparisons(self) -> dict[str, Comparison]:
        return compare_with_default(self.outcomes, self.y, self.metric, self.groups, self._scoring)

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """Each modality's ``n_rows``, and two scores ``…_alone`` and ``…_without`` it.

        Accuracy and log-loss (R² and root mean squared error; subset accuracy and log-loss).
        ``…_shapley`` values are gains: they sum to the gain over the prior.
        """
        return self._contributions.frame

    @cached_property
    def overlap(self) -> pd.DataFrame:
        """For each pair of modalities, how many rows both, one or none has right.

        Over rows that have both. ``oracle`` is the accuracy of always picking the right one. Of a
        regression: how their errors are correlated, and the error of the better one.
        """
        return self._view.overlap_frame(self._known_evidence().once)

    @cached_property
    def weights(self) -> pd.DataFrame | None:
        """Weights of the default fusion: ``mean`` and ``std`` over folds, ``share`` of the sum."""
        return weights_of(self._known_evidence())

    @cached_property
    def rows_to_look_at(self) -> pd.DataFrame:
        """The twenty rows most worth a look: confident and wrong, or modalities disagree."""
        return self._view.rows_frame(self._known_evidence().once)

    @cached_property
    def calibration(self) -> pd.DataFrame | None:
        """Accuracy by confidence, of the mean of the modalities and of the default fusion."""
        if not self._view.answers:
            return None
        return calibration_frame(self.outcomes, self._shown_model(), self._view)

    @cached_property
    def data_quality(self) -> pd.DataFrame:
        """Gaps, damage, duplicates and leaks: one row per ``check`` and ``modality``."""
        folds = fold_of_rows(self.outcomes[0], len(self.y))
        return quality_frame(self.about, self._view, folds, self.sources)

    @cached_property
    def _contributions(self) -> Contributions:
        return contributions_of(self._known_evidence(), self.y, self._view.metrics)

    def _known_evidence(self) -> Evidence:
        if self.evidence is None:
            raise RuntimeError("This result was made without evidence=: only scores are known.")
        return self.evidence

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """One row per model and tested row."""
        return predictions_frame(self.outcomes, self._view.columns)

    def confusion(self, model: str | None = None) -> pd.DataFrame:
        """Confusion matrix of one model, summed over the folds.

        Parameters
        ----------
        model : str, optional
            Default: the default fusion, or the best model where there is none.

        Returns
        -------
        matrix : DataFrame of int of shape (n_classes, n_classes), rows the true labels
            A ValueError where this is no classification.
        """
        if self.task != "classification":
            raise ValueError(f"A {self.task} benchmark has no confusion matrix: see predictions.")
        name = self._shown_model() if model is None else model
        return confusion_frame(self._outcome(name), self.y, self.classes)

    def best_model(self, name: str | None = None) -> Any:
        """A model fitted on the whole table.

        Parameters
        ----------
        name : str, optional
            A name from ``frame["model"]``. Default: the first, which is the best by `metric`.

        Raises
        ------
        ValueError
            If there is no model of this name.
        RuntimeError
            If the result was made without ``best_model``.
        """
        name = self._outcome(self.frame["model"].iloc[0] if name is None else name).name
        if self._best_model is None:
            raise RuntimeError("This result was made without best_model=: no model can be fitted.")
        return self._best_model(name)

    def to_markdown(self, path: str | Path | None = None, *, metrics=None) -> str:
        """The table as Markdown, the best of every column in bold.

        Parameters
        ----------
        path : str or Path, optional
            Also write it there (UTF-8).
        metrics : list of str, optional
            Which scores to show. Default: all.
        """
        return written(markdown_of(self.frame, known_metrics(metrics, self.metrics)), path)

    def to_latex(self, path: str | Path | None = None, *, metrics=None) -> str:
        """The table as LaTeX for the package booktabs, the best of every column in bold.

        Parameters
        ----------
        path, metrics : optional
            As of ``to_markdown``.
        """
        return written(latex_of(self.frame, known_metrics(metrics, self.metrics)), path)

    def to_json(self, path: str | Path | None = None) -> str:
        """All frames and words as JSON; NaN and what is unknown are null.

        Parameters
        ----------
        path : str or Path, optional
            Also write it there (UTF-8).
        """
        return written(json_of(self), path)

    def to_html(self, path: str | Path, *, robustness: pd.DataFrame | None = None) -> Path:
        """Write the report as one self-contained page.

        Parameters
        ----------
        path : str or Path
            Its folder must exist.
        robustness : DataFrame, optional
            As ``robustness_curve`` gives it, to be shown in place of ``self.robustness``.

        Returns
        -------
        path : Path
        """
        from mmclassic.evaluation._report import render_report

        path = Path(path)
        shown = self.robustness if robustness is None else robustness
        path.write_text(render_report(self, shown), encoding="utf-8")
        return path

    __repr__ = text_of
    _repr_html_ = html_of

    def _shown_model(self) -> str:
        """The default fusion, or the best model where there is none."""
        defaults = self.frame.loc[self.frame["default"], "model"]
        return str((defaults if len(defaults) else self.frame["model"]).iloc[0])

    def _prior_name(self) -> str:
        return prior_name_of(self.outcomes)

    def _outcome(self, name: str) -> ModelOutcome:
        return outcome_named(self.outcomes, name)
