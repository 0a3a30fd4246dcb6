"""WeightedSumRegressor: a weighted mean of the modalities' predictions."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls
from sklearn.utils._param_validation import StrOptions

from mmclassic.fusion._regression_head import RegressionHead, fit_patterns, pool_patterns
from mmclassic.fusion._weights import check_weights, weights_by_name


def pool_mean(predictions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean of the predictions that each row has.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_modalities)
        NaN where a row does not have a modality.
    weights : ndarray of shape (n_modalities,)

    Returns
    -------
    fused : ndarray of shape (n_samples,)
        NaN where all present weights are zero.

    Examples
    --------
    >>> pool_mean(np.array([[1.0, 2.0], [np.nan, 2.0]]), np.array([0.75, 0.25]))
    array([1.25, 2.  ])
    """
    share = ~np.isnan(predictions) * weights
    total = share.sum(axis=1)
    share = share / np.where(total > 0, total, 1)[:, None]
    fused = np.einsum("nm,nm->n", np.nan_to_num(predictions), share)
    return np.where(total > 0, fused, np.nan)


def fit_nonnegative(
    predictions: np.ndarray, y: np.ndarray, sample_weight: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """Weights w ≥ 0 and an intercept with the least squared error.

    The intercept is free, so it drops out once all columns are centred.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_modalities)
    y : ndarray of shape (n_samples,)
    sample_weight : ndarray of shape (n_samples,), optional

    Returns
    -------
    weights : ndarray of shape (n_modalities,)
    intercept : float

    Examples
    --------
    >>> weights, intercept = fit_nonnegative(
    ...     np.array([[1.0, 3.0], [2.0, 1.0], [3.0, 2.0]]), np.array([2.0, 3.0, 4.0])
    ... )
    >>> weights.round(6), round(intercept, 6)
    (array([1., 0.]), 1.0)
    """
    centre = np.average(predictions, axis=0, weights=sample_weight)
    mean = np.average(y, weights=sample_weight)
    root = 1.0 if sample_weight is None else np.sqrt(sample_weight)
    weights, _ = nnls(((predictions - centre).T * root).T, (y - mean) * root)
    return weights, float(mean - centre @ weights)


class WeightedSumRegressor(RegressionHead):
    """Weighted mean of the modalities' predictions, or their best non-negative combination.

    Where a row lacks modalities, the weights of the others are scaled to sum to one; learned
    weights are learned anew for each pattern of missing modalities, from the rows that have at
    least those modalities. A pattern for which there are fewer than three such rows per weight and
    intercept takes the plain mean, which is better then.

    Parameters
    ----------
    weights : None, array-like, dict, Series or "learned", default=None
        One weight per modality, by position, or by name (dict, pandas Series); scaled to sum to
        one. None means equal. "learned" has the least squared error of all weights that are not
        negative, with an intercept; these need not sum to one.

    Attributes
    ----------
    weights_ : ndarray of shape (n_modalities,)
    intercept_ : float
        Zero unless learned.
    patterns_ : ndarray of shape (n_patterns, n_modalities), bool
        Which modalities are present, for each pattern with weights of its own; none unless learned.
    pattern_weights_ : ndarray of shape (n_patterns, n_modalities)
    pattern_intercepts_ : ndarray of shape (n_patterns,)
    target_mean_ : float
        For rows that have nothing, or only modalities without weight.
    modality_names_ : list of str

    See Also
    --------
    simplex_grid : For ``GridSearchCV(WeightedSumRegressor(), {"weights": simplex_grid(3)})``.
    StackedRegressor : Any regressor on the predictions.

    References
    ----------
    L. Breiman: Stacked regressions. Machine Learning 24, 1996.

    C. Lawson, R. Hanson: Solving least squares problems. SIAM 1987, chapter 23.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic import WeightedSumRegressor
    >>> scores = np.array([[[1.0], [2.0]], [[np.nan], [4.0]]])
    >>> WeightedSumRegressor(weights=[3, 1]).fit(scores, [1.0, 4.0]).predict(scores)
    array([1.25, 4.  ])
    """

    _parameter_constraints: dict = {
        "weights": ["array-like", dict, StrOptions({"learned"}), None],
    }

    def __init__(self, weights=None):
        self.weights = weights

    @property
    def _learns_from_scores(self):
        return isinstance(self.weights, str)

    def _fit(self, predictions, y, sample_weight):
        n_modalities = predictions.shape[1]
        self.intercept_ = 0.0
        rules: list = []
        self.patterns_ = np.empty((0, n_modalities), dtype=bool)
        if self._learns_from_scores:
            self.weights_ = np.full(n_modalities, 1 / n_modalities)

            def fit_rule(part, rows):
                weight = None if sample_weight is None else sample_weight[rows]
                return fit_nonnegative(part, y[rows], weight)

            self.patterns_, rules = fit_patterns(predictions, fit_rule)
        else:
            self.weights_ = check_weights(self.weights, self.modality_names_)
        self.pattern_weights_ = np.zeros(self.patterns_.shape)
        self.pattern_intercepts_ = np.array([intercept for _, intercept in rules])
        for index, (pattern, (weights, intercept)) in enumerate(
            zip(self.patterns_, rules, strict=True)
        ):
            self.pattern_weights_[index, pattern] = weights
            if pattern.all():
                self.weights_, self.intercept_ = weights, intercept

    def _to_portable(self):
        """Weights in a Series become a dict, before the head is saved."""
        self.weights = weights_by_name(self.weights)

    def _pool(self, predictions):
        if not self._learns_from_scores:
            return pool_mean(predictions, self.weights_)
        rules = list(zip(self.pattern_weights_, self.pattern_intercepts_, strict=True))

        def apply_rule(part, rule, pattern):
            weights, intercept = rule
            return part @ weights[np.array(pattern)] + intercept

        return pool_patterns(predictions, self.patterns_, rules, apply_rule)
