"""The joint models of a benchmark, on the blocks that were read for the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mmclassic.fusion import FeaturePooling
from mmclassic.joint import JointClassifier, MultimodalAutoencoder

# What a benchmark can compare; late and early fusion always are.
CHOICES = ("late", "early", "joint")
NETWORK, CODE, POOLING = "joint network", "joint code", "feature pooling"


def make_joint_models(
    families: Sequence[str],
    modalities: list[tuple],
    kind: str = "classification",
    *,
    class_weight: str | None = None,
    random_state: int | None = None,
) -> dict[str, Any]:
    """The joint models by name; none where they are not asked for.

    Parameters
    ----------
    families : sequence of str
        "late", "early" and, for joint models, "joint".
    modalities : list of (name, transformer, columns)
        Those of early fusion.
    kind : str, default="classification"
        Of the target.
    class_weight : "balanced", optional
    random_state : int, optional

    Raises
    ------
    ValueError
        If a family is unknown, late or early fusion is left out, or joint models are asked for
        where the target is not one label for each row.

    Examples
    --------
    >>> list(make_joint_models(("late", "early", "joint"), []))
    ['joint network', 'joint code', 'feature pooling']
    >>> make_joint_models(("late", "early"), [])
    {}
    """
    named = [families] if isinstance(families, str) else list(families)
    if not set(named) <= set(CHOICES) or not {"late", "early"} <= set(named):
        raise ValueError(
            'families takes "late" and "early", which are always compared, and "joint"; got '
            f"{families!r}."
        )
    if "joint" not in named:
        return {}
    if kind != "classification":
        raise ValueError(
            f'families: "joint" models classify, one label for each row; this is a {kind} target. '
            "Leave it out."
        )
    seed = random_state or 0

    def logistic(inverse_penalty):
        return LogisticRegression(C=inverse_penalty, max_iter=2000, class_weight=class_weight)

    # Of C from 1 to 30, on four splits each of digits, products and multiple features: these have
    # the least log-loss on most. 128 components are better than 32 on all three.
    code = MultimodalAutoencoder(modalities, n_components=128, random_state=seed)
    pooling = FeaturePooling(modalities, weights="learned", random_state=seed)
    return {
        NETWORK: JointClassifier(modalities, class_weight=class_weight, random_state=seed),
        CODE: make_pipeline(code, logistic(30.0)),
        POOLING: make_pipeline(pooling, logistic(3.0)),
    }


def as_joint(outcomes: Sequence[Any]) -> list[Any]:
    """Outcomes of models that were judged as the user's own are, in the family "joint"."""
    return [replace(outcome, family="joint") for outcome in outcomes]


class AnyFinal:
    """Fits any model of a benchmark by its name; the joint ones on the blocks that were read.

    Parameters
    ----------
    final : FinalModel
    joint : mapping from name to classifier
    read : ReadBlocks
    """

    def __init__(self, final: Any, joint: Mapping[str, Any], read: Any):
        self._others, self._joint = final, replace(final, table=read, models=joint)

    def fit(self, name: str) -> Any:
        """A model fitted for use."""
        return (self._joint if name in self._joint.models else self._others).fit(name)
