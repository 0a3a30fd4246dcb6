"""EarlyFusionClassifier: the features of all modalities side by side, one classifier on top."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from joblib import delayed
from sklearn.base import _fit_context
from sklearn.utils import compute_sample_weight
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _num_samples, check_is_fitted

from mmclassic._parallel import run_all
from mmclassic.fusion._cross_fit import fold_prior, to_scores
from mmclassic.fusion._early_choice import CS, choose_candidate, logistic_candidates
from mmclassic.fusion._early_fusion import EarlyFusion
from mmclassic.fusion._early_member import fit_early
from mmclassic.fusion._folds import split_rows, splitter_for
from mmclassic.fusion._member import decision_margins
from mmclassic.fusion._multilabel import one_model_per_target
from mmclassic.fusion._row_space import join
from mmclassic.modalities._blocks import check_blocks
from mmclassic.modalities._labels import check_groups
from mmclassic.modalities._modality import Modality, behind
from mmclassic.modalities._probabilities import ProbabilisticClassifier
from mmclassic.modalities._read_blocks import blocks_to_apply, blocks_to_fit


class EarlyFusionClassifier(ProbabilisticClassifier, EarlyFusion):
    """Logistic regression on the features of all modalities, joined.

    The rival of late fusion. Its C and its temperature are tuned on one cross-fit. A block, or a
    feature, that a row lacks is given its mean over the training rows of the fold; a sparse block
    (words) is then empty.

    Parameters
    ----------
    modalities : list of (name, transformer, columns)
        As in ColumnTransformer; each transformer should end in :class:`BlockScaler`, or give rows
        of length about one, as tf-idf does. "passthrough" takes the columns as they are.
    Cs : sequence of float, default=(0.3, 1.0, 3.0, 10.0, 30.0)
        Candidates for the inverse strength of the L2 penalty.
    cv : int, splitter or iterable, default=5
        Folds that choose C and the temperature.
    on_unreadable : {"raise", "missing"}, default="raise"
        Whether unreadable cells end the call, or count as missing with one warning.
    class_weight : None, "balanced" or dict from label to float, default=None
        What rows count in the classifier, and in the choice of C and temperature. "balanced":
        rare classes as much as frequent ones.
    max_error_rate : float, default=0.05
        In ``fit``, the share of unreadable cells of a modality above which "missing" raises.
    random_state : int, default=None
        An int shuffles the folds of an int ``cv``; None keeps the order of the table.
    n_jobs : int, default=None
        Folds in parallel.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        For an indicator, the names of its columns, or their positions.
    label_models_ : list of EarlyFusionClassifier
        For an indicator only: one binary fusion per label, which have the attributes below.
    modalities_ : list of (name, fitted transformer, columns)
    classifier_ : LogisticRegression
        On the joined features.
    C_ : float
        The chosen C.
    temperature_ : float
    class_prior_ : ndarray of shape (n_classes,)
    unreadable_cells_ : list of CellError
    n_features_in_ : int
    feature_names_in_ : ndarray of str objects

    See Also
    --------
    LateFusionClassifier : One classifier per modality.
    make_early_fusion : This with good defaults for each medium.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from mmclassic import BlockScaler, EarlyFusionClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = EarlyFusionClassifier(
    ...     [("sepal", BlockScaler(), [0, 1]), ("petal", BlockScaler(), [2, 3])]
    ... ).fit(X, y)
    >>> model.predict(X[:2])
    array([0, 0])
    """

    _parameter_constraints: dict = {
        "modalities": [list],
        "Cs": ["array-like"],
        "cv": ["cv_object"],
        "on_unreadable": [StrOptions({"raise", "missing"})],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "max_error_rate": [Interval(Real, 0, 1, closed="both")],
        "random_state": [Integral, None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        modalities,
        *,
        Cs=CS,
        cv=5,
        on_unreadable="raise",
        class_weight=None,
        max_error_rate=0.05,
        random_state=None,
        n_jobs=None,
    ):
        self.modalities = modalities
        self.Cs = Cs
        self.cv = cv
        self.on_unreadable = on_unreadable
        self.class_weight = class_weight
        self.max_error_rate = max_error_rate
        self.random_state = random_state
        self.n_jobs = n_jobs

    @_fit_context(prefer_skip_nested_validation=False)
    def fit(self, X, y, groups=None):
        """Fit the transformers and the classifier.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)
        y : array-like of shape (n_samples,), or an indicator of shape (n_samples, n_labels)
        groups : array-like of shape (n_samples,), optional
            Rows of one group share a fold.

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            After all cells were tried.
        """
        if not len(self.Cs) or min(self.Cs) <= 0:
            raise ValueError(f"Cs must be one positive number or more, got {self.Cs!r}.")
        check_blocks(self.modalities)
        models, targets = one_model_per_target(self, y)
        if len(targets[0]) != _num_samples(X):
            raise ValueError(f"X has {_num_samples(X)} rows, y has {len(targets[0])}.")
        groups = None if groups is None else check_groups(groups)
        splits = [
            model._plan_splits(codes, groups) for model, codes in zip(models, targets, strict=True)
        ]
        data, self.unreadable_cells_ = blocks_to_fit(self, X)
        for model, codes, own in zip(models, targets, splits, strict=True):
            model._fit_read(data, codes, model._choose(data, codes, own))
        return self

    def _plan_splits(self, codes, groups):
        splitter = splitter_for(
            self.cv, codes, groups, classes=self.classes_, random_state=self.random_state
        )
        return split_rows(splitter, codes, groups)

    def _choose(self, data: list[Modality], codes, splits):
        """The candidate and the temperature with the least cross-fitted log-loss."""
        labels = self.classes_[codes]

        def fit_and_score(train, test):
            candidates = logistic_candidates(self.Cs, self.class_weight)
            member = fit_early(data, labels, train, candidates)
            return member.values(data, test, self.classes_)

        results = run_all((delayed(fit_and_score)(*split) for split in splits), self.n_jobs)
        tested = np.concatenate([test for _, test in splits])
        priors = np.concatenate(
            [np.tile(fold_prior(codes, a, len(self.classes_)), (len(b), 1)) for a, b in splits]
        )
        weight = None
        if self.class_weight is not None:
            weight = compute_sample_weight(self.class_weight, labels[tested])
        return choose_candidate(np.concatenate(results), codes[tested], priors, weight)

    def _fit_read(self, data: list[Modality], codes, choice, rows=None):
        """Fit on modalities that were read, with the chosen candidate and temperature."""
        rows = np.arange(len(codes)) if rows is None else rows
        index, self.temperature_ = choice
        self.C_ = float(self.Cs[index])
        self.class_prior_ = fold_prior(codes, rows, len(self.classes_))
        candidate = logistic_candidates([self.C_], self.class_weight)
        member = fit_early(data, self.classes_[codes], rows, candidate)
        self.classifier_ = self._keep(data, member)
        return self

    def predict_proba(self, X):
        """Class probabilities.

        Parameters
        ----------
        X : frame, or array-like of shape (n_samples, n_columns)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float64
            The class prior for rows that have nothing. For an indicator, (n_samples, n_labels).
        """
        check_is_fitted(self)
        models = getattr(self, "label_models_", [self])
        data = blocks_to_apply(self, X, models[0].modalities_)
        if not len(data[0].position):
            return np.empty((0, len(self.classes_)))
        if models == [self]:
            return self._score(data)
        return np.stack([model._score(behind(data, model))[:, 1] for model in models], axis=1)

    def _score(self, data: list[Modality]):
        """Class probabilities of rows that were read."""
        blocks, present = self._features_of(data)
        has_any = present.any(axis=1)
        priors = np.tile(self.class_prior_, (len(has_any), 1))
        values = np.full((len(has_any), 1, len(self.classes_)), np.nan)
        seen = np.searchsorted(self.classes_, self.classifier_.classes_)
        values[:, 0, seen] = decision_margins(self.classifier_, join(blocks))
        scores = to_scores(values, priors, np.array([self.temperature_]))[:, 0]
        return np.where(has_any[:, None], scores, priors)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
