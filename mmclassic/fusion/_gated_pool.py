"""GatedPool: a log pool whose weights depend on how sure each modality is of the row."""

from __future__ import annotations

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval

from mmclassic.fusion._log_rule import LogRuleHead

CONFIDENCES = ("constant", "probability", "certainty", "margin")


def confidences(scores: np.ndarray) -> np.ndarray:
    """How sure each modality is of each row, four measures from 0 (uniform) to 1 (certain).

    A constant 1; the greatest probability; one minus the entropy; the lead of the first class over
    the second. All but the constant are scaled so that a uniform distribution gives 0.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)

    Returns
    -------
    confidences : ndarray of shape (n_samples, n_modalities, 4)
        NaN, but for the constant, where the modality is absent.

    Examples
    --------
    >>> confidences(np.array([[[0.5, 0.5], [1.0, 0.0]]])).round(2)
    array([[[1., 0., 0., 0.],
            [1., 1., 1., 1.]]])
    """
    n_classes = scores.shape[2]
    if n_classes < 2:
        return np.ones((*scores.shape[:2], len(CONFIDENCES)))
    ordered = np.sort(scores, axis=2)
    probability = (ordered[:, :, -1] - 1 / n_classes) / (1 - 1 / n_classes)
    logs = np.log(np.maximum(scores, np.finfo(np.float64).tiny))
    certainty = 1 + np.sum(scores * logs, axis=2) / np.log(n_classes)
    margin = ordered[:, :, -1] - ordered[:, :, -2]
    measures = [np.ones_like(margin), probability, certainty, margin]
    return np.clip(np.stack(measures, axis=2), 0, 1)


class GatedPool(LogRuleHead):
    """Log pool with weights by row, p(k) ∝ exp(b_k + Σ_m w_m(x) log p_m(k)).

    The weight of a modality is w_m(x) = v_m · q_m(x), where q_m(x) are measures of how sure the
    modality is of the row, and v_m ≥ 0. The fit is as convex as that of :class:`LogPool`, which is
    the case of a constant q. For each pattern of missing modalities the rule is fitted anew.

    Parameters
    ----------
    intercepts : bool, default=True
        Whether each class gets an intercept.
    l2 : float, default=0.01
        Strength of the pull towards the equal weights 1 / n_modalities for every row and no
        intercepts, beside the mean log-loss.

    Attributes
    ----------
    gates_ : ndarray of shape (n_modalities, 4)
        v: the weights of a constant, the greatest probability, one minus the entropy, and the
        margin, for rows that have all modalities.
    weights_ : ndarray of shape (n_modalities * 4,)
        The same, flat.
    intercepts_ : ndarray of shape (n_classes,)
    patterns_ : ndarray of shape (n_patterns, n_modalities), bool
        Which modalities are present, for each pattern that has a rule.
    pattern_weights_ : ndarray of shape (n_patterns, n_modalities * 4)
    pattern_intercepts_ : ndarray of shape (n_patterns, n_classes)
    common_weights_, common_intercepts_ : ndarray
        The rule fitted on all rows at once, for patterns without a rule of their own.
    floors_ : ndarray of shape (n_modalities,)
        As in :class:`LogPool`.
    class_prior_ : ndarray of shape (n_classes,)
    modality_names_ : list of str
    classes_ : ndarray of shape (n_classes,), int

    See Also
    --------
    LogPool : The same weights for all rows.

    References
    ----------
    R. Jacobs, M. Jordan, S. Nowlan, G. Hinton: Adaptive mixtures of local experts. Neural
    Computation 3(1), 1991.

    Examples
    --------
    >>> import numpy as np
    >>> from mmclassic import GatedPool
    >>> good, noise = [[0.9, 0.1], [0.2, 0.8]] * 20, [[0.4, 0.6], [0.4, 0.6]] * 20
    >>> head = GatedPool().fit(np.stack([good, noise], axis=1), [0, 1] * 20)
    >>> head.gates_.shape
    (2, 4)
    """

    _parameter_constraints: dict = {
        "intercepts": ["boolean"],
        "l2": [Interval(Real, 0, None, closed="left")],
    }

    _n_terms = len(CONFIDENCES)

    def __init__(self, *, intercepts=True, l2=0.01):
        self.intercepts = intercepts
        self.l2 = l2

    @property
    def gates_(self):
        """Weights of each modality's measures of confidence, (n_modalities, 4)."""
        return self.weights_.reshape(-1, self._n_terms)

    def _terms(self, scores, logs):
        gated = logs[:, :, None] * confidences(scores)[:, :, :, None]
        return gated.reshape(len(scores), -1, scores.shape[2])

    def _centre(self, n_modalities):
        constant = np.zeros((n_modalities, self._n_terms))
        constant[:, 0] = 1 / n_modalities
        return constant.ravel()
