"""Memory of extracting features from a long table: 20 000 pictures and 20 000 clips.

``python benchmarks/extraction_memory.py`` generates the files in a temporary folder (0.9 GB),
extracts HOG of the pictures and MFCC of the clips, each table in a process of its own and once
both in one, and writes ``benchmarks/results/extraction_memory.md``.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

N_ROWS, N_SMALL = 20_000, 2_000
RESULTS = Path(__file__).parent / "results" / "extraction_memory.md"
MEGABYTE = 1e6


def write_pictures(folder: Path, n: int) -> None:
    """JPEG files of 160 x 120 pixels, no two alike: cut from large pictures at random."""
    import cv2
    from _pictures import photograph

    rng = np.random.default_rng(0)
    large = [photograph(rng, 480, 640) for _ in range(40)]
    for i in range(n):
        top, left = int(rng.integers(0, 360)), int(rng.integers(0, 480))
        cut = large[i % len(large)][top : top + 120, left : left + 160]
        cv2.imwrite(str(folder / f"{i:05}.jpg"), cut, [cv2.IMWRITE_JPEG_QUALITY, 90])


def write_clips(folder: Path, n: int) -> None:
    """WAV files of 1 s at 16 kHz, no two alike: three tones and noise."""
    import soundfile

    rng = np.random.default_rng(1)
    moments = 2 * np.pi * np.arange(16_000, dtype=np.float32) / 16_000
    noise = rng.normal(0, 0.02, 32_000).astype(np.float32)
    for i in range(n):
        clip = noise[int(rng.integers(0, 16_000)) :][:16_000].copy()
        for hertz in rng.uniform(100, 4_000, 3).astype(np.float32):
            clip += 0.2 * np.sin(hertz * moments)
        soundfile.write(folder / f"{i:05}.wav", clip, 16_000, subtype="PCM_16")


def extract(folder: Path, media: list[str], n: int, n_jobs: int) -> dict:
    """Extract the first n cells of each medium, and what this process then has used."""
    from mmclassic.audio import MFCCVectorizer
    from mmclassic.image import HOGVectorizer

    vectorizers = {
        "jpg": HOGVectorizer(n_jobs=n_jobs),
        "wav": MFCCVectorizer(sampling_rate=16_000, n_jobs=n_jobs),
    }
    for suffix in media:  # load what each medium needs before the first measurement
        vectorizers[suffix].transform(cells(folder, suffix, 1))
    before, start = peak(), time.perf_counter()
    outputs = [vectorizers[suffix].transform(cells(folder, suffix, n)) for suffix in media]
    seconds, output = time.perf_counter() - start, sum(matrix.nbytes for matrix in outputs)
    return {"seconds": seconds, "before": before, "output": output, "peak": peak()}


def cells(folder: Path, suffix: str, n: int) -> list[str]:
    """Paths of the first n files of a kind."""
    return [str(folder / f"{i:05}.{suffix}") for i in range(n)]


def peak() -> float:
    """The most memory that this process had so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(folder: Path, media: list[str], n: int, n_jobs: int) -> str:
    """A line of the table, from a new process."""
    command = [sys.executable, __file__, "--extract", str(folder), *media]
    command += ["--rows", str(n), "--n-jobs", str(n_jobs)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout)
    above = found["peak"] - found["before"] - found["output"]
    names = {"jpg": "pictures (HOG)", "wav": "clips (MFCC)"}
    columns = [
        " and ".join(names[suffix] for suffix in media),
        f"{n:,}",
        f"{n_jobs}",
        f"{1e3 * found['seconds'] / (n * len(media)):.3f}",
        *(f"{found[what] / MEGABYTE:.0f}" for what in ("peak", "before", "output")),
        f"{above / MEGABYTE:.0f}",
    ]
    return f"| {' | '.join(columns)} |"


def report(lines: list[str]) -> str:
    """The table as Markdown."""
    has_pyarrow = importlib.util.find_spec("pyarrow") is not None
    head = [
        "# Memory of extraction",
        "",
        "`python benchmarks/extraction_memory.py`; MB of resident memory, at most. Libraries are",
        "what the process held after the first cell; beyond is what is left of the peak without",
        "them and the output. JPEG files of 160 x 120 pixels to HOG at 128 x 128 (8 100 features);",
        "WAV files of 1 s at 16 kHz to MFCC summaries. The environment: `pip install mmclassic`",
        f"{'and pyarrow' if has_pyarrow else 'alone'} (pandas loads pyarrow where it is, 32 MB).",
        "",
        "| cells | rows | n_jobs | ms per cell | peak | libraries | output | beyond |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    return "\n".join([*head, *lines]) + "\n"


def main() -> None:
    """Generate, measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rows, nothing written")
    parser.add_argument(
        "--extract", nargs="+", metavar=("FOLDER", "SUFFIX"), help="one measurement"
    )
    parser.add_argument("--rows", type=int)
    parser.add_argument("--n-jobs", type=int)
    arguments = parser.parse_args()
    if arguments.extract:
        folder, *media = arguments.extract
        print(json.dumps(extract(Path(folder), media, arguments.rows, arguments.n_jobs)))
        return
    n = N_SMALL if arguments.quick else N_ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pictures(folder, n)
        write_clips(folder, n)
        plan = [(["jpg"], 1), (["wav"], 1), (["jpg", "wav"], 1), (["jpg", "wav"], 2)]
        lines = [
            measure(folder, media, rows, n_jobs) for media, n_jobs in plan for rows in (n // 10, n)
        ]
    text = report(lines)
    print(text)
    if not arguments.quick:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
