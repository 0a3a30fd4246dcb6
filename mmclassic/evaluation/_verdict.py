"""The answer in words: is the default fusion better than the best single modality?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._metrics import GREATER_IS_BETTER

if TYPE_CHECKING:
    import pandas as pd


def metric_in_words(metric: str) -> str:
    """A metric's name for sentences and headings.

    Examples
    --------
    >>> metric_in_words("roc_auc_ovr"), metric_in_words("log_loss")
    ('ROC AUC', 'log loss')
    """
    special = {"roc_auc_ovr": "ROC AUC", "f1_macro": "F1 (macro)", "brier": "Brier score"}
    words = metric.replace("_macro", " (macro)").replace("_", " ")
    return special.get(metric, words)


def paired_gain(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, float]:
    """Mean of paired differences and its standard error.

    Parameters
    ----------
    ours, theirs : array of shape (n_folds,)
        Scores on the same folds; folds where either is NaN are left out.

    Returns
    -------
    gain : float
        Mean of ``ours - theirs``; NaN without folds.
    error : float
        Standard deviation of the differences (``ddof=1``) over the root of their number; NaN with
        fewer than two folds. Folds share training rows, so it is somewhat too small.

    Examples
    --------
    >>> gain, error = paired_gain(np.array([0.8, 0.9, 0.7]), np.array([0.7, 0.7, 0.7]))
    >>> round(gain, 3), round(error, 4)
    (0.1, 0.0577)
    """
    differences = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    differences = differences[np.isfinite(differences)]
    if len(differences) == 0:
        return float("nan"), float("nan")
    if len(differences) == 1:
        return float(differences[0]), float("nan")
    return (
        float(differences.mean()),
        float(differences.std(ddof=1) / np.sqrt(len(differences))),
    )


def verdict_of(frame: pd.DataFrame, folds: pd.DataFrame, metric: str) -> str:
    """Two to four plain sentences on the default fusion and its rivals.

    Parameters
    ----------
    frame : DataFrame
        One row per model, best first: ``BenchmarkResult.frame``.
    folds : DataFrame
        One row per model and fold: ``BenchmarkResult.folds``.
    metric : str
        Which score decides.

    Returns
    -------
    verdict : str
        "better" and "worse" are said when the mean difference exceeds its standard error, "about
        as good" when it does not.
    """
    best = frame.iloc[0]
    if not frame["default"].any():
        return f"No default fusion was scored. {_best_in_words(best, metric, False)}"
    default = frame[frame["default"]].iloc[0]

    def against(rival: pd.Series, title: str) -> str:
        by_fold = folds.pivot(index="fold", columns="model", values=metric)
        gain, error = paired_gain(by_fold[default["model"]], by_fold[rival["model"]])
        named = f"{title}{_number(rival[f'{metric}_mean'])})"
        return _gain_in_words(gain if GREATER_IS_BETTER[metric] else -gain, error, named, metric)

    titles = {
        "modality": "the best single modality ({model}, ",
        "early": "early fusion (",
        "prior": "the class prior (",
    }
    parts = []
    for family, title in titles.items():
        rivals = frame[frame["family"] == family]
        if len(rivals):
            rival = rivals.iloc[0]
            parts.append(against(rival, title.replace("{model}", str(rival["model"]))))
    mean = _number(default[f"{metric}_mean"])
    subject = f"The default fusion ({default['model']}) has {metric_in_words(metric)} {mean}"
    sentences = [f"{', '.join([subject, *parts[:1]])}."]
    if parts[1:]:
        sentences.append(f"It is {', and '.join(parts[1:])}.")
    is_level = _number(best[f"{metric}_mean"]) == mean  # in the digits that are shown
    sentences.append(_best_in_words(best, metric, is_level))
    if folds["fold"].nunique() == 1:
        sentences.append(
            "There is one test fold only, so the differences have no standard error and small "
            "ones may be chance."
        )
    return " ".join(sentences)


def _gain_in_words(gain: float, error: float, rival: str, metric: str) -> str:
    """For ``gain > 0`` where the default fusion is the better one."""
    if np.isnan(gain):
        return f"not comparable with {rival}"
    size = _size(gain, metric)
    if np.isnan(error):
        if gain == 0:
            return f"level with {rival}"
        return f"{'ahead of' if gain > 0 else 'behind'} {rival} by {size}"
    spread = f"(standard error {_size(error, metric).removesuffix(' points')})"
    if abs(gain) <= error:
        return f"about as good as {rival}, {size} {'ahead' if gain >= 0 else 'behind'} {spread}"
    return f"{'better' if gain > 0 else 'worse'} than {rival} by {size} {spread}"


def _best_in_words(best: pd.Series, metric: str, is_level: bool) -> str:
    """``is_level``: whether the default fusion is the best model, or as good."""
    name, words = best["model"], metric_in_words(metric)
    if is_level:
        return f"No other model has a better {words}."
    return f"The best model by {words} is {name} ({_number(best[f'{metric}_mean'])})."


def _size(gain: float, metric: str) -> str:
    """Shares as points of a hundred; losses in their own unit."""
    return f"{100 * abs(gain):.1f} points" if GREATER_IS_BETTER[metric] else f"{abs(gain):.3f}"


def _number(value: float) -> str:
    return "undefined" if np.isnan(value) else f"{value:.3f}"
