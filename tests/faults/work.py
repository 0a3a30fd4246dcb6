"""A small table of pictures and texts, a fusion that counts what it decodes, and a command.

``python -m tests.faults.work fit FOLDER CACHE N_JOBS`` prints a digest of the probabilities.
"""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mmclassic import BagOfWordsVectorizer, BlockScaler, HOGVectorizer, LateFusionClassifier
from mmclassic.media._read import CHUNK

N_ROWS = 8 * CHUNK
# Seconds that decoding one picture takes longer, so that a kill meets the reading.
DELAY = 0.0


def write_table(folder: Path) -> pd.DataFrame:
    """256 pictures, the label in each of them and in its text."""
    import cv2

    rng = np.random.default_rng(0)
    rows = []
    for row in range(N_ROWS):
        picture = rng.integers(0, 120, (48, 48, 3), np.uint8)
        picture[:, :: 2 + row % 2] += 100
        cv2.imwrite(str(folder / f"{row:04}.png"), picture)
        word = rng.choice(["sunny", "calm"] if row % 2 else ["rainy", "calm"])
        rows.append({"photo": str(folder / f"{row:04}.png"), "text": word, "label": row % 2})
    table = pd.DataFrame(rows)
    table.to_csv(folder / "table.csv", index=False)
    return table


class CountingHOG(HOGVectorizer):
    """HOG that adds a dot to a file for every picture that it decodes."""

    def _decode(self, cell):
        note(Path(cell).parent)
        return super()._decode(cell)


def note(folder: Path) -> None:
    with (folder / "decoded").open("ab", buffering=0) as file:  # outlives the process
        file.write(b".")
    time.sleep(DELAY)


def n_decoded(folder: Path) -> int:
    path = folder / "decoded"
    return path.stat().st_size if path.exists() else 0


def make_model(cache=None, *, n_jobs=None, n_threads=2) -> LateFusionClassifier:
    hog = CountingHOG(cache=cache, n_jobs=n_threads)
    return LateFusionClassifier(
        [
            ("image", make_pipeline(hog, BlockScaler(), LogisticRegression()), "photo"),
            ("text", make_pipeline(BagOfWordsVectorizer(), LogisticRegression()), "text"),
        ],
        cv=3,
        n_jobs=n_jobs,
    )


def probabilities(table, cache=None, **options) -> np.ndarray:
    model = make_model(cache, **options).fit(table, table["label"])
    return model.predict_proba(table)


def digest_of(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()


def main(words: list[str]) -> None:
    folder, cache, n_jobs = Path(words[1]), Path(words[2]), int(words[3])
    table = pd.read_csv(folder / "table.csv")
    print(digest_of(probabilities(table, cache, n_jobs=n_jobs)))


if __name__ == "__main__":
    main(sys.argv[1:])
