"""How large a cell may be, and whether it must be whole."""

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
    truncated : {"refuse", "allow"}, default="refuse"
        What becomes of a JPEG or a recording that ends too early. "allow" takes what is there:
        the rest of the picture is grey, the recording is shorter. Other pictures, and FLAC, OGG
        and CAF, are refused all the same.

    Raises
    ------
    ValueError
        For any other ``truncated``.

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
    truncated: str = "refuse"

    def __post_init__(self):
        if self.truncated not in ("refuse", "allow"):
            raise ValueError(f'truncated must be "refuse" or "allow", got {self.truncated!r}.')
