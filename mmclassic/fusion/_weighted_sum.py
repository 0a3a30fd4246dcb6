"""WeightedSum: the linear opinion pool."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from sklearn.metrics import get_scorer
from sklearn.utils._param_validation import Interval, StrOptions

from mmclassic.fusion._greedy_weights import select_greedily
from mmclassic.fusion._head import FusionHead
from mmclassic.fusion._learned_weights import learn_weights, nearest_to_equal
from mmclassic.fusion._log_loss import negative_log_loss
from mmclassic.fusion._patterns import patterns_to_fit, pool_by_pattern, rows_with
from mmclassic.fusion._precomputed import Precomputed
from mmclassic.fusion._scores import FLOOR, present
from mmclassic.fusion._weights import check_bounds, check_weights, weights_by_name


def pool_linear(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Σ_m w_m p_m over the modalities that a row has, their weights scaled to sum to one.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)
        NaN across a modality that a row does not have.
    weights : ndarray of shape (n_modalities,)

    Returns
    -------
    probabilities : ndarray of shape (n_samples, n_classes)
        Zeros where all present weights are zero.

    Examples
    --------
    >>> pool_linear(np.array([[[0.8, 0.2], [0.6, 0.4]]]), np.array([0.5, 0.5]))
    array([[0.7, 0.3]])
    """
    share = present(scores) * weights
    total = share.sum(axis=1, keepdims=True)
    share = share / np.where(total > 0, total, 1)
    return np.einsum("nmk,nm->nk", np.nan_to_num(scores), share)


class WeightedSum(FusionHead):
    """Linear opinion pool, p(k) = Σ_m w_m p_m(k).

    Where a row lacks modalities, the weights of the others are scaled to sum to one; learned
    weights are learned anew for each pattern of missing modalities, from the rows that have at
    least those modalities.

    Parameters
    ----------
    weights : None, array-like, dict, Series, "learned" or "greedy", default=None
        One weight per modality, by position, or by name (dict, pandas Series); scaled to sum to
        one. None means equal. "learned" has the least log-loss of all weights; "greedy" adds the
        modality that helps most, again and again.
    scoring : str or callable, optional
        What "greedy" makes great: a scikit-learn scorer of class probabilities or predictions;
        by default :func:`negative_log_loss`.
    n_rounds : int, default=50
        How many modalities "greedy" adds; the best prefix counts.
    shrinkage : float, default=0.0
        Learned weights are (1 - shrinkage) w + shrinkage / n_modalities; within bounds, those
        weights take the place of equal ones that are nearest to them.
    bounds : dict, optional
        From a modality's name to the least and the greatest weight that "learned" may give it;
        equal ones fix it. They hold for rows that have every modality.

    Attributes
    ----------
    weights_ : ndarray of shape (n_modalities,)
    patterns_ : ndarray of shape (n_patterns, n_modalities), bool
        Which modalities are present, for each pattern with weights of its own; none unless learned.
    pattern_weights_ : ndarray of shape (n_patterns, n_modalities)
    class_prior_ : ndarray of shape (n_classes,)
    modality_names_ : list of str
    classes_ : ndarray of shape (n_classes,), int

    See Also
    --------
    simplex_grid : Weights for ``GridSearchCV(WeightedSum(), {"weights": simplex_grid(3)})``.
    LogPool : The logarithmic pool, with learned weights.

    References
    ----------
    M. Stone: The opinion pool. Annals of Mathematical Statistics 32, 1961.

    R. Caruana, A. Niculescu-Mizil, G. Crew, A. Ksikes: Ensemble selection from libraries of models.
    ICML 2004.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic import WeightedSum
    >>> scores = np.array([[[0.8, 0.2], [0.6, 0.4]]])
    >>> WeightedSum(weights=[3, 1]).fit(scores, [0]).predict_proba(scores)
    array([[0.75, 0.25]])
    >>> WeightedSum(weights="learned").fit(scores, [0]).weights_.round(6)
    array([1., 0.])
    """

    _parameter_constraints: dict = {
        "weights": ["array-like", dict, StrOptions({"learned", "greedy"}), None],
        "scoring": [str, callable, None],
        "n_rounds": [Interval(Integral, 1, None, closed="left")],
        "shrinkage": [Interval(Real, 0, 1, closed="both")],
        "bounds": [dict, None],
    }

    def __init__(self, weights=None, *, scoring=None, n_rounds=50, shrinkage=0.0, bounds=None):
        self.weights = weights
        self.scoring = scoring
        self.n_rounds = n_rounds
        self.shrinkage = shrinkage
        self.bounds = bounds

    @property
    def _learns_from_scores(self):
        return isinstance(self.weights, str)

    def _fit(self, scores, y, sample_weight):
        n_modalities = scores.shape[1]
        patterns, weights = [], []
        if self.bounds is not None and self.weights != "learned":
            raise ValueError('bounds are for weights="learned" only.')
        if self.shrinkage and not self._learns_from_scores:
            raise ValueError('shrinkage is for weights="learned" or "greedy" only.')
        if not self._learns_from_scores:
            self.weights_ = check_weights(self.weights, self.modality_names_)
        elif self.weights == "greedy":
            self.weights_ = self._shrunk(self._select(scores, y, sample_weight))
        else:
            sample_weight = np.ones(len(y)) if sample_weight is None else sample_weight
            patterns, weights = self._learn(scores, y, sample_weight)
        self.patterns_ = np.array(patterns, dtype=bool).reshape(len(patterns), n_modalities)
        self.pattern_weights_ = np.array(weights).reshape(len(patterns), n_modalities)

    def _learn(self, scores, y, sample_weight):
        """Weights of every pattern that has rows; weights_ are those of all modalities."""
        own = np.maximum(scores[np.arange(len(y)), :, y], FLOOR / scores.shape[2])
        available = present(scores)
        names = self.modality_names_
        bounds = None if self.bounds is None else check_bounds(self.bounds, names)
        everything = (True,) * len(names)
        patterns, weights = [], []
        for pattern in patterns_to_fit(available):
            rows = rows_with(available, pattern)
            members = np.flatnonzero(pattern)
            if not sample_weight[rows].sum() > 0 or (bounds is not None and pattern != everything):
                continue
            learned = learn_weights(own[np.ix_(rows, members)], sample_weight[rows], bounds)
            patterns.append(pattern)
            weights.append(np.zeros(len(names)))
            weights[-1][members] = self._shrunk(learned, bounds)
        known = dict(zip(patterns, weights, strict=True))
        self.weights_ = known.get(everything, np.full(len(names), 1 / len(names)))
        return patterns, weights

    def _select(self, scores, y, sample_weight):
        scoring = negative_log_loss if self.scoring is None else self.scoring
        scorer = get_scorer(scoring) if isinstance(scoring, str) else scoring
        judge = Precomputed(classes=self.classes_)
        judge.fit(np.eye(len(self.classes_)), self.classes_)
        weight = {} if sample_weight is None else {"sample_weight": sample_weight}
        usable = present(scores).any(axis=1)
        if not usable.any():
            return np.full(scores.shape[1], 1 / scores.shape[1])
        weight = {key: value[usable] for key, value in weight.items()}

        def score(pooled):
            return float(scorer(judge, pooled, y[usable], **weight))

        return select_greedily(scores[usable], score, self.n_rounds)

    def _shrunk(self, weights, bounds=None):
        centre = 1 / len(weights) if bounds is None else nearest_to_equal(bounds)
        return (1 - self.shrinkage) * weights + self.shrinkage * centre

    def _to_portable(self):
        """Weights in a Series become a dict, before the head is saved."""
        self.weights = weights_by_name(self.weights)

    def _pool(self, scores):
        if not len(self.patterns_):
            return pool_linear(scores, self.weights_)

        def pool(part, pattern):
            known = np.flatnonzero((self.patterns_ == pattern).all(axis=1))
            weights = self.pattern_weights_[known[0]] if len(known) else self.weights_
            return pool_linear(part, weights[np.array(pattern)])

        return pool_by_pattern(scores, present(scores), pool)
