"""One temperature per modality, fitted on cross-fitted scores."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from mmclassic.fusion._scores import check_scores, fit_temperature, log_scores, soften


class TemperatureCalibration(BaseEstimator):
    """Temperature scaling of each modality of a score table.

    Attributes
    ----------
    temperatures_ : ndarray of shape (n_modalities,)

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun, K. Weinberger: On calibration of modern neural networks. ICML 2017.

    Examples
    --------
    >>> scores = np.array([[[0.9, 0.1]]] * 10)
    >>> calibration = TemperatureCalibration().fit(scores, np.array([0] * 6 + [1] * 4))
    >>> calibration.transform(scores)[0].round(2)
    array([[0.6, 0.4]])
    """

    def fit(self, scores, y, sample_weight=None):
        """Fit one temperature per modality on the rows that have it.

        Parameters
        ----------
        scores : ndarray of shape (n_samples, n_modalities, n_classes)
        y : ndarray of shape (n_samples,), int
        sample_weight : ndarray of shape (n_samples,), optional

        Returns
        -------
        self : object
        """
        logs = log_scores(check_scores(scores))
        self.temperatures_ = np.array(
            [fit_temperature(logs[:, m], y, sample_weight) for m in range(logs.shape[1])]
        )
        return self

    def transform(self, scores):
        """Scores at the fitted temperatures.

        Parameters
        ----------
        scores : ndarray of shape (n_samples, n_modalities, n_classes)

        Returns
        -------
        scores : ndarray of the same shape
        """
        check_is_fitted(self)
        logs = log_scores(check_scores(scores, n_modalities=len(self.temperatures_)))
        return soften(logs, self.temperatures_[:, None])
