"""What faults cost: kills, Ctrl-C, damaged stores, files that kill workers; memory and the store.

``python benchmarks/reliability_faults.py`` runs all parts and writes
``benchmarks/results/reliability_faults.md``; ``--only PART`` renews the lines of one.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from joblib import parallel_config

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from _faults import DEATHS, name_the_poison  # noqa: E402
from _pictures import write_photographs  # noqa: E402
from _reliability import write_part  # noqa: E402

from mmclassic import HOGVectorizer  # noqa: E402
from mmclassic.media._read import CHUNK  # noqa: E402
from tests.faults import processes, work  # noqa: E402
from tests.faults.test_determinism import run as run_fusion  # noqa: E402
from tests.faults.test_kill import benchmark_and_kill, fit_and_kill  # noqa: E402
from tests.faults.test_store import delete_often, flip_bits, write_and_check  # noqa: E402

N_KILLS, N_FLIPS, N_INTERRUPTS = 20, 10_000, 10
Line = tuple[str, str, str]  # goal, what was measured, whether it is met


def kills(folder: Path) -> list[Line]:
    """``fit`` and ``benchmark`` killed at random again and again, then finished."""
    table, work.DELAY = work.write_table(folder), 0.002
    lines = []
    for name, run, n_threads in (
        ("fit", fit_and_kill, 2),
        ("benchmark", benchmark_and_kill, 1),
    ):
        found = run(table, folder, folder / f"{name}.sqlite", N_KILLS)
        again, most = found["decoded"] - len(table), found["killed"] * n_threads * CHUNK
        lines += [
            (
                f"{name} killed {N_KILLS} times, then finished: bit-equal",
                f"{'equal' if found['equal'] else 'NOT EQUAL'} after {found['killed']} kills in "
                "time",
                met(found["equal"]),
            ),
            (
                "and at most one chunk for each thread read again after a kill",
                f"{again} of {len(table)} cells read again, {most} allowed; "
                f"{found['decoded afterwards']} in the next run",
                met(again <= most and found["decoded afterwards"] == 0),
            ),
        ]
    work.DELAY = 0.0
    return lines


def interrupts(folder: Path) -> list[Line]:
    """Ctrl-C at random while ``fit`` reads, and while its processes fit."""
    work.write_table(folder)
    rng, seconds, left, intact = np.random.default_rng(0), [], 0, True
    for number in range(N_INTERRUPTS):
        cache = folder / f"{number}.sqlite"
        words = ["-m", "tests.faults.work", "fit", str(folder), str(cache), "2"]
        (folder / "decoded").write_bytes(b"")
        with processes.start_python(*words) as process:
            processes.wait_for(lambda: work.n_decoded(folder) > 0, process)
            time.sleep(rng.uniform(0, 0.4))
            seconds.append(processes.interrupt(process))
            left += len(processes.left_of_session(process))
            if process.returncode == 0:
                raise RuntimeError("it was not interrupted")
        connection = sqlite3.connect(cache)
        intact &= connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
    return [
        (
            "Ctrl-C in fit (2 processes): ended within 2 s",
            f"median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s of "
            f"{N_INTERRUPTS}",
            met(max(seconds) < 2),
        ),
        ("no process left behind", f"{left} left", met(left == 0)),
        ("the store intact", "PRAGMA integrity_check: ok" if intact else "DAMAGED", met(intact)),
    ]


def store(folder: Path) -> list[Line]:
    """A store whose bits flip, and one that eight processes and a deleter share."""
    wrong, right = flip_bits(folder / "flips.sqlite", N_FLIPS)
    path, n_failed = folder / "shared.sqlite", 0
    for _ in range(10):
        jobs: list[Callable] = [lambda: write_and_check(path, range(60))] * 4
        jobs += [
            lambda n=n: write_and_check(path, range(100 * n, 100 * n + 60)) for n in range(1, 5)
        ]
        children = [processes.fork(job) for job in [*jobs, lambda: delete_often(path)]]
        n_failed += sum(os.waitpid(child, 0)[1] != 0 for child in children)
    return [
        (
            f"{N_FLIPS:,} bit flips in a store of 200 cells: no wrong value",
            f"{wrong} wrong; {100 * right / (200 * N_FLIPS):.2f} % of the cells still found",
            met(wrong == 0),
        ),
        (
            "8 processes and one that deletes rows and files, 10 times: no wrong value",
            f"{n_failed} processes met a wrong value or failed",
            met(n_failed == 0),
        ),
    ]


def poison(folder: Path) -> list[Line]:
    """One of 1 000 cells ends the process that reads it, in four ways."""
    with parallel_config("loky", n_jobs=2):
        found = [name_the_poison(folder, how) for how in DEATHS]
    lines = [_poison_line("two processes of joblib", found)]
    try:
        import distributed
    except ImportError:
        return [*lines, ("the same on Dask", "not measured: dask is not installed", "")]
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    found = []
    for how in DEATHS:  # a cluster each: Dask may give up workers that are killed often
        cluster = distributed.LocalCluster(**options, silence_logs=50)
        with cluster, distributed.Client(cluster), parallel_config("dask"):
            found.append(name_the_poison(folder, how))
    return [*lines, _poison_line("two workers of Dask", found)]


def _poison_line(where: str, found: list[tuple[float, str]]) -> Line:
    said = ", ".join(f"{how} after {seconds:.0f} s" for seconds, how in found)
    good = all(how == "named" and seconds < 30 for seconds, how in found)
    goal = f"a file that ends its process, {where}: named within 30 s, the others bit-equal"
    return goal, said, met(good)


def determinism(folder: Path) -> list[Line]:
    """The default fusion of three media on the demo table, in many processes."""
    seeds, workers = ("0", "1", "random"), (1, 2, 4)
    digests = {run_fusion(n, PYTHONHASHSEED=seed)[0] for seed in seeds for n in workers}
    table = work.write_table(folder)
    chunks = set()
    for chunk in (1, 7, 32, 1000):
        HOGVectorizer._cells_per_chunk = chunk
        chunks.add(work.digest_of(work.probabilities(table)))
    kernels = [run_fusion(OPENBLAS_CORETYPE=name)[1] for name in ("Haswell", "Nehalem")]
    difference = float(np.max(np.abs(kernels[0] - kernels[1]) / np.abs(kernels[0])))
    return [
        (
            "bit-equal for PYTHONHASHSEED 0, 1, random x n_jobs 1, 2, 4",
            f"{len(digests)} different results of 9 runs",
            met(len(digests) == 1),
        ),
        (
            "bit-equal for chunks of 1, 7, 32 and 1 000 cells",
            f"{len(chunks)} different results of 4 runs",
            met(len(chunks) == 1),
        ),
        (
            "across BLAS kernels (Haswell, Nehalem) within 1e-4",
            f"largest relative difference {difference:.1e}",
            met(difference < 1e-4),
        ),
    ]


def speed(folder: Path) -> list[Line]:
    """What the store costs the first time, and what it brings the second."""
    lines = []
    for height, width, n in ((480, 640, 200), (960, 1280, 60)):
        paths = write_photographs(folder / f"{width}", n, height, width)
        plain, cold, warm = [], [], []
        for turn in range(7):
            cache = folder / f"{width}-{turn}.sqlite"
            plain.append(seconds_of(HOGVectorizer(), paths))
            cold.append(seconds_of(HOGVectorizer(cache=cache), paths))
            warm.append(seconds_of(HOGVectorizer(cache=cache), paths))
        faster, cost = min(cold) / min(warm), 100 * (min(cold) / min(plain) - 1)
        size = f"HOG of {n} photographs of {width} x {height}"
        lines += [
            (
                f"{size}: warm takes a 20th of the processor time of cold, or less",
                f"1 / {faster:.1f}",
                met(faster >= 20),
            ),
            (
                f"{size}: cold costs at most 5 % more processor time",
                f"{cost:+.1f} %",
                met(cost <= 5),
            ),
        ]
    return lines


def seconds_of(vectorizer: HOGVectorizer, paths: list[str]) -> float:
    """Of the processor, which other programs lengthen little."""
    start = time.process_time()
    vectorizer.transform(paths)
    return time.process_time() - start


def memory(folder: Path) -> list[Line]:
    """Extraction of tables of 20 000 and 200 000 rows to Parquet, in a process each."""
    above = {}
    for n_rows in (20_000, 200_000):
        command = [sys.executable, str(Path(__file__).with_name("_faults.py")), str(n_rows)]
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=ROOT, env=with_root()
        )
        found = json.loads(done.stdout)
        above[n_rows] = found
    few, many = above[20_000], above[200_000]
    mb = {n: (found["peak"] - found["before"]) / 1e6 for n, found in above.items()}
    return [
        (
            "extract 200 000 rows of CSV: memory stays flat",
            f"{mb[200_000]:.0f} MB above the libraries ({mb[20_000]:.0f} MB for 20 000 rows); peak "
            f"{many['peak'] / 1e6:.0f} MB, {many['bytes'] / 1e6:.0f} MB written in "
            f"{many['seconds']:.0f} s",
            met(many["peak"] - few["peak"] < 50e6 and many["peak"] < 1e9),
        )
    ]


def with_root() -> dict:
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": paths}


def met(good: bool) -> str:
    return "yes" if good else "**no**"


PARTS = {
    part.__name__: part for part in (kills, interrupts, store, poison, determinism, speed, memory)
}


def main() -> None:
    """Run the parts, print, and write each part's lines in place of those it had."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS)
    only = parser.parse_args().only
    for name, part in PARTS.items():
        if only not in (None, name):
            continue
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as folder:
            lines = [f"| {' | '.join(line)} | {load:.0f} |" for line in part(Path(folder))]
        kept = {other: lines_of(other) for other in PARTS} | {name: lines}
        write_part("faults", report(kept))


def report(lines: dict[str, list[str]]) -> str:
    """The table, part by part, each line with its command."""
    text = [
        "# Reliability under faults",
        "",
        f"Measured on {os.cpu_count()} cores. The last column is the load average when the part "
        "began: where it is above the number of cores, seconds are longer for it.",
    ]
    for name, found in lines.items():
        if found:
            text += ["", f"{command_of(name)}:", "", "| goal | measured | met | load |"]
            text += ["| --- | --- | --- | ---: |", *found]
    return "\n".join(text) + "\n"


def lines_of(name: str) -> list[str]:
    """The lines of a part as they were measured before."""
    path = ROOT / "benchmarks" / "results" / "reliability_faults.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    _, found, rest = text.partition(f"{command_of(name)}:\n")
    table = rest.strip().split("\n\n")[0] if found else ""
    return table.splitlines()[2:]


def command_of(name: str) -> str:
    return f"`python benchmarks/reliability_faults.py --only {name}`"


if __name__ == "__main__":
    main()
