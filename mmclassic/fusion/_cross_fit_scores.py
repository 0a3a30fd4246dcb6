"""cross_fit_scores: the score table of a model on a table, in hand."""

from __future__ import annotations

import numpy as np

from mmclassic.fusion._cross_fit import cross_fit_values, fit_temperatures, to_scores
from mmclassic.fusion._folds import split_rows, splitter_for
from mmclassic.fusion._labels import encode_labels
from mmclassic.fusion._missing import training_rows
from mmclassic.fusion._modality import read_modalities, settle_unreadable
from mmclassic.fusion._routing import route_fit_params
from mmclassic.fusion._table import check_modalities, check_table


def cross_fit_scores(model, X, y, *, cv=None, groups=None, sample_weight=None, n_jobs=None):
    """The cross-fitted score table of a late fusion.

    Every row is scored by base models that were not fitted on it. The model itself is not fitted.

    Parameters
    ----------
    model : LateFusionClassifier
        Its modalities, ``missing``, ``on_unreadable`` and ``max_error_rate`` are used.
    X : frame, or array-like of shape (n_samples, n_columns)
    y : array-like of shape (n_samples,)
    cv : int, splitter or iterable, default=None
        None means the model's own.
    groups : array-like of shape (n_samples,), default=None
        Rows of one group share a fold.
    sample_weight : array-like of shape (n_samples,), default=None
    n_jobs : int, default=None

    Returns
    -------
    scores : ndarray of shape (n_samples, n_modalities, n_classes), float64
        NaN across modalities that a row does not have, and for rows that no fold tests. Classes are
        in sorted order.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier, cross_fit_scores
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... )
    >>> cross_fit_scores(model, X, y).shape
    (150, 2, 3)
    """
    model = model.__class__(**model.get_params(deep=False))
    model._validate_params()
    active = check_modalities(model.modalities)
    X = check_table(model, X, reset=True)
    classes, codes = encode_labels(y)
    params = {"groups": groups, "sample_weight": sample_weight}
    routed = route_fit_params(model, active, params, len(codes))
    splitter = splitter_for(
        model.cv if cv is None else cv,
        codes,
        groups,
        classes=classes,
        random_state=model.random_state,
    )
    splits = split_rows(splitter, codes, groups)
    data = read_modalities(active, X)
    settle_unreadable(data, model.on_unreadable, model.max_error_rate)
    kept = np.isin(np.arange(len(codes)), training_rows(data, model.missing))
    splits = [(train[kept[train]], test[kept[test]]) for train, test in splits]
    values, priors = cross_fit_values(
        data, codes, classes, splits, routed.modalities, n_jobs=n_jobs
    )
    temperatures = fit_temperatures(data, values, codes, routed.sample_weight)
    return to_scores(values, priors, temperatures)
