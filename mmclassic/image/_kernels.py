"""The compiled versions of the slow steps, loaded when the first picture is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np


class Kernels(NamedTuple):
    """What is compiled; each takes the place of numpy or OpenCV code beside it."""

    hog_blocks: Callable
    resize_rows: Callable


@cache
def kernels() -> Kernels | None:
    """The compiled functions, or None where numba cannot be imported.

    The other versions then do the same, more slowly. Pixels and features are equal within rounding;
    where a picture is flat, the features of rounded pixels are not (see HOGVectorizer).
    """
    try:
        from mmclassic.image._hog_kernel import hog_blocks
        from mmclassic.image._resize_kernel import resize_rows
    except ImportError:
        return None
    return Kernels(hog_blocks, resize_rows)


def for_kernels(image: np.ndarray) -> np.ndarray:
    """The picture in memory that lies in order and may be written to: a copy where it does not.

    The kernels are compiled for such memory only, though they do not write to it.
    """
    in_order = image.flags.c_contiguous and image.flags.writeable
    return image if in_order else image.copy(order="C")
