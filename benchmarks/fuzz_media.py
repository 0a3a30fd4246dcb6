"""Damaged pictures and recordings through the vectorizers: what crashes, hangs, or passes unseen.

    python benchmarks/fuzz_media.py [--files 24000]

Every encoding is damaged by cuts, changed, lost and added bytes, and changed headers. The files
are read in a child process, so that a crash of a decoder is counted and not suffered; a child
that says nothing for 20 s hangs. Writes benchmarks/results/fuzz_media.md.
"""

from __future__ import annotations

import argparse
import json
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from _fuzz import damage, judge
from _media_files import (
    AUDIO_ENCODINGS,
    IMAGE_ENCODINGS,
    encode_picture,
    encode_sound,
    picture,
    tone,
)
from _mfeat import markdown, write_result

BATCH = 31  # with the whole file one chunk of cells
PATIENCE = 20
# Formats whose data carry checksums, which are looked at: damage must never pass unseen.
CHECKED = ("png", "png-palette", "flac", "flac-24", "ogg-vorbis", "ogg-opus")


def child(encoding: str, first: int, last: int) -> None:
    """Judge some batches; a line of JSON after each."""
    from mmclassic import HOGVectorizer, MFCCVectorizer

    is_image = encoding in IMAGE_ENCODINGS
    vectorizer = HOGVectorizer(size=(32, 32)) if is_image else MFCCVectorizer()
    sample = (picture if is_image else tone)(np.random.default_rng(0))
    # Loops are compiled here, where this checkout has not kept them.
    vectorizer.read_cells([(encode_picture if is_image else encode_sound)(sample, encoding)])
    with tempfile.TemporaryDirectory() as folder:
        for batch in range(first, last):
            rng = np.random.default_rng([sum(encoding.encode()), batch])
            sample = picture(rng) if is_image else tone(rng)
            whole = (encode_picture if is_image else encode_sound)(sample, encoding)
            made = [damage(whole, rng) for _ in range(BATCH)]
            try:
                found = judge(vectorizer, whole, [data for _, data in made], Path(folder))
            except Exception as error:
                found = {"files": BATCH, "problems": [f"{type(error).__name__}: {error}"]}
            print(json.dumps(found), flush=True)


def fuzz(encoding: str, n_batches: int) -> dict:
    """Judge all batches of an encoding, in as many children as it takes."""
    total: dict = {"files": 0, "same": 0, "silent": 0, "slowest": 0.0}
    total |= {"refused": Counter(), "problems": [], "crashes": 0, "hangs": 0}
    done = 0
    while done < n_batches:
        for line in _lines_of(encoding, done, n_batches, total):
            _add(total, json.loads(line))
            done += 1
        if done < n_batches:  # the child died, or was ended
            total["problems"].append(f"batch {done} of {encoding} ended the process")
            done += 1
    return total


def _lines_of(encoding: str, first: int, last: int, total: dict):
    command = [sys.executable, __file__, "--child", encoding, str(first), str(last)]
    # libjpeg and mpg123 write to the standard error.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while True:
            ready, _, _ = select.select([process.stdout], [], [], 3 * PATIENCE)
            if not ready:
                process.kill()
                total["hangs"] += 1
                return
            line = process.stdout.readline()
            if not line:
                break
            yield line
    total["crashes"] += process.returncode != 0


def _add(total: dict, found: dict) -> None:
    for name in ("files", "same", "silent"):
        total[name] += found.get(name, 0)
    total["slowest"] = max(total["slowest"], found.get("slowest", 0.0))
    total["refused"].update(found.get("refused", {}))
    total["problems"] += found["problems"]


def row_of(encoding: str, found: dict) -> list[str]:
    refused = sum(found["refused"].values())
    shares = [refused, found["same"], found["silent"]]
    return [
        encoding,
        f"{found['files']:,}",
        *(f"{100 * count / max(found['files'], 1):.1f}" for count in shares),
        f"{found['slowest']:.2f}",
    ]


def report(results: dict[str, dict], seconds: float, command: str) -> str:
    header = ["encoding", "files", "refused, %", "same features, %", "other features, %",
              "slowest 32 files, s"]  # fmt: skip
    rows = [row_of(encoding, found) for encoding, found in results.items()]
    sums: dict = defaultdict(int)
    for found in results.values():
        for name in ("files", "same", "silent", "crashes", "hangs"):
            sums[name] += found[name]
    codes = sum((found["refused"] for found in results.values()), Counter())
    problems = [problem for found in results.values() for problem in found["problems"]]
    unseen = sum(results[name]["silent"] for name in CHECKED if name in results)
    counts = ", ".join(f"{count:,} {code}" for code, count in codes.most_common())
    facts = [
        f"Damaged files: {sums['files']:,}, in {seconds:.0f} s.",
        f"Crashes of the process: {sums['crashes']}; hangs: {sums['hangs']}; other problems "
        f"(features that are not finite, records without row, column, file and reason, a call of "
        f"32 files above 2 s, an exception, a whole file refused): {len(problems)}.",
        f"Refused: {codes.total():,} ({counts}).",
        f"Passed with other features than the whole file: {sums['silent']:,} "
        f"({100 * sums['silent'] / sums['files']:.1f} %); of PNG, FLAC and OGG: {unseen}. JPEG, "
        "GIF, WebP, TIFF, BMP, PPM, JPEG 2000, AVIF and plain samples carry no checksum: a changed "
        "byte there is another picture or sound.",
        *problems[:20],
    ]
    text = "\n".join(f"- {fact}" for fact in facts)
    return (
        "# Damaged pictures and recordings\n\nThrough `HOGVectorizer` and `MFCCVectorizer`: cuts, "
        "changed, lost and added bytes, changed headers.\n\n"
        f"{text}\n\n{markdown(header, rows)}\n\nMade by `{command}`.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=24_000)
    parser.add_argument("--child", nargs=3, metavar=("ENCODING", "FIRST", "LAST"))
    arguments = parser.parse_args()
    if arguments.child:
        encoding, first, last = arguments.child
        return child(encoding, int(first), int(last))
    encodings = [*IMAGE_ENCODINGS, *AUDIO_ENCODINGS]
    n_batches = -(-arguments.files // (BATCH * len(encodings)))
    start = time.perf_counter()
    results = {encoding: fuzz(encoding, n_batches) for encoding in encodings}
    command = f"python benchmarks/fuzz_media.py --files {arguments.files}"
    write_result("fuzz_media", report(results, time.perf_counter() - start, command))


if __name__ == "__main__":
    main()
