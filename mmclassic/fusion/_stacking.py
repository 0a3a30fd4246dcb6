"""Stacking: any classifier on the modalities' scores."""

from __future__ import annotations

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils._param_validation import HasMethods
from sklearn.utils.validation import has_fit_parameter

from mmclassic.fusion._align import align_classes
from mmclassic.fusion._head import FusionHead
from mmclassic.fusion._patterns import patterns_to_fit, pool_by_pattern, rows_with
from mmclassic.fusion._scores import log_scores, present


class Stacking(FusionHead):
    """Any classifier on the scores of the modalities, side by side, or on their logarithms.

    For each pattern of missing modalities a classifier of its own is fitted on all rows that have
    at least those modalities. A pattern with rows of one class only, or none, takes the mean.

    Parameters
    ----------
    final_estimator : classifier with predict_proba, default=None
        None means ``LogisticRegression(max_iter=1000)``. Should it warn that it did not converge,
        pass ``make_pipeline(StandardScaler(), LogisticRegression())``, which is another model: its
        penalty then counts on standardised logarithms.
    logarithms : bool, default=True
        Whether it reads the logarithms of the scores.

    Attributes
    ----------
    patterns_ : ndarray of shape (n_patterns, n_modalities), bool
        Which modalities are present, for each fitted classifier.
    estimators_ : list of length n_patterns
    class_prior_ : ndarray of shape (n_classes,)
    modality_names_ : list of str
    classes_ : ndarray of shape (n_classes,), int

    References
    ----------
    D. Wolpert: Stacked generalization. Neural Networks 5(2), 1992.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic import Stacking
    >>> scores = np.stack([[[0.9, 0.1], [0.2, 0.8]] * 20, [[0.4, 0.6], [0.4, 0.6]] * 20], axis=1)
    >>> Stacking().fit(scores, [0, 1] * 20).predict(scores[:4])
    array([0, 1, 0, 1])
    """

    _parameter_constraints: dict = {
        "final_estimator": [HasMethods(["fit", "predict_proba"]), None],
        "logarithms": ["boolean"],
    }

    def __init__(self, final_estimator=None, *, logarithms=True):
        self.final_estimator = final_estimator
        self.logarithms = logarithms

    def _fit(self, scores, y, sample_weight):
        available = present(scores)
        patterns, self.estimators_ = [], []
        for pattern in patterns_to_fit(available):
            rows = rows_with(available, pattern)
            if len(np.unique(y[rows])) > 1:
                part = scores[np.ix_(rows, np.flatnonzero(pattern))]
                weight = None if sample_weight is None else sample_weight[rows]
                patterns.append(pattern)
                self.estimators_.append(self._fit_one(part, y[rows], weight))
        self.patterns_ = np.array(patterns, dtype=bool).reshape(len(patterns), scores.shape[1])

    def _fit_one(self, scores, y, sample_weight):
        default = LogisticRegression(max_iter=1000)
        estimator = clone(default if self.final_estimator is None else self.final_estimator)
        params = {}
        if sample_weight is not None and has_fit_parameter(estimator, "sample_weight"):
            params["sample_weight"] = sample_weight
        return estimator.fit(self._features(scores), y, **params)

    def _features(self, scores):
        return (log_scores(scores) if self.logarithms else scores).reshape(len(scores), -1)

    def _pool(self, scores):
        def pool(part, pattern):
            known = np.flatnonzero((self.patterns_ == pattern).all(axis=1))
            if not len(known):
                return part.mean(axis=1)
            estimator = self.estimators_[known[0]]
            probabilities = estimator.predict_proba(self._features(part))
            return align_classes(probabilities, estimator.classes_, self.class_prior_)

        return pool_by_pattern(scores, present(scores), pool)
