"""What each modality brings to the default fusion, read from the test rows of the outer folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mmclassic.evaluation._evidence import Evidence
from mmclassic.evaluation._metric_names import greater_is_better
from mmclassic.evaluation._metric_set import MetricSet
from mmclassic.evaluation._metrics import CLASS_METRICS
from mmclassic.inspection import ablate, shapley, values_by_subset

if TYPE_CHECKING:
    import pandas as pd

# 2^10 fusions take seconds, and a report should.
MAX_MODALITIES = 10


class Contributions(NamedTuple):
    """The frame of :func:`contributions_of`, and both scores of the whole and of nothing."""

    frame: pd.DataFrame
    everything: np.ndarray
    nothing: np.ndarray


def contributions_of(
    evidence: Evidence, y: np.ndarray, metrics: MetricSet = CLASS_METRICS
) -> Contributions:
    """Each modality alone, removed, and its Shapley value, for two scores.

    Scores are means over folds, as in the table of models. Base models and heads were fitted
    without the rows that they are judged on.

    Parameters
    ----------
    evidence : Evidence
    y : ndarray of shape (n_rows of the table,), or (n_rows, n_labels)
    metrics : MetricSet
        Of a classification by default: accuracy and log-loss.

    Returns
    -------
    contributions : Contributions
        Columns of the frame: ``modality``, ``n_rows`` that have it, and for both metrics
        ``…_alone``, ``…_without`` and ``…_shapley``. Shapley values are gains, above 0 where the
        modality helps, and sum to the gain of all over the prior; NaN above 10 modalities.
    """
    import pandas as pd

    labels = y[evidence.rows]

    def metric(true: np.ndarray, fused: np.ndarray) -> np.ndarray:
        return scores_over_folds(true, fused, evidence.fold_numbers, metrics)

    found = ablate(evidence.scores, labels, evidence.fuse, metric)
    shares = np.full(found.alone.shape, np.nan)
    if len(evidence.modalities) <= MAX_MODALITIES:
        shares = shapley(values_by_subset(evidence.scores, labels, evidence.fuse, metric))
        shares = shares * [1.0 if greater_is_better(name) else -1.0 for name in metrics.insights]
    frame = pd.DataFrame(
        {"modality": list(evidence.modalities), "n_rows": evidence.present.sum(axis=0)}
    )
    for place, name in enumerate(metrics.insights):
        frame[f"{name}_alone"] = found.alone[:, place]
        frame[f"{name}_without"] = found.without[:, place]
        frame[f"{name}_shapley"] = shares[:, place]
    return Contributions(frame, found.everything, found.nothing)


def scores_over_folds(
    y: np.ndarray, fused: np.ndarray, folds: np.ndarray, metrics: MetricSet = CLASS_METRICS
) -> np.ndarray:
    """The two scores of contributions, each the mean over folds of the mean over rows.

    Parameters
    ----------
    y : ndarray of shape (n_rows,), or (n_rows, n_labels)
    fused : ndarray of shape (n_rows, n_outputs)
    folds : ndarray of int of shape (n_rows,)
        From 0.
    metrics : MetricSet

    Examples
    --------
    >>> fused = np.array([[0.9, 0.1], [0.9, 0.1], [0.5, 0.5]])
    >>> scores_over_folds(np.array([0, 1, 0]), fused, np.array([0, 0, 1])).round(3)
    array([0.75 , 0.949])
    """
    rows = [np.flatnonzero(folds == fold) for fold in range(folds.max() + 1)]
    parts = [metrics.parts[name] for name in metrics.insights]
    means = [[part(y[own], fused[own]).mean() for part in parts] for own in rows]
    return np.nanmean(means, axis=0)


def weights_of(evidence: Evidence) -> pd.DataFrame | None:
    """Weights of the default heads, over folds; None where heads have none.

    Returns
    -------
    frame : DataFrame
        ``modality``, ``mean``, ``std`` (over folds, NaN with one), ``share`` of the sum of means.
    """
    import pandas as pd

    if not all(hasattr(fold.head, "weights_") for fold in evidence.folds):
        return None
    weights = np.array([fold.head.weights_ for fold in evidence.folds], dtype=np.float64)
    means = weights.mean(axis=0)
    total = means.sum()
    return pd.DataFrame(
        {
            "modality": list(evidence.modalities),
            "mean": means,
            "std": weights.std(axis=0) if len(weights) > 1 else np.full(len(means), np.nan),
            "share": means / total if total > 0 else np.full(len(means), np.nan),
        }
    )
