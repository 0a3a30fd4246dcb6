"""What the picture vectorizers share: how much of a cell they need, how it is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import NamedTuple

import numpy as np

from mmclassic.media._image import decode_image
from mmclassic.media._vectorizer import CellReader


class PictureNeeds(NamedTuple):
    """How much of a picture a vectorizer looks at.

    Parameters
    ----------
    grey : bool
        Whether one channel is enough.
    at_least : (int, int) or None
        Height and width that are enough; None for the picture's own.
    """

    grey: bool = False
    at_least: tuple[int, int] | None = None


def needs_for_size(size: Sequence[int], *, grey: bool = False) -> PictureNeeds:
    """What a vectorizer needs that stretches pictures to ``size`` = (height, width).

    A JPEG at a fraction of its size is a little sharper than averaged areas. From twice the
    size down the difference is averaged out again: on product photos full of lettering it is
    one grey level in the mean after resizing.
    """
    return PictureNeeds(grey, (2 * size[0], 2 * size[1]))


def join_needs(needs: Sequence[PictureNeeds]) -> PictureNeeds:
    """What serves all of several vectorizers: colour if one wants it, and the largest size.

    Examples
    --------
    >>> join_needs([PictureNeeds(True, (128, 64)), PictureNeeds(False, (32, 96))])
    PictureNeeds(grey=False, at_least=(128, 96))
    """
    grey = all(need.grey for need in needs)
    sizes = [need.at_least for need in needs if need.at_least is not None]
    if len(sizes) < len(needs):
        return PictureNeeds(grey, None)
    return PictureNeeds(grey, (max(size[0] for size in sizes), max(size[1] for size in sizes)))


class ImageReader(CellReader):
    """A reader of pictures: all of them decode a cell alike, so that they can share the work.

    Each says how much of a picture it needs (``_needs``); ``_extract`` takes what serves that,
    or more: a picture in colour where grey would do, and of any larger size. What is shared in a
    :class:`mmclassic.media.CellUnion` serves all its members.
    """

    # What its cells are, for those who damage or show them.
    _medium = "image"

    # Parameters in which readers that share their work must agree.
    _decode_parameters: tuple[str, ...] = ()

    def _needs(self) -> PictureNeeds:
        """By default the whole picture, in colour and at its own size."""
        return PictureNeeds()

    def _serve(self, members: Sequence[ImageReader]) -> None:
        """From now on decode what all of ``members`` can use."""
        self._shared_needs = join_needs([member._needs() for member in members])

    def _start(self):
        """Load OpenCV before chunks are read, so that its threads are limited in the first, too."""
        import cv2  # noqa: F401

    def _decode(self, cell) -> np.ndarray:
        """Picture (h, w, 3) RGB or (h, w) grey, uint8; raises UnreadableCell."""
        needs = getattr(self, "_shared_needs", None) or self._needs()
        return decode_image(
            cell,
            grey=needs.grey,
            at_least=needs.at_least,
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


def as_grey(image: np.ndarray) -> np.ndarray:
    """Luma of a picture (h, w, 3); a grey one (h, w) as it is."""
    import cv2

    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
