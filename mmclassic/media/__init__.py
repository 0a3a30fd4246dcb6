"""Cells of tables as arrays: reading, limits and checks, and the store of results."""

from mmclassic.media._audio import decode_audio
from mmclassic.media._image import decode_image
from mmclassic.media._limits import Limits
from mmclassic.media._store import default_cache_path
from mmclassic.media._text import decode_text
from mmclassic.media._union import CellUnion

__all__ = [
    "CellUnion",
    "Limits",
    "decode_audio",
    "decode_image",
    "decode_text",
    "default_cache_path",
]
