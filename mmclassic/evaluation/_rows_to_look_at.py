"""The rows that a person should see: confident and wrong, or modalities that disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmclassic.evaluation._evidence import Evidence
from mmclassic.inspection._divergence import divergence

if TYPE_CHECKING:
    import pandas as pd

N_SHOWN = 20
WRONG, APART = "confident and wrong", "modalities disagree"


def rows_frame(
    evidence: Evidence, y: np.ndarray, classes: np.ndarray, n_rows: int = N_SHOWN
) -> pd.DataFrame:
    """The rows most worth a look: half of them wrong, the others those on which modalities differ.

    Parameters
    ----------
    evidence : Evidence
    y : ndarray of int of shape (n_rows of the table,)
    classes : ndarray of shape (n_classes,)
    n_rows : int, default=20

    Returns
    -------
    frame : DataFrame
        ``row``, ``fold``, ``why``, ``label``, ``prediction``, ``confidence``, ``disagreement``,
        and ``<modality>_prediction`` and ``<modality>_confidence`` for each modality (None and NaN
        where the row lacks it). Where fewer rows are wrong, more of the others are given.
    """
    import pandas as pd

    labels = y[evidence.rows]
    probabilities = evidence.fuse(evidence.scores)
    confidence = probabilities.max(axis=1)
    predicted = probabilities.argmax(axis=1)
    apart = disagreement(evidence.scores)
    chosen = choose_rows(predicted != labels, confidence, apart, n_rows)
    places = np.array([place for place, _ in chosen], dtype=int)
    columns = {
        "row": evidence.rows[places],
        "fold": evidence.fold_numbers[places],
        "why": [why for _, why in chosen],
        "label": classes[labels[places]],
        "prediction": classes[predicted[places]],
        "confidence": confidence[places],
        "disagreement": apart[places],
    }
    best = np.nan_to_num(evidence.scores, nan=-1.0).argmax(axis=2)
    for index, name in enumerate(evidence.modalities):
        there = evidence.present[places, index]
        own = classes[best[places, index]].astype(object)
        columns[f"{name}_prediction"] = np.where(there, own, None)
        top = np.nan_to_num(evidence.scores[places, index], nan=-1.0).max(axis=1, initial=-1.0)
        columns[f"{name}_confidence"] = np.where(there, top, np.nan)
    return pd.DataFrame(columns)


def choose_rows(
    wrong: np.ndarray,
    confidence: np.ndarray,
    apart: np.ndarray,
    n_rows: int,
    words: tuple[str, str] = (WRONG, APART),
) -> list[tuple[int, str]]:
    """Places of the rows to show, and why each is shown.

    Examples
    --------
    >>> wrong = np.array([True, True, False, False])
    >>> confidence, apart = np.array([0.6, 0.9, 0.8, 0.7]), np.array([0.0, 0.2, 0.3, 0.0])
    >>> choose_rows(wrong, confidence, apart, 2)
    [(1, 'confident and wrong'), (2, 'modalities disagree')]
    """
    worst = [i for i in np.argsort(-confidence, kind="stable").tolist() if wrong[i]]
    split = [i for i in np.argsort(-apart, kind="stable").tolist() if apart[i] > 0]
    first = worst[: n_rows - n_rows // 2]
    second = [i for i in split if i not in first][: n_rows - len(first)]
    more = [i for i in worst if i not in first and i not in second]
    first += more[: n_rows - len(first) - len(second)]
    return [(i, words[0]) for i in first] + [(i, words[1]) for i in second]


def disagreement(scores: np.ndarray) -> np.ndarray:
    """Jensen–Shannon divergence of each row's modalities, in bits; 0 where they name one class.

    Parameters
    ----------
    scores : ndarray of shape (n_rows, n_modalities, n_classes)

    Examples
    --------
    >>> disagreement(np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.9, 0.1], [0.6, 0.4]]]))
    array([1., 0.])
    """
    present = ~np.isnan(scores[:, :, 0])
    best = np.nan_to_num(scores).argmax(axis=2)
    highest = np.where(present, best, -1).max(axis=1)
    lowest = np.where(present, best, scores.shape[2]).min(axis=1)
    return np.where(highest > lowest, np.maximum(divergence(scores) / np.log(2), 0.0), 0.0)
