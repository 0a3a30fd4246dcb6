"""A picture cell, whatever it is, as one array."""

from __future__ import annotations

import io
import os
import struct
import threading
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from mmclassic._errors import UnreadableCell
from mmclassic.media import Limits, decode_image
from mmclassic.media._complete_image import check_png_rows
from mmclassic.media._jpeg import read_jpeg_header

# Format, mode, options of Pillow's save, and whether the pixels come back exactly.
FORMATS = {
    "jpeg": ("JPEG", "RGB", {"quality": 90}, False),
    "jpeg-progressive": ("JPEG", "RGB", {"progressive": True}, False),
    "jpeg-grey": ("JPEG", "L", {}, False),
    "jpeg-cmyk": ("JPEG", "CMYK", {"quality": 95}, False),
    "png": ("PNG", "RGB", {}, True),
    "png-grey": ("PNG", "L", {}, True),
    "png-palette": ("PNG", "P", {}, True),
    "png-bits": ("PNG", "1", {}, True),
    "png-alpha": ("PNG", "RGBA", {}, True),
    "png-grey-alpha": ("PNG", "LA", {}, True),
    "gif": ("GIF", "P", {}, True),
    "webp": ("WEBP", "RGB", {"lossless": True}, True),
    "webp-alpha": ("WEBP", "RGBA", {"lossless": True}, True),
    "tiff": ("TIFF", "RGB", {}, True),
    "tiff-lzw": ("TIFF", "RGB", {"compression": "tiff_lzw"}, True),
    "bmp": ("BMP", "RGB", {}, True),
    "ppm": ("PPM", "RGB", {}, True),
    "jpeg-2000": ("JPEG2000", "RGB", {}, True),
    "avif": ("AVIF", "RGB", {"quality": 100}, False),
}


def encode(image, kind, **options) -> bytes:
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def refused(cell, **options) -> UnreadableCell:
    with pytest.raises(UnreadableCell) as caught:
        decode_image(cell, **options)
    return caught.value


@pytest.fixture(scope="module", params=FORMATS)
def file(request, picture):
    """Encoded bytes, the pixels that went in, and whether they come back exactly."""
    kind, mode, options, exact = FORMATS[request.param]
    image = Image.fromarray(picture).convert(mode)
    return encode(image, kind, **options), np.asarray(image.convert("RGB")), exact


def test_formats(file):
    data, pixels, exact = file
    decoded = decode_image(data)
    assert decoded.shape == pixels.shape
    assert decoded.dtype == np.uint8
    assert decoded.flags.c_contiguous
    difference = np.abs(decoded.astype(int) - pixels)
    assert difference.max() == 0 if exact else difference.mean() < 8


def test_every_truncation_is_flagged(file):
    data = file[0]
    for end in np.linspace(60, len(data) - 1, 25).astype(int):
        assert refused(data[:end]).code == "truncated", end


def test_a_cell_is_the_same_picture_as_path_bytes_dict_and_pillow(file, tmp_path):
    data, _, exact = file
    (tmp_path / "a.jpg").write_bytes(data)  # nearly always the wrong name
    wanted = decode_image(data)
    for cell in (tmp_path / "a.jpg", str(tmp_path / "a.jpg"), {"bytes": data, "path": "b"}):
        np.testing.assert_array_equal(decode_image(cell), wanted)
    np.testing.assert_array_equal(decode_image("a.jpg", root=tmp_path), wanted)
    np.testing.assert_array_equal(decode_image(wanted), wanted)
    through_pillow = decode_image(Image.open(io.BytesIO(data))).astype(int)
    # Two JPEG decoders may round differently.
    assert np.abs(through_pillow - wanted).max() <= (0 if exact else 2)


def test_grey_is_the_luma_of_the_rgb_pixels(file):
    data = file[0]
    rgb = decode_image(data).astype(float)
    grey = decode_image(data, grey=True)
    assert grey.shape == rgb.shape[:2]
    assert np.abs(grey - rgb @ [0.299, 0.587, 0.114]).max() <= 0.51


def photo(width, height):
    """Smooth colours and some edges."""
    coarse = np.random.default_rng(1).integers(0, 256, (height // 16, width // 16, 3), np.uint8)
    image = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    image[height // 3 : height // 2, width // 4 : width // 2] = (250, 240, 10)
    return image


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize(
    ("at_least", "divisor"),
    [(None, 1), ((480, 640), 1), ((241, 10), 1), ((240, 320), 2), ((10, 161), 2), ((120, 160), 4),
     ((1, 1), 8)],
)  # fmt: skip
def test_a_jpeg_that_is_larger_than_needed_is_decoded_smaller(grey, at_least, divisor):
    data = encode(photo(640, 480), "JPEG", quality=92)
    whole = decode_image(data, grey=grey)
    found = decode_image(data, grey=grey, at_least=at_least)
    assert found.shape[:2] == (480 // divisor, 640 // divisor)
    size = (640 // divisor, 480 // divisor)
    averaged = cv2.resize(whole, size, interpolation=cv2.INTER_AREA)
    assert np.abs(found.astype(int) - averaged).mean() < 1.0


def test_sides_that_cannot_be_divided_are_decoded_whole():
    for width, height, wanted in ((641, 480, (480, 641)), (636, 484, (121, 159))):
        data = encode(photo(width, height), "JPEG")
        assert decode_image(data, at_least=(8, 8)).shape[:2] == wanted


def test_other_formats_and_arrays_come_at_their_own_size(picture):
    for cell in (encode(picture, "PNG"), picture, Image.fromarray(picture)):
        np.testing.assert_array_equal(decode_image(cell, at_least=(1, 1)), picture)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_size_that_is_enough_is_that_of_the_upright_picture(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(photo(640, 320), "JPEG", exif=exif)
    whole = decode_image(data, grey=True)
    height, width = whole.shape
    found = decode_image(data, grey=True, at_least=(height // 4, width // 4))
    assert found.shape == (height // 4, width // 4)
    averaged = cv2.resize(whole, found.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(found.astype(int) - averaged).mean() < 1.0


@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["baseline", "progressive"])
def test_every_truncation_is_flagged_at_any_size(options):
    data = encode(photo(320, 240), "JPEG", **options)
    for end in np.linspace(60, len(data) - 1, 25).astype(int):
        assert refused(data[:end], grey=True, at_least=(60, 80)).code == "truncated", end


def test_limits_hold_for_the_size_of_the_file_not_of_the_result():
    data = encode(photo(320, 240), "JPEG")
    found = refused(data, grey=True, at_least=(30, 40), limits=Limits(max_pixels=70_000))
    assert found.code == "limit"


def test_grey_of_photographs_is_nearly_the_luma_of_their_colours(shared_data):
    for path in sorted((shared_data / "products" / "images").glob("*.jpg"))[:10]:
        luma = decode_image(path).astype(float) @ [0.299, 0.587, 0.114]
        difference = np.abs(decode_image(path, grey=True) - luma)
        assert difference.mean() < 0.6
        assert difference.max() < 40  # at edges between strong colours, which RGB cannot hold


def test_the_result_is_never_the_cells_memory(picture):
    cell = picture.copy()
    decode_image(cell)[:] = 0
    np.testing.assert_array_equal(cell, picture)
    grey = picture[:, :, 0].copy()
    decode_image(grey, grey=True)[:] = 0
    np.testing.assert_array_equal(grey, picture[:, :, 0])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation(picture, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encode(picture, kind, exif=exif, **options)
    opened = Image.open(io.BytesIO(data))
    wanted = np.asarray(ImageOps.exif_transpose(opened)).astype(int)
    assert wanted.shape == ((64, 48, 3) if orientation > 4 else (48, 64, 3))
    for cell in (data, Image.open(io.BytesIO(data))):
        decoded = decode_image(cell)
        assert decoded.shape == wanted.shape
        assert np.abs(decoded - wanted).max() <= (2 if kind == "JPEG" else 0)


def test_broken_exif_does_not_spoil_a_picture(picture):
    data = encode(picture, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    np.testing.assert_array_equal(decode_image(data), decode_image(encode(picture, "JPEG")))


def test_sixteen_bits_are_divided_by_257(picture):
    deep = picture[:, :, 0].astype(np.uint16) * 257
    for kind in ("PNG", "TIFF", "PPM"):
        data = encode(deep, kind)
        for cell in (data, Image.open(io.BytesIO(data)), deep):
            np.testing.assert_array_equal(decode_image(cell, grey=True), picture[:, :, 0])
    rgb = cv2.imencode(".png", picture[:, :, ::-1].astype(np.uint16) * 257)[1].tobytes()
    np.testing.assert_array_equal(decode_image(rgb), picture)


def test_hidden_pixels_do_not_leak():
    rgba = np.zeros((4, 5, 4), dtype=np.uint8)
    rgba[:, :, :3] = 77
    rgba[0, 0, 3] = 255
    rgba[0, 1, 3] = 128
    wanted = np.full((4, 5, 3), 255)
    wanted[0, 0] = 77
    wanted[0, 1] = round((77 * 128 + 255 * 127) / 255)
    image = Image.fromarray(rgba)
    webp = encode(image, "WEBP", lossless=True, exact=True)
    for cell in (rgba, image, encode(image, "PNG"), webp, encode(image, "TIFF")):
        np.testing.assert_array_equal(decode_image(cell), wanted)


def test_transparent_colours_of_palettes_and_grey():
    indices = np.array([[0, 1], [1, 0]], dtype=np.uint8)
    palette = Image.fromarray(indices)
    palette = palette.convert("P")
    palette.putpalette([10, 20, 30, 200, 0, 0])
    for kind in ("PNG", "GIF"):
        decoded = decode_image(encode(palette, kind, transparency=0))
        np.testing.assert_array_equal(decoded[0], [[255, 255, 255], [200, 0, 0]])
    grey = encode(indices, "PNG", transparency=1)
    np.testing.assert_array_equal(decode_image(grey, grey=True), [[0, 255], [255, 0]])


def test_float_tiff(picture):
    values = (picture[:, :, 0] / 255).astype(np.float32)
    data = encode(values, "TIFF")
    np.testing.assert_array_equal(decode_image(data, grey=True), picture[:, :, 0])
    assert refused(encode(values * 9, "TIFF")).code == "type"


def test_the_first_frame_counts(picture):
    frames = [Image.fromarray(picture).quantize(64), Image.new("P", (64, 48), 3)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    wanted = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.testing.assert_array_equal(decode_image(data), wanted)
    apng = encode(picture, "PNG", save_all=True, append_images=[Image.new("RGB", (64, 48))])
    np.testing.assert_array_equal(decode_image(apng), picture)


def test_something_behind_a_jpeg_is_accepted(picture):
    data = encode(picture, "JPEG")
    np.testing.assert_array_equal(decode_image(data + b"PK\x03\x04..."), decode_image(data))


def test_the_end_mark_of_a_preview_does_not_count(picture):
    preview = encode(picture[:8, :8], "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(preview) + 2) + preview
    data = encode(picture, "JPEG")
    data = data[:2] + segment + data[2:]
    assert decode_image(data).shape == (48, 64, 3)
    assert refused(data[:-2]).code == "truncated"
    with pytest.raises(UnreadableCell, match="no end mark"):
        read_jpeg_header(data[:-2])


@pytest.mark.parametrize(
    ("array", "pixels"),
    [
        (np.array([[0, 255]], dtype=np.int64), [[0, 255]]),
        (np.array([[0.0, 1.0]]), [[0, 255]]),
        (np.array([[0.0, 1.0]], dtype=np.float32), [[0, 255]]),
        (np.array([[0.0, 1.0]], dtype=np.float16), [[0, 255]]),
        (np.array([[-1e-6, 1 + 1e-6]]), [[0, 255]]),
        (np.array([[0, 65535]], dtype=np.uint16), [[0, 255]]),
        (np.array([[128, 129]], dtype=np.uint16), [[0, 1]]),
        (np.array([[[7], [9]]], dtype=np.uint8), [[7, 9]]),
    ],
)
def test_arrays(array, pixels):
    np.testing.assert_array_equal(decode_image(array, grey=True), pixels)
    np.testing.assert_array_equal(decode_image(array), np.dstack([pixels] * 3))


@pytest.mark.parametrize(
    ("cell", "code", "match"),
    [
        (np.zeros((3, 8, 9)), "type", r"\(3, 8, 9\).*moveaxis"),
        (np.zeros((8, 9, 2)), "type", r"\(8, 9, 2\)"),
        (np.zeros(9), "type", "one picture"),
        (np.zeros((2, 8, 9, 3)), "type", "one picture"),
        (np.zeros((0, 9)), "empty", "no pixels"),
        (np.array([[True]]), "type", "bool.*255"),
        (np.array([[1j]]), "type", "complex128"),
        (np.array([["a"]]), "type", "uint8"),
        (np.array([[None]]), "type", "object"),
        (np.array([[0.5, np.nan]]), "decode", "NaN"),
        (np.array([[0.5, np.inf]]), "decode", "infinite"),
        (np.array([[0.0, 254.0]]), "type", "between 0.0 and 1.0.*uint8"),
        (np.array([[-1, 3]]), "type", "from -1 to 3"),
        (np.array([[0, 256]]), "type", "from 0 to 256"),
        (np.zeros((40, 30)), "limit", "30 x 40.*max_pixels=1000"),
        (Image.new("L", (40, 30)), "limit", "40 x 30"),
        (b"", "empty", "0 bytes"),
        (b"just a text", "unsupported", "plain text.*JPEG, PNG"),
        (b"<svg xmlns='...'></svg>", "unsupported", "SVG"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "unsupported", "HEIC"),
        (b"RIFF\0\0\0\0WAVEfmt ", "unsupported", "WAV"),
        (bytes(50), "unsupported", "zero bytes only"),
        (b"\x89PNG\r\n\x1a\n", "truncated", "end chunk"),
        ([1, 2], "type", "list is no picture"),
        (3, "type", "int is no picture"),
    ],
)
def test_what_is_refused(cell, code, match):
    with pytest.raises(UnreadableCell, match=match) as caught:
        decode_image(cell, limits=Limits(max_pixels=1000))
    assert caught.value.code == code


def _png(width, height, rows: bytes, *, depth=8, colour=0, interlaced=0) -> bytes:
    def chunk(name, content):
        tail = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + tail

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("colour", [0, 6])
def test_a_png_header_that_promises_more_rows(colour):
    width = 4 if colour == 0 else 1
    whole = _png(width, 3, bytes(5 * 3), colour=colour)
    assert decode_image(whole).shape == (3, width, 3)
    short = _png(width, 9, bytes(5 * 3), colour=colour)
    assert refused(short).code == "truncated"


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (8, 8), (9, 17), (64, 48)])
def test_rows_of_interlaced_pngs_are_counted(size):
    """A file written by somebody else's encoder has exactly the rows that we expect."""
    width, height = size
    n_bytes = sum(
        rows * (1 + columns)
        for rows, columns in (
            (len(range(y, height, dy)), len(range(x, width, dx)))
            for x, y, dx, dy in [
                (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                (1, 0, 2, 2), (0, 1, 1, 2),
            ]
        )
        if columns
    )  # fmt: skip
    check_png_rows(_png(width, height, bytes(n_bytes), interlaced=1))
    with pytest.raises(UnreadableCell, match="fewer rows"):
        check_png_rows(_png(width, height, bytes(n_bytes - 1), interlaced=1))


def test_a_flipped_bit_in_a_png_is_found(picture):
    data = bytearray(encode(picture, "PNG"))
    for position in np.linspace(40, len(data) - 30, 20).astype(int):
        data[position] ^= 4
        assert refused(bytes(data)).code in ("decode", "truncated")
        data[position] ^= 4


def test_bombs_are_refused_by_their_header():
    """A flat 60 000 x 60 000 PNG of 2 kB; nothing of its 3.6 GB may be decoded."""
    bomb = _png(60000, 60000, bytes(1000))
    assert refused(bomb).code == "limit"
    # Larger than Pillow's own bound, which warns and raises at other numbers than ours.
    assert refused(_png(9000, 10500, b""), limits=Limits()).code == "truncated"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a Unix thing")
def test_a_named_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    assert refused(tmp_path / "a.jpg").code == "unsafe_path"


def test_threads_decode_alike(picture):
    data = [encode(picture, kind) for kind in ("JPEG", "PNG", "TIFF", "WEBP")]
    wanted = [decode_image(cell) for cell in data]
    found = []

    def work():
        found.append([decode_image(cell) for cell in data])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for decoded in found:
        for one, other in zip(decoded, wanted, strict=True):
            np.testing.assert_array_equal(one, other)
