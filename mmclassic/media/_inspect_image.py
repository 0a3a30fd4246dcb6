"""What the header of a picture says, before hours of work; nothing is decoded."""

from __future__ import annotations

import os
from typing import Any

from mmclassic.media._image import decode_image
from mmclassic.media._image_file import open_image, picture_format
from mmclassic.media._limits import Limits
from mmclassic.media._remarks import Remark, remark_on_name
from mmclassic.media._source import ENCODED, read_bytes


def inspect_image(
    cell: Any,
    *,
    limits: Limits | None = None,
    root: str | os.PathLike | None = None,
    decode: bool = False,
) -> list[Remark]:
    """Remarks about a picture cell that can be read.

    Parameters
    ----------
    cell : as :func:`mmclassic.media.decode_image` takes it
    limits : Limits, optional
    root : str or path-like, optional
    decode : bool, default=False
        Also decode it, which finds damage that no header shows.

    Returns
    -------
    remarks : list of Remark
        ``extension``, ``animated`` or ``pages``.

    Raises
    ------
    UnreadableCell
        As decoding does, for what its header shows.

    Examples
    --------
    >>> import numpy as np
    >>> inspect_image(np.zeros((9, 9), np.uint8))
    []
    """
    limits = Limits() if limits is None else limits
    if not isinstance(cell, ENCODED):
        decode_image(cell, limits=limits)  # an array is there already
        return []
    data = read_bytes(cell, limits=limits, root=root)
    kind = picture_format(data)
    image = open_image(kind, data, limits)
    if decode:
        decode_image(data, limits=limits)
    return remark_on_name(cell, kind) + _remark_on_frames(kind, image)


def _remark_on_frames(kind: str, image: Any) -> list[Remark]:
    try:
        several = getattr(image, "is_animated", False)
    except Exception:
        # Frames behind the first one are not read: their damage is no reason to refuse it.
        return []
    if not several:
        return []
    if kind == "TIFF":
        return [Remark("pages", "note", "a file of several pages: the first one counts")]
    return [Remark("animated", "note", "an animation: the first frame counts")]
