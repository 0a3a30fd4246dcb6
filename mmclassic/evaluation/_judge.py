"""Every model of a benchmark, judged on its outer folds from the shared fits."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np

from mmclassic.evaluation._evidence import Evidence, FoldEvidence
from mmclassic.evaluation._metric_names import greater_is_better
from mmclassic.evaluation._outcome import FoldOutcome, ModelOutcome
from mmclassic.evaluation._plan import OuterFold
from mmclassic.evaluation._scoring import Scoring
from mmclassic.evaluation._shared_fits import SharedFits
from mmclassic.fusion._heads import learns_from_scores

CHOICE = "best modality"


def judge_models(
    fits: SharedFits, groups: np.ndarray | None, metric: str, scoring: Scoring
) -> tuple[list[ModelOutcome], Evidence]:
    """The prior, each modality, the best of them, early fusion and every head.

    Parameters
    ----------
    fits : SharedFits
        Its last member is early fusion.
    groups : ndarray of shape (n_rows,), optional
    metric : str
        By which the training rows of each fold choose the best modality.
    scoring : Scoring

    Returns
    -------
    outcomes : list of ModelOutcome
    evidence : Evidence
        The score tables of the test rows, and the default heads.
    """
    modalities = list(range(len(fits.members) - 1))
    early = len(modalities)
    folds = list(enumerate(fits.plan.folds))
    outcomes = [
        _outcome(fits.task.prior_name, "prior", [_judge_prior(fits, k, fold) for k, fold in folds])
    ]
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
    for name, head in fits.task.heads(len(modalities)).items():
        heads = [judge_head(fits, k, fold, head, tables[k], groups) for k, fold in folds]
        is_default = name == fits.task.default_head
        outcomes.append(_outcome(name, "late", [judged for judged, _ in heads], is_default))
        if is_default:
            evidence = _keep_evidence(fits, tables, [fitted for _, fitted in heads])
    return outcomes, evidence


def _outcome(
    name: str, family: str, folds: list[FoldOutcome], default: bool = False
) -> ModelOutcome:
    return ModelOutcome(name, family, default, tuple(folds))


def _keep_evidence(fits: SharedFits, tables: dict[int, tuple], heads: list) -> Evidence:
    """What the report reads contributions and errors from."""
    names = [member.name for member in fits.members[:-1]]
    folds = [
        FoldEvidence(fold.test, tables[k][2], heads[k]) for k, fold in enumerate(fits.plan.folds)
    ]
    return Evidence(tuple(names), tuple(folds), fits.task.fuse)


def _judge_prior(fits: SharedFits, k: int, fold: OuterFold) -> FoldOutcome:
    prior = fits.task.prior(fits.plan.train[fold.fit])
    return FoldOutcome(k, fold.test, np.tile(prior, (len(fold.test), 1)), 0.0, 0.0)


def judge_modality(
    fits: SharedFits, k: int, fold: OuterFold, member: int, scores: np.ndarray
) -> FoldOutcome:
    """One modality alone; rows that do not have it get the prior."""
    priors = fits.priors([(fold.fit, fold.test)])
    return FoldOutcome(
        k,
        fold.test,
        np.where(np.isnan(scores), priors, scores),
        fits.fit_seconds([fold.fit], [member]),
        fits.predict_seconds(fold.fit, [member]),
    )


def best_modality(
    fits: SharedFits, pieces: list, scores: np.ndarray, metric: str, scoring: Scoring
) -> int:
    """The modality that is best on cross-fitted rows.

    Parameters
    ----------
    fits : SharedFits
    pieces : list of (int, ndarray of int)
        Fits, and the rows that each scored.
    scores : ndarray of shape (n_rows, n_modalities, n_outputs)
        These rows in the order of the table.
    metric : str
    scoring : Scoring
        Its tie-breaker breaks ties.
    """
    rows = np.concatenate([part for _, part in pieces])
    order = np.argsort(rows)
    priors = fits.priors(pieces)[order]
    filled = np.where(np.isnan(scores), priors[:, None], scores)
    true = fits.task.y[rows[order]]
    found = [scoring(true, filled[:, m]) for m in range(scores.shape[1])]
    keys = (metric, scoring.metrics.tie_breaker)
    signs = [1 if greater_is_better(name) else -1 for name in keys]

    def worth(m: int) -> tuple:
        return tuple(sign * found[m][name] for sign, name in zip(signs, keys, strict=True))

    return max(range(len(found)), key=worth)


def _paid_for_choosing(
    fits: SharedFits, fold: OuterFold, judged: FoldOutcome, member: int
) -> FoldOutcome:
    """A modality's outcome with the seconds of the fits that all modalities were compared by."""
    everyone = range(len(fits.members) - 1)
    seconds = fits.fit_seconds([fit for fit, _ in fold.inner], everyone)
    seconds += fits.fit_seconds([fold.fit], [member])
    return replace(judged, fit_seconds=seconds)


def judge_early(fits: SharedFits, k: int, fold: OuterFold, member: int) -> FoldOutcome:
    """Early fusion with the penalty (and temperature) that the training rows choose."""
    inner_rows = np.concatenate([rows for _, rows in fold.inner])
    choice = fits.task.choose(fits.values(member, fold.inner), inner_rows, fits.priors(fold.inner))
    pieces = [(fold.fit, fold.test)]
    scores = fits.task.chosen(fits.values(member, pieces), fits.priors(pieces), choice)
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
    fitted = fits.task.fit_head(head, train_scores, rows, names, groups)
    middle = time.perf_counter()
    outputs = fits.task.fuse(fitted, test_scores)
    end = time.perf_counter()
    fit_seconds = middle - start + fits.fit_seconds(needed, modalities)
    predict_seconds = end - middle + fits.predict_seconds(fold.fit, modalities)
    return FoldOutcome(k, fold.test, outputs, fit_seconds, predict_seconds), fitted
