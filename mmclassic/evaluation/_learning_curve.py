"""How scores grow with the training rows, on the same test rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from warnings import warn

import numpy as np

from mmclassic._errors import DataQualityWarning
from mmclassic.evaluation._judge import (
    CHOICE,
    best_modality,
    judge_early,
    judge_head,
    judge_modality,
)
from mmclassic.evaluation._plan import OuterFold, Plan, thin_plan
from mmclassic.evaluation._scoring import Scoring
from mmclassic.evaluation._shared_fits import SharedFits

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["share", "n_train", "model", "family", "metric", "mean", "std"]


def check_shares(shares: Any) -> list[float]:
    """Shares of the training rows in rising order.

    Raises
    ------
    ValueError
        If it is no sequence of numbers above 0 and up to 1.

    Examples
    --------
    >>> check_shares((1.0, 0.1)), check_shares(None)
    ([0.1, 1.0], [])
    """
    if shares is None:
        return []
    try:
        found = sorted({float(share) for share in shares})
    except (TypeError, ValueError):
        found = []
    if not found or not all(0 < share <= 1 for share in found):
        raise ValueError(
            "learning_curve takes shares of the training rows, above 0 and up to 1, such as "
            f"(0.1, 0.3, 1.0); got {shares!r}."
        )
    return found


def keep_share(
    plan: Plan,
    codes: np.ndarray,
    share: float,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Some of the rows of every fold: of each class (or stratum), or whole groups.

    A smaller share is part of a larger one.

    Parameters
    ----------
    plan : Plan
    codes : ndarray of shape (n_rows,), int
    share : float
        Of the rows of a class in a fold, rounded up; of the groups in a fold where there are any.
    groups : ndarray of shape (n_rows,), optional
    seed : int, default=0

    Returns
    -------
    kept : ndarray of int, sorted

    Examples
    --------
    >>> from mmclassic.evaluation._plan import plan_partition
    >>> plan = plan_partition([np.arange(0, 8), np.arange(8, 16), np.arange(16, 24)], 24)
    >>> codes = np.arange(24) % 2
    >>> np.bincount(codes[keep_share(plan, codes, 0.25)])
    array([3, 3])
    """
    rng = np.random.default_rng(seed)
    parts = []
    for _, rows in plan.final:
        units = codes[rows] if groups is None else np.zeros(len(rows), dtype=int)
        names = np.arange(len(rows)) if groups is None else groups[rows]
        for unit in np.unique(units):
            own = units == unit
            order = rng.permutation(np.unique(names[own]))
            # The small number takes back what 0.1 * 30 has too much.
            few = order[: int(np.ceil(share * len(order) - 1e-9))]
            parts.append(rows[own & np.isin(names, few)])
    return np.sort(np.concatenate(parts))


def learning_curve_of(
    repeats: Sequence[SharedFits],
    shares: Sequence[float],
    groups: np.ndarray | None,
    metric: str,
    scoring: Scoring,
    seed: int = 0,
) -> pd.DataFrame:
    """The default fusion, early fusion and the best modality, fitted on shares of the rows.

    Everything is nested as in the benchmark itself, within the rows that are left.

    Parameters
    ----------
    repeats : sequence of SharedFits
        Of each repeat, on all rows.
    shares : sequence of float
    groups : ndarray of shape (n_rows,), optional
    metric : str
    scoring : Scoring
    seed : int, default=0
        Draws the rows.

    Returns
    -------
    frame : DataFrame
        ``share``, ``n_train`` (mean over folds), ``model``, ``family``, ``metric``, ``mean`` and
        ``std`` over folds. Shares that leave a training part without a class are left out, with
        one warning.
    """
    import pandas as pd

    records, left_out = [], []
    for share in shares:
        tried = [_thin(fits, share, groups, seed) for fits in repeats]
        thin = [fits for fits in tried if fits is not None]
        if len(thin) < len(tried):
            left_out.append(share)
            continue
        folds = [fold for fits in thin for fold in fits.plan.folds]
        n_train = float(np.mean([len(fold.train) for fold in folds]))
        for (name, family), scores in _scores_over_folds(thin, groups, metric, scoring).items():
            known = np.array(scores)[np.isfinite(scores)]
            mean = known.mean() if len(known) else np.nan
            std = known.std() if len(known) > 1 else np.nan
            records.append((share, n_train, name, family, metric, mean, std))
    if left_out:
        warn(
            f"learning_curve: with a share of {left_out} of the training rows some folds have no "
            "row of a class: these shares are left out.",
            DataQualityWarning,
            stacklevel=2,
        )
    return pd.DataFrame.from_records(records, columns=COLUMNS)


def _thin(fits: SharedFits, share: float, groups, seed: int) -> SharedFits | None:
    """The fits with a share of their rows; None where a fit would not see all classes."""
    if share == 1:
        return fits
    plan = thin_plan(fits.plan, keep_share(fits.plan, fits.task.strata, share, groups, seed))
    complete = all(fits.task.complete(rows) for rows in plan.train)
    return fits.on(plan) if complete else None


def _scores_over_folds(repeats: Sequence[SharedFits], groups, metric, scoring) -> dict:
    """The metric of every fold, by name and family."""
    found: dict[tuple[str, str], list[float]] = {}
    for fits in repeats:
        for fold in fits.plan.folds:
            for name, judged in _judge_fold(fits, fold, groups, metric, scoring).items():
                scores = scoring(fits.task.y[judged.rows], judged.outputs)
                found.setdefault(name, []).append(scores[metric])
    return found


def _judge_fold(fits: SharedFits, fold: OuterFold, groups, metric, scoring) -> dict:
    """Outcomes by name and family."""
    modalities = list(range(len(fits.members) - 1))
    tables = fits.tables(fold, modalities)
    best = best_modality(fits, fold.inner, tables[1], metric, scoring)
    single = fits.members[0].name if len(modalities) == 1 else CHOICE
    family = "modality" if len(modalities) == 1 else "choice"
    default = fits.task.default_head
    head = fits.task.heads(len(modalities))[default]
    return {
        (default, "late"): judge_head(fits, 0, fold, head, tables, groups)[0],
        (fits.members[-1].name, "early"): judge_early(fits, 0, fold, len(modalities)),
        (single, family): judge_modality(fits, 0, fold, best, tables[2][:, best]),
    }
