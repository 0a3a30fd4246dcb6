"""What the store of features and the threads bring: cold, warm, one worker and two.

Run it alone with ``python benchmarks/_features_store.py [--quick]``.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from _interleaved import Comparison, Contender, compare
from _pictures import write_photographs

from mmclassic.image import HOGVectorizer

SIZES = ((480, 640), (960, 1280))
N_ROWS = (200, 2_000, 20_000)
PLAIN, COLD, WARM = "without a store", "with a store, cold", "with a store, warm"


def sections(data: Path, quick: bool) -> Iterator[tuple[Comparison, str]]:
    """Comparisons, each with the name of our contender in it; ``data`` is not needed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for height, width in SIZES[:1] if quick else SIZES:
            paths = write_photographs(folder / f"{width}", 64 if quick else 200, height, width)
            yield from _store_on_photographs(folder, paths, f"{width} x {height}", quick)
            yield _workers(paths, f"{width} x {height}", quick)
        for n in N_ROWS[:2] if quick else N_ROWS:
            yield _many_rows(folder, n, quick), WARM


def _store_on_photographs(
    folder: Path, paths: list[str], size: str, quick: bool
) -> Iterator[tuple[Comparison, str]]:
    contenders = [
        Contender("files read only", lambda: [Path(path).read_bytes() for path in paths]),
        Contender("files decoded to grey only", lambda: _decode_all(paths)),
        *_three_ways(HOGVectorizer(), paths, folder),
    ]
    title = f"HOG of {len(paths)} photographs of {size} pixels"
    comparison = compare(title, contenders, len(paths), n_rounds=3 if quick else 7)
    yield comparison, WARM
    yield replace(comparison, title=f"{title}: what the store costs at first"), PLAIN


def _workers(paths: list[str], size: str, quick: bool) -> tuple[Comparison, str]:
    def run(n_jobs: int) -> Callable[[], object]:
        return lambda: HOGVectorizer(n_jobs=n_jobs).transform(paths)

    names = {1: "n_jobs=1", 2: "n_jobs=2"}
    contenders = [Contender(name, run(n_jobs)) for n_jobs, name in names.items()]
    if hasattr(os, "fork"):
        contenders.append(Contender("two processes, half of it each", lambda: _in_halves(paths)))
    title = f"HOG of {len(paths)} photographs of {size} pixels, in threads"
    return compare(title, contenders, len(paths), n_rounds=3 if quick else 7), names[2]


def _in_halves(paths: list[str]) -> None:
    """What two cores can do where nothing is shared; the features are thrown away."""
    children = []
    for half in (paths[::2], paths[1::2]):
        child = os.fork()
        if child:
            children.append(child)
            continue
        try:
            HOGVectorizer(n_jobs=1).transform(half)
        finally:
            os._exit(0)
    for child in children:
        os.waitpid(child, 0)


def _many_rows(folder: Path, n: int, quick: bool) -> Comparison:
    """Tiny pictures, so that what is paid per row shows: it must not grow with their number."""
    rng = np.random.default_rng(0)
    cells = list(rng.integers(0, 256, (n, 16, 16, 3), dtype=np.uint8))
    contenders = _three_ways(HOGVectorizer(size=(16, 16)), cells, folder)
    title = f"HOG of {n} arrays of 16 x 16 pixels"
    return compare(title, contenders, n, n_rounds=3 if quick or n > 2_000 else 7)


def _three_ways(vectorizer: HOGVectorizer, cells: list, folder: Path) -> list[Contender]:
    stores = (folder / f"cold_{len(cells)}_{i}.sqlite" for i in itertools.count())
    warm = folder / f"warm_{len(cells)}_{abs(hash(str(cells[0])))}.sqlite"

    def cold() -> object:
        store = next(stores)
        features = HOGVectorizer(**vectorizer.get_params() | {"cache": store}).transform(cells)
        store.unlink()
        return features

    cached = HOGVectorizer(**vectorizer.get_params() | {"cache": warm})
    return [
        Contender(PLAIN, lambda: vectorizer.transform(cells)),
        Contender(COLD, cold),
        Contender(WARM, lambda: cached.transform(cells)),
    ]


def _decode_all(paths: list[str]) -> None:
    n_threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    for path in paths:
        cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    cv2.setNumThreads(n_threads)


def main() -> None:
    """Print the comparisons as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    for comparison, ours in sections(Path(), arguments.quick):
        print(comparison.to_markdown(ours))


if __name__ == "__main__":
    main()
