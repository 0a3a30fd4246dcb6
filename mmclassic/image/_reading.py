"""What the picture vectorizers share: how a cell is decoded, how a picture gets its size."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

import numpy as np

from mmclassic.media._image import decode_image
from mmclassic.media._vectorizer import CellReader


class ImageReader(CellReader):
    """A reader of pictures: every one decodes a cell alike, so that they can share the work.

    The decoded picture is the whole one, in colour and at its own size; greying and resizing
    belong to ``_extract``. See :class:`mmclassic.media.CellUnion`.
    """

    # Parameters that decoding depends on, besides those that every reader has.
    _decode_parameters: tuple[str, ...] = ()

    def _decode(self, cell) -> np.ndarray:
        """Whole picture, (height, width, 3) uint8 RGB; raises UnreadableCell."""
        return decode_image(
            cell,
            limits=self._limits_in_force(),
            root=self.root,
            allow_paths=self.allow_paths,
        )


def check_integers(values: Sequence, name: str, count: int, least: int = 1) -> tuple[int, ...]:
    """``values`` as a tuple of ``count`` integers, none below ``least``.

    Raises
    ------
    ValueError
        Naming the parameter, with its value.

    Examples
    --------
    >>> check_integers([128, 64], "size", 2)
    (128, 64)
    """
    right = (
        isinstance(values, tuple | list)
        and len(values) == count
        and all(isinstance(v, Integral) and not isinstance(v, bool) for v in values)
        and min(values) >= least
    )
    if not right:
        raise ValueError(f"{name} must be {count} integers, each at least {least}, got {values!r}.")
    return tuple(int(value) for value in values)


def resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Picture stretched to a fixed size, whatever its proportions.

    An axis that shrinks is averaged over pixel areas, one that grows is interpolated
    linearly; a picture that has the size already comes back unchanged.

    Parameters
    ----------
    image : ndarray of shape (h, w) or (h, w, 3), uint8
    height, width : int
        In pixels.

    Returns
    -------
    resized : ndarray of shape (height, width) or (height, width, 3), uint8

    Examples
    --------
    >>> resize(np.array([[0, 100], [200, 100]], dtype=np.uint8), 1, 1)
    array([[100]], dtype=uint8)
    """
    import cv2

    # Two steps, because area averaging is defined for shrinking only and a picture may
    # shrink along one axis and grow along the other.
    shrunk = (min(image.shape[0], height), min(image.shape[1], width))
    if shrunk != image.shape[:2]:
        image = cv2.resize(image, shrunk[::-1], interpolation=cv2.INTER_AREA)
    if shrunk != (height, width):
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    return image
