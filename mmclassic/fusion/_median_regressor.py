"""MedianRegressor: the median of what is present."""

from __future__ import annotations

import numpy as np

from mmclassic.fusion._regression_head import RegressionHead


def pool_median(predictions: np.ndarray) -> np.ndarray:
    """Median of the predictions that each row has.

    Parameters
    ----------
    predictions : ndarray of shape (n_samples, n_modalities)
        NaN where a row does not have a modality.

    Returns
    -------
    fused : ndarray of shape (n_samples,)
        NaN for rows that have no modality.

    Examples
    --------
    >>> pool_median(np.array([[1.0, 2.0, 9.0], [1.0, 2.0, np.nan]]))
    array([2. , 1.5])
    """
    fused = np.full(len(predictions), np.nan)
    rows = ~np.isnan(predictions).all(axis=1)
    fused[rows] = np.nanmedian(predictions[rows], axis=1)
    return fused


class MedianRegressor(RegressionHead):
    """Median of the modalities' predictions: one modality that is far off does no harm.

    A row that lacks modalities gets the median of the others.

    Attributes
    ----------
    target_mean_ : float
        For rows that have nothing.
    modality_names_ : list of str

    See Also
    --------
    WeightedSumRegressor : The mean, with equal, given or learned weights.

    Examples
    --------
    >>> from mmclassic import MedianRegressor
    >>> scores = [[[1.0], [2.0], [9.0]]]
    >>> MedianRegressor().fit(scores, [2.0]).predict(scores)
    array([2.])
    """

    _parameter_constraints: dict = {}

    _learns_from_scores = False

    def _fit(self, predictions, y, sample_weight):
        """Nothing to learn beside the mean of the target."""

    def _pool(self, predictions):
        return pool_median(predictions)
