"""The result of a benchmark: frames, words and files."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import confusion_matrix

from mmclassic.evaluation._comparison import Comparison, compare_models
from mmclassic.evaluation._metrics import GREATER_IS_BETTER
from mmclassic.evaluation._outcome import ModelOutcome
from mmclassic.evaluation._tables import (
    comparisons_frame,
    folds_frame,
    latex_of,
    markdown_of,
    predictions_frame,
    summary_frame,
)
from mmclassic.evaluation._verdict import verdict_of

if TYPE_CHECKING:
    import pandas as pd


class BenchmarkResult:
    """Scores, predictions and the answer in words of one benchmark.

    Parameters
    ----------
    outcomes : sequence of ModelOutcome
        Every model, scored on the same folds.
    y : int array of shape (n_rows,)
        True classes of the whole table, encoded 0 to n_classes - 1.
    classes : array of shape (n_classes,)
        The labels behind the codes.
    metric : str, default="accuracy"
        The score that ranks the models and decides the verdict.
    groups : array of shape (n_rows,), optional
        Rows of one group are no independent evidence: tests and intervals respect that.
    about : dict, optional
        What the report says about the data; every key is optional: ``target`` (str), ``n_rows``
        (int), ``modalities`` (list of str), ``columns`` (modality to list of str), ``splitter``
        (str), ``missing`` and ``unreadable`` (modality to number of cells), ``reproduce`` (str:
        the code or command to run again), ``versions`` (name to version; default: those
        installed). Other keys are shown as they are.
    notes : list of str, optional
        Remarks for the reader, such as reduced folds.
    best_model : callable, optional
        Takes the name of a model, gives it fitted on the whole table.

    Attributes
    ----------
    frame : DataFrame
        One row per model, best first by `metric`, ties broken by log-loss: ``model``, ``family``,
        ``default``, then ``…_mean`` and ``…_std`` of every metric, ``fit_seconds`` and
        ``predict_seconds`` (means over folds). Deviations have ``ddof=0``, as in scikit-learn's
        ``cv_results_``; with one fold they are NaN.
    folds : DataFrame
        One row per model and fold: ``model``, ``fold``, ``n_test``, every metric, seconds.
    predictions : DataFrame
        One row per model and tested row: ``row``, ``fold``, ``model``, ``label`` (the true one),
        ``prediction``, and one column ``probability_<class>`` per class.
    comparisons : DataFrame
        The default fusion against each other model: ``rival``, ``gain`` (above 0 where the
        default fusion is better, also for losses), ``low`` and ``high`` (95 % interval), ``p``
        (two-sided, not corrected for the number of rivals) and ``test``.
    verdict : str
        Whether the default fusion is better than the best single modality, in plain words.
    metric, groups, about, notes, classes
        As given.

    Examples
    --------
    >>> from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome
    >>> def model(name, family, sure):
    ...     rows = np.array([[0, 1], [2, 3]])
    ...     probabilities = np.array([[sure, 1 - sure], [1 - sure, sure]])
    ...     folds = [FoldOutcome(k, rows[k], probabilities, 1.0, 0.1) for k in (0, 1)]
    ...     return ModelOutcome(name, family, family == "late", tuple(folds))
    >>> outcomes = [model("text", "modality", 0.4), model("log_pool", "late", 0.9)]
    >>> result = BenchmarkResult(outcomes, np.array([0, 1, 0, 1]), np.array(["cat", "dog"]))
    >>> result.frame[["model", "accuracy_mean"]]
          model  accuracy_mean
    0  log_pool            1.0
    1      text            0.0
    >>> result.verdict
    'The default fusion (log_pool) has accuracy 1.000. It is not clearly different from the best
    single modality (text, 0.000): +100.0 points [+100.0, +100.0], p = .12. No other model has a
    better accuracy.'
    >>> result.confusion()
    prediction  cat  dog
    label
    cat           2    0
    dog           0    2
    """

    def __init__(
        self,
        outcomes: Sequence[ModelOutcome],
        y: np.ndarray,
        classes: np.ndarray,
        *,
        metric: str = "accuracy",
        groups: np.ndarray | None = None,
        about: dict[str, Any] | None = None,
        notes: Sequence[str] | None = None,
        best_model: Callable[[str], Any] | None = None,
    ):
        self.outcomes = tuple(outcomes)
        self.y = np.asarray(y)
        self.classes = np.asarray(classes)
        self.metric = metric
        self.groups = groups
        self.about = dict(about or {})
        self.notes = list(notes or [])
        self._best_model = best_model
        self._check()
        self.folds = folds_frame(self.outcomes, self.y)
        self.frame = summary_frame(self.outcomes, self.folds, metric)

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """The default fusion against each other model, made when first asked for."""
        return comparisons_frame(self._comparisons, self.metric)

    @cached_property
    def verdict(self) -> str:
        """The answer in words, made when first asked for."""
        n_folds = self.folds["fold"].nunique()
        return verdict_of(self.frame, self._comparisons, self.metric, n_folds)

    @cached_property
    def _comparisons(self) -> dict[str, Comparison]:
        default = [outcome for outcome in self.outcomes if outcome.default][:1]
        return {
            rival.name: compare_models(ours, rival, self.y, self.metric, self.groups)
            for ours in default
            for rival in self.outcomes
            if rival is not ours
        }

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """One row per model and tested row, made when first asked for."""
        return predictions_frame(self.outcomes, self.y, self.classes)

    def confusion(self, model: str | None = None) -> pd.DataFrame:
        """Confusion matrix of one model, summed over the folds.

        Parameters
        ----------
        model : str, optional
            Default: the default fusion, or the best model where there is none.

        Returns
        -------
        matrix : DataFrame of int of shape (n_classes, n_classes)
            Rows are the true labels, columns the predicted ones.
        """
        import pandas as pd

        folds = self._outcome(self._shown_model() if model is None else model).folds
        true = np.concatenate([self.y[fold.rows] for fold in folds])
        predicted = np.concatenate([fold.probabilities.argmax(axis=1) for fold in folds])
        return pd.DataFrame(
            confusion_matrix(true, predicted, labels=np.arange(len(self.classes))),
            index=pd.Index(self.classes, name="label"),
            columns=pd.Index(self.classes, name="prediction"),
        )

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
            If the result was made without a way to fit models.
        """
        name = self._outcome(self.frame["model"].iloc[0] if name is None else name).name
        if self._best_model is None:
            raise RuntimeError(
                "This result holds scores only: it was made without best_model=, so no model can "
                "be fitted from it."
            )
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
        return _written(markdown_of(self.frame, _known(metrics)), path)

    def to_latex(self, path: str | Path | None = None, *, metrics=None) -> str:
        """The table as LaTeX for the package booktabs, the best of every column in bold.

        Parameters
        ----------
        path : str or Path, optional
            Also write it there (UTF-8).
        metrics : list of str, optional
            Which scores to show. Default: all.
        """
        return _written(latex_of(self.frame, _known(metrics)), path)

    def to_html(self, path: str | Path) -> Path:
        """Write the report as one self-contained page.

        Parameters
        ----------
        path : str or Path
            Its folder must exist.

        Returns
        -------
        path : Path
        """
        from mmclassic.evaluation._report import render_report

        path = Path(path)
        path.write_text(render_report(self), encoding="utf-8")
        return path

    def __repr__(self) -> str:
        columns = ["model", f"{self.metric}_mean", f"{self.metric}_std"]
        if self.metric != "log_loss":
            columns.append("log_loss_mean")
        table = self.frame[columns].to_string(index=False, float_format="{:.3f}".format)
        counts = (
            f"{len(self.frame)} models, {self.folds['fold'].nunique()} folds, "
            f"{len(self.y)} rows, {len(self.classes)} classes"
        )
        return f"BenchmarkResult: {counts}\n{table}\n{self.verdict}"

    def _repr_html_(self) -> str:
        columns = [f"{name}_mean" for name in dict.fromkeys([self.metric, "log_loss"])]
        table = self.frame[["model", "family", *columns, *("fit_seconds", "predict_seconds")]]
        shown = table.to_html(index=False, escape=True, float_format="{:.3f}".format, border=0)
        return f"<div><p>{html.escape(self.verdict)}</p>{shown}</div>"

    def _shown_model(self) -> str:
        """The default fusion, or the best model where there is none."""
        defaults = self.frame.loc[self.frame["default"], "model"]
        return str((defaults if len(defaults) else self.frame["model"]).iloc[0])

    def _outcome(self, name: str) -> ModelOutcome:
        for outcome in self.outcomes:
            if outcome.name == name:
                return outcome
        known = ", ".join(outcome.name for outcome in self.outcomes)
        raise ValueError(f"There is no model {name!r}; the models are: {known}.")

    def _check(self) -> None:
        _known([self.metric])
        if not self.outcomes:
            raise ValueError("A benchmark result needs at least one model.")
        names = [outcome.name for outcome in self.outcomes]
        if len(set(names)) < len(names):
            raise ValueError(f"Two models have the same name: {', '.join(sorted(names))}.")
        first = self.outcomes[0].folds
        for outcome in self.outcomes:
            same = len(outcome.folds) == len(first) and all(
                fold.fold == other.fold and np.array_equal(fold.rows, other.rows)
                for fold, other in zip(outcome.folds, first, strict=True)
            )
            if not same:
                raise ValueError(
                    f"Models {outcome.name!r} and {names[0]!r} were tested on different folds: "
                    "their scores cannot be compared."
                )
            widths = {fold.probabilities.shape[1] for fold in outcome.folds}
            if widths != {len(self.classes)}:
                raise ValueError(
                    f"Model {outcome.name!r} has probabilities of {sorted(widths)} classes, "
                    f"there are {len(self.classes)} labels."
                )


def _known(metrics: Sequence[str] | None) -> list[str]:
    metrics = list(GREATER_IS_BETTER) if metrics is None else list(metrics)
    for metric in metrics:
        if metric not in GREATER_IS_BETTER:
            raise ValueError(
                f"There is no metric {metric!r}; the metrics are: {', '.join(GREATER_IS_BETTER)}."
            )
    return metrics


def _written(text: str, path: str | Path | None) -> str:
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text
