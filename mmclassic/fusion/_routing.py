"""Where groups, sample weights and other metadata go."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, check_cv
from sklearn.utils import check_consistent_length
from sklearn.utils.metadata_routing import (
    MetadataRouter,
    MethodMapping,
    _routing_enabled,
    process_routing,
)
from sklearn.utils.validation import has_fit_parameter

from mmclassic.fusion._heads import make_head
from mmclassic.fusion._member import weight_params
from mmclassic.modalities._labels import check_groups, check_weight


@dataclass(frozen=True)
class RoutedParams:
    """Metadata of one ``fit``, by destination."""

    modalities: dict[str, dict] = field(default_factory=dict)
    groups: Any = None
    sample_weight: np.ndarray | None = None  # of the head and of temperatures


def route_fit_params(
    owner: Any, modalities: list[tuple], params: dict, n_samples: int
) -> RoutedParams:
    """Metadata for the modalities' estimators, the splitter and the head.

    With metadata routing they go where they are requested. Without it, ``sample_weight`` goes to
    every estimator (in a pipeline to the last step) and the head, ``groups`` to the splitter and to
    models of joined blocks.

    Parameters
    ----------
    owner : estimator
    modalities : list of (name, estimator, columns)
    params : dict
    n_samples : int

    Raises
    ------
    TypeError
        For other metadata without routing.
    ValueError
        If lengths differ, weights are negative, or an estimator takes none.
    """
    unknown = sorted(set(params) - {"groups", "sample_weight"})
    if unknown and not _routing_enabled():
        raise TypeError(
            f"fit takes groups and sample_weight; {unknown} need metadata routing: "
            "sklearn.set_config(enable_metadata_routing=True)."
        )
    for value in params.values():
        if value is not None:
            check_consistent_length(np.empty(n_samples), value)
    groups = params.get("groups")
    groups = None if groups is None else check_groups(groups)
    weight = check_weight(params.get("sample_weight"), n_samples)
    if not _routing_enabled():
        by_name = {name: _without_routing(est, name, groups, weight) for name, est, _ in modalities}
        return RoutedParams(by_name, groups, weight)
    given = {key: value for key, value in params.items() if value is not None}
    routed = process_routing(owner, "fit", **given) if given else {}
    by_name = {name: dict(routed[name]["fit"]) if given else {} for name, _, _ in modalities}
    return RoutedParams(by_name, groups, weight)


def _without_routing(estimator: Any, name: str, groups: Any, weight: np.ndarray | None) -> dict:
    """Weights for every estimator; groups for models of blocks, which have folds of their own."""
    params = {} if weight is None else weight_params(estimator, name, weight)
    grouped = groups is not None and getattr(estimator, "_joins_blocks", False)
    if grouped and has_fit_parameter(estimator, "groups"):
        params["groups"] = groups
    return params


def router_of(owner: Any, modalities: list[tuple], head: Any = None) -> MetadataRouter:
    """The router of a fusion estimator: modalities, splitter, head (``owner.fusion``'s own)."""
    to_fit = MethodMapping().add(caller="fit", callee="fit")
    router = MetadataRouter(owner=owner)
    for name, estimator, _ in modalities:
        router.add(**{name: estimator}, method_mapping=to_fit)
    # An int becomes a grouped splitter where groups are given.
    splitter = StratifiedGroupKFold() if isinstance(owner.cv, Integral) else check_cv(owner.cv)
    router.add(cv=splitter, method_mapping=MethodMapping().add(caller="fit", callee="split"))
    head = make_head(owner.fusion) if head is None else head
    router.add(fusion=head, method_mapping=to_fit)
    return router
