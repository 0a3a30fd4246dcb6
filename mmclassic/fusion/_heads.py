"""Heads by name, and how any head, or a search over one, is fitted on a score table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold
from sklearn.model_selection._split import GroupsConsumerMixin
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from mmclassic.fusion._gated_pool import GatedPool
from mmclassic.fusion._log_pool import LogPool
from mmclassic.fusion._stacking import Stacking
from mmclassic.fusion._voting import Voting
from mmclassic.fusion._weighted_sum import WeightedSum

HEADS = {
    "log_pool": LogPool,
    "weighted_sum": WeightedSum,
    "mean": WeightedSum,
    "voting": Voting,
    "stacking": Stacking,
    "gated": GatedPool,
}


def make_head(fusion: Any, heads: Mapping[str, type] = HEADS) -> Any:
    """An unfitted head, from its name or from a head to clone.

    Parameters
    ----------
    fusion : head or str
    heads : mapping from name to head, optional
        The names that are known: by default those of classification.

    Raises
    ------
    ValueError
        If the name is unknown, or it is an estimator of features.

    Examples
    --------
    >>> make_head("log_pool")
    LogPool()
    """
    if not isinstance(fusion, str):
        if _takes_features(_innermost(fusion)):
            stacking, name = heads["stacking"].__name__, type(_innermost(fusion)).__name__
            raise ValueError(
                f"fusion={name}() is no head: it takes features, not a score table of shape "
                f"(n_samples, n_modalities, n_classes). Use {stacking}({name}())."
            )
        return clone(fusion)
    if fusion not in heads:
        raise ValueError(f"fusion={fusion!r} is no head: use one of {sorted(heads)}, or a head.")
    return heads[fusion]()


def learns_from_scores(head: Any) -> bool:
    """Whether a head needs a cross-fitted table to be fitted; unknown heads do."""
    return getattr(head, "_learns_from_scores", True)


def fit_head(
    head: Any,
    scores: np.ndarray,
    codes: np.ndarray,
    names: Sequence[str],
    *,
    sample_weight: np.ndarray | None = None,
    groups: Any = None,
) -> Any:
    """Fit a head, or a search over one, on a score table.

    Parameters
    ----------
    head : estimator
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
    codes : ndarray of shape (n_samples,), int
        Or float, the target of a regression.
    names : sequence of str, length n_modalities
    sample_weight : ndarray of shape (n_samples,), optional
    groups : array-like of shape (n_samples,), optional
        A search with an int ``cv`` keeps groups together, as every other level does.

    Returns
    -------
    head : estimator, fitted

    Raises
    ------
    ValueError
        If the best score of a search is not finite.
    """
    innermost = _innermost(head)
    params: dict[str, Any] = {}
    if has_fit_parameter(innermost, "modality_names"):
        params["modality_names"] = list(names)
    if sample_weight is not None and has_fit_parameter(innermost, "sample_weight"):
        params["sample_weight"] = sample_weight
    if innermost is not head and isinstance(getattr(head, "cv", 0), Integral | None):
        head.set_params(cv=_search_folds(head.cv or 5, codes, groups))
    if groups is not None and isinstance(getattr(head, "cv", None), GroupsConsumerMixin):
        params["groups"] = groups
    head.fit(scores, codes, **params)
    if not np.isfinite(getattr(head, "best_score_", 0.0)):
        raise ValueError(
            f"The best score of {type(head).__name__} is {head.best_score_}: no candidate could be "
            'judged. Pass error_score="raise" to see why; a fold may lack a class.'
        )
    return head


def _search_folds(n_folds: int, codes: np.ndarray, groups: Any) -> Any:
    """Folds of a search: as many as the groups, or the rows of the smallest class, allow."""
    if codes.dtype.kind == "f":
        if groups is not None:
            return GroupKFold(min(n_folds, len(np.unique(np.asarray(groups)))))
        return KFold(max(2, min(n_folds, len(codes) // 2)))  # R² needs two rows in a fold
    if groups is not None:
        return StratifiedGroupKFold(min(n_folds, len(np.unique(np.asarray(groups)))))
    smallest = np.bincount(codes)[np.unique(codes)].min()
    return (
        StratifiedKFold(min(n_folds, smallest))
        if smallest > 1
        else KFold(n_folds, shuffle=True, random_state=0)
    )


def _takes_features(head: Any) -> bool:
    """Whether it is one of scikit-learn's own classifiers or regressors, which take 2-d arrays.

    A pipeline or an ensemble is asked nothing: its first step may take a score table.
    """
    if not type(head).__module__.startswith("sklearn.") or hasattr(head, "steps"):
        return False
    tags = get_tags(head)
    return not (hasattr(head, "estimators") or tags.no_validation or tags.input_tags.three_d_array)


def _innermost(head: Any) -> Any:
    """The head inside searches and other wrappers."""
    while hasattr(head, "estimator"):
        head = head.estimator
    return head
