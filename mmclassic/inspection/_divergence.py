"""How far apart the modalities of a row are."""

from __future__ import annotations

import numpy as np
from scipy.special import entr

from mmclassic.fusion._scores import present


def divergence(scores: np.ndarray) -> np.ndarray:
    """Jensen–Shannon divergence of the modalities that each row has, in nats.

    Parameters
    ----------
    scores : ndarray of shape (n_samples, n_modalities, n_classes)

    Returns
    -------
    divergence : ndarray of shape (n_samples,)
        0 where all say the same, or there is one or none; rounding may go below.

    References
    ----------
    J. Lin: Divergence measures based on the Shannon entropy. IEEE Transactions on Information
    Theory 37(1), 1991.

    Examples
    --------
    >>> divergence(np.array([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [np.nan, np.nan]]])).round(3)
    array([0.693, 0.   ])
    """
    count = np.maximum(present(scores).sum(axis=1), 1)
    known = np.nan_to_num(scores)
    mean = known.sum(axis=1) / count[:, None]
    return entr(mean).sum(axis=1) - entr(known).sum(axis=(1, 2)) / count
