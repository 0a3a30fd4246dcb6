"""Every model of a benchmark, judged on its outer folds from the shared fits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from mmclassic.evaluation._evidence import Evidence, FoldEvidence
from mmclassic.evaluation._metrics import greater_is_better, scores_of
from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome
from mmclassic.evaluation._plan import OuterFold
from mmclassic.evaluation._shared_fits import SharedFits
from mmclassic.fusion._cross_fit import fold_prior, to_scores
from mmclassic.fusion._early import choose_candidate
from mmclassic.fusion._gated_pool import GatedPool
from mmclassic.fusion._heads import fit_head, learns_from_scores
from mmclassic.fusion._log_loss import negative_log_loss
from mmclassic.fusion._log_pool import LogPool
from mmclassic.fusion._stacking import Stacking
from mmclassic.fusion._voting import Voting
from mmclassic.fusion._weighted_sum import WeightedSum
from mmclassic.fusion._weights import simplex_grid

PRIOR = "class prior"
CHOICE = "best modality"
DEFAULT = "log_pool"


def make_heads(n_modalities: int) -> dict[str, Any]:
    """Every head that a benchmark compares, by name.

    Examples
    --------
    >>> list(make_heads(2))
    ['log_pool', 'mean', 'weighted_sum', 'gated', 'voting', 'product', 'stacking']
    """
    heads: dict[str, Any] = {DEFAULT: LogPool(), "mean": WeightedSum()}
    if n_modalities > 1:
        # As fine a grid as costs little: 11, 66, 56 or 35 candidates; then equal steps of a half.
        step = {2: 0.1, 3: 0.1, 4: 0.2, 5: 0.25}.get(n_modalities, 0.5)
        grid = {"weights": simplex_grid(n_modalities, step=step)}
        heads["weighted_sum"] = GridSearchCV(WeightedSum(), grid, scoring=negative_log_loss)
    heads["gated"] = GatedPool()
    heads["voting"] = Voting(rule="hard")
    heads["product"] = Voting(rule="product")
    heads["stacking"] = Stacking()
    return heads


def judge_models(
    fits: SharedFits,
    groups: np.ndarray | None,
    metric: str = "accuracy",
    scoring: Callable[..., dict] = scores_of,
) -> tuple[list[ModelOutcome], Evidence]:
    """The class prior, each modality, the best of them, early fusion and every head.

    Parameters
    ----------
    fits : SharedFits
        Its last member is early fusion.
    groups : ndarray of shape (n_rows,), optional
    metric : str, default="accuracy"
        By which the training rows of each fold choose the best modality.
    scoring : callable, optional
        From codes and probabilities to scores by name, ``metric`` among them.

    Returns
    -------
    outcomes : list of ModelOutcome
    evidence : Evidence
        The score tables of the test rows, and the default heads.
    """
    modalities = list(range(len(fits.members) - 1))
    early = len(modalities)
    folds = list(enumerate(fits.plan.folds))
    outcomes = [_outcome(PRIOR, "prior", [_judge_prior(fits, k, fold) for k, fold in folds])]
    tables = {k: fits.tables(fold, modalities) for k, fold in folds}
    alone = []
    for m in modalities:
        judged = [judge_modality(fits, k, fold, m, tables[k][2][:, m]) for k, fold in folds]
        outcomes.append(_outcome(fits.members[m].name, "modality", judged))
        alone.append(judged)
    if len(modalities) > 1:
        chosen = [
            best_modality(fits, fold.inner, tables[k][1], metric, scoring) for k, fold in folds
        ]
        judged = [
            _paid_for_choosing(fits, fold, alone[m][k], m)
            for (k, fold), m in zip(folds, chosen, strict=True)
        ]
        outcomes.append(_outcome(CHOICE, "choice", judged))
    judged = [judge_early(fits, k, fold, early) for k, fold in folds]
    outcomes.append(_outcome(fits.members[early].name, "early", judged))
    evidence = Evidence((), ())
    for name, head in make_heads(len(modalities)).items():
        heads = [judge_head(fits, k, fold, head, tables[k], groups) for k, fold in folds]
        outcomes.append(_outcome(name, "late", [judged for judged, _ in heads]))
        if name == DEFAULT:
            evidence = _keep_evidence(fits, tables, [fitted for _, fitted in heads])
    return outcomes, evidence


def _outcome(name: str, family: str, folds: list[FoldOutcome]) -> ModelOutcome:
    return ModelOutcome(name, family, name == DEFAULT and family == "late", tuple(folds))


def _keep_evidence(fits: SharedFits, tables: dict[int, tuple], heads: list) -> Evidence:
    """What the report reads contributions and errors from."""
    names = [member.name for member in fits.members[:-1]]
    folds = [
        FoldEvidence(fold.test, tables[k][2], heads[k]) for k, fold in enumerate(fits.plan.folds)
    ]
    return Evidence(tuple(names), tuple(folds))


def _judge_prior(fits: SharedFits, k: int, fold: OuterFold) -> FoldOutcome:
    prior = fold_prior(fits.codes, fits.plan.train[fold.fit], len(fits.classes))
    return FoldOutcome(k, fold.test, np.tile(prior, (len(fold.test), 1)), 0.0, 0.0)


def judge_modality(
    fits: SharedFits, k: int, fold: OuterFold, member: int, scores: np.ndarray
) -> FoldOutcome:
    """One modality alone; rows that do not have it get the class prior."""
    priors = fits.priors([(fold.fit, fold.test)])
    return FoldOutcome(
        k,
        fold.test,
        np.where(np.isnan(scores), priors, scores),
        fits.fit_seconds([fold.fit], [member]),
        fits.predict_seconds(fold.fit, [member]),
    )


def best_modality(
    fits: SharedFits,
    pieces: list,
    scores: np.ndarray,
    metric: str,
    scoring: Callable[..., dict] = scores_of,
) -> int:
    """The modality that is best on cross-fitted rows.

    Parameters
    ----------
    fits : SharedFits
    pieces : list of (int, ndarray of int)
        Fits, and the rows that each scored.
    scores : ndarray of shape (n_rows, n_modalities, n_classes)
        These rows in the order of the table.
    metric : str
        Ties are broken by log-loss.
    scoring : callable, optional
        As in :func:`judge_models`.
    """
    rows = np.concatenate([part for _, part in pieces])
    order = np.argsort(rows)
    priors = fits.priors(pieces)[order]
    filled = np.where(np.isnan(scores), priors[:, None], scores)
    codes = fits.codes[rows[order]]
    found = [scoring(codes, filled[:, m]) for m in range(scores.shape[1])]
    sign = 1 if greater_is_better(metric) else -1
    return max(range(len(found)), key=lambda m: (sign * found[m][metric], -found[m]["log_loss"]))


def _paid_for_choosing(
    fits: SharedFits, fold: OuterFold, judged: FoldOutcome, member: int
) -> FoldOutcome:
    """A modality's outcome with the seconds of the fits that all modalities were compared by."""
    everyone = range(len(fits.members) - 1)
    seconds = fits.fit_seconds([fit for fit, _ in fold.inner], everyone)
    seconds += fits.fit_seconds([fold.fit], [member])
    return replace(judged, fit_seconds=seconds)


def judge_early(fits: SharedFits, k: int, fold: OuterFold, member: int) -> FoldOutcome:
    """Early fusion with the C and the temperature that the training rows choose."""
    inner_rows = np.concatenate([rows for _, rows in fold.inner])
    index, temperature = choose_candidate(
        fits.values(member, fold.inner),
        fits.codes[inner_rows],
        fits.priors(fold.inner),
        fits.head_weight(inner_rows),
    )
    pieces = [(fold.fit, fold.test)]
    values = fits.values(member, pieces)[:, [index]]
    scores = to_scores(values, fits.priors(pieces), np.array([temperature]))[:, 0]
    needed = [fold.fit, *(fit for fit, _ in fold.inner)]
    seconds = fits.fit_seconds(needed, [member])
    return FoldOutcome(k, fold.test, scores, seconds, fits.predict_seconds(fold.fit, [member]))


def judge_head(
    fits: SharedFits, k: int, fold: OuterFold, head: Any, tables: tuple, groups: np.ndarray | None
) -> tuple[FoldOutcome, Any]:
    """A head fitted on the cross-fitted training rows; its seconds include those fits."""
    rows, train_scores, test_scores = tables
    modalities = list(range(train_scores.shape[1]))
    names = [fits.members[m].name for m in modalities]
    needed = [fold.fit]
    if learns_from_scores(head):
        needed += [fit for fit, _ in fold.inner]
    start = time.perf_counter()
    fitted = fit_head(
        clone(head), train_scores, fits.codes[rows], names,
        sample_weight=fits.head_weight(rows), groups=None if groups is None else groups[rows],
    )  # fmt: skip
    middle = time.perf_counter()
    probabilities = fitted.predict_proba(test_scores)
    end = time.perf_counter()
    fit_seconds = middle - start + fits.fit_seconds(needed, modalities)
    predict_seconds = end - middle + fits.predict_seconds(fold.fit, modalities)
    return FoldOutcome(k, fold.test, probabilities, fit_seconds, predict_seconds), fitted
