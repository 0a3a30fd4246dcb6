"""Small files that would be huge once decoded, and headers that promise what is not there."""

from __future__ import annotations

import io
import struct
import zlib


def _chunk(name: bytes, content: bytes) -> bytes:
    tail = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + tail


def _png(side: int, rows: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = [_chunk(b"IHDR", header), _chunk(b"IDAT", rows), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def flat_png(side: int = 30_000) -> bytes:
    """A real grey picture of 0.9 GB in 0.9 MB."""
    packer = zlib.compressobj(9)
    row = bytes(side + 1)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return _png(side, rows)


def jpeg_header() -> bytes:
    """A small JPEG whose header says 65 500 x 65 500."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", 65_500, 65_500)
    return bytes(data)


def gif_header() -> bytes:
    """A GIF of 65 535 x 65 535 with nothing in it."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x4c\x01\0\x3b"
    return b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + bytes(6) + frame


def long_flac() -> bytes:
    """Three hours of silence in 0.5 MB."""
    import numpy as np
    import soundfile

    buffer = io.BytesIO()
    rate = 44_100
    with soundfile.SoundFile(buffer, "w", rate, 1, "PCM_16", format="FLAC") as file:
        for _ in range(3 * 60):
            file.write(np.zeros(60 * rate, dtype=np.int16))
    return buffer.getvalue()


BOMBS = {
    "PNG of 30 000 x 30 000 pixels": ("image", flat_png),
    "PNG header of 50 000 x 50 000": ("image", lambda: _png(50_000, b"")),
    "JPEG header of 65 500 x 65 500": ("image", jpeg_header),
    "GIF of 65 535 x 65 535": ("image", gif_header),
    "FLAC of three hours": ("audio", long_flac),
}
