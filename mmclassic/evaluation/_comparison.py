"""Two models on the same folds: the difference, how sure it is, and the test behind that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from mmclassic.evaluation._metric_names import greater_is_better
from mmclassic.evaluation._outcome import ModelOutcome
from mmclassic.evaluation._scoring import Scoring

NAN = float("nan")
N_RESAMPLES = 2000
LEVEL = 0.95
# Fewer groups than these say too little of how groups vary.
LEAST_GROUPS = 10
CLASSES = Scoring({}, np.array([]))
# A bound on memory.
DRAWS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Comparison:
    """One model against another.

    Attributes
    ----------
    gain : float
        Mean over folds of the difference; above 0 where the first model is better, also for losses.
    low, high : float
        95 % interval of the gain; NaN where there is none.
    p : float
        Two-sided; NaN where no test applies.
    test : str
        "McNemar", "paired t", "corrected t", "bootstrap" or "".
    """

    gain: float
    low: float
    high: float
    p: float
    test: str

    @property
    def clear(self) -> bool:
        """Whether the difference is significant at the level of 5 %."""
        return bool(self.p < 1 - LEVEL)


def compare_models(
    ours: ModelOutcome,
    theirs: ModelOutcome,
    y: np.ndarray,
    metric: str,
    groups: np.ndarray | None = None,
    scoring: Scoring = CLASSES,
) -> Comparison:
    """How much better the first model is, and whether that may be chance.

    Accuracy of independent rows, each tested once, is tested by McNemar's exact test on the pooled
    predictions, the errors of a regression by a paired t-test of the rows; all else over folds by
    the corrected resampled t-test, or with one fold by the bootstrap. The interval of scores that
    are means over rows comes from the bootstrap of rows within folds; of other scores, and where
    there are groups or rows are tested more than once, from the t-test. With one fold whole groups
    are drawn, if there are ten at least.

    Parameters
    ----------
    ours, theirs : ModelOutcome
        On the same folds.
    y : ndarray of shape (n_rows,), or (n_rows, n_labels)
        Codes of classes, numbers, or an indicator.
    metric : str
        A key of what ``scoring`` gives.
    groups : ndarray of shape (n_rows,), optional
    scoring : Scoring, optional

    Returns
    -------
    comparison : Comparison
    """
    differences = _row_gains(ours, theirs, y, metric, scoring)
    if differences is None:
        sign = 1.0 if greater_is_better(metric) else -1.0
        scores = [_fold_scores(outcome, y, metric, scoring) for outcome in (ours, theirs)]
        gains = sign * (scores[0] - scores[1])
    else:
        gains = np.array([part.mean() for part in differences])
    kept = np.isfinite(gains)
    if not kept.any():
        return Comparison(NAN, NAN, NAN, NAN, "")
    low = high = p = NAN
    test = ""
    n_test = np.array([len(fold.rows) for fold in ours.folds])
    rows = np.concatenate([fold.rows for fold in ours.folds])
    once = len(np.unique(rows)) == len(rows)
    if kept.sum() > 1:
        share = n_test.mean() / max(len(np.unique(rows)) - n_test.mean(), 1)
        p, half = corrected_resampled_t(gains[kept], share)
        low, high, test = gains[kept].mean() - half, gains[kept].mean() + half, "corrected t"
    if differences is not None and once and kept.all() and _enough_to_draw(ours, groups):
        means = bootstrap_means(differences, _groups_of(ours, groups))
        low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        if len(gains) == 1:
            p, test = _bootstrap_p(means), "bootstrap"
    if differences is not None and groups is None and once:
        pooled = np.concatenate([part for part in differences if np.isfinite(part).all()])
        if metric == scoring.metrics.right_or_wrong:
            p, test = mcnemar(pooled), "McNemar"
        elif metric in scoring.metrics.paired and len(pooled) > 1:
            p, test = paired_t(pooled), "paired t"
    return Comparison(float(gains[kept].mean()), float(low), float(high), float(p), test)


def compare_with_default(
    outcomes: Sequence[ModelOutcome],
    y: np.ndarray,
    metric: str,
    groups: np.ndarray | None = None,
    scoring: Scoring = CLASSES,
) -> dict[str, Comparison]:
    """The default fusion against each other model by its name; empty where there is none."""
    default = [outcome for outcome in outcomes if outcome.default][:1]
    return {
        rival.name: compare_models(ours, rival, y, metric, groups, scoring)
        for ours in default
        for rival in outcomes
        if rival is not ours
    }


def corrected_resampled_t(differences: np.ndarray, test_share: float) -> tuple[float, float]:
    """Two-sided p of a mean difference over folds, and half the width of its 95 % interval.

    Folds share training rows, so their differences vary too little; the variance is multiplied by
    1 / n_folds + n_test / n_train instead of 1 / n_folds.

    Parameters
    ----------
    differences : ndarray of shape (n_folds,), at least two
        Of all folds of all repetitions.
    test_share : float
        n_test / n_train of one fold.

    References
    ----------
    C. Nadeau, Y. Bengio: Inference for the generalization error. Machine Learning 52, 2003.

    Examples
    --------
    >>> p, half = corrected_resampled_t(np.array([0.02, 0.03, 0.01, 0.02, 0.02]), 0.25)
    >>> round(p, 3), round(half, 3)
    (0.014, 0.013)
    """
    n_folds = len(differences)
    error = np.sqrt((1 / n_folds + test_share) * np.var(differences, ddof=1))
    half = stats.t.ppf((1 + LEVEL) / 2, n_folds - 1) * error
    mean = np.mean(differences)
    if error < 1e-12 * max(abs(mean), 1e-300) or error == 0:
        return (1.0 if mean == 0 else 0.0), 0.0
    return float(2 * stats.t.sf(abs(mean) / error, n_folds - 1)), float(half)


def mcnemar(differences: np.ndarray) -> float:
    """Exact two-sided p of two models' right and wrong answers to the same rows.

    Parameters
    ----------
    differences : ndarray of shape (n_rows,)
        1 where only the first is right, -1 where only the second is, 0 where they agree.

    References
    ----------
    Q. McNemar: Note on the sampling error of the difference between correlated proportions.
    Psychometrika 12, 1947.

    Examples
    --------
    >>> mcnemar(np.array([1, 1, 1, 1, 1, 1, -1, 0, 0]))
    0.125
    """
    first, second = int((differences > 0).sum()), int((differences < 0).sum())
    if first + second == 0:
        return 1.0
    return float(stats.binomtest(first, first + second).pvalue)


def paired_t(differences: np.ndarray) -> float:
    """Two-sided p that two models' errors of the same rows have the same mean.

    Parameters
    ----------
    differences : ndarray of shape (n_rows,)
        Of independent rows.

    Examples
    --------
    >>> round(paired_t(np.array([1.0, 2.0, 1.5, 0.5])), 3)
    0.03
    """
    error = np.std(differences, ddof=1) / np.sqrt(len(differences))
    mean = np.mean(differences)
    if error < 1e-12 * max(abs(mean), 1e-300) or error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * stats.t.sf(abs(mean) / error, len(differences) - 1))


def bootstrap_means(
    differences: Sequence[np.ndarray], groups: Sequence[np.ndarray] | None = None
) -> np.ndarray:
    """Means over folds of resampled rows' differences, shape (2000,).

    Parameters
    ----------
    differences : sequence of ndarray of shape (n_test,)
        For each fold.
    groups : sequence of int ndarray of shape (n_test,), optional
        For each fold; whole groups are drawn.

    References
    ----------
    B. Efron, R. Tibshirani: An Introduction to the Bootstrap. Chapman & Hall, 1993.
    """
    rng = np.random.default_rng(0)
    total = np.zeros(N_RESAMPLES)
    for index, values in enumerate(differences):
        sums, sizes = values, np.ones(len(values))
        if groups is not None:
            codes = np.unique(groups[index], return_inverse=True)[1]
            sums, sizes = np.bincount(codes, weights=values), np.bincount(codes).astype(float)
        at_once = max(1, DRAWS_AT_ONCE // len(sums))
        for start in range(0, N_RESAMPLES, at_once):
            block = total[start : start + at_once]
            drawn = rng.integers(0, len(sums), (len(block), len(sums)))
            block += sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    return total / len(differences)


def _bootstrap_p(means: np.ndarray) -> float:
    beyond = min((means <= 0).sum(), (means >= 0).sum())
    return float(min(1.0, 2 * (beyond + 1) / (len(means) + 1)))


def _fold_scores(outcome: ModelOutcome, y: np.ndarray, metric: str, scoring: Scoring) -> np.ndarray:
    return np.array([scoring(y[fold.rows], fold.outputs)[metric] for fold in outcome.folds])


def _row_gains(
    ours: ModelOutcome, theirs: ModelOutcome, y: np.ndarray, metric: str, scoring: Scoring
) -> list[np.ndarray] | None:
    """Each row's part of the gain, fold by fold; None for scores that are no mean over rows."""
    part = scoring.metrics.parts.get(metric)
    if part is None:
        return None
    sign = 1.0 if greater_is_better(metric) else -1.0
    return [
        sign * (part(y[a.rows], a.outputs) - part(y[b.rows], b.outputs))
        for a, b in zip(ours.folds, theirs.folds, strict=True)
    ]


def _enough_to_draw(outcome: ModelOutcome, groups: np.ndarray | None) -> bool:
    """Whether the bootstrap within folds says something: a fold often holds one or two groups."""
    if groups is None:
        return True
    [first, *others] = outcome.folds
    return not others and len(np.unique(np.asarray(groups)[first.rows])) >= LEAST_GROUPS


def _groups_of(outcome: ModelOutcome, groups: np.ndarray | None) -> list[np.ndarray] | None:
    if groups is None:
        return None
    codes = np.unique(np.asarray(groups), return_inverse=True)[1]
    return [codes[fold.rows] for fold in outcome.folds]
