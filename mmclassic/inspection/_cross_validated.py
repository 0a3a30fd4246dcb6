"""cross_validated_fusion: heads judged on rows that they were not fitted on, from one table."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from sklearn.base import is_regressor
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion._folds import split_rows, splitter_for
from mmclassic.fusion._heads import make_head
from mmclassic.fusion._regression_folds import regression_splitter
from mmclassic.fusion._regression_heads import make_regression_head
from mmclassic.fusion._scores import class_prior
from mmclassic.fusion._target import check_target, target_mean
from mmclassic.inspection._labels import codes_of, modality_names, unfrozen
from mmclassic.modalities._labels import check_groups, check_weight


class CrossValidatedFusion:
    """Heads of several folds behind one ``fuse``: each row by the head that did not train on it.

    Made by :func:`cross_validated_fusion`.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
        The cross-fitted table.
    parts : list of (fusion, rows)
        Each with a head fitted on other rows than these.

    Attributes
    ----------
    rows_ : ndarray of int
        Rows that some part fuses: those that have a score, and that a fold tests.

    Examples
    --------
    >>> half = SimpleNamespace(fuse=lambda scores: scores.mean(axis=1))
    >>> CrossValidatedFusion(np.array([[[0.2, 0.8]], [[0.6, 0.4]]]), [(half, [1])]).predict_proba()
    array([[nan, nan],
           [0.6, 0.4]])
    """

    def __init__(self, scores, parts):
        self.scores = scores
        self.parts = parts
        rows: list = [rows for _, rows in parts]
        self.rows_ = np.sort(np.concatenate(rows)) if rows else np.array([], dtype=int)

    def fuse(self, scores):
        """Fused answers of a table with the same rows, whatever modalities it lacks.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, n_classes)
            Such as ``self.scores`` with NaN across a modality.

        Returns
        -------
        fused : ndarray of shape (n_samples, n_classes), or (n_samples,) of a regressor
            NaN for rows outside of ``rows_``.

        Raises
        ------
        ValueError
            If the shape differs from that of the table.
        """
        scores = np.asarray(scores, dtype=np.float64)
        if scores.shape != self.scores.shape:
            raise ValueError(
                "Each row has a head of its own, so the table must have the same rows: expected "
                f"the shape {self.scores.shape}, got {scores.shape}."
            )
        answers = [(rows, part.fuse(scores[rows])) for part, rows in self.parts]
        fused = np.full((len(scores), *answers[0][1].shape[1:]), np.nan)
        for rows, answer in answers:
            fused[rows] = answer
        return fused

    def on_rows(self, rows):
        """``fuse`` for a table that holds only some of the rows.

        Parameters
        ----------
        rows : ndarray of int

        Returns
        -------
        fuse : callable
            From a table of shape (n_rows, n_modalities, n_classes) to fused answers.
        """

        def fuse(scores: np.ndarray) -> np.ndarray:
            table = np.full_like(self.scores, np.nan)
            table[rows] = scores
            return self.fuse(table)[rows]

        return fuse

    def predict_proba(self):
        """Fused answers of the table itself: ``fuse(self.scores)``.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), or (n_samples,) of a regressor
        """
        return self.fuse(self.scores)


def cross_validated_fusion(
    model, y, *, scores=None, cv=5, groups=None, sample_weight=None, random_state=None
):
    """Head, calibration and missing policy of a fusion, cross-validated over its score table.

    The head given by the parameter ``fusion`` is fitted anew for each fold on the rows of the
    others; no base model is. So what it says of the training rows is fit to be judged: by
    conformal sets, ablation, Shapley values or any metric.

    Parameters
    ----------
    model : LateFusionClassifier or LateFusionRegressor, fitted
    y : array-like of shape (n_samples,)
        The labels that it was fitted on, in the same order.
    scores : array-like of shape (n_samples, n_modalities, n_classes), default=None
        A cross-fitted table, as :func:`cross_fit_scores` gives it, where the model has none: its
        head learned nothing, or it was loaded from a file. None means ``model.cross_fit_scores_``.
    cv : int, splitter or iterable, default=5
        Folds over the table. An int means stratified folds, grouped where ``groups`` is given,
        as many as the smallest class allows.
    groups : array-like of shape (n_samples,), default=None
        Rows of one group share a fold. Pass what the model was fitted with.
    sample_weight : array-like of shape (n_samples,), default=None
        Of the heads.
    random_state : int, default=None
        Shuffles the folds of an int ``cv``.

    Returns
    -------
    fusion : CrossValidatedFusion
        With ``fuse(scores)``, ``predict_proba()``, ``scores`` and ``rows_``.

    Raises
    ------
    ValueError
        If there is no cross-fitted table, lengths differ, or the model fuses several labels.

    Notes
    -----
    Two small debts remain: temperatures of members without ``predict_proba`` were fitted on the
    whole table, one number each; and the scores of the rows that a head is fitted on come from
    base models that may have seen the rows that it is judged on.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier, cross_validated_fusion
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... ).fit(X, y)
    >>> probabilities = cross_validated_fusion(model, y).predict_proba()
    >>> bool((probabilities.argmax(axis=1) == y).mean() > 0.9)
    True
    """
    model = unfrozen(model)
    check_is_fitted(model)
    scores = _table_of(model, scores)
    folds = _RegressionHeads(model) if is_regressor(model) else _ClassificationHeads(model)
    target = folds.target(y)
    if len(target) != len(scores):
        raise ValueError(
            f"The cross-fitted table has {len(scores)} rows, y has {len(target)}: pass the labels "
            "that the model was fitted on."
        )
    groups = None if groups is None else check_groups(groups)
    weight = check_weight(sample_weight, len(scores))
    usable = np.flatnonzero(~np.isnan(scores).all(axis=(1, 2)))
    splits = split_rows(
        folds.splitter(cv, target[usable], groups if groups is None else groups[usable],
                       random_state),
        target[usable],
        groups if groups is None else groups[usable],
    )  # fmt: skip
    parts = [
        (folds.fit(scores, target, usable[train], weight, groups), usable[test])
        for train, test in splits
    ]
    return CrossValidatedFusion(scores, parts)


def _table_of(model: Any, scores: Any) -> np.ndarray:
    if hasattr(model, "label_models_"):
        raise ValueError(
            "A fusion of several labels has a table for each of them: pass held-out rows, or one "
            "of model.label_models_ and its column of y."
        )
    if scores is None and not hasattr(model, "cross_fit_scores_"):
        raise ValueError(
            "The model has no cross_fit_scores_: its head learned nothing from scores, or it was "
            "loaded from a file. Pass scores=cross_fit_scores(model, X, y), or held-out rows."
        )
    table = np.asarray(model.cross_fit_scores_ if scores is None else scores, dtype=np.float64)
    expected = len(model.modalities_), 1 if is_regressor(model) else len(model.classes_)
    if table.ndim != 3 or table.shape[1:] != expected:
        raise ValueError(
            f"The score table of this model has the shape (n_samples, {expected[0]}, "
            f"{expected[1]}), got {table.shape}."
        )
    return table


def _part_of(model: Any) -> Any:
    """The same settings, not fitted; estimators are shared, for they are not touched."""
    return model.__class__(**model.get_params(deep=False))


def _fit_part(part: Any, head: Any, scores, target, rows, weight, groups, names) -> Any:
    """Fit calibration and head as the model itself does, on some rows of the table."""
    routed = SimpleNamespace(sample_weight=weight, groups=groups)
    data = [SimpleNamespace(name=name) for name in names]
    part._fit_head(head, scores, target, rows, routed, data)
    return part


class _ClassificationHeads:
    def __init__(self, model):
        self.model = model

    def target(self, y):
        return codes_of(y, self.model.classes_)

    def splitter(self, cv, codes, groups, random_state):
        return splitter_for(
            cv, codes, groups, classes=self.model.classes_, random_state=random_state
        )

    def fit(self, scores, codes, rows, weight, groups):
        part = _part_of(self.model)
        part.classes_ = self.model.classes_
        own_weight = None if weight is None else weight[rows]
        part.class_prior_ = class_prior(codes[rows], len(part.classes_), own_weight)
        names = modality_names(self.model)
        return _fit_part(part, make_head(part.fusion), scores, codes, rows, weight, groups, names)


class _RegressionHeads:
    def __init__(self, model):
        self.model = model

    def target(self, y):
        return check_target(y)

    def splitter(self, cv, target, groups, random_state):
        return regression_splitter(cv, target, groups, random_state=random_state)

    def fit(self, scores, target, rows, weight, groups):
        part = _part_of(self.model)
        part.target_mean_ = target_mean(target[rows], None if weight is None else weight[rows])
        names = modality_names(self.model)
        head = make_regression_head(part.fusion)
        return _fit_part(part, head, scores, target, rows, weight, groups, names)
