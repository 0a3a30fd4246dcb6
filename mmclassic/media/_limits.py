"""How large a cell may be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds that a cell must respect; checked on headers, before anything is decoded.

    Parameters
    ----------
    max_bytes : int, default=256 * 2**20
        Size of a file or of an encoded cell.
    max_pixels : int, default=100_000_000
        Height times width of a picture.
    max_seconds : float, default=600.0
        Duration of a recording.
    max_channels : int, default=32
        Channels of a recording.
    min_sampling_rate, max_sampling_rate : int, default=1_000, 768_000
        In hertz.
    max_characters : int, default=1_000_000
        Length of a text.

    Examples
    --------
    >>> Limits(max_seconds=30).max_seconds
    30
    """

    max_bytes: int = 256 * 2**20
    max_pixels: int = 100_000_000
    max_seconds: float = 600.0
    max_channels: int = 32
    min_sampling_rate: int = 1_000
    max_sampling_rate: int = 768_000
    max_characters: int = 1_000_000
