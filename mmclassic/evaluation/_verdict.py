"""The answer in words: is the default fusion better than the best single modality?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._metric_names import is_share, metric_in_words, shown_gain, shown_value

if TYPE_CHECKING:
    import pandas as pd

    from mmclassic.evaluation._comparison import Comparison


def verdict_of(
    frame: pd.DataFrame, comparisons: Mapping[str, Comparison], metric: str, n_folds: int
) -> str:
    """Some plain sentences on the default fusion and its rivals.

    Parameters
    ----------
    frame : DataFrame
        One row per model, best first: ``BenchmarkResult.frame``.
    comparisons : dict of str to Comparison
        Of the default fusion with each other model.
    metric : str
        Which score decides.
    n_folds : int

    Returns
    -------
    verdict : str
        A difference is claimed only where it is significant at the level of 5 %. The best single
        modality is the one that the training rows of each fold choose, where that was judged.
    """
    best = frame.iloc[0]
    if not frame["default"].any():
        return f"No default fusion was scored. {_best_in_words(best, metric, False)}"
    default = frame[frame["default"]].iloc[0]
    mean = _number(default[f"{metric}_mean"], metric)
    sentences = [f"The default fusion ({default['model']}) has {metric_in_words(metric)} {mean}."]
    for family, title in _rivals(frame):
        rival = frame[frame["family"] == family].iloc[0]
        named = f"{title}{_number(rival[f'{metric}_mean'], metric)})"
        if family == "prior":
            named = f"the {rival['model']} {named}"
        if family == "modality":
            named = named.replace("(", f"({rival['model']}, ", 1)
        words = _comparison_in_words(comparisons[rival["model"]], named, metric)
        sentences.append(f"It {words}.")
    is_level = _number(best[f"{metric}_mean"], metric) == mean  # in the digits that are shown
    sentences.append(_best_in_words(best, metric, is_level))
    if n_folds == 1:
        sentences.append(
            "There is one test fold only: how results vary with the training rows is unknown."
        )
    return " ".join(sentences)


def _rivals(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Families that the default fusion is compared with, and what the best of each is called."""
    titles = {
        "choice": "the best single modality, chosen on the training rows (",
        "modality": "the best single modality (",
        "early": "early fusion (",
        "prior": "(",
    }
    known = set(frame["family"])
    if "choice" in known:
        known.discard("modality")
    return [(family, title) for family, title in titles.items() if family in known]


def _comparison_in_words(comparison: Comparison, rival: str, metric: str) -> str:
    if np.isnan(comparison.gain):
        return f"cannot be compared with {rival}"
    sure = []
    if not np.isnan(comparison.low):
        sure.append(
            f" [{shown_gain(comparison.low, metric)}, {shown_gain(comparison.high, metric)}]"
        )
    sure.append("" if np.isnan(comparison.p) else f", {p_in_words(comparison.p)}")
    unit = " points" if is_share(metric) else ""
    size = f"{shown_gain(comparison.gain, metric)}{unit}{''.join(sure)}"
    if np.isnan(comparison.p):
        word = "is ahead of" if comparison.gain > 0 else "is behind"
        return f"is level with {rival}" if comparison.gain == 0 else f"{word} {rival}: {size}"
    if not comparison.clear:
        return f"is not clearly different from {rival}: {size}"
    return f"{'beats' if comparison.gain > 0 else 'loses to'} {rival}: {size}"


def p_in_words(p: float) -> str:
    """A p-value as it is printed.

    Examples
    --------
    >>> p_in_words(0.0004), p_in_words(0.0312), p_in_words(0.51)
    ('p < .001', 'p = .031', 'p = .51')
    """
    if p < 0.001:
        return "p < .001"
    text = f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
    return f"p = {text.removeprefix('0')}"


def _best_in_words(best: pd.Series, metric: str, is_level: bool) -> str:
    """``is_level``: whether the default fusion is the best model, or as good."""
    name, words = best["model"], metric_in_words(metric)
    if is_level:
        return f"No other model has a better {words}."
    return f"The best model by {words} is {name} ({_number(best[f'{metric}_mean'], metric)})."


def _number(value: float, metric: str) -> str:
    return "undefined" if np.isnan(value) else shown_value(value, metric)
