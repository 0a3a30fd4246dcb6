"""Chunks of pictures at their small size: kept in the store, convolved, forgotten."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

import numpy as np

from mmclassic._errors import UnreadableCell
from mmclassic._threads import one_thread
from mmclassic.image._convolve import Layer, convolve
from mmclassic.media._chunks import ChunkReader
from mmclassic.media._store import CellStore


class PixelStore(CellStore):
    """A store of pictures; it keeps float32 numbers, which hold pixels of 8 bits exactly."""

    def get(self, keys: Iterable[bytes | None]) -> dict[bytes, np.ndarray]:
        """As :meth:`CellStore.get`, but uint8."""
        return {key: image.astype(np.uint8) for key, image in super().get(keys).items()}


class ConvolvingReader(ChunkReader):
    """Reads chunks of small pictures, keeps these in the store, and gives their features.

    Parameters
    ----------
    function : callable
        From a list of cells to small pictures, (size, size, 3) or (size, size), uint8.
    layer : Layer
    store : PixelStore, optional
    """

    def __init__(
        self, function: Callable[[list], Iterable], layer: Layer, store: PixelStore | None = None
    ):
        super().__init__(function, store)
        self.layer = layer

    def stream(self, cells: list) -> Generator:
        """Their features, which are computed together."""
        with one_thread():
            results = list(super().stream(cells))
            places = [i for i, found in enumerate(results) if not isinstance(found, UnreadableCell)]
            if places:
                features = convolve([np.atleast_3d(results[i]) for i in places], self.layer)
                for i, row in zip(places, features, strict=True):
                    results[i] = row
        yield from results
