"""From pictures to features: the usual recipe, OpenCV, ours, and decoding alone.

Run it alone with ``python benchmarks/_features_image.py [--quick] [--data FOLDER]``. Everything
runs in one thread, where not said otherwise. ``cv2.HOGDescriptor`` takes part where OpenCV
has it: opencv-contrib-python-headless 4, in an environment of its own.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from _interleaved import Comparison, Contender, compare
from skimage.feature import hog as skimage_hog
from threadpoolctl import threadpool_limits

from mmclassic.image import ColorHistogramVectorizer, HOGVectorizer, hog
from mmclassic.image._hog_numpy import hog_by_numpy
from mmclassic.media import CellUnion

OURS = "mmclassic"
DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"
N_PICTURES = 200
N_ROWS = (200, 2_000, 20_000)
SIZES = ((160, 120), (320, 240), (640, 480), (1280, 960))  # width, height
SETTING = (9, (8, 8), (2, 2))


def sections(data: Path, quick: bool) -> Iterator[tuple[Comparison, str]]:
    """Comparisons, each with the name of our contender in it."""
    n_rounds = 3 if quick else 9
    cv2.setNumThreads(1)
    with threadpool_limits(1), tempfile.TemporaryDirectory() as name:
        n = 40 if quick else N_PICTURES
        small = draw_pictures(n, 128, 128)
        yield arrays("grey", [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in small], n_rounds), OURS
        yield arrays("colour", small, n_rounds), OURS
        products = sorted(map(str, (data / "products" / "images").glob("*.jpg")))[:n]
        if products:
            yield files("product photos, long side 256", products, n_rounds), OURS
        folders = {}
        for width, height in SIZES[: 2 if quick else 4]:
            paths = write_jpegs(Path(name) / str(width), max(10, n * 160 // width), width, height)
            folders[width] = paths
            yield files(f"photos of {width} x {height}", paths, n_rounds), OURS
        yield recipe(products or folders[320], n_rounds), OURS
        yield recipe(folders[max(folders)], n_rounds), OURS
        yield two_threads(folders[320] * 10, min(n_rounds, 5)), f"{OURS}, 2 threads"
        for n_rows in N_ROWS[: 2 if quick else 3]:
            yield many_rows(folders[160], n_rows, 3), OURS


def draw_pictures(n_pictures: int, width: int, height: int) -> list[np.ndarray]:
    """Smooth colours, a few hard edges and the noise of a sensor; RGB."""
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(n_pictures):
        coarse = rng.integers(0, 256, (height // 24 + 2, width // 24 + 2, 3), dtype=np.uint8)
        picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(float)
        top, left = rng.integers(0, height // 2), rng.integers(0, width // 2)
        picture[top : top + height // 3, left : left + width // 3] = rng.integers(0, 256, 3)
        picture += rng.normal(0, 4, picture.shape)
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
    return pictures


def write_jpegs(folder: Path, n_pictures: int, width: int, height: int) -> list[str]:
    """Paths of generated photographs, quality 90."""
    folder.mkdir()
    paths = []
    for i, picture in enumerate(draw_pictures(n_pictures, width, height)):
        paths.append(str(folder / f"{i}.jpg"))
        cv2.imwrite(paths[-1], picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    return paths


def each(function: Callable, items: Sequence) -> Callable[[], None]:
    """A call that applies a function to all items."""

    def run() -> None:
        for item in items:
            function(item)

    return run


def arrays(kind: str, pictures: list[np.ndarray], n_rounds: int) -> Comparison:
    """HOG of arrays in memory; no file is read."""
    axis = None if pictures[0].ndim == 2 else -1
    contenders = [
        Contender(
            "scikit-image",
            each(lambda p: skimage_hog(p, *SETTING, channel_axis=axis), pictures),
        ),
        Contender(
            "our numpy version",
            each(lambda p: hog_by_numpy(p.reshape(128, 128, -1), *SETTING), pictures),
        ),
        Contender(OURS, each(hog, pictures)),
    ]
    if hasattr(cv2, "HOGDescriptor"):
        descriptor = cv2.HOGDescriptor((128, 128), (16, 16), (8, 8), (8, 8), 9)
        contenders.append(Contender("cv2.HOGDescriptor", each(descriptor.compute, pictures)))
    return compare(f"HOG of 128 x 128 pixels, {kind}", contenders, len(pictures), n_rounds=n_rounds)


def decode_grey(path: str) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(Path(path).read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)


def decode_color(path: str) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(Path(path).read_bytes(), np.uint8), cv2.IMREAD_COLOR)


def usual_grey(path: str) -> np.ndarray:
    return skimage_hog(cv2.resize(cv2.imread(path, cv2.IMREAD_GRAYSCALE), (128, 128)), *SETTING)


def usual_color(path: str) -> np.ndarray:
    return skimage_hog(cv2.resize(cv2.imread(path), (128, 128)), *SETTING, channel_axis=-1)


def files(title: str, paths: list[str], n_rounds: int) -> Comparison:
    """JPEG files to the HOG of 128 x 128 pixels."""
    contenders = [
        Contender("cv2.imread, cv2.resize, skimage (colour)", each(usual_color, paths)),
        Contender("cv2.imread, cv2.resize, skimage (grey)", each(usual_grey, paths)),
        Contender("decoding to grey alone", each(decode_grey, paths)),
        Contender(f"{OURS} in colour", lambda: HOGVectorizer(color=True).transform(paths)),
        Contender(OURS, lambda: HOGVectorizer().transform(paths)),
    ]
    return compare(f"JPEG to HOG: {title}", contenders, len(paths), n_rounds=n_rounds)


def usual_recipe(path: str) -> np.ndarray:
    """HOG and a colour histogram, as they are usually written."""
    image = cv2.imread(path)
    hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
    counts = cv2.calcHist([hsv], [0, 1, 2], None, [8, 4, 4], [0, 180, 0, 256, 0, 256])
    small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (128, 128))
    return np.hstack([skimage_hog(small, *SETTING), counts.ravel()])


def recipe(paths: list[str], n_rounds: int) -> Comparison:
    """What the default models of a picture column compute."""
    members = [("hog", HOGVectorizer()), ("color", ColorHistogramVectorizer())]
    contenders = [
        Contender("cv2 and skimage", each(usual_recipe, paths)),
        Contender("decoding to colour alone", each(decode_color, paths)),
        Contender(
            "the two vectorizers, each file read twice",
            lambda: np.hstack([member.transform(paths) for _, member in members]),
        ),
        Contender(OURS, lambda: CellUnion(members).transform(paths)),
    ]
    height, width = decode_grey(paths[0]).shape
    title = f"HOG and colour histogram, pictures such as {width} x {height}"
    return compare(title, contenders, len(paths), n_rounds=n_rounds)


def two_threads(paths: list[str], n_rounds: int) -> Comparison:
    contenders = [
        Contender(f"{OURS}, 1 thread", lambda: HOGVectorizer().transform(paths)),
        Contender(f"{OURS}, 2 threads", lambda: HOGVectorizer(n_jobs=2).transform(paths)),
    ]
    return compare("JPEG to HOG, 320 x 240", contenders, len(paths), n_rounds=n_rounds)


def many_rows(paths: list[str], n_rows: int, n_rounds: int) -> Comparison:
    """The cost of a picture does not grow with their number, but for new memory of the result."""
    column = [paths[i % len(paths)] for i in range(n_rows)]
    features = HOGVectorizer().transform(column[:1])

    def decode_and_fill() -> None:
        matrix = np.empty((n_rows, features.shape[1]), dtype=np.float32)
        for row, path in enumerate(column):
            decode_grey(path)
            matrix[row] = features[0]

    contenders = [
        Contender("decoding to grey alone", each(decode_grey, column)),
        Contender("decoding to grey, and filling a matrix of the result's size", decode_and_fill),
        Contender(OURS, lambda: HOGVectorizer().transform(column)),
    ]
    title = f"{n_rows} rows, JPEG of 160 x 120 to HOG"
    return compare(title, contenders, n_rows, n_rounds=n_rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller tables")
    arguments = parser.parse_args()
    for comparison, ours in sections(arguments.data, arguments.quick):
        print(comparison.to_markdown(ours), flush=True)


if __name__ == "__main__":
    main()
