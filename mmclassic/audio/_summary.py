"""A fixed number of features from any number of frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmclassic.audio._kernels import kernels

STATISTICS = ("mean", "std", "percentiles")
PERCENTILES = (10, 25, 50, 75, 90)


def summarise(
    frames: np.ndarray,
    *,
    statistics: Sequence[str] = STATISTICS,
    percentiles: Sequence[float] = PERCENTILES,
) -> np.ndarray:
    """Statistics of each row over its frames, one row after the other.

    Parameters
    ----------
    frames : ndarray of shape (n_rows, n_frames)
        At least one frame; taken as float32.
    statistics : sequence of {"mean", "std", "percentiles"}
        In this order within a row. The deviation is the population's (divided by the number of
        frames), so that one frame has a deviation of zero.
    percentiles : sequence of float
        Between 0 and 100, interpolated linearly.

    Returns
    -------
    features : ndarray of shape (n_rows * n_statistics,), float32
        Named by :func:`summary_names`.

    Examples
    --------
    >>> summarise(np.array([[1.0, 3.0], [5.0, 5.0]]), statistics=("mean", "std"))
    array([2., 1., 5., 0.], dtype=float32)
    """
    unknown = [name for name in statistics if name not in STATISTICS]
    if unknown:
        raise ValueError(f"statistics must be among {STATISTICS}, got {unknown[0]!r}.")
    compiled = kernels()
    if compiled is None:
        return summarise_by_numpy(frames, statistics, percentiles)
    wanted = wanted_percentiles(statistics, percentiles)
    table = compiled.statistics_of(np.require(frames, np.float32, ["C", "W"]), wanted)
    return in_order(table, statistics)


def wanted_percentiles(statistics: Sequence[str], percentiles: Sequence[float]) -> np.ndarray:
    """The percentiles that are asked for, float64; none where the statistics do without."""
    return np.array(percentiles if "percentiles" in statistics else (), dtype=np.float64)


def in_order(table: np.ndarray, statistics: Sequence[str]) -> np.ndarray:
    """Columns mean, deviation and percentiles, as the statistics ask for them, row by row."""
    columns = {"mean": table[:, :1], "std": table[:, 1:2], "percentiles": table[:, 2:]}
    return np.concatenate([columns[name] for name in statistics], axis=1).ravel()


def summarise_by_numpy(
    frames: np.ndarray, statistics: Sequence[str], percentiles: Sequence[float]
) -> np.ndarray:
    """:func:`summarise` by numpy: the reference, and what runs without numba."""
    frames = np.asarray(frames, dtype=np.float64)  # float32 sums would depend on the length
    columns = []
    for statistic in statistics:
        if statistic == "mean":
            columns.append(frames.mean(axis=1, keepdims=True))
        elif statistic == "std":
            columns.append(frames.std(axis=1, keepdims=True))
        else:
            columns.append(np.percentile(frames, np.asarray(percentiles, dtype=float), axis=1).T)
    return np.concatenate(columns, axis=1).astype(np.float32).ravel()


def summary_names(
    rows: Sequence[str],
    *,
    statistics: Sequence[str] = STATISTICS,
    percentiles: Sequence[float] = PERCENTILES,
) -> list[str]:
    """Names of the features of :func:`summarise`.

    Examples
    --------
    >>> summary_names(["mfcc_0"], percentiles=[50, 97.5])
    ['mfcc_0__mean', 'mfcc_0__std', 'mfcc_0__p50', 'mfcc_0__p97.5']
    """
    parts: list[str] = []
    for statistic in statistics:
        if statistic == "percentiles":
            parts += [f"p{float(percentile):g}" for percentile in percentiles]
        else:
            parts.append(statistic)
    return [f"{row}__{part}" for row in rows for part in parts]


def check_statistics(statistics: Sequence[str], percentiles: Sequence[float]) -> None:
    """Refuse statistics and percentiles that :func:`summarise` does not have.

    Raises
    ------
    ValueError
        Naming the value.
    """
    unknown = [name for name in statistics if name not in STATISTICS]
    if unknown or not len(statistics) or len(set(statistics)) < len(statistics):
        raise ValueError(
            f"statistics must be some of {STATISTICS}, each once, got {tuple(statistics)!r}."
        )
    if "percentiles" in statistics:
        values = np.asarray(percentiles, dtype=float)
        # Written so that NaN fails too.
        if values.ndim != 1 or values.size == 0 or not ((values >= 0) & (values <= 100)).all():
            raise ValueError(f"percentiles must be between 0 and 100, got {percentiles!r}.")
        if len(np.unique(values)) < values.size:
            raise ValueError(f"percentiles must be named once each, got {percentiles!r}.")
