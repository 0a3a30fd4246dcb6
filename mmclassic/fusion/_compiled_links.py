"""Values of compiled classifiers to a score table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from mmclassic.fusion._compiled_linear import Linear
from mmclassic.fusion._compiled_rule import softmax_in_place


@dataclass(frozen=True)
class Links:
    """What makes probabilities of each modality's values.

    Attributes
    ----------
    pairs : tuple of (int, int, int)
        Modality, first and second class seen, for one sigmoid.
    one_vs_rest : tuple of (int, ndarray of int)
        Modality and classes seen, for one sigmoid per class.
    only_pairs : bool
        Whether there are two classes and every modality is one sigmoid.
    scale : ndarray of shape (n_modalities, 1), or None
        What the classes seen are multiplied by where others get their prior.
    offset : ndarray of shape (n_modalities, n_classes), or None
        Those priors.
    """

    pairs: tuple
    one_vs_rest: tuple
    only_pairs: bool
    scale: np.ndarray | None
    offset: np.ndarray | None

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Scores of shape (n_samples, n_modalities, n_classes); ``values`` are overwritten."""
        if self.only_pairs:
            scores = np.empty_like(values)
            second = expit(values[:, :, 1], out=scores[:, :, 1])
            np.subtract(1, second, out=scores[:, :, 0])
            return scores
        raw = values.copy() if self.pairs or self.one_vs_rest else values
        scores = softmax_in_place(values)
        for modality, first, second in self.pairs:
            scores[:, modality] = 0
            scores[:, modality, second] = expit(raw[:, modality, second])
            scores[:, modality, first] = 1 - scores[:, modality, second]
        for modality, seen in self.one_vs_rest:
            scores[:, modality] = 0
            scores[:, modality, seen] = share(expit(raw[:, modality, seen]))
        return scores if self.offset is None else scores * self.scale + self.offset


def share(probabilities: np.ndarray) -> np.ndarray:
    """Rows divided by their sum; uniform where that is zero.

    Examples
    --------
    >>> share(np.array([[0.2, 0.6], [0.0, 0.0]]))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    total = probabilities.sum(axis=1, keepdims=True)
    uniform = 1 / probabilities.shape[1]
    return np.where(total > 0, probabilities / np.where(total > 0, total, 1), uniform)


def make_links(linear: Sequence[Linear], seen: Sequence[np.ndarray], prior: np.ndarray) -> Links:
    """The links of folded classifiers.

    Parameters
    ----------
    linear : sequence of Linear
    seen : sequence of ndarray of int
        Classes that each of them saw.
    prior : ndarray of shape (n_classes,)
    """
    pairs = tuple(
        (m, int(seen[m][0]), int(seen[m][1]))
        for m, one in enumerate(linear)
        if one.link == "sigmoid"
    )
    one_vs_rest = tuple((m, seen[m]) for m, one in enumerate(linear) if one.link == "ovr")
    offset = np.tile(prior, (len(linear), 1))
    for m, classes in enumerate(seen):
        offset[m, classes] = 0
    scale = 1 / (1 + offset.sum(axis=1, keepdims=True))
    aligned = not offset.any()
    return Links(
        pairs=pairs,
        one_vs_rest=one_vs_rest,
        only_pairs=len(prior) == 2 and len(pairs) == len(linear),
        scale=None if aligned else scale,
        offset=None if aligned else offset * scale,
    )
