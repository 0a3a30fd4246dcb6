"""Similarities of pairs and of strangers, all of them by spaces that did not see the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import delayed

from mmclassic._parallel import run_all
from mmclassic.joint._code_space import (
    Classes,
    Settings,
    complete_rows,
    finish,
    fit_code_space,
)
from mmclassic.joint._match_threshold import strangers
from mmclassic.joint._posteriors import best_candidate
from mmclassic.modalities import Modality


@dataclass(frozen=True)
class CrossFit:
    """What the folds taught.

    Attributes
    ----------
    choices : list of two int
        The candidate with the least log-loss, for each modality; zeros where there is one.
    pairs : ndarray of shape (n_pairs,)
        Similarity of the two modalities of a row.
    others : ndarray of shape (n_others,)
        Similarity of the first modality of a row to the second of another one of its fold.
    """

    choices: list[int]
    pairs: np.ndarray
    others: np.ndarray


def cross_fit(
    data: Sequence[Modality],
    splits: Sequence[tuple[np.ndarray, np.ndarray]],
    settings: Settings,
    classes: Classes | None = None,
    inverse_penalties: Sequence[float] = (),
    *,
    random_state: int | None = None,
    n_jobs: int | None = None,
) -> CrossFit:
    """Fit a space in every fold; choose the classifiers' C; compare the rows that were left out.

    Parameters
    ----------
    data : sequence of two Modality
    splits : sequence of (train rows, test rows)
    settings : Settings
    classes : Classes, optional
    inverse_penalties : sequence of float
        Candidates for C.
    random_state : int, optional
        Draws the strangers; None is 0.
    n_jobs : int, optional
        Folds in parallel.

    Returns
    -------
    found : CrossFit
    """
    candidates = [inverse_penalties, inverse_penalties]

    def one_fold(train, test):
        space = fit_code_space(data, train, settings, classes, candidates)
        values = [space.values(m, modality, test) for m, modality in enumerate(data)]
        return values, space.n_first

    results = run_all((delayed(one_fold)(*split) for split in splits), n_jobs)
    choices = [0, 0]
    if settings.semantic and classes is not None and results:
        for m, modality in enumerate(data):
            rows = np.concatenate([test[modality.present[test]] for _, test in splits])
            joined = zip(*(values[m] for values, _ in results), strict=True)
            margins = [np.concatenate(one) for one in joined]
            choices[m] = best_candidate(margins, classes.codes[rows])
    rng = np.random.default_rng(random_state or 0)
    pairs, others = [np.zeros(0)], [np.zeros(0)]
    for (values, n_first), (_, test) in zip(results, splits, strict=True):
        both = complete_rows(data, test)
        first, second = (
            finish(values[m][choices[m]], settings.method, n_first)[
                np.isin(test[modality.present[test]], both)
            ]
            for m, modality in enumerate(data)
        )
        here, there = strangers(len(both), rng)
        pairs.append((first * second).sum(axis=1))
        others.append((first[here] * second[there]).sum(axis=1))
    return CrossFit(choices, np.concatenate(pairs), np.concatenate(others))
