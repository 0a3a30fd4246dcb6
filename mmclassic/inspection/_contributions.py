"""What each modality brings to a metric: removed, alone, and as a Shapley value."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion._target import check_target
from mmclassic.inspection._cross_validated import cross_validated_fusion
from mmclassic.inspection._joined import refuse_joined
from mmclassic.inspection._labels import codes_of, modality_names
from mmclassic.inspection._scoring import make_metric
from mmclassic.inspection._subsets import ablate, shapley, values_by_subset

# 2^12 fusions of a thousand rows take about a minute.
MAX_MODALITIES = 12


def modality_ablation(model, X, y, *, scoring=None, scores=None, cv=5, groups=None):
    """A metric with each modality removed, and with each alone, on rows held out from fitting.

    All of it is read from one score table: no base model is fitted or asked again.

    Parameters
    ----------
    model : LateFusionClassifier or LateFusionRegressor, fitted
    X : frame or array-like of shape (n_samples, n_columns), or None
        Rows that the model was not fitted on. None: ``scores`` has their table; without it, the
        rows of training, each from cross-fitted scores by a head that was not fitted on it.
    y : array-like of shape (n_samples,), or an indicator of shape (n_samples, n_labels)
    scoring : str, callable, sequence of str or dict, default=None
        Scorers of scikit-learn. None: accuracy and "neg_log_loss"; of a regressor "r2" and
        "neg_root_mean_squared_error".
    scores : array-like of shape (n_samples, n_modalities, n_classes), default=None
        ``model.score_table(X)`` in hand, instead of X.
    cv : int, splitter or iterable, default=5
        Folds over the rows of training.
    groups : array-like of shape (n_samples,), default=None
        Groups of the rows of training.

    Returns
    -------
    frame : pandas.DataFrame
        Columns: ``metric``; ``kept``, which is "all", "without", "alone" or "none"; ``modality``,
        NaN for all and none; ``n_rows`` that have the modality; ``value``; ``difference`` to
        all. A row that is left with nothing gets the class prior.

    Raises
    ------
    ValueError
        If a score or label is unknown, shapes differ, or there is no cross-fitted table.

    See Also
    --------
    modality_shapley : One fair share for each modality.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier, modality_ablation
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... ).fit(X[::2], y[::2])
    >>> modality_ablation(model, X[1::2], y[1::2], scoring="accuracy").round(2)
         metric     kept modality  n_rows  value  difference
    0  accuracy      all      NaN      75   0.96        0.00
    1  accuracy  without    sepal      75   0.95       -0.01
    2  accuracy  without    petal      75   0.80       -0.16
    3  accuracy    alone    sepal      75   0.80       -0.16
    4  accuracy    alone    petal      75   0.95       -0.01
    5  accuracy     none      NaN      75   0.33       -0.63
    """
    import pandas as pd

    names, metric = make_metric(model, scoring)
    scores, target, fuse = _held_out(model, X, y, scores, cv, groups)
    found = ablate(scores, target, fuse, metric)
    modalities = modality_names(model)
    counts = (~np.isnan(scores[:, :, 0])).sum(axis=0)
    rows = []
    for index, name in enumerate(names):
        whole = found.everything[index]
        lines = [("all", None, len(scores), whole)]
        for kept, values in (("without", found.without), ("alone", found.alone)):
            each = zip(modalities, counts, values[:, index], strict=True)
            lines += [(kept, *line) for line in each]
        lines.append(("none", None, len(scores), found.nothing[index]))
        rows += [(name, *line, line[-1] - whole) for line in lines]
    columns = ["metric", "kept", "modality", "n_rows", "value", "difference"]
    return pd.DataFrame(rows, columns=columns)


def modality_shapley(model, X, y, *, scoring=None, scores=None, cv=5, groups=None):
    """Exact Shapley values of the modalities, for any metric.

    The value of a modality is what it adds on average over all orders in which the modalities
    could join, starting from the class prior. All 2^n subsets are read from one score table: no
    base model is fitted or asked again.

    Parameters
    ----------
    model : LateFusionClassifier or LateFusionRegressor, fitted
        With at most 12 modalities.
    X : frame or array-like of shape (n_samples, n_columns), or None
        As in :func:`modality_ablation`.
    y : array-like of shape (n_samples,), or an indicator of shape (n_samples, n_labels)
    scoring : str, callable, sequence of str or dict, default=None
        As in :func:`modality_ablation`.
    scores : array-like of shape (n_samples, n_modalities, n_classes), default=None
    cv : int, splitter or iterable, default=5
    groups : array-like of shape (n_samples,), default=None

    Returns
    -------
    frame : pandas.DataFrame of shape (n_modalities, n_scores)
        Each column sums to the score of all modalities less that of the class prior.

    Raises
    ------
    ValueError
        If there are too many modalities, or as in :func:`modality_ablation`.

    References
    ----------
    L. Shapley: A value for n-person games. Contributions to the Theory of Games 2, 1953.

    I. Covert, S. Lundberg, S.-I. Lee: Understanding global feature contributions with additive
    importance measures. NeurIPS 2020.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier, modality_shapley
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... ).fit(X[::2], y[::2])
    >>> modality_shapley(model, X[1::2], y[1::2]).round(2).to_dict()["accuracy"]
    {'sepal': 0.24, 'petal': 0.39}
    """
    import pandas as pd

    names, metric = make_metric(model, scoring)
    modalities = modality_names(model)
    if len(modalities) > MAX_MODALITIES:
        raise ValueError(
            f"Exact Shapley values of {len(modalities)} modalities take 2^{len(modalities)} "
            f"fusions; {MAX_MODALITIES} modalities are the most. modality_ablation takes any."
        )
    scores, target, fuse = _held_out(model, X, y, scores, cv, groups)
    shares = shapley(values_by_subset(scores, target, fuse, metric))
    return pd.DataFrame(shares, index=pd.Index(modalities, name="modality"), columns=names)


def _held_out(model: Any, X: Any, y: Any, scores: Any, cv: Any, groups: Any) -> tuple:
    """A score table, its labels, and how to fuse it without optimism."""
    check_is_fitted(model)
    refuse_joined(model, "An ablation, or a Shapley value,")
    if X is not None and scores is not None:
        raise ValueError("Pass X or scores, not both.")
    if X is None and scores is None:
        fusion = cross_validated_fusion(model, y, cv=cv, groups=groups)
        rows = fusion.rows_
        return fusion.scores[rows], _target_of(model, y)[rows], fusion.on_rows(rows)
    scores = model.score_table(X) if scores is None else np.asarray(scores, dtype=np.float64)
    target = _target_of(model, y)
    n_modalities = len(modality_names(model))
    if scores.ndim != 3 or scores.shape[1] != n_modalities:
        raise ValueError(
            f"The score table has the shape {scores.shape}, the model has {n_modalities} "
            "modalities."
        )
    if len(target) != len(scores):
        raise ValueError(f"The score table has {len(scores)} rows, y has {len(target)}.")
    return scores, target, model.fuse


def _target_of(model: Any, y: Any) -> np.ndarray:
    """y as scorers take it, after checks."""
    if is_regressor(model):
        return check_target(y)
    if hasattr(model, "label_models_"):
        return np.asarray(y.toarray() if hasattr(y, "toarray") else y)
    return np.asarray(model.classes_)[codes_of(y, model.classes_)]
