"""Damaging files at random, and judging what a vectorizer makes of them.

For ``fuzz_media.py``, and for the tests, which do the same with fewer files.
"""

from __future__ import annotations

import re
import time
import warnings
from collections import Counter
from pathlib import Path

import numpy as np

DAMAGES = ("cut", "set", "delete", "insert", "header")
CODES = {"decode", "truncated", "unsupported", "limit", "unsafe_path", "empty", "type"}
# Row, column, file, reason in words, code: what the text of every refusal must hold.
MESSAGE = re.compile(r"row \d+, column '\w+', \S.*: \S.{4,} \[(\w+)\]", re.DOTALL)
SLOW = 2.0
_HEAD = 96


def damage(data: bytes, rng: np.random.Generator) -> tuple[str, bytes]:
    """One kind of damage at random, and the damaged data.

    Examples
    --------
    >>> kind, damaged = damage(bytes(100), np.random.default_rng(0))
    >>> kind in DAMAGES, damaged == bytes(100)
    (True, False)
    """
    kind = DAMAGES[int(rng.integers(len(DAMAGES)))]
    changed = bytearray(data)
    place = int(rng.integers(len(data)))
    if kind == "cut":
        del changed[max(1, place) :]
    elif kind == "delete":
        del changed[place : place + int(rng.integers(1, 9))]
    elif kind == "insert":
        changed[place:place] = rng.bytes(int(rng.integers(1, 9)))
    else:
        span = min(_HEAD, len(data)) if kind == "header" else len(data)
        for _ in range(int(rng.integers(1, 4))):
            place = int(rng.integers(span))
            extreme = (0, 0x7F, 0x80, 0xFF)[int(rng.integers(4))]
            changed[place] = extreme if rng.random() < 0.5 else int(rng.integers(256))
    if bytes(changed) == data:
        changed[-1] ^= 1
    return kind, bytes(changed)


def judge(vectorizer, whole: bytes, damaged: list[bytes], folder: Path) -> dict:
    """What becomes of damaged copies of one file.

    Parameters
    ----------
    vectorizer : of cells
    whole : bytes
        The file before.
    damaged : list of bytes
    folder : Path
        Where files can be written.

    Returns
    -------
    found : dict
        ``files``; ``refused`` by code; ``same``, those with the features of the whole file;
        ``silent``, those with others; ``slowest``, seconds of the slowest call; and
        ``problems``, in words.
    """
    import pandas as pd

    paths = [folder / f"{place}.bin" for place in range(len(damaged) + 1)]
    for path, data in zip(paths, [*damaged, whole], strict=True):
        path.write_bytes(data)
    cells = [str(path) for path in paths]
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        features, errors = vectorizer.read_cells(pd.Series(cells, name="cell"))
    seconds = time.perf_counter() - start
    broken = {error.row for error in errors}
    read = [row for row in range(len(damaged)) if row not in broken]
    same = [row for row in read if np.array_equal(features[row], features[-1])]
    return {
        "files": len(damaged),
        "refused": Counter(error.code for error in errors),
        "same": len(same),
        "silent": len(read) - len(same),
        "slowest": seconds,
        "problems": _problems(features, errors, read, cells, seconds),
    }


def _problems(features, errors, read: list[int], cells: list[str], seconds: float) -> list[str]:
    problems = [f"{cells[row]}: not finite" for row in read if not np.isfinite(features[row]).all()]
    if len(cells) - 1 in {error.row for error in errors}:
        problems.append("the whole file was refused")
    if seconds > SLOW:
        problems.append(f"{len(cells)} files took {seconds:.1f} s")
    for error in errors:
        match = MESSAGE.fullmatch(str(error))
        named = error.column == "cell" and error.source == cells[error.row]
        if not named or match is None or error.code not in CODES:
            problems.append(f"a poor record: {error!r}")
    return problems
