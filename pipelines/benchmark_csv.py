"""A benchmark from a CSV file: columns of text, of paths of pictures, and of paths of recordings.

    python pipelines/benchmark_csv.py [TABLE.csv]

Without a table, the embedded one is written to a temporary folder first: a CSV file, PNG pictures
and WAV recordings. Yours needs the columns text, image, audio and label; change them below.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pandas as pd
import soundfile
from PIL import Image

from mmclassic import BenchmarkResult, benchmark, load_demo


def write_demo(folder: Path, n_rows: int) -> Path:
    """The embedded table as files."""
    table = load_demo(n_samples=n_rows)
    for row, (picture, sound) in enumerate(zip(table["image"], table["audio"], strict=True)):
        if picture is not None:
            Image.fromarray(picture).save(folder / f"{row}.png")
            table.loc[row, "image"] = f"{row}.png"
        if sound is not None:
            soundfile.write(folder / f"{row}.wav", *sound)
            table.loc[row, "audio"] = f"{row}.wav"
    table.to_csv(folder / "table.csv", index=False)
    return folder / "table.csv"


def main(path: str | Path | None = None, n_rows: int = 600, cv: int = 5) -> BenchmarkResult:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(path) if path else write_demo(Path(folder), n_rows)
        table = pd.read_csv(path)
        for column in ("image", "audio"):  # paths are relative to the table
            table[column] = [
                None if pd.isna(cell) else str(path.parent / cell) for cell in table[column]
            ]
        result = benchmark(table, "label", text="text", image="image", audio="audio", cv=cv)
    print(result)
    return result


if __name__ == "__main__":
    main(*sys.argv[1:2])
