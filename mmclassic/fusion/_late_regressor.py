"""LateFusionRegressor: one regressor per modality, their predictions fused by a head."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from joblib import Memory
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import _num_samples, check_is_fitted

from mmclassic.fusion._fit_monitor import FitMonitor
from mmclassic.fusion._fit_record import judge_numbers
from mmclassic.fusion._folds import split_rows
from mmclassic.fusion._heads import fit_head, learns_from_scores
from mmclassic.fusion._late_fusion import LateFusion
from mmclassic.fusion._missing import apply_missing_policy, training_rows
from mmclassic.fusion._regression_folds import regression_splitter
from mmclassic.fusion._regression_heads import REGRESSION_HEADS, make_regression_head
from mmclassic.fusion._regression_member import (
    check_regressors,
    cross_fit_predictions,
    fit_regressors,
    predict_member,
)
from mmclassic.fusion._routing import route_fit_params, router_of
from mmclassic.fusion._target import check_target, target_mean
from mmclassic.modalities._modality import settle_unreadable
from mmclassic.modalities._read_blocks import read_members
from mmclassic.modalities._table import check_modalities, check_table


class LateFusionRegressor(RegressorMixin, LateFusion):
    """One regressor per modality; a head fuses their predictions.

    The twin of :class:`LateFusionClassifier`. Each modality's estimator is fitted on the rows that
    have the modality. Where the head learns from predictions, these are cross-fitted: no row is
    predicted by a model that was fitted on it. Stateless leading steps of pipelines (files to
    features) run once, before any fold.

    Parameters
    ----------
    modalities : list of (name, estimator, columns)
        As in ColumnTransformer. ``estimator`` is a regressor or a pipeline that ends in one, or
        "drop"; ``columns`` is a column's name or position (the estimator gets a column), or a list,
        slice, mask or callable (it gets a frame or a 2-d array).
    fusion : head or str, default="mean"
        A head such as :class:`WeightedSumRegressor`, a search over a head, or a name: "mean" or
        "weighted_sum", "median", "stacking".
    cv : int, splitter or iterable, default=5
        Folds of the cross-fit. An int means consecutive folds, grouped where ``groups`` is given.
    missing : {"skip", "drop", "fill"}, default="skip"
        "skip" fuses a row from what it has; "drop" leaves incomplete rows out of fitting; "fill"
        gives an absent modality the mean of the target.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing with one warning.
    max_error_rate : float, default=0.05
        In ``fit``, the share of unreadable cells of a modality above which "missing" raises.
    random_state : int, default=None
        An int shuffles the folds of an int ``cv``; None keeps the order of the table.
    memory : None, str or joblib.Memory, default=None
        Caches the fits of the base models, on feature matrices. Local and trusted.
    n_jobs : int, default=None
        Fits in parallel.
    verbose : int, default=0
        As in LateFusionClassifier.

    Attributes
    ----------
    modalities_ : list of (name, fitted estimator, columns)
    named_modalities_ : Bunch
        Fitted estimators by name.
    fusion_ : estimator
        The fitted head.
    target_mean_ : float
        Mean of the target in training, with sample weights: what a row that has nothing gets.
    cross_fit_scores_ : ndarray of shape (n_samples, n_modalities, 1)
        The cross-fitted predictions, if the head needed them.
    unreadable_cells_ : list of CellError
        Cells met in ``fit`` that count as missing.
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects

    See Also
    --------
    LateFusionClassifier : The same for classes.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import RidgeCV
    >>> from mmclassic import LateFusionRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> modalities = [("body", RidgeCV(), slice(0, 4)), ("blood", RidgeCV(), slice(4, 10))]
    >>> model = LateFusionRegressor(modalities, fusion="stacking").fit(X, y)
    >>> model.predict(X[:2]).round()
    array([205.,  65.])
    >>> model.score_table(X).shape
    (442, 2, 1)
    """

    _parameter_constraints: dict = {
        "modalities": [list],
        "fusion": [StrOptions(set(REGRESSION_HEADS)), HasMethods(["fit", "predict"])],
        "cv": ["cv_object"],
        "missing": [StrOptions({"skip", "drop", "fill"})],
        "on_unreadable": [StrOptions({"raise", "missing"})],
        "max_error_rate": [Interval(Real, 0, 1, closed="both")],
        "random_state": [Integral, None],
        "memory": [str, Memory, HasMethods(["cache"]), None],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        modalities,
        fusion="mean",
        *,
        cv=5,
        missing="skip",
        on_unreadable="raise",
        max_error_rate=0.05,
        random_state=None,
        memory=None,
        n_jobs=None,
        verbose=0,
    ):
        self.modalities = modalities
        self.fusion = fusion
        self.cv = cv
        self.missing = missing
        self.on_unreadable = on_unreadable
        self.max_error_rate = max_error_rate
        self.random_state = random_state
        self.memory = memory
        self.n_jobs = n_jobs
        self.verbose = verbose

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, **params):
        """Fit the modalities' estimators and the head.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)
        **params : dict
            ``groups`` and ``sample_weight``; with metadata routing, whatever is requested.

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            After all cells were tried.
        ValueError
            If the target is missing, infinite or no number in some row, or a parameter does not
            fit.
        """
        active = check_modalities(self.modalities)
        check_regressors(active)
        X = check_table(self, X, reset=True)
        target = check_target(y)
        if len(target) != _num_samples(X):
            raise ValueError(f"X has {_num_samples(X)} rows, y has {len(target)}.")
        routed = route_fit_params(self, active, params, len(target))
        head = make_regression_head(self.fusion)
        splits = self._plan_splits(head, target, routed.groups)
        monitor = self._start_monitor(X, y, params, [splits])
        with monitor.stage("read-cells"):
            data = read_members(active, X)
            self.unreadable_cells_ = settle_unreadable(
                data, self.on_unreadable, self.max_error_rate
            )
        self._fit_read(head, data, target, splits, routed, monitor=monitor)
        return self._end_monitor(X, y, params)

    def _fit_read(
        self, head, data, target, splits, routed, *, rows=None, cross_fitted=None, monitor=None
    ):
        """Fit on what was read; on some rows only, or with a cross-fit that is known."""
        monitor = FitMonitor(self) if monitor is None else monitor
        kept = training_rows(data, self.missing, rows)
        weight = None if routed.sample_weight is None else routed.sample_weight[kept]
        self.target_mean_ = target_mean(target[kept], weight)
        scores, rows = self._cross_fit(data, target, kept, splits, routed, cross_fitted, monitor)
        with monitor.stage("fit-fusion"):
            self._fit_head(head, scores, target, rows, routed, data)
        with monitor.stage("fit-modalities", len(data)):
            self.modalities_ = fit_regressors(
                data, target, kept, routed.modalities, n_jobs=self.n_jobs, monitor=monitor
            )
        return self

    def _plan_splits(self, head, target, groups):
        """Folds of the cross-fit, or None where nothing learns from predictions."""
        if not learns_from_scores(head):
            return None
        splitter = regression_splitter(self.cv, target, groups, random_state=self.random_state)
        return split_rows(splitter, target, groups)

    def _cross_fit(self, data, target, kept, splits, routed, cross_fitted, monitor):
        """The table that the head is fitted on, made where it is needed, and which of its rows."""
        for name in ["cross_fit_scores_", "_cross_fitted"]:
            self.__dict__.pop(name, None)
        if splits is None:
            return np.full((len(target), len(data), 1), np.nan), kept
        is_kept = np.isin(np.arange(len(target)), kept)
        splits = [(train[is_kept[train]], test[is_kept[test]]) for train, test in splits]
        if cross_fitted is None:
            with monitor.stage("cross-fit", len(data) * len(splits)):
                cross_fitted = cross_fit_predictions(
                    data, target, splits, routed.modalities, n_jobs=self.n_jobs, monitor=monitor
                )
        self.cross_fit_scores_ = cross_fitted
        names = [modality.name for modality in data]
        self._cross_fitted = judge_numbers(self.cross_fit_scores_, target, names)
        return self.cross_fit_scores_, np.sort(np.concatenate([test for _, test in splits]))

    def _fit_head(self, head, scores, target, rows, routed, data):
        self.fusion_ = fit_head(
            head,
            apply_missing_policy(scores[rows], self.missing, np.array([self.target_mean_])),
            target[rows],
            [modality.name for modality in data],
            sample_weight=None if routed.sample_weight is None else routed.sample_weight[rows],
            groups=None if routed.groups is None else np.asarray(routed.groups)[rows],
        )

    def score_table(self, X):
        """Predictions of every modality, as they come from its estimator.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        scores : ndarray of shape (n_samples, n_modalities, 1), float64
            NaN for modalities that a row does not have.

        Raises
        ------
        UnreadableCellsError
            With ``on_unreadable="raise"``.
        """
        check_is_fitted(self)
        X = check_table(self, X, reset=False)
        data = read_members(self.modalities_, X, fitted=True)
        settle_unreadable(data, self.on_unreadable)
        rows = np.arange(_num_samples(X))
        predictions = [predict_member(modality.estimator, modality, rows) for modality in data]
        return np.stack(predictions, axis=1)

    def fuse(self, scores):
        """Fused predictions of a score table.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, 1)
            As ``score_table`` gives it; NaN removes a modality from a row.

        Returns
        -------
        predictions : ndarray of shape (n_samples,), float64
            ``target_mean_`` for rows that have nothing.
        """
        check_is_fitted(self)
        scores = np.asarray(scores, dtype=np.float64)
        if not len(scores):
            return np.empty(0)
        mean = np.array([self.target_mean_])
        fused = self.fusion_.predict(apply_missing_policy(scores, self.missing, mean))
        nothing = np.isnan(scores).all(axis=(1, 2))
        return np.where(nothing, self.target_mean_, fused)

    def predict(self, X):
        """Fused predictions: ``fuse(score_table(X))``.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        y : ndarray of shape (n_samples,), float64
        """
        return self.fuse(self.score_table(X))

    def get_metadata_routing(self):
        """Which metadata go where.

        Returns
        -------
        router : MetadataRouter
        """
        return router_of(self, check_modalities(self.modalities), make_regression_head(self.fusion))
