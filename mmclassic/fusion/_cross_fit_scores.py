"""cross_fit_scores: the score table of a model on a table, in hand."""

from __future__ import annotations

import numpy as np
from sklearn.base import is_regressor

from mmclassic.fusion._cross_fit import cross_fit_values, fit_temperatures, to_scores
from mmclassic.fusion._folds import split_rows, splitter_for
from mmclassic.fusion._missing import training_rows
from mmclassic.fusion._multilabel import is_indicator, split_indicator
from mmclassic.fusion._regression_folds import regression_splitter
from mmclassic.fusion._regression_member import check_regressors, cross_fit_predictions
from mmclassic.fusion._routing import route_fit_params
from mmclassic.fusion._target import check_target
from mmclassic.modalities._labels import encode_labels
from mmclassic.modalities._modality import settle_unreadable
from mmclassic.modalities._read_blocks import read_members
from mmclassic.modalities._table import check_modalities, check_table


def cross_fit_scores(model, X, y, *, cv=None, groups=None, sample_weight=None, n_jobs=None):
    """The cross-fitted score table of a late fusion.

    Every row is scored by base models that were not fitted on it. The model itself is not fitted.

    Parameters
    ----------
    model : LateFusionClassifier or LateFusionRegressor
        Its modalities, ``missing``, ``on_unreadable`` and ``max_error_rate`` are used.
    X : frame, or array-like of shape (n_samples, n_columns)
    y : array-like of shape (n_samples,), or an indicator of shape (n_samples, n_labels)
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
        in sorted order. Of a regressor (n_samples, n_modalities, 1), its predictions; of an
        indicator (n_samples, n_modalities, n_labels), the probability of each label.

    Raises
    ------
    UnreadableCellsError
        After all cells were tried.
    ValueError
        If labels are missing or of one class only, or lengths differ.

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
    cross_fit, targets = _what_to_fit(model, active, y)
    params = {"groups": groups, "sample_weight": sample_weight}
    routed = route_fit_params(model, active, params, len(targets[0]))
    cv = model.cv if cv is None else cv
    splits = [cross_fit.split(cv, target, groups, model.random_state) for target in targets]
    data = read_members(active, X)
    settle_unreadable(data, model.on_unreadable, model.max_error_rate)
    kept = np.isin(np.arange(len(targets[0])), training_rows(data, model.missing))
    tables = [
        cross_fit.table(data, target, _only(kept, folds), routed, n_jobs)
        for target, folds in zip(targets, splits, strict=True)
    ]
    if is_indicator(y):
        return np.stack([table[:, :, 1] for table in tables], axis=2)
    return tables[0]


def _what_to_fit(model, active, y):
    """How this model cross-fits, and its targets: one, or one for each label of an indicator."""
    if is_regressor(model):
        check_regressors(active)
        return _RegressionCrossFit(), [check_target(y)]
    if is_indicator(y):
        return _ClassificationCrossFit(np.array([0, 1])), split_indicator(y)
    classes, codes = encode_labels(y)
    return _ClassificationCrossFit(classes), [codes]


def _only(kept, splits):
    """Folds without the rows that ``missing="drop"`` leaves out."""
    return [(train[kept[train]], test[kept[test]]) for train, test in splits]


class _RegressionCrossFit:
    def split(self, cv, target, groups, random_state):
        splitter = regression_splitter(cv, target, groups, random_state=random_state)
        return split_rows(splitter, target, groups)

    def table(self, data, target, splits, routed, n_jobs):
        return cross_fit_predictions(data, target, splits, routed.modalities, n_jobs=n_jobs)


class _ClassificationCrossFit:
    def __init__(self, classes):
        self.classes = classes

    def split(self, cv, codes, groups, random_state):
        splitter = splitter_for(cv, codes, groups, classes=self.classes, random_state=random_state)
        return split_rows(splitter, codes, groups)

    def table(self, data, codes, splits, routed, n_jobs):
        values, priors = cross_fit_values(
            data, codes, self.classes, splits, routed.modalities, n_jobs=n_jobs
        )
        temperatures = fit_temperatures(data, values, codes, routed.sample_weight)
        return to_scores(values, priors, temperatures)
