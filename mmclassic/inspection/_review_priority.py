"""Which rows a person should look at, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import entr

from mmclassic.fusion._scores import present
from mmclassic.inspection._divergence import divergence

# Below this a fusion is unsure; above, its contradicting a label is worth words of its own.
_UNSURE = 0.7


def priorities(scores: np.ndarray, fused: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
    """How much a human judgement of each row is worth, from 0 to 1.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
    fused : ndarray of shape (n_samples, n_classes)
    codes : ndarray of shape (n_samples,), int, or None
        Labels in hand.

    Returns
    -------
    priorities : ndarray of shape (n_samples,)

    Examples
    --------
    >>> scores = np.array([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 0.0]]])
    >>> priorities(scores, scores.mean(axis=1), None)
    array([1., 0.])
    """
    uncertainty = entr(fused).sum(axis=1) / np.log(fused.shape[1])
    parts = [uncertainty, disagreement(scores)]
    if codes is not None:
        parts.append(fused.max(axis=1) - fused[np.arange(len(codes)), codes])
    return np.mean(parts, axis=0)


def disagreement(scores: np.ndarray) -> np.ndarray:
    """Jensen–Shannon divergence of the modalities that a row has, over its maximum.

    Examples
    --------
    >>> disagreement(np.array([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [np.nan, np.nan]]]))
    array([1., 0.])
    """
    count = present(scores).sum(axis=1)
    # As many answers differ as there are modalities, or classes.
    most = np.log(np.maximum(np.minimum(count, scores.shape[2]), 2))
    return np.clip(divergence(scores) / most, 0, 1)


def reasons(
    scores: np.ndarray,
    fused: np.ndarray,
    codes: np.ndarray | None,
    modalities: Sequence[str],
    classes: Any,
) -> list[str]:
    """Why each row is worth a look, in words.

    Examples
    --------
    >>> scores = np.array([[[0.9, 0.1], [0.2, 0.8]]])
    >>> reasons(scores, np.array([[0.55, 0.45]]), np.array([1]), ["text", "image"], ["no", "yes"])
    ['unsure: no 55 %, yes 45 %; text says no (90 %), image says yes (80 %); the label is yes, \
the model says no']
    """
    found = []
    for row, answer in enumerate(fused):
        words = []
        order = np.argsort(-answer, kind="stable")[:2]
        if answer.max() < _UNSURE:
            two = ", ".join(f"{classes[k]} {answer[k]:.0%}" for k in order)
            words.append(f"unsure: {two}")
        words += _differing(scores[row], modalities, classes)
        if codes is not None and codes[row] != order[0]:
            words.append(f"the label is {classes[codes[row]]}, the model says {classes[order[0]]}")
        absent = [
            name for name, own in zip(modalities, scores[row], strict=True) if np.isnan(own).any()
        ]
        if absent:
            words.append(f"lacks {', '.join(absent)}")
        if not words:
            words.append(f"less sure than others: {classes[order[0]]} {answer.max():.0%}")
        found.append("; ".join(words).replace("%", " %"))
    return found


def _differing(scores: np.ndarray, modalities: Sequence[str], classes: Any) -> list[str]:
    """What the modalities say, if it is not all the same."""
    there = [
        (name, own.argmax(), own.max())
        for name, own in zip(modalities, scores, strict=True)
        if not np.isnan(own).any()
    ]
    if len({said for _, said, _ in there}) < 2:
        return []
    return [", ".join(f"{name} says {classes[k]} ({p:.0%})" for name, k, p in there)]
