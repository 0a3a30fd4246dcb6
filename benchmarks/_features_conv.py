"""Learned convolutions and local binary patterns, against plain numpy, one product, and skimage.

Run it alone with ``python benchmarks/_features_conv.py [--quick]``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from _interleaved import Comparison, Contender, compare
from _pictures import photograph
from skimage.feature import local_binary_pattern
from threadpoolctl import threadpool_limits

from mmclassic import ConvVectorizer, LBPVectorizer
from mmclassic.image._resize import resize

OURS = "ConvVectorizer.transform"
SETTINGS = (
    {"size": 32, "color": True, "n_filters": 200},
    {"size": 32, "color": False, "n_filters": 200},
    {"size": 32, "color": True, "n_filters": 100, "stride": 2},
    {"size": 32, "color": False, "n_filters": 400, "patch_size": 8, "pool": 3},
)


def sections(data: Path, quick: bool) -> Iterator[tuple[Comparison, str]]:
    """Comparisons, each with the name of our contender in it."""
    with threadpool_limits(1):
        for name, pictures in _sources(data, 100 if quick else 400):
            for settings in SETTINGS[:2] if quick else SETTINGS:
                yield _convolutions(name, pictures, settings, quick), OURS
        for n in (200, 2_000) if quick else (200, 2_000, 20_000):
            yield _many_rows(n, quick), OURS
        yield _patterns(data, quick), "LBPVectorizer.transform"


def _sources(data: Path, n: int) -> Iterator[tuple[str, list[np.ndarray]]]:
    rng = np.random.default_rng(0)
    yield "made-up photographs", [resize(photograph(rng, 240, 320), 64, 64) for _ in range(n)]
    for folder in ("digits", "products"):
        paths = sorted((data / folder / "images").glob("*.*g"))[:n]
        if paths:
            yield f"the pictures of {folder}", [cv2.imread(str(path)) for path in paths]


def _convolutions(name: str, pictures: list, settings: dict, quick: bool) -> Comparison:
    vectorizer = ConvVectorizer(**settings, n_patches=10_000)
    cells, _ = vectorizer.read_cells(pictures)
    vectorizer.fit(cells)
    n_places = (vectorizer.size - vectorizer.patch_size) // vectorizer.stride + 1
    rng = np.random.default_rng(0)
    n_values, n_filters = len(vectorizer.mean_), len(vectorizer.filters_)
    patches = rng.normal(size=(len(cells) * n_places**2, n_values)).astype(np.float32)
    filters = rng.normal(size=(n_values, n_filters)).astype(np.float32)
    out = np.empty((len(patches), n_filters), np.float32)
    few = cells[: max(2, len(cells) // 50)]

    def by_numpy(distances) -> None:
        # A few pictures stand for all: the time per picture is the same.
        for _ in range(len(cells) // len(few)):
            for image in few:
                plain(image, vectorizer, distances)

    contenders = [
        Contender("numpy, picture by picture, distances by broadcasting", lambda: by_numpy(apart)),
        Contender("numpy, picture by picture, distances by a product", lambda: by_numpy(expanded)),
        Contender("its one big matrix product only", lambda: np.dot(patches, filters, out=out)),
        Contender(OURS, lambda: vectorizer.transform(cells)),
    ]
    words = ", ".join(f"{key}={value}" for key, value in settings.items())
    title = f"{len(cells)} of {name}, {words} ({n_values} values, {vectorizer.whitening_.shape[1]}"
    title += " directions)"
    return compare(title, contenders, len(cells), n_rounds=3 if quick else 5)


def plain(image: np.ndarray, vectorizer: ConvVectorizer, distances) -> np.ndarray:
    """Features of one picture as the paper says, step by step."""
    side, stride, pool = vectorizer.patch_size, vectorizer.stride, vectorizer.pool
    image = np.atleast_3d(image).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(image, (side, side), axis=(0, 1))
    windows = np.moveaxis(windows[::stride, ::stride], 2, -1)
    n_places = len(windows)
    patches = windows.reshape(n_places * n_places, -1)
    patches = patches - patches.mean(axis=1, keepdims=True)
    deviation = np.sqrt(patches.var(axis=1, keepdims=True) + vectorizer.contrast_epsilon)
    white = (patches / deviation - vectorizer.mean_) @ vectorizer.whitening_
    distance = distances(white, vectorizer.filters_)
    gain = np.maximum(distance.mean(axis=1, keepdims=True) - distance, 0)
    gain = gain.reshape(n_places, n_places, -1)
    parts = np.array_split(np.arange(n_places), pool)
    return np.concatenate([gain[np.ix_(y, x)].sum(axis=(0, 1)) for y in parts for x in parts])


def apart(patches: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Distances, as one writes them down."""
    return np.sqrt(((patches[:, None, :] - filters[None, :, :]) ** 2).sum(axis=2))


def expanded(patches: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Distances, by the binomial theorem."""
    squares = (patches**2).sum(axis=1)[:, None] + (filters**2).sum(axis=1)
    return np.sqrt(np.maximum(squares - 2 * patches @ filters.T, 0))


def _many_rows(n: int, quick: bool) -> Comparison:
    """The time per picture must not grow with the number of rows."""
    rng = np.random.default_rng(0)
    cells = list(rng.integers(0, 256, (n, 16, 16), dtype=np.uint8))
    vectorizer = ConvVectorizer(size=16, color=False, n_filters=50, n_patches=5_000).fit(cells)
    contenders = [Contender(OURS, lambda: vectorizer.transform(cells))]
    return compare(f"{n} arrays of 16 x 16", contenders, n, n_rounds=3 if quick or n > 2_000 else 7)


def _patterns(data: Path, quick: bool) -> Comparison:
    rng = np.random.default_rng(0)
    n = 20 if quick else 100
    cells = [photograph(rng, 128, 128)[:, :, 1].copy() for _ in range(n)]
    vectorizer = LBPVectorizer()

    def by_skimage() -> None:
        for image in cells:
            for n_points, radius in vectorizer.circles:
                patterns = local_binary_pattern(image, n_points, radius, "uniform")
                np.histogram(patterns, bins=np.arange(n_points + 3), density=True)

    contenders = [
        Contender("skimage.feature.local_binary_pattern and numpy.histogram", by_skimage),
        Contender("LBPVectorizer.transform", lambda: vectorizer.transform(cells)),
    ]
    title = f"local binary patterns (8, 1) and (16, 2) of {n} pictures of 128 x 128"
    return compare(title, contenders, n, n_rounds=3 if quick else 7)


def main() -> None:
    """Print the comparisons as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).resolve().parents[1]
    parser.add_argument("data", nargs="?", type=Path, default=root.parent / "shared" / "data")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    for comparison, ours in sections(arguments.data, arguments.quick):
        print(comparison.to_markdown(ours))


if __name__ == "__main__":
    main()
