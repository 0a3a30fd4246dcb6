"""All that is said of one clip: coefficients, their derivatives, statistics over the frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmclassic.audio._coefficients import MfccSetting, as_compiled_for, mfcc
from mmclassic.audio._delta import delta, slope_table, window_width
from mmclassic.audio._kernels import kernels
from mmclassic.audio._summary import in_order, summarise, wanted_percentiles


def clip_features(
    signal: np.ndarray,
    setting: MfccSetting,
    *,
    deltas: int,
    statistics: Sequence[str],
    percentiles: Sequence[float],
) -> np.ndarray:
    """Statistics of the coefficients, then of each order of derivatives, of one signal.

    In one compiled call where that can be, else step by step with the same result.

    Parameters
    ----------
    signal : ndarray of shape (n_samples,), float32
    setting : MfccSetting
    deltas : int
        Highest order of derivatives.
    statistics, percentiles
        As in :func:`summarise`.

    Returns
    -------
    features : ndarray of shape (n_mfcc * (1 + deltas) * n_statistics,), float32

    Examples
    --------
    >>> signal = np.ones(22050, dtype=np.float32)
    >>> clip_features(signal, MfccSetting(), deltas=1, statistics=["std"], percentiles=()).shape
    (40,)
    """
    arguments, compiled = setting.compiled_arguments(), kernels()
    if compiled is None or arguments is None:
        frames = mfcc(signal, **setting._asdict())
        rows = [frames, *(delta(frames, order=order + 1) for order in range(deltas))]
        return summarise(np.concatenate(rows), statistics=statistics, percentiles=percentiles)
    slopes = slope_table(window_width(1 + signal.size // setting.hop_length), deltas)
    wanted = wanted_percentiles(statistics, percentiles)
    table = compiled.features(as_compiled_for(signal), *arguments, setting.n_mfcc, slopes, wanted)
    return in_order(table, statistics)
