"""What kind of data this is, from its first bytes; file names are not asked."""

from __future__ import annotations

import re

# First bytes, and what they mean. Order matters where one is the beginning of another.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\x01\0", "ICO"),
    (b"fLaC", "FLAC"),
    (b"OggS", "OGG"),
    (b"RF64", "RF64"),
    (b".snd", "AU"),
    (b"caff", "CAF"),
    (b"#!AMR", "AMR"),
    (b"0&\xb2u\x8ef\xcf\x11", "WMA or WMV"),
    (b"\x1aE\xdf\xa3", "Matroska or WebM"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x93NUMPY", "NumPy .npy"),
    (b"\x80\x03", "pickle"),
    (b"\x80\x04", "pickle"),
    (b"\x80\x05", "pickle"),
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"\x7fELF", "a program"),
)
# After b"RIFF" and four bytes of size.
_RIFF = {b"WAVE": "WAV", b"WEBP": "WebP", b"AVI ": "AVI"}
# After four bytes of size and b"ftyp".
_BRANDS = {
    b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"hevc": "HEIC",
    b"mif1": "HEIC", b"msf1": "HEIC", b"M4A ": "M4A", b"qt  ": "QuickTime",
}  # fmt: skip
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def sniff(data: bytes) -> str:
    """Name of the format that the bytes are in, or a description.

    Examples
    --------
    >>> sniff(b"GIF89a..."), sniff(b"<svg xmlns="), sniff(b"hello"), sniff(bytes(9))
    ('GIF', 'SVG', 'plain text', 'zero bytes only')
    """
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    return _sniff_container(data) or _sniff_mpeg(data) or _sniff_text(data) or "unknown data"


def _sniff_container(data: bytes) -> str | None:
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12], "RIFF")
    if data[4:8] == b"ftyp":
        # An AVIF may name the general brand first and its own among the compatible ones.
        brand = _BRANDS.get(data[8:12], "MP4")
        size = min(int.from_bytes(data[:4], "big"), 256)
        return "AVIF" if brand == "HEIC" and b"avif" in data[8:size] else brand
    if data[:4] == b"FORM" and data[8:12] in (b"AIFF", b"AIFC"):
        return "AIFF"
    if data[:2] == b"BM" and data[14:18] in _BMP_HEADERS:
        return "BMP"
    if re.match(rb"P[1-7]\s", data):
        return "PPM"
    return None


_BMP_HEADERS = {size.to_bytes(4, "little") for size in (12, 16, 40, 52, 56, 64, 108, 124)}


def _sniff_mpeg(data: bytes) -> str | None:
    if data[:3] == b"ID3":
        return "MP3"
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        layer = data[1] >> 1 & 3
        return "AAC" if layer == 0 else "MP3"
    return None


def _sniff_text(data: bytes) -> str | None:
    head = data[:1024]
    if not head.strip(b"\0"):
        return "zero bytes only"
    if _CONTROL.search(head):
        return None
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start and start.startswith(b"<"):
        return "SVG"
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # Only where we cut ourselves may a character be cut in two.
        if len(data) == len(head) or error.start < len(head) - 3:
            return None
    return "plain text"
