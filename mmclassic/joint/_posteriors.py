"""The semantic space: a row is what a classifier makes of it, a point among the classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from mmclassic.joint._principal import FeatureSpace, LinearMap, PrincipalSpace

# A constant coordinate beside the centred probabilities, in units of the uniform distribution's
# length. 0 is the paper's normalised correlation, which knows two values only where there are two
# classes; 1 is the plain cosine, which takes the undecided for alike.
CONSTANT = 0.3
# The least probability in the log-loss: a fold may not have seen a class.
FLOOR = 1e-12


def posterior_codes(margins: np.ndarray) -> np.ndarray:
    """Unit vectors whose products say how alike two class distributions are.

    Parameters
    ----------
    margins : ndarray of shape (n_rows, n_classes)
        Decision values; -inf for classes that are not known.

    Returns
    -------
    codes : ndarray of shape (n_rows, n_classes + 1)
        Class probabilities less 1 / n_classes, and a constant; of length one.

    References
    ----------
    N. Rasiwasia, J. Costa Pereira, E. Coviello, G. Doyle, G. Lanckriet, R. Levy, N. Vasconcelos: A
    new approach to cross-modal multimedia retrieval. ACM Multimedia 2010.

    Examples
    --------
    >>> codes = posterior_codes(np.array([[9.0, 0.0], [9.0, 0.0], [0.0, 9.0]]))
    >>> (codes @ codes.T).round(2)
    array([[ 1.  ,  1.  , -0.83],
           [ 1.  ,  1.  , -0.83],
           [-0.83, -0.83,  1.  ]])
    """
    n_classes = margins.shape[1]
    deviations = softmax(margins, axis=1) - 1 / n_classes
    constant = np.full((len(margins), 1), CONSTANT / np.sqrt(n_classes))
    codes = np.hstack([deviations, constant])
    return codes / np.linalg.norm(codes, axis=1, keepdims=True)


def posterior_maps(
    space: PrincipalSpace | FeatureSpace,
    codes: np.ndarray,
    n_classes: int,
    inverse_penalties: Sequence[float],
) -> list[LinearMap]:
    """Multinomial logistic regressions, one per strength of the penalty: features to margins.

    Parameters
    ----------
    space : PrincipalSpace or FeatureSpace
        Of the training rows. Scaled to a total variance of one, so that one strength serves blocks
        of any width and scale.
    codes : ndarray of shape (n_rows,), int
        Classes of the training rows, 0 … n_classes - 1.
    n_classes : int
    inverse_penalties : sequence of float

    Returns
    -------
    maps : list of LinearMap
        Margins of classes without a row are -inf.
    """
    scale = np.sqrt((space.scores**2).sum() / len(codes))
    seen = np.unique(codes)
    maps = []
    for inverse_penalty in inverse_penalties:
        weights = np.zeros((space.scores.shape[1], n_classes))
        intercept = np.full(n_classes, -np.inf)
        if len(seen) == 1:
            intercept[seen] = 0.0
        else:
            fitted = LogisticRegression(C=inverse_penalty, max_iter=1000)
            fitted.fit(space.scores / scale, codes)
            weights[:, seen], intercept[seen] = _per_class(fitted)
        maps.append(space.map(weights / scale, intercept))
    return maps


def _per_class(fitted: LogisticRegression) -> tuple[np.ndarray, np.ndarray]:
    """Weights (rank, n_classes) and intercepts; the softmax of their margins is the model."""
    if len(fitted.classes_) > 2:
        return fitted.coef_.T, fitted.intercept_
    signs = np.array([-0.5, 0.5])
    return fitted.coef_.T * signs, fitted.intercept_ * signs


def best_candidate(margins: Sequence[np.ndarray], codes: np.ndarray) -> int:
    """The candidate with the least log-loss.

    Parameters
    ----------
    margins : sequence of ndarray of shape (n_rows, n_classes)
        Cross-fitted decision values of each candidate.
    codes : ndarray of shape (n_rows,), int

    Examples
    --------
    >>> best_candidate([np.array([[0.0, 0.0]]), np.array([[0.0, 1.0]])], np.array([1]))
    1
    """
    rows = np.arange(len(codes))
    losses = [
        -np.maximum(log_softmax(one, axis=1)[rows, codes], np.log(FLOOR)).mean() for one in margins
    ]
    return int(np.argmin(losses))
