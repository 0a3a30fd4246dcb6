"""From a recording to the statistics of its coefficients and their derivatives, in one call.

Threads then meet at Python's lock once per recording, not once per step: for clips of a second
that decides whether a second thread helps.
"""

from __future__ import annotations

import numpy as np

from mmclassic._jit import compiled
from mmclassic.audio._mfcc_kernel import coefficients
from mmclassic.audio._summary_kernel import derivatives, statistics_of


@compiled
def features(signal, hop_length, window, plan, filters, basis, top_db, n_mfcc, slopes, percentiles):
    """Statistics of the first ``n_mfcc`` coefficients, then of each order of derivatives.

    Parameters
    ----------
    signal, hop_length, window, plan, filters, basis, top_db
        As :func:`coefficients` takes them.
    n_mfcc : int
    slopes : ndarray of shape (n_orders, width), float32
        Weights for :func:`derivatives`, order by order.
    percentiles : ndarray of shape (n_percentiles,), float64

    Returns
    -------
    statistics : ndarray of shape (n_mfcc * (1 + n_orders), 2 + n_percentiles), float32
    """
    found = coefficients(signal, hop_length, window, plan, filters, basis, top_db)
    n_frames = 1 + signal.size // hop_length
    rows = np.empty((n_mfcc * (1 + slopes.shape[0]), n_frames), np.float32)
    rows[:n_mfcc] = found[:n_mfcc, :n_frames]
    for order in range(slopes.shape[0]):
        start = n_mfcc * (1 + order)
        rows[start : start + n_mfcc] = derivatives(rows[:n_mfcc], slopes[order])
    return statistics_of(rows, percentiles)
