"""What the names of scores mean: which way is better, their words, how their values are shown."""

from __future__ import annotations

import numpy as np

# Smaller is better. Of all kinds of targets: no scorer of the user may take such a name.
LOSSES = frozenset(
    {
        "log_loss",
        "brier",
        "calibration_error",
        "mean_absolute_error",
        "median_absolute_error",
        "root_mean_squared_error",
        "hamming_loss",
    }
)
# Differences are told in points of a hundred.
SHARES = frozenset(
    {
        "accuracy",
        "balanced_accuracy",
        "precision_macro",
        "recall_macro",
        "f1_macro",
        "f1_micro",
        "roc_auc_ovr",
        "roc_auc_macro",
        "average_precision",
        "ranking_average_precision",
        "subset_accuracy",
    }
)
# In the unit of the target, whatever its size.
UNITS = frozenset({"mean_absolute_error", "median_absolute_error", "root_mean_squared_error"})
WORDS = {
    "roc_auc_ovr": "ROC AUC",
    "roc_auc_macro": "ROC AUC (macro)",
    "f1_macro": "F1 (macro)",
    "f1_micro": "F1 (micro)",
    "brier": "Brier score",
    "hamming_loss": "Hamming loss",
    "r2": "R²",
}


def greater_is_better(metric: str) -> bool:
    """Whether larger scores are better; scorers of scikit-learn are made that way.

    Examples
    --------
    >>> greater_is_better("log_loss"), greater_is_better("neg_log_loss")
    (False, True)
    """
    return metric not in LOSSES


def is_share(metric: str) -> bool:
    """Whether differences are told in points of a hundred: the unit of a scorer is unknown."""
    return metric in SHARES


def metric_in_words(metric: str) -> str:
    """A metric's name for sentences and headings.

    Examples
    --------
    >>> metric_in_words("roc_auc_ovr"), metric_in_words("log_loss")
    ('ROC AUC', 'log loss')
    """
    return WORDS.get(metric, metric.replace("_macro", " (macro)").replace("_", " "))


def capitalised(words: str) -> str:
    """The first letter large, the others as they are.

    Examples
    --------
    >>> capitalised("ROC AUC"), capitalised("log loss")
    ('ROC AUC', 'Log loss')
    """
    return words[:1].upper() + words[1:]


def shown_value(value: float, metric: str) -> str:
    """A score as text: three decimals, or about four digits where it has the target's unit.

    Examples
    --------
    >>> shown_value(0.9123, "accuracy"), shown_value(12345.6, "mean_absolute_error")
    ('0.912', '12,346')
    """
    if np.isnan(value):
        return "–"
    return _in_unit(value) if metric in UNITS else f"{value:.3f}"


def shown_gain(gain: float, metric: str) -> str:
    """A difference with its sign; shares as points of a hundred.

    Examples
    --------
    >>> shown_gain(0.031, "accuracy"), shown_gain(-0.031, "r2")
    ('+3.1', '-0.031')
    """
    if np.isnan(gain):
        return "–"
    if is_share(metric):
        return f"{100 * gain:+.1f}"
    if metric in UNITS:
        return ("+" if gain >= 0 else "-") + _in_unit(abs(gain))
    return f"{gain:+.3f}"


def shown_number(value: float) -> str:
    """A value of the target as text, with about four digits.

    Examples
    --------
    >>> shown_number(3.0), shown_number(1234567.8), shown_number(0.00012)
    ('3', '1,234,568', '0.00012')
    """
    if np.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _in_unit(value: float) -> str:
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}" if size >= 100 else f"{value:.2f}"
    if size >= 0.01 or value == 0:
        return f"{value:.3f}"
    return np.format_float_positional(value, precision=2, fractional=False, trim="-")
