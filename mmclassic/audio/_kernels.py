"""The compiled versions of the slow steps, loaded when the first recording is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple


class Kernels(NamedTuple):
    """What is compiled; each takes the place of numpy code beside it."""

    features: Callable
    coefficients: Callable
    derivatives: Callable
    statistics_of: Callable


@cache
def kernels() -> Kernels | None:
    """The compiled functions, or None where numba cannot be imported.

    The numpy versions then do the same, more slowly and within rounding.
    """
    try:
        from mmclassic.audio._features_kernel import features
        from mmclassic.audio._mfcc_kernel import coefficients
        from mmclassic.audio._summary_kernel import derivatives, statistics_of
    except ImportError:
        return None
    return Kernels(features, coefficients, derivatives, statistics_of)
