"""What ``reliability_faults.py`` does in processes of its own: work to kill, and memory."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from mmclassic import ColorHistogramVectorizer, extract
from mmclassic.media._chunks import ChunkReader, OneByOne
from mmclassic.media._read import read_matrix

DEATHS = {
    b"killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    b"exit 0": lambda: os._exit(0),
    b"exit 1": lambda: os._exit(1),
}


class DyingReader:
    """The numbers in a file; four words in it end the process."""

    def __call__(self, path: str) -> np.ndarray:
        data = Path(path).read_bytes()
        if data in DEATHS:
            DEATHS[data]()
        return np.frombuffer(data, dtype=np.uint8).astype(np.float32)


def name_the_poison(folder: Path, how: bytes) -> tuple[float, str]:
    """Read 1 000 cells of which one ends its process: seconds, and how it was named."""
    paths = [str(folder / f"{row:04}.bin") for row in range(1000)]
    for row, path in enumerate(paths):
        Path(path).write_bytes(how if row == 567 else bytes([row % 251, 7]))
    column = pd.Series(paths, name="clip")
    start = time.perf_counter()
    try:
        values, errors = read_matrix(column, ChunkReader(OneByOne(DyingReader())), lambda: 2)
    except RuntimeError as error:  # all workers are gone for good: it names the file
        named_in_error = "named in an error" if paths[567] in str(error) else "not named"
        return time.perf_counter() - start, named_in_error
    seconds = time.perf_counter() - start
    expected = np.array([[row % 251, 7] for row in range(1000)], dtype=np.float32)
    expected[567] = np.nan
    named = [(error.row, error.source, error.code) for error in errors]
    right = named == [(567, paths[567], "crash")] and values.tobytes() == expected.tobytes()
    return seconds, "named" if right else "not named"


def measure_memory(n_rows: int) -> dict:
    """Extract a CSV table of so many rows: peak of resident memory before and after, seconds."""
    import cv2

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rng = np.random.default_rng(0)
        for number in range(200):
            picture = rng.integers(0, 256, (32, 32, 3), np.uint8)
            cv2.imwrite(str(folder / f"{number}.png"), picture)
        with (folder / "table.csv").open("w") as file:
            file.write("id,photo\n")
            file.writelines(f"{row},{row % 200}.png\n" for row in range(n_rows))
        colors = ColorHistogramVectorizer(bins=(8, 4, 4))
        colors.transform([str(folder / "0.png")])
        before, start = _peak(), time.perf_counter()
        extract(colors, folder / "table.csv", folder / "out", column="photo", keep="id")
        seconds = time.perf_counter() - start
        size = sum(path.stat().st_size for path in (folder / "out").iterdir())
    return {"before": before, "peak": _peak(), "seconds": seconds, "bytes": size}


def _peak() -> int:
    """The most memory so far; on Linux not that of the process that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return 1024 * int(line.split()[1])
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    print(json.dumps(measure_memory(int(sys.argv[1]))))
