"""How reliably cells are read: cuts, bombs, a table with broken rows, what messages say.

    python benchmarks/reliability_media.py [PART]

A part (truncation, intact, bombs, rows, check or messages) prints its figures; without one all of
them run, each in a process of its own, and benchmarks/results/reliability_media.md is written.
Real files are read from ../shared/data.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from _bad_rows import break_rows, make_posts
from _bombs import BOMBS
from _fuzz import MESSAGE, damage
from _media_files import (
    AUDIO_ENCODINGS,
    IMAGE_ENCODINGS,
    encode_picture,
    encode_sound,
    picture,
    tone,
)
from _mfeat import ROOT
from _reliability import write_part
from text_memory import forget_the_peak, megabytes

N_CUTS, N_ROWS = 100, 10_000
DATA = ROOT.parent / "shared" / "data"
MEDIA = {
    "image": (IMAGE_ENCODINGS, picture, encode_picture),
    "audio": (AUDIO_ENCODINGS, tone, encode_sound),
}


def vectorizer_of(medium: str, **options):
    from mmclassic import HOGVectorizer, MFCCVectorizer

    return HOGVectorizer(size=(32, 32), **options) if medium == "image" else MFCCVectorizer()


def truncation() -> list[list[str]]:
    """Cuts of every encoding that are refused."""
    rows = []
    for medium, (encodings, sample, encode) in MEDIA.items():
        vectorizer, flagged = vectorizer_of(medium), {}
        for name in encodings:
            data = encode(sample(np.random.default_rng(0)), name)
            ends = np.unique(np.linspace(1, len(data) - 1, N_CUTS).astype(int))
            _, errors = vectorizer.read_cells([data[:end] for end in ends])
            flagged[name] = len(errors) / len(ends)
        least = min(flagged.values())
        rows.append([
            f"cuts refused, {N_CUTS} of each of {len(encodings)} encodings ({medium})", "100 %",
            f"{100 * np.mean(list(flagged.values())):.1f} % (the least: {100 * least:.1f} %)",
        ])  # fmt: skip
    return rows


def intact() -> list[list[str]]:
    """Whole files that are refused: real ones, and 20 of every encoding."""
    cells: dict[str, list] = {"image": [], "audio": []}
    for pattern, medium in (
        ("digits/images/*.png", "image"), ("products/images/*.jpg", "image"),
        ("digits/audio/*.wav", "audio"),
    ):  # fmt: skip
        cells[medium] += sorted(map(str, DATA.glob(pattern)))
    n_real = sum(map(len, cells.values()))
    for medium, (encodings, sample, encode) in MEDIA.items():
        for name in encodings:
            made = [encode(sample(np.random.default_rng(seed)), name) for seed in range(20)]
            cells[medium] += made
    n_errors = sum(len(vectorizer_of(m).read_cells(column)[1]) for m, column in cells.items())
    n_files = sum(map(len, cells.values()))
    what = f"false alarms on {n_files:,} whole files, {n_real:,} of them real"
    return [[what, "0", f"{n_errors}"]]


def bombs() -> list[list[str]]:
    """Time and memory of refusing each."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, (medium, make)) in enumerate(BOMBS.items()):
            path = Path(folder) / f"{number}.bin"
            path.write_bytes(make())
            command = [sys.executable, __file__, "bomb", medium, str(path)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            milliseconds, above, code = done.stdout.split()
            rows.append([
                f"{name}, {path.stat().st_size / 1e6:.2f} MB", "refused in < 50 ms and < 50 MB",
                f"{code}, {float(milliseconds):.1f} ms, {float(above):.1f} MB",
            ])  # fmt: skip
    return rows


def bomb(medium: str, path: str) -> None:
    """Print milliseconds, megabytes of the peak above before, and the code, of one file."""
    vectorizer = vectorizer_of(medium)
    _, sample, encode = MEDIA[medium]
    vectorizer.read_cells([encode(sample(np.random.default_rng(0)), "png" if medium == "image"
                                  else "flac")])  # fmt: skip
    forget_the_peak()
    before, start = megabytes("VmRSS"), time.perf_counter()
    _, errors = vectorizer.read_cells([path])
    seconds = time.perf_counter() - start
    [code] = [error.code for error in errors] or ["read"]
    print(1e3 * seconds, megabytes("VmHWM") - before, code)


def rows() -> list[list[str]]:
    """A fitted default model on a table of which one picture in a hundred is broken."""
    from mmclassic import DataQualityWarning, make_late_fusion

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = make_posts(folder, N_ROWS)
        broken, which = break_rows(table, folder)
        model = make_late_fusion(text="caption", image="photo", on_unreadable="missing")
        model.fit(table[:1000], table["place"][:1000])
        wanted = model.predict_proba(table)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            scores = model.score_table(broken)
            found = model.fuse(scores)
    quality = [one.message for one in caught if isinstance(one.message, DataQualityWarning)]
    errors = [error for warning in quality for error in warning.errors]
    named = [error.row for error in errors] == which.tolist() and all(
        error.source == broken["photo"][error.row] and error.reason for error in errors
    )
    good = np.setdiff1d(np.arange(N_ROWS), which)
    n_equal = int((found[good] == wanted[good]).all(axis=1).sum())
    used = model.modalities_used(scores)
    alone = int((used["text"] & ~used["image"]).to_numpy()[which].sum())
    what = f"{N_ROWS:,} rows, {len(which)} of them broken"
    return [
        [f"{what}: predictions", f"{N_ROWS:,}", f"{int(np.isfinite(found).all(axis=1).sum()):,}"],
        [f"{what}: good rows bit-equal to a run without broken ones", f"{len(good):,}",
         f"{n_equal:,}"],
        [f"{what}: rows reported by number, file and reason", f"{len(which)}",
         f"{len(errors) if named else 'not the right ones'}"],
        [f"{what}: warnings", "1", f"{len(caught)}"],
        [f"{what}: broken rows fused from the caption alone", f"{len(which)}", f"{alone}"],
    ]  # fmt: skip


def check() -> list[list[str]]:
    """The same table looked at before the work."""
    from mmclassic import check_table

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broken, which = break_rows(make_posts(folder, N_ROWS), folder)
        options = {"text": "caption", "image": "photo", "target": "place"}
        check_table(broken[:100], **options)
        start = time.perf_counter()
        findings = check_table(broken, **options)
        seconds = time.perf_counter() - start
    errors = findings[findings["severity"] == "error"]
    n_found = len(set(errors["row"]) & set(which.tolist()))
    n_others = len(set(errors["row"]) - set(which.tolist()))
    return [[f"check_table, {N_ROWS:,} rows, {len(which)} of them broken: found, and others",
             f"{len(which)} and 0", f"{n_found} and {n_others}, in {seconds:.1f} s"]]  # fmt: skip


def messages() -> list[list[str]]:
    """Refusals of files damaged at random that say row, column, file, reason and the next step."""
    from mmclassic import UnreadableCellsError

    n_texts = n_good = 0
    with tempfile.TemporaryDirectory() as folder:
        for medium, (encodings, sample, encode) in MEDIA.items():
            rng = np.random.default_rng(0)
            for number, name in enumerate([*encodings] * 20):
                path = Path(folder) / f"{medium}{number}.bin"
                path.write_bytes(damage(encode(sample(rng), name), rng)[1])
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        vectorizer_of(medium).transform(pd.Series([str(path)], name="cell"))
                except UnreadableCellsError as error:
                    n_texts += 1
                    count, line, advice = str(error).split("\n")
                    n_good += bool(
                        re.fullmatch(r"1 of 1 cells cannot be read:", count)
                        and MESSAGE.fullmatch(line.strip())
                        and str(path) in line
                        and advice.startswith("Repair or remove these cells, or pass")
                    )
    return [["texts of refusals with row, column, file, reason and next step", f"{n_texts:,}",
             f"{n_good:,}"]]  # fmt: skip


def pointers() -> list[list[str]]:
    """Figures that other scripts keep."""
    results = ROOT / "benchmarks" / "results"
    fuzz = (results / "fuzz_media.md").read_text(encoding="utf-8")
    text = (results / "text_memory.md").read_text(encoding="utf-8")
    found = []
    for line in fuzz.splitlines():
        if line.startswith(("- Damaged", "- Crashes", "- Passed")):
            what, _, value = line[2:].partition(": ")
            found.append(["damaged files: " + what.lower(), _FUZZ[what.split()[0]], value,
                          "python benchmarks/fuzz_media.py"])  # fmt: skip
    for line in text.splitlines():
        if line.startswith(("| BagOfWords", "| Word2Vec")):
            name, peak, size, _ = [cell.strip() for cell in line.strip("|").split("|")]
            found.append([f"1 000 000 short texts: {name}", "<= 600 MB above the strings",
                          f"{peak} MB ({size} of them the result)",
                          "python benchmarks/text_memory.py"])  # fmt: skip
    images = (results / "extraction_memory.md").read_text(encoding="utf-8")
    for line in images.splitlines():
        if line.startswith("| pictures (HOG) | 20,000"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found.append(["20 000 pictures to HOG", "<= 1 GB resident",
                          f"{cells[4]} MB, {cells[6]} of them the result",
                          "python benchmarks/extraction_memory.py"])  # fmt: skip
    return found


_FUZZ = {
    "Damaged": ">= 20 000",
    "Crashes": "0 and 0, 0 others",
    "Passed": "reported; 0 of PNG and FLAC",
}
PARTS = {part.__name__: part for part in (truncation, intact, bombs, rows, check, messages)}


def main() -> None:
    if sys.argv[1:2] == ["bomb"]:
        return bomb(*sys.argv[2:])
    if len(sys.argv) == 2:
        print(json.dumps(PARTS[sys.argv[1]]()))
        return None
    lines = []
    for part in PARTS:
        command = f"python benchmarks/reliability_media.py {part}"
        done = subprocess.run(
            [sys.executable, __file__, part], check=True, stdout=subprocess.PIPE, text=True
        )
        lines += [[*line, command] for line in json.loads(done.stdout.splitlines()[-1])]
    lines += pointers()
    table = ["| what | target | measured | command |", "| --- | --- | --- | --- |"]
    table += [f"| {what} | {target} | {found} | `{made}` |" for what, target, found, made in lines]
    write_part(
        "media",
        "# Reliability: cells and tables\n\n" + "\n".join(table) + "\n\nMade by `python "
        "benchmarks/reliability_media.py`.\n",
    )
    return None


if __name__ == "__main__":
    main()
