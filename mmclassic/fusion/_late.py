"""LateFusionClassifier: one classifier per modality, their scores fused by a head."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from joblib import Memory
from sklearn.base import _fit_context
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import _num_samples, check_is_fitted

from mmclassic._threads import one_thread
from mmclassic.fusion._calibration import TemperatureCalibration
from mmclassic.fusion._cross_fit import cross_fit_values, fit_temperatures, fold_prior, to_scores
from mmclassic.fusion._fit_members import fit_members
from mmclassic.fusion._fit_monitor import FitMonitor
from mmclassic.fusion._fit_record import fit_time, judge_classes
from mmclassic.fusion._folds import split_rows, splitter_for
from mmclassic.fusion._heads import HEADS, fit_head, learns_from_scores, make_head
from mmclassic.fusion._late_fusion import LateFusion
from mmclassic.fusion._member import gives_probabilities, score_member
from mmclassic.fusion._missing import apply_missing_policy, training_rows
from mmclassic.fusion._multilabel import (
    fuse_labels,
    one_model_per_target,
    score_labels,
)
from mmclassic.fusion._routing import route_fit_params, router_of
from mmclassic.modalities._labels import checksum_of
from mmclassic.modalities._modality import Modality, settle_unreadable
from mmclassic.modalities._probabilities import ProbabilisticClassifier
from mmclassic.modalities._read_blocks import read_members
from mmclassic.modalities._table import check_modalities, check_table


class LateFusionClassifier(ProbabilisticClassifier, LateFusion):
    """One classifier per modality; a head fuses their class probabilities.

    Each modality's estimator is fitted on the rows that have the modality. Where the head, or a
    temperature, learns from scores, these are cross-fitted: no row is scored by a model that was
    fitted on it. Stateless leading steps of pipelines (files to features) run once, before any
    fold.

    Parameters
    ----------
    modalities : list of (name, estimator, columns)
        As in ColumnTransformer. ``estimator`` is a classifier or a pipeline with
        ``predict_proba`` or ``decision_function``, or "drop"; ``columns`` is a column's name or
        position (the estimator gets a column), or a list, slice, mask or callable (it gets a frame
        or a 2-d array).
    fusion : head or str, default="log_pool"
        A head such as :class:`LogPool`, a search over a head such as
        ``GridSearchCV(WeightedSum(), {"weights": simplex_grid(3)})``, or a name: "log_pool",
        "weighted_sum" or "mean", "voting", "stacking", "gated".
    cv : int, splitter or iterable, default=5
        Folds of the cross-fit. An int means stratified folds, grouped where ``groups`` is given.
    calibration : {None, "temperature"}, default=None
        Whether each modality's scores are brought to one temperature before the head.
    missing : {"skip", "drop", "fill"}, default="skip"
        "skip" fuses a row from what it has; "drop" leaves incomplete rows out of fitting; "fill"
        gives an absent modality the class prior.
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
        Above 0, every stage of ``fit`` prints a line with its time. For more, see
        ``set_callbacks``: scikit-learn's progress bar shows each fit.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        For an indicator, the names of its columns, or their positions.
    label_models_ : list of LateFusionClassifier
        For an indicator only: one binary fusion per label, which have the attributes below. Then
        ``predict_proba`` is (n_samples, n_labels), ``score_table`` (n_samples, n_modalities,
        n_labels).
    modalities_ : list of (name, fitted estimator, columns)
    named_modalities_ : Bunch
        Fitted estimators by name.
    fusion_ : estimator
        The fitted head.
    temperatures_ : ndarray of shape (n_modalities,)
        Temperature of modalities without ``predict_proba``; NaN for the others.
    class_prior_ : ndarray of shape (n_classes,)
    cross_fit_scores_ : ndarray of shape (n_samples, n_modalities, n_classes)
        The cross-fitted score table, if the head or a temperature needed one.
    unreadable_cells_ : list of CellError
        Cells met in ``fit`` that count as missing.
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects

    See Also
    --------
    make_late_fusion : The same with good defaults for each medium.
    cross_fit_scores : The score table in hand.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import LateFusionClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", LogisticRegression(), [2, 3])]
    ... ).fit(X, y)
    >>> model.predict(X[:2])
    array([0, 0])
    >>> model.score_table(X).shape
    (150, 2, 3)
    """

    _parameter_constraints: dict = {
        "modalities": [list],
        "fusion": [StrOptions(set(HEADS)), HasMethods(["fit", "predict_proba"])],
        "cv": ["cv_object"],
        "calibration": [StrOptions({"temperature"}), None],
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
        fusion="log_pool",
        *,
        cv=5,
        calibration=None,
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
        self.calibration = calibration
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
        y : array-like of shape (n_samples,), or an indicator of shape (n_samples, n_labels)
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
            If labels are missing, of one class only, or a parameter does not fit.
        """
        active = check_modalities(self.modalities)
        X = check_table(self, X, reset=True)
        models, targets = one_model_per_target(self, y)
        if len(targets[0]) != _num_samples(X):
            raise ValueError(f"X has {_num_samples(X)} rows, y has {len(targets[0])}.")
        routed = route_fit_params(self, active, params, _num_samples(X))
        head = make_head(self.fusion)
        splits = [
            model._plan_splits(active, head, codes, routed.groups)
            for model, codes in zip(models, targets, strict=True)
        ]
        monitor = self._start_monitor(X, y, params, splits)
        with monitor.stage("read-cells"):
            data = read_members(active, X)
            self.unreadable_cells_ = settle_unreadable(
                data, self.on_unreadable, self.max_error_rate
            )
        for model, codes, split in zip(models, targets, splits, strict=True):
            model._fit_read(make_head(self.fusion), data, codes, split, routed, monitor=monitor)
        return self._end_monitor(X, y, params)

    def _fit_read(
        self, head, data, codes, splits, routed, *, rows=None, cross_fitted=None, monitor=None
    ):
        """Fit on what was read; on some rows only, or with a cross-fit that is known."""
        monitor = FitMonitor(self) if monitor is None else monitor
        kept = training_rows(data, self.missing, rows)
        self.class_prior_ = fold_prior(codes, kept, len(self.classes_), routed.sample_weight)
        scores, rows = self._cross_fit(data, codes, kept, splits, routed, cross_fitted, monitor)
        with monitor.stage("fit-fusion"):
            self._fit_head(head, scores, codes, rows, routed, data)
        with monitor.stage("fit-modalities", len(data)):
            self.modalities_ = fit_members(
                data, codes, kept, self.classes_, routed.modalities,
                n_jobs=self.n_jobs, monitor=monitor,
            )  # fmt: skip
        self._fitted = fit_time()
        return self

    def _plan_splits(self, active, head, codes, groups):
        """Folds of the cross-fit, or None where nothing learns from scores."""
        # Every estimator is asked, so that one without scores is refused before anything is read.
        give = [gives_probabilities(estimator) for _, estimator, _ in active]
        if all(give) and not learns_from_scores(head) and self.calibration is None:
            return None
        splitter = splitter_for(
            self.cv, codes, groups, classes=self.classes_, random_state=self.random_state
        )
        return split_rows(splitter, codes, groups)

    def _cross_fit(self, data, codes, kept, splits, routed, cross_fitted, monitor):
        """The table that the head is fitted on, made where it is needed, and which of its rows."""
        self.temperatures_ = np.full(len(data), np.nan)
        for name in ["cross_fit_scores_", "_labels_checksum", "_cross_fitted"]:
            self.__dict__.pop(name, None)
        if splits is None:
            return np.full((len(codes), len(data), len(self.classes_)), np.nan), kept
        is_kept = np.isin(np.arange(len(codes)), kept)
        splits = [(train[is_kept[train]], test[is_kept[test]]) for train, test in splits]
        if cross_fitted is None:
            with monitor.stage("cross-fit", len(data) * len(splits)):
                cross_fitted = cross_fit_values(
                    data, codes, self.classes_, splits, routed.modalities,
                    n_jobs=self.n_jobs, monitor=monitor,
                )  # fmt: skip
        values, priors = cross_fitted
        tested = np.sort(np.concatenate([test for _, test in splits]))
        weight = None if routed.sample_weight is None else routed.sample_weight[tested]
        self.temperatures_ = fit_temperatures(data, values[tested], codes[tested], weight)
        self.cross_fit_scores_ = to_scores(values, priors, self.temperatures_)
        self._labels_checksum = checksum_of(codes)  # who judges the table must bring these labels
        names = [modality.name for modality in data]
        self._cross_fitted = judge_classes(self.cross_fit_scores_, codes, names)
        return self.cross_fit_scores_, tested

    def _fit_head(self, head, scores, codes, rows, routed, data):
        """Fit calibration and head on the rows that were cross-fitted."""
        weight = None if routed.sample_weight is None else routed.sample_weight[rows]
        groups = None if routed.groups is None else np.asarray(routed.groups)[rows]
        self.calibration_ = None
        if self.calibration is not None:
            self.calibration_ = TemperatureCalibration().fit(scores[rows], codes[rows], weight)
        prepared = self._prepare_scores(scores[rows])
        names = [modality.name for modality in data]
        self.fusion_ = fit_head(
            head, prepared, codes[rows], names, sample_weight=weight, groups=groups
        )

    def score_table(self, X):
        """Class probabilities of every modality, as they come from its estimator.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        scores : ndarray of shape (n_samples, n_modalities, n_classes), float64
            NaN across modalities that a row does not have.

        Raises
        ------
        UnreadableCellsError
            With ``on_unreadable="raise"``.
        """
        check_is_fitted(self)
        X = check_table(self, X, reset=False)
        models = getattr(self, "label_models_", [self])
        data = read_members(models[0].modalities_, X, fitted=True)
        settle_unreadable(data, self.on_unreadable)
        rows = np.arange(_num_samples(X))
        return self._score(data, rows) if models == [self] else score_labels(models, data, rows)

    def _score(self, data: list[Modality], rows):
        with one_thread():
            columns = [score_member(m.estimator, m, rows, self.classes_) for m in data]
        values = np.stack(columns, axis=1)
        priors = np.tile(self.class_prior_, (len(rows), 1))
        return to_scores(values, priors, self.temperatures_)

    def _prepare_scores(self, scores):
        """Calibrate, then apply the policy for missing modalities."""
        if self.calibration_ is not None:
            scores = self.calibration_.transform(scores)
        return apply_missing_policy(scores, self.missing, self.class_prior_)

    def fuse(self, scores):
        """Fused class probabilities of a score table.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, n_classes)
            As ``score_table`` gives it; NaN across a modality removes it from a row.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            The class prior for rows that have nothing.
        """
        check_is_fitted(self)
        scores = np.asarray(scores, dtype=np.float64)
        if hasattr(self, "label_models_"):
            return fuse_labels(self.label_models_, scores)
        if not len(scores):
            return np.empty((0, len(self.classes_)))
        probabilities = self.fusion_.predict_proba(self._prepare_scores(scores))
        nothing = np.isnan(scores).all(axis=(1, 2))
        probabilities = np.array(probabilities)
        probabilities[nothing] = self.class_prior_
        return probabilities

    def predict_proba(self, X):
        """Fused class probabilities: ``fuse(score_table(X))``.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
        """
        return self.fuse(self.score_table(X))

    def get_metadata_routing(self):
        """Which metadata go where.

        Returns
        -------
        router : MetadataRouter
        """
        return router_of(self, check_modalities(self.modalities))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
