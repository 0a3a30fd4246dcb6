"""HOG against scikit-image, and facts that need no oracle."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import mmclassic.image._hog as module
from mmclassic.image import HOGVectorizer, hog
from mmclassic.image._hog import bin_cotangents
from mmclassic.image._hog_numpy import hog_by_numpy
from mmclassic.media import decode_image

skimage_hog = pytest.importorskip("skimage.feature", reason="scikit-image is the oracle of HOG").hog


def picture(shape, seed=0):
    """Noise with some flat areas, so that zero gradients and ties between channels occur."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, shape, dtype=np.uint8)
    image[: shape[0] // 3] = 80
    image[:, : shape[1] // 4] //= 64
    return image


def test_files_are_nearly_the_arrays_of_their_pixels(shared_data):
    """What the help says of JPEG files: in colour, small ones are exactly those."""
    files = sorted((shared_data / "products" / "images").iterdir())[:40:4]
    arrays = [decode_image(file) for file in files]
    colour = HOGVectorizer(color=True)
    np.testing.assert_array_equal(colour.transform(files), colour.transform(arrays))
    from_files, from_arrays = (HOGVectorizer().transform(cells) for cells in (files, arrays))
    moved = np.linalg.norm(from_files - from_arrays, axis=1) / np.linalg.norm(from_arrays, axis=1)
    assert 0 < np.median(moved) < 0.25


SETTINGS = [
    (9, (8, 8), (2, 2)),
    (9, (8, 8), (3, 3)),
    (4, (8, 8), (1, 1)),  # directions of 45 degrees fall on the edge of a bin
    (1, (8, 8), (2, 2)),
    (12, (5, 7), (2, 3)),  # odd cells, and pixels left over
    (9, (6, 12), (3, 1)),
    (9, (16, 10), (2, 2)),  # cells taller than the rows that are summed at once
    (7, (1, 3), (1, 2)),
]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("shape", [(48, 40), (48, 40, 3), (37, 51), (37, 51, 3)])
@pytest.mark.parametrize("convert", [np.uint8, np.float32, np.float64, np.uint16])
def test_equals_skimage(setting, shape, convert):
    image = picture(shape).astype(convert)
    if np.issubdtype(convert, np.floating):
        image /= 255
    orientations, cell, block = setting
    channel_axis = -1 if len(shape) == 3 else None
    expected = skimage_hog(
        image, orientations, cell, block, block_norm="L2-Hys", channel_axis=channel_axis
    )
    found = hog(image, orientations=orientations, pixels_per_cell=cell, cells_per_block=block)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_equals_skimage_on_real_pictures(shared_data):
    import cv2

    for path in sorted((shared_data / "products" / "images").glob("*.jpg"))[:12]:
        image = cv2.imread(str(path))[:, :, ::-1]  # not in order in memory
        expected = skimage_hog(image, 9, (8, 8), (2, 2), channel_axis=-1)
        np.testing.assert_allclose(hog(image), expected, atol=1e-5)
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        expected = skimage_hog(grey, 9, (8, 8), (2, 2))
        np.testing.assert_allclose(hog(grey), expected, atol=1e-5)


@pytest.mark.parametrize("orientations", [1, 2, 3, 4, 5, 8, 9, 12, 18, 28, 36, 60])
def test_no_8_bit_gradient_is_put_into_another_bin(orientations):
    """Every gradient that 8 bits allow, by the kernel's comparison and by arc tangents."""
    y, x = np.mgrid[-255.0:256, -255.0:256]
    degrees = np.rad2deg(np.arctan2(y, x)) % 180
    expected = sum(
        (degrees >= 180.0 / orientations * k).astype(int) for k in range(1, orientations)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        cotangent = np.where(y == 0, np.float32(np.inf), np.float32(x) / np.float32(y))
    found = sum((cotangent <= edge).astype(int) for edge in bin_cotangents(orientations)[1:])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", [(16, 16), (1, 40), (40, 1), (3, 2, 3), (31, 70, 3), (70, 31)])
def test_compiled_and_numpy_agree(shape):
    image = picture(shape)
    cell = tuple(min(side, 3) for side in shape[:2])
    options = {"orientations": 6, "pixels_per_cell": cell, "cells_per_block": (1, 1)}
    expected = hog_by_numpy(image.reshape(*shape[:2], -1), 6, cell, (1, 1))
    np.testing.assert_allclose(hog(image, **options), expected, atol=1e-5)


def test_bins_without_a_vote_are_exactly_zero():
    stripes = np.tile(np.arange(64, dtype=np.uint8) % 7 * 36, (64, 1))  # gradients at 0 degrees
    histograms = hog(stripes).reshape(-1, 9)
    assert (histograms[:, 0] > 0).all()
    np.testing.assert_array_equal(histograms[:, 1:], 0)


def test_without_numba_numpy_does_it(monkeypatch):
    image = picture((48, 40, 3))
    compiled = hog(image)
    monkeypatch.setattr(module, "kernels", lambda: None)
    np.testing.assert_allclose(hog(image), compiled, atol=1e-5)


def test_read_only_pictures():
    image = picture((48, 40))
    expected = hog(image)
    image.flags.writeable = False
    np.testing.assert_array_equal(hog(image), expected)


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path):
    """numba then has no place for its cache, and the code is compiled for this process only."""
    (tmp_path / "file").touch()
    code = """
from mmclassic._jit import compiled
add = compiled(lambda x: x + 1)
print(add(1), type(add._cache).__name__)
"""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "NUMBA_CACHE_DIR": str(tmp_path / "file" / "folder"),
    }
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["2", "NullCache"]


def test_bytes_and_the_same_numbers_as_floats_agree():
    image = picture((40, 40, 3))
    np.testing.assert_allclose(hog(image), hog(image.astype(np.float64)), atol=1e-6)


def test_does_not_depend_on_brightness_or_contrast():
    image = picture((40, 40)).astype(float)
    np.testing.assert_allclose(hog(image), hog(3 * image + 7), atol=1e-5)


def test_a_flat_picture_has_no_gradients():
    np.testing.assert_array_equal(hog(np.full((16, 16), 9, np.uint8)), 0)


def test_a_direction_that_rounds_to_180_degrees_is_0_degrees():
    image = np.zeros((16, 16))
    image[:, 8:] = 1.0
    tilted = image - 1e-18 * np.arange(16)[:, None] * (image == 0)
    np.testing.assert_allclose(hog(tilted), hog(image), atol=1e-6)


def test_turning_the_picture_upside_down_turns_the_blocks():
    image = picture((32, 32)).astype(float)
    blocks = hog(image).reshape(3, 3, 2, 2, 9)
    turned = hog(image[::-1, ::-1]).reshape(3, 3, 2, 2, 9)
    np.testing.assert_allclose(turned[::-1, ::-1, ::-1, ::-1], blocks, atol=1e-6)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros(9), r"Expected a picture \(h, w\)"),
        (np.zeros((15, 16)), "15 x 16 pixels is smaller than one block"),
    ],
)
def test_bad_pictures(image, message):
    with pytest.raises(ValueError, match=message):
        hog(image)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": 128}, "'size' parameter"),
        ({"size": (128,)}, "size must be 2 integers"),
        ({"size": (8, 64)}, "smaller than one block of 16 x 16"),
        ({"orientations": 0}, "'orientations' parameter"),
        ({"pixels_per_cell": 2.5}, "'pixels_per_cell' parameter"),
        ({"cells_per_block": -1}, "'cells_per_block' parameter"),
        ({"color": "yes"}, "'color' parameter"),
        ({"on_unreadable": "ignore"}, "'on_unreadable' parameter"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        HOGVectorizer(**parameters).fit([picture((20, 20))])


@pytest.mark.parametrize("color", [False, True])
def test_vectorizer_is_hog_of_the_picture(color):
    image = picture((48, 40, 3))
    grey = np.round(image @ [0.299, 0.587, 0.114])  # ITU-R BT.601
    expected = skimage_hog(
        image if color else grey, 9, (8, 8), (2, 2), channel_axis=-1 if color else None
    )
    found = HOGVectorizer(size=(48, 40), color=color).fit_transform([image])[0]
    # The luma of a few pixels may be rounded the other way.
    np.testing.assert_allclose(found, expected, atol=1e-5 if color else 0.01)


def test_feature_names_say_where_a_feature_is():
    vectorizer = HOGVectorizer(size=(32, 24))
    names = vectorizer.get_feature_names_out()
    corner = np.full((32, 24), 50, dtype=np.uint8)
    corner[28:, 20:] = 200  # bottom right cell, row 3, column 2: only the last block has it
    features = vectorizer.fit_transform([corner])[0]
    assert len(names) == len(features) == 3 * 2 * 4 * 9
    lit = {name.rsplit("_bin", 1)[0] for name in names[features > 0]}
    assert lit == {"hog_block2_1_cell1_1"}
