"""Every kind of bad picture that tables hold, one test each: what is refused, what is read.

The number is that of the case: 1 to 30 are pictures, 31 to 52 recordings (test_bad_audio.py),
53 to 67 texts (text/test_bad_texts.py), 68 to 80 labels and rows (fusion/test_bad_labels.py).
"""

from __future__ import annotations

import io
import os
import re
import struct
import timeit
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmarks._media_files import IMAGE_ENCODINGS, encode_picture
from benchmarks._media_files import picture as random_picture
from mmclassic import HOGVectorizer, Limits
from mmclassic._errors import UnreadableCell
from mmclassic.media import decode_image


def encode(image, kind, **options) -> bytes:
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    tail = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + tail


def png(width: int, height: int, rows: bytes, *, depth=8, colour=0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def flat_png(side: int) -> bytes:
    """A grey PNG of side x side zeros, which compress to a thousandth."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def short_png(pixels: np.ndarray) -> bytes:
    """A PNG whose header promises twice the rows."""
    data = encode(pixels, "PNG")
    width, height = pixels.shape[1], pixels.shape[0]
    header = struct.pack(">IIBBBBB", width, 2 * height, 8, 2, 0, 0, 0)
    return data[:8] + chunk(b"IHDR", header) + data[33:]


def flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 4]) + data[position + 1 :]


def write(folder, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def fifo(folder) -> str:
    if not hasattr(os, "mkfifo"):
        pytest.skip("named pipes are a Unix thing")
    os.mkfifo(folder / "pipe.jpg")
    return str(folder / "pipe.jpg")


def link_out(folder) -> str:
    inside = folder / "inside"
    inside.mkdir()
    write(folder, "secret.jpg", encode(np.zeros((8, 8), np.uint8), "JPEG"))
    os.symlink(folder / "secret.jpg", inside / "link.jpg")
    return "link.jpg"


PIXELS = random_picture(np.random.default_rng(0))
JPEG, PNG = encode(PIXELS, "JPEG", quality=90), encode(PIXELS, "PNG")
BOMB_HEADER = png(50_000, 50_000, b"")

# Case, what it is, the cell (bytes become a file of that name), code, and words of the reason.
REFUSED = [
    (1, "zero bytes", lambda d: write(d, "a.jpg", b""), "empty", "0 bytes"),
    (2, "cut JPEG", lambda d: write(d, "a.jpg", JPEG[:-2]), "truncated", "no end mark"),
    (3, "cut PNG", lambda d: write(d, "a.png", PNG[:-9]), "truncated", "no end chunk"),
    (3, "cut GIF", lambda d: write(d, "a.gif", encode(PIXELS, "GIF")[:-1]), "truncated", "end"),
    (5, "flipped PNG", lambda d: write(d, "a.png", flipped(PNG, 900)), "decode", "checksum"),
    (6, "too few rows", lambda d: write(d, "a.png", short_png(PIXELS)), "truncated", "fewer rows"),
    (7, "text as .jpg", lambda d: write(d, "a.jpg", b"hello"), "unsupported", "plain text"),
    (7, "SVG as .jpg", lambda d: write(d, "a.jpg", b"<svg></svg>"), "unsupported", "SVG"),
    (10, "no file", lambda d: str(d / "none.jpg"), "decode", "no such file"),
    (11, "directory", str, "unsafe_path", "not a regular file but a directory"),
    (12, "named pipe", fifo, "unsafe_path", "not a regular file"),
    (13, "device", lambda d: "/dev/zero", "unsafe_path", "not a regular file"),
    (13, "process memory", lambda d: "/proc/self/mem", "(empty|unsafe_path|decode)", ""),
    (14, "NUL", lambda d: write(d, "a", JPEG) + "\0b.jpg", "unsafe_path", "NUL"),
    (15, "long path", lambda d: str(d / ("x" * 5000)), "decode", "cannot be opened"),
    (16, "URL", lambda d: "https://example.org/a.jpg", "unsafe_path", "nothing is downloaded"),
    (18, "bomb in the header", lambda d: write(d, "a.png", BOMB_HEADER), "limit", "max_pixels"),
    (19, "real bomb", lambda d: write(d, "a.png", flat_png(11_000)), "limit", "max_pixels"),
    (25, "float beyond white", lambda d: write(d, "a.tif", encode(
        np.float32(PIXELS[:, :, 0]), "TIFF")), "type", "between 0.0 and 1.0"),
    (28, "HEIC", lambda d: write(d, "a.heic", b"\0\0\0\x18ftypheic" + bytes(40)),
        "unsupported", "HEIC"),
    (28, "JPEG XL", lambda d: write(d, "a.jxl", b"\xff\x0a" + bytes(40)), "unsupported", "JPEG XL"),
    (29, "NaN", lambda d: np.array([[0.5, np.nan]]), "decode", "NaN"),
    (29, "bool", lambda d: np.ones((9, 9), bool), "type", "bool"),
    (29, "channels first", lambda d: np.zeros((3, 9, 9), np.uint8), "type", "moveaxis"),
    (29, "two channels", lambda d: np.zeros((9, 9, 2), np.uint8), "type", r"\(9, 9, 2\)"),
    (29, "int64", lambda d: np.full((9, 9), -1), "type", "from -1 to -1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "code", "reason"),
    [pytest.param(*case[2:], id=f"{case[0]:02} {case[1]}") for case in REFUSED],
)
def test_what_is_refused(tmp_path, make, code, reason):
    """Every record names row, column and source, says what was wrong, and the rest is read."""
    cell = make(tmp_path)
    column = pd.Series([PIXELS, cell, None], name="photo")
    features, errors = HOGVectorizer(size=(32, 32)).read_cells(column)
    [error] = errors
    assert (error.row, error.column) == (1, "photo")
    assert error.source
    assert re.fullmatch(code, error.code), error
    assert re.search(reason, error.reason), error
    assert np.isfinite(features[0]).all()
    assert np.isnan(features[1:]).all()


@pytest.mark.parametrize("data", [flat_png(11_000), BOMB_HEADER], ids=["19 real", "18 header"])
def test_bombs_are_refused_at_once(data):
    """The header is enough: decoding the smaller one would take half a second, and 121 MB."""

    def refuse():
        with pytest.raises(UnreadableCell, match="max_pixels"):
            decode_image(data)

    assert min(timeit.repeat(refuse, number=1, repeat=5)) < 0.05


# What is read, case by case: each function returns what was decoded and what should come.


def allowed_jpeg(folder):
    half = write(folder, "a.jpg", JPEG[: len(JPEG) * 2 // 3])
    found = decode_image(half, limits=Limits(truncated="allow"))
    whole = decode_image(JPEG)
    rows = slice(0, len(found) // 4)
    assert found.shape == whole.shape
    # Below the cut there is nothing but the grey that libjpeg fills up with.
    assert not np.array_equal(found, whole)
    return found[rows], whole[rows]


def allowed_end_mark(folder):
    """Many real JPEGs lack nothing but the end mark: not a pixel is lost."""
    return decode_image(JPEG[:-2], limits=Limits(truncated="allow")), decode_image(JPEG)


def flipped_jpeg(folder):
    """JPEG has no checksums: a flip in the data of the pixels cannot be known in general."""
    found = decode_image(write(folder, "a.jpg", flipped(JPEG, len(JPEG) * 3 // 4)))
    return np.array(found.shape), np.array(PIXELS.shape)


def png_called_jpg(folder):
    return decode_image(write(folder, "a.jpg", PNG)), PIXELS


def jpeg_called_png(folder):
    return decode_image(write(folder, "a.png", JPEG)), decode_image(JPEG)


def polyglot(folder):
    return decode_image(write(folder, "a.jpg", JPEG + b"PK\x03\x04" + bytes(90))), decode_image(
        JPEG
    )


def inside_root(folder):
    write(folder, "a.png", PNG)
    return decode_image("a.png", root=folder), PIXELS


def emoji_path(folder):
    return decode_image(write(folder, "Ä 漢字 🐈.png", PNG)), PIXELS


def one_pixel(folder):
    """Pictures of any size are stretched: features exist, and are finite."""
    cells = [np.full((1, 1), 7, np.uint8), np.zeros((1, 60_000), np.uint8)]
    features = HOGVectorizer(size=(32, 32)).transform(cells)
    return np.isfinite(features), True


def cmyk(folder):
    data = encode(Image.fromarray(PIXELS).convert("CMYK"), "JPEG", quality=98)
    wanted = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    return np.abs(decode_image(data) - wanted) <= 2, True


def sixteen_bit_grey(folder):
    deep = PIXELS[:, :, 0].astype(np.uint16) * 257
    return decode_image(write(folder, "a.png", encode(deep, "PNG")), grey=True), PIXELS[:, :, 0]


def sixteen_bit_colour(folder):
    import cv2

    deep = PIXELS[:, :, ::-1].astype(np.uint16) * 257
    return decode_image(cv2.imencode(".png", deep)[1].tobytes()), PIXELS


def hidden_pixels(folder):
    rgba = np.dstack([PIXELS, np.zeros(PIXELS.shape[:2], np.uint8)])
    return decode_image(write(folder, "a.png", encode(rgba, "PNG"))), np.full_like(PIXELS, 255)


def float_tiff(folder):
    values = (PIXELS[:, :, 0] / 255).astype(np.float32)
    return decode_image(write(folder, "a.tif", encode(values, "TIFF")), grey=True), PIXELS[:, :, 0]


def exif(folder, kind="PNG"):
    note = Image.Exif()
    note[0x0112] = 6
    return decode_image(encode(PIXELS, kind, exif=note)), np.rot90(PIXELS, -1)


def animated(folder):
    frames = [Image.fromarray(PIXELS).quantize(64), Image.new("P", (64, 48), 3)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    return decode_image(data), np.asarray(frames[0].convert("RGB"))


def pages(folder):
    data = encode(PIXELS, "TIFF", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    return decode_image(data), PIXELS


def other_formats(folder):
    shapes = [decode_image(encode(PIXELS, kind)).shape for kind in ("AVIF", "JPEG2000", "BMP")]
    return np.array(shapes), np.array([PIXELS.shape] * 3)


def good_arrays(folder):
    return decode_image(PIXELS.astype(np.int64)), PIXELS


READ = [
    (2, allowed_jpeg), (2, allowed_end_mark), (4, flipped_jpeg), (8, png_called_jpg),
    (8, jpeg_called_png), (9, polyglot), (16, inside_root), (17, emoji_path), (20, one_pixel),
    (21, cmyk), (22, sixteen_bit_grey), (23, sixteen_bit_colour), (24, hidden_pixels),
    (25, float_tiff), (26, exif), (27, animated), (27, pages), (28, other_formats),
    (29, good_arrays),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{row:02} {case.__name__}") for row, case in READ]
)
def test_what_is_read(tmp_path, case):
    found, wanted = case(tmp_path)
    np.testing.assert_array_equal(found, np.broadcast_to(wanted, np.shape(found)))


@pytest.mark.parametrize("cell", ["../secret.jpg", "link.jpg", "/etc/passwd"], ids="16 {}".format)
def test_root_confines(tmp_path, cell):
    link_out(tmp_path)
    _, errors = HOGVectorizer(root=tmp_path / "inside").read_cells([cell])
    assert [error.code for error in errors] == ["unsafe_path"]
    assert "outside root" in errors[0].reason


@pytest.mark.parametrize("encoding", IMAGE_ENCODINGS)
def test_30_no_damage_raises_anything_else(encoding):
    """Pillow raises SyntaxError, OverflowError and more: they all become records."""
    rng = np.random.default_rng(30)
    data = encode_picture(PIXELS, encoding)
    damaged = []
    for _ in range(40):
        changed = bytearray(data)
        for position in rng.integers(0, min(len(data), 400), 3):
            changed[position] = rng.integers(256)
        damaged.append(bytes(changed))
    features, errors = HOGVectorizer(size=(32, 32)).read_cells(damaged)
    read = ~np.isin(np.arange(len(damaged)), [error.row for error in errors])
    assert np.isfinite(features[read]).all()
    assert np.isnan(features[~read]).all()


@pytest.mark.parametrize("encoding", IMAGE_ENCODINGS)
def test_every_cut_is_refused_and_no_whole_file(encoding):
    data = encode_picture(PIXELS, encoding)
    ends = np.linspace(1, len(data) - 1, 100).astype(int)
    _, errors = HOGVectorizer(size=(32, 32)).read_cells([*[data[:end] for end in ends], data])
    assert [error.row for error in errors] == list(range(100))
    # A few bytes may not yet say what they are, or break the header.
    assert {error.code for error in errors if ends[error.row] > 120} == {"truncated"}


def test_the_table_has_every_row():
    tested = {case[0] for case in REFUSED} | {row for row, _ in READ} | {30}
    assert tested == set(range(1, 31))
