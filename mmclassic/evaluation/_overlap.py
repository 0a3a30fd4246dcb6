"""Which modalities err on the same rows: what fusion could gain at most."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from mmclassic.evaluation._evidence import Evidence
from mmclassic.evaluation._metric_names import shown_value

if TYPE_CHECKING:
    import pandas as pd

PAIR_COLUMNS = ["n_rows", "both_right", "only_first", "only_second", "none_right"]


def error_overlap(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """How two models' right and wrong answers to the same rows lie together.

    Parameters
    ----------
    first, second : bool ndarray of shape (n_rows,)
        Which answers are right.

    Returns
    -------
    overlap : dict
        ``n_rows``; counts ``both_right``, ``only_first``, ``only_second``, ``none_right``;
        ``q_statistic``, 1 where they err on the same rows, 0 where they err independently, below
        where each is right where the other errs, NaN where it is 0 / 0; ``disagreement``, the share
        of rows that only one has right; ``oracle``, the share that at least one has right.

    References
    ----------
    L. Kuncheva, C. Whitaker: Measures of diversity in classifier ensembles and their relationship
    with the ensemble accuracy. Machine Learning 51, 2003.

    Examples
    --------
    >>> first, second = np.array([True, True, True, False]), np.array([True, True, False, True])
    >>> overlap = error_overlap(first, second)
    >>> overlap["both_right"], overlap["disagreement"], overlap["oracle"], overlap["q_statistic"]
    (2, 0.5, 1.0, -1.0)
    """
    counts = [first & second, first & ~second, ~first & second, ~first & ~second]
    both, only_first, only_second, none = (int(kind.sum()) for kind in counts)
    n_rows = len(first)
    same, apart = both * none, only_first * only_second
    return {
        **dict(zip(PAIR_COLUMNS, (n_rows, both, only_first, only_second, none), strict=True)),
        "q_statistic": (same - apart) / (same + apart) if same + apart else float("nan"),
        "disagreement": (only_first + only_second) / n_rows if n_rows else float("nan"),
        "oracle": 1 - none / n_rows if n_rows else float("nan"),
    }


def overlap_frame(evidence: Evidence, right: np.ndarray) -> pd.DataFrame:
    """One row per pair of modalities, over the test rows that have both.

    Parameters
    ----------
    evidence : Evidence
    right : bool ndarray of shape (n_rows of the evidence, n_modalities)
        Which modality is right about which row.

    Returns
    -------
    frame : DataFrame
        ``first``, ``second``, and the values of :func:`error_overlap`.
    """
    import pandas as pd

    present = evidence.present
    records = []
    for a, b in combinations(range(len(evidence.modalities)), 2):
        shared = present[:, a] & present[:, b]
        pair = {"first": evidence.modalities[a], "second": evidence.modalities[b]}
        records.append({**pair, **error_overlap(right[shared, a], right[shared, b])})
    measures = ["q_statistic", "disagreement", "oracle"]
    columns = ["first", "second", *PAIR_COLUMNS, *measures]
    return pd.DataFrame.from_records(records, columns=columns)


def right_classes(evidence: Evidence, y: np.ndarray) -> np.ndarray:
    """Which modality is right about which of ``evidence.rows``; False where a row lacks it."""
    best = np.nan_to_num(evidence.scores, nan=-1.0).argmax(axis=2)
    return (best == y[evidence.rows][:, None]) & evidence.present


def oracle_accuracy(right: np.ndarray) -> float:
    """Accuracy of whoever picks, for every row, a modality that is right if there is one."""
    return float(right.any(axis=1).mean())


def overlap_in_bars(evidence: Evidence, right: np.ndarray, fused: float) -> dict[str, Any] | None:
    """Pairs with the widths of their bars, and what the best choice of modality would reach.

    Parameters
    ----------
    evidence : Evidence
    right : bool ndarray of shape (n_rows of the evidence, n_modalities)
    fused : float
        Share of rows that the fusion has right.
    """
    frame = overlap_frame(evidence, right)
    if not len(frame):
        return None
    kinds = PAIR_COLUMNS[1:]
    pairs = [
        {
            **{name: f"{record[name]:,}" for name in kinds},
            "first": record["first"],
            "second": record["second"],
            "n_rows": f"{record['n_rows']:,}",
            "widths": [f"{100 * record[name] / max(record['n_rows'], 1):.2f}" for name in kinds],
            "q": "–" if np.isnan(record["q_statistic"]) else f"{record['q_statistic']:.2f}",
            "disagreement": shown_value(record["disagreement"], "accuracy"),
            "oracle": shown_value(record["oracle"], "accuracy"),
        }
        for record in frame.to_dict("records")
    ]
    oracle = shown_value(oracle_accuracy(right), "accuracy")
    return {
        "numbers": None,
        "pairs": pairs,
        "oracle": oracle,
        "fused": shown_value(fused, "accuracy"),
    }
