"""ConformalClassifier: sets of classes with a promise of coverage, around a fitted fusion."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion._patterns import rows_by_pattern
from mmclassic.fusion._scores import present
from mmclassic.inspection._conformal_patterns import calibrate_patterns
from mmclassic.inspection._conformity import aps_scores, lac_scores, row_uniforms
from mmclassic.inspection._cross_validated import cross_validated_fusion
from mmclassic.inspection._joined import refuse_joined
from mmclassic.inspection._labels import codes_of, unfrozen
from mmclassic.modalities._labels import checksum_of


class ConformalClassifier(ClassifierMixin, BaseEstimator):
    """Sets of classes that hold the true one with a promised probability, around a fitted fusion.

    The fusion is not fitted again. Either ``fit`` calibrates on rows that were held out, or
    ``fit_cross_fitted`` on the rows of training: their scores are cross-fitted, and each is fused
    by a head that was not fitted on it.

    Every pattern of missing modalities has a threshold of its own, so that rows without their
    best modality get larger sets, not less coverage.

    Parameters
    ----------
    model : LateFusionClassifier, fitted
        In ``FrozenEstimator`` it survives ``clone``.
    method : {"lac", "aps"}, default="lac"
        "lac" scores a class by 1 - its probability, which gives the smallest sets; "aps" by the
        probability of all classes up to it, which gives larger sets to rows that are hard.
    coverage : float, default=0.9
        Probability, between 0 and 1, that a set holds the true class.
    cv : int, splitter or iterable, default=5
        Folds of the head in ``fit_cross_fitted``.
    min_rows : int, default=100
        A pattern with so many rows of its own is calibrated on them alone. A rarer one takes all
        rows that have its modalities, with the others taken away; the promise then needs that
        modalities are missing at random.
    randomize : bool, default=True
        For "aps": a class counts a share of its own probability that looks random. Coverage is
        then close to the promised one, and some sets are empty. The share depends on the row and
        ``random_state`` alone: the same row has the same set in any batch. False: no set is empty,
        and coverage is at least the share of right predictions.
    random_state : int, default=0

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    patterns_ : ndarray of shape (n_patterns, n_modalities), bool
        Which modalities are present, for each pattern with a threshold.
    thresholds_ : ndarray of shape (n_patterns,)
        Infinite, so that sets hold every class, where there are too few rows for the promise.
    n_rows_ : ndarray of shape (n_patterns,), int
        How many rows each threshold comes from.
    sources_ : ndarray of shape (n_patterns,), str
        Which: "own", rows of the pattern; "masked", all rows that have its modalities; "all", every
        row as it is, because the others are too few for the coverage.
    marginal_threshold_ : float
        From all rows; for patterns without a threshold.

    See Also
    --------
    risk_coverage_curve : Answer only where the model is sure, instead.

    Notes
    -----
    A set is empty where no class is likely enough. That must happen when the model is right more
    often than the coverage asks; these are the rows that it is least sure of.

    Cross-fitted scores come from base models with fewer rows than the final ones, so that
    ``fit_cross_fitted`` errs towards more coverage, less with more folds (with 300 rows 91.3 % of
    90 % with five folds, 90.3 % with twenty: benchmarks/results/conformal_folds.md).

    References
    ----------
    V. Vovk, A. Gammerman, G. Shafer: Algorithmic learning in a random world. Springer 2005 (one
    threshold per kind of row: Mondrian conformal prediction).

    M. Sadinle, J. Lei, L. Wasserman: Least ambiguous set-valued classifiers with bounded error
    levels. JASA 114(525), 2019.

    Y. Romano, M. Sesia, E. Candès: Classification with valid and adaptive coverage. NeurIPS 2020.

    M. Zaffran, A. Dieuleveut, J. Josse, Y. Romano: Conformal prediction with missing values. ICML
    2023 (calibration rows masked to the pattern of the row).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from mmclassic import ConformalClassifier, LateFusionClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = LateFusionClassifier(
    ...     [("sepal", GaussianNB(), [0, 1]), ("petal", GaussianNB(), [2, 3])]
    ... ).fit(X, y)
    >>> conformal = ConformalClassifier(model, coverage=0.97).fit_cross_fitted(y)
    >>> conformal.predict_set(X[[0, 60, 133]])
    array([[ True, False, False],
           [False,  True, False],
           [False,  True,  True]])
    """

    _parameter_constraints: dict = {
        "model": [HasMethods(["score_table", "fuse"])],
        "method": [StrOptions({"lac", "aps"})],
        "coverage": [Interval(Real, 0, 1, closed="neither")],
        "cv": ["cv_object"],
        "min_rows": [Interval(Integral, 1, None, closed="left")],
        "randomize": ["boolean"],
        "random_state": [Interval(Integral, 0, None, closed="left")],
    }

    def __init__(
        self,
        model,
        *,
        method="lac",
        coverage=0.9,
        cv=5,
        min_rows=100,
        randomize=True,
        random_state=0,
    ):
        self.model = model
        self.method = method
        self.coverage = coverage
        self.cv = cv
        self.min_rows = min_rows
        self.randomize = randomize
        self.random_state = random_state

    def fit(self, X, y):
        """Calibrate on rows that the model was not fitted on.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,)

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If the model fuses several labels or no classes, or y has a label it does not know.
        """
        self._check()
        codes = codes_of(y, self.model.classes_)
        scores = self.model.score_table(X)
        if len(codes) != len(scores):
            raise ValueError(f"X has {len(scores)} rows, y has {len(codes)}.")
        return self._calibrate(scores, codes, self.model.fuse)

    def fit_cross_fitted(self, y, *, groups=None, scores=None):
        """Calibrate on the rows of training, from scores and heads that did not see them.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            The labels that the model was fitted on, in the same order. Others are refused, unless
            ``scores`` are passed: nobody can tell then.
        groups : array-like of shape (n_samples,), default=None
            Rows of one group share a fold. Pass what the model was fitted with.
        scores : array-like of shape (n_samples, n_modalities, n_classes), default=None
            ``cross_fit_scores(model, X, y)``, where the model has no ``cross_fit_scores_``.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If there is no cross-fitted table, or y does not fit it.
        """
        self._check()
        if scores is None:
            self._refuse_other_labels(y)
        fusion = cross_validated_fusion(self.model, y, scores=scores, cv=self.cv, groups=groups)
        rows = fusion.rows_
        return self._calibrate(
            fusion.scores[rows], codes_of(y, self.model.classes_)[rows], fusion.on_rows(rows)
        )

    def _refuse_other_labels(self, y):
        """The model's cross-fitted table belongs to the labels that it was fitted on."""
        model = unfrozen(self.model)
        codes = codes_of(y, model.classes_)
        n_rows = len(getattr(model, "cross_fit_scores_", codes))
        known = getattr(model, "_labels_checksum", None)
        if len(codes) == n_rows and known not in (None, checksum_of(codes)):
            raise ValueError(
                "y are not the labels that the model was fitted on, or they are in another order: "
                "pass the y of its fit."
            )

    def _check(self):
        self._validate_params()
        check_is_fitted(self.model)
        refuse_joined(unfrozen(self.model), "ConformalClassifier")
        if hasattr(self.model, "label_models_") or not hasattr(self.model, "classes_"):
            raise ValueError(
                "ConformalClassifier needs a fusion of classes: for several labels, wrap each of "
                "model.label_models_."
            )

    def _calibrate(self, scores, codes, fuse):
        found, self.marginal_threshold_ = calibrate_patterns(
            scores, codes, fuse, self._conformity, self.coverage, self.min_rows
        )
        self.patterns_ = np.array([one.pattern for one in found], dtype=bool)
        self.thresholds_ = np.array([one.threshold for one in found])
        self.n_rows_ = np.array([one.n_rows for one in found])
        self.sources_ = np.array([one.source for one in found])
        self.classes_ = self.model.classes_
        return self

    def _conformity(self, probabilities):
        if self.method == "lac":
            return lac_scores(probabilities)
        uniform = row_uniforms(probabilities, self.random_state) if self.randomize else None
        return aps_scores(probabilities, uniform)

    def predict_set(self, X):
        """Which classes each row's set holds.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        sets : ndarray of shape (n_samples, n_classes), bool
            Columns in the order of ``classes_``.
        """
        check_is_fitted(self)
        return self.set_of_scores(self.model.score_table(X))

    def set_of_scores(self, scores):
        """The sets of a score table, as :meth:`predict_set` makes them.

        Parameters
        ----------
        scores : array-like of shape (n_samples, n_modalities, n_classes)
            ``model.score_table(X)``, perhaps with modalities removed.

        Returns
        -------
        sets : ndarray of shape (n_samples, n_classes), bool
        """
        check_is_fitted(self)
        scores = np.asarray(scores, dtype=np.float64)
        conformity = self._conformity(self.model.fuse(scores))
        return conformity <= self._thresholds(present(scores))[:, None]

    def _thresholds(self, available):
        """The threshold of each row, by the modalities that it has."""
        thresholds = np.full(len(available), self.marginal_threshold_)
        for pattern, rows in rows_by_pattern(available):
            known = np.flatnonzero((self.patterns_ == pattern).all(axis=1))
            if len(known):
                thresholds[rows] = self.thresholds_[known[0]]
        return thresholds

    def predict_proba(self, X):
        """The model's own probabilities.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
        """
        check_is_fitted(self)
        return self.model.predict_proba(X)

    def predict(self, X):
        """The model's own most probable class.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        y : ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        return self.model.predict(X)
