"""StackedRegressor: any regressor on the modalities' predictions."""

from __future__ import annotations

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import RidgeCV
from sklearn.utils._param_validation import HasMethods

from mmclassic.fusion._member import weight_params
from mmclassic.fusion._regression_head import RegressionHead, fit_patterns, pool_patterns


def default_ridge(y: np.ndarray) -> RidgeCV:
    """Ridge regression whose candidates for the penalty follow the scale of the target.

    Predictions have the unit of the target, so a penalty has its square: with fixed candidates,
    prices in cents and in euros would be fused differently.

    Examples
    --------
    >>> default_ridge(np.array([0.0, 2.0])).alphas
    array([1.e-03, 1.e-02, 1.e-01, 1.e+00, 1.e+01, 1.e+02, 1.e+03])
    """
    return RidgeCV(alphas=(float(y.var()) or 1.0) * np.logspace(-3, 3, 7))


class StackedRegressor(RegressionHead):
    """Any regressor on the predictions of the modalities, side by side.

    For each pattern of missing modalities a regressor of its own is fitted on all rows that have at
    least those modalities. A pattern for which there are fewer than three such rows per modality
    and intercept takes the mean.

    Parameters
    ----------
    final_estimator : regressor, default=None
        None means ``RidgeCV`` with seven penalties, from 0.001 to 1000 times the target's variance.

    Attributes
    ----------
    patterns_ : ndarray of shape (n_patterns, n_modalities), bool
        Which modalities are present, for each fitted regressor.
    estimators_ : list of length n_patterns
    target_mean_ : float
        For rows that have nothing.
    modality_names_ : list of str

    See Also
    --------
    WeightedSumRegressor : Non-negative weights, learned.

    References
    ----------
    D. Wolpert: Stacked generalization. Neural Networks 5(2), 1992.

    L. Breiman: Stacked regressions. Machine Learning 24, 1996.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic import StackedRegressor
    >>> y = np.arange(20.0)
    >>> scores = np.stack([y / 2, np.cos(y)], axis=1)[:, :, None]
    >>> StackedRegressor().fit(scores, y).predict(scores[:3]).round(1)
    array([0., 1., 2.])
    """

    _parameter_constraints: dict = {"final_estimator": [HasMethods(["fit", "predict"]), None]}

    def __init__(self, final_estimator=None):
        self.final_estimator = final_estimator

    def _fit(self, predictions, y, sample_weight):
        def fit_rule(part, rows):
            chosen = self.final_estimator
            estimator = default_ridge(y[rows]) if chosen is None else clone(chosen)
            params = {}
            if sample_weight is not None:
                params = weight_params(estimator, "final_estimator", sample_weight[rows])
            return estimator.fit(part, y[rows], **params)

        self.patterns_, self.estimators_ = fit_patterns(predictions, fit_rule)

    def _pool(self, predictions):
        def apply_rule(part, estimator, pattern):
            return np.asarray(estimator.predict(part), dtype=np.float64).reshape(len(part))

        return pool_patterns(predictions, self.patterns_, self.estimators_, apply_rule)
