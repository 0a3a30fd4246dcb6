"""How model files hold against malice: executions, time, memory, and what is trusted.

    python benchmarks/reliability_models.py

Writes each malicious file of tests/persistence/payloads.py, loads it in a process of its own,
and writes benchmarks/results/reliability_models.md.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # the files are those of the tests

from _mfeat import markdown  # noqa: E402
from _reliability import write_part  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

from mmclassic import load, save  # noqa: E402
from mmclassic.persistence._trusted import TRUSTED  # noqa: E402
from tests.persistence.payloads import BOMBS, PAYLOADS  # noqa: E402

COMMAND = "`python benchmarks/reliability_models.py`"
TESTED = {
    "a late and an early fusion of every vectorizer, and every head: same bits once loaded": (
        "test_every_part.py"
    ),
    "no word in a hashed model, no address in a redacted one, no row, no score": "test_privacy.py",
    "old file whole after a full disk, after kill -9": "test_file.py",
    "every name on the list of load exists, and nothing else is made": "test_trust.py",
}


def measure(folder: Path) -> dict:
    """Milliseconds (the best of 5), peak of memory and outcome of loading one file."""
    path = folder / "model.mmc"
    seconds, outcome = [], "loaded"
    for _ in range(5):
        began = time.perf_counter()
        try:
            load(path)
        except ValueError as error:
            outcome = str(error).replace(f"{path} ", "")
        seconds.append(time.perf_counter() - began)
    tracemalloc.start()
    with contextlib.suppress(ValueError):
        load(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "milliseconds": 1000 * min(seconds),
        "peak": peak / 1e6,
        "outcome": outcome,
    }


def judge_all(parent: Path) -> dict[str, dict]:
    """Every file, written here and loaded in another process; where that ends, in a new one."""
    before = {}
    for name, write in PAYLOADS.items():
        (parent / name).mkdir()
        write(parent / name)
        before[name] = sorted(path.name for path in (parent / name).iterdir())
    judged: dict[str, dict] = {}
    while left := [name for name in PAYLOADS if name not in judged]:
        command = [sys.executable, __file__, str(parent), *left]
        child = subprocess.run(command, capture_output=True, text=True, timeout=300)
        lines = child.stdout.splitlines()
        judged |= {name: json.loads(line) for name, line in zip(left, lines, strict=False)}
        if len(lines) < len(left):
            judged[left[len(lines)]] = {
                "outcome": "ended the process",
                "milliseconds": 0,
                "peak": 0,
            }
    for name, one in judged.items():
        one["size"] = (parent / name / "model.mmc").stat().st_size / 1e6
        one["executed"] = sorted(path.name for path in (parent / name).iterdir()) != before[name]
    return judged


def table_of(judged: dict[str, dict]) -> str:
    rows = [
        [
            name.replace("_", " "),
            f"{one['size']:.3f}",
            f"{one['milliseconds']:.1f}",
            f"{one['peak']:.1f}",
            one["outcome"].split(". ")[0].replace("|", "\\|")[:110],
        ]
        for name, one in judged.items()
    ]
    return markdown(["file", "MB", "ms", "peak MB", "what is said"], rows)


def summary_of(judged: dict[str, dict]) -> str:
    n_files = len(judged)
    slowest = max(judged, key=lambda name: judged[name]["milliseconds"])
    bombs = [judged[name] for name in BOMBS]
    rooms = Counter(name.split(".")[0] for name in TRUSTED)
    named = ", ".join(f"{n} of {room}" for room, n in rooms.most_common())
    counts = {
        "files that ran something": sum(one["executed"] for one in judged.values()),
        "files that ended the process": sum(
            one["outcome"] == "ended the process" for one in judged.values()
        ),
        "files that were loaded": sum(one["outcome"] == "loaded" for one in judged.values()),
    }
    peaks = [judged[name]["peak"] for name in ("flat_bomb", "nested_bomb")]
    measured = [
        *((title, f"0 of {n_files}", f"{count} of {n_files}") for title, count in counts.items()),
        ("slowest refusal", "< 100 ms", f"{judged[slowest]['milliseconds']:.0f} ms ({slowest})"),
        (
            "slowest refusal of a bomb",
            "< 100 ms",
            f"{max(one['milliseconds'] for one in bombs):.0f} ms",
        ),
        (
            "memory for a bomb of 1 MB that would be 1 GB; nested",
            "< 50 MB",
            f"{peaks[0]:.1f} MB; {peaks[1]:.1f} MB",
        ),
        ("most memory for any bomb", "< 50 MB", f"{max(one['peak'] for one in bombs):.0f} MB"),
        ("names on the list of load", "ours, and an explicit list", named),
    ]
    rows = [[*row, COMMAND] for row in measured]
    rows += [[title, "all pass", *run_tests(name)] for title, name in TESTED.items()]
    return markdown(["figure", "goal", "measured", "command"], rows)


def run_tests(name: str) -> tuple[str, str]:
    """How many tests of a file pass, and the command that says so."""
    options = ["-q", "-p", "no:cacheprovider", f"tests/persistence/{name}"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options], cwd=ROOT, capture_output=True, text=True
    )
    return run.stdout.splitlines()[-1].partition(" in ")[0], f"`pytest tests/persistence/{name}`"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        judged = judge_all(Path(folder))
    text = (
        f"# Malicious model files\n\n{summary_of(judged)}\n\n"
        "Times are the best of 5, with skops and scikit-learn imported beforehand (half a second, "
        "whatever the file). Estimators of scikit-learn may be named, too, as skops lists them.\n\n"
        f"{table_of(judged)}\n\nMade by {COMMAND}.\n"
    )
    write_part("models", text)


def measure_all(parent: Path, names: list[str]) -> None:
    """The child: imports first, so that they are not timed; then a line for each file."""
    with tempfile.TemporaryDirectory() as warm:
        save(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), Path(warm) / "model.mmc")
        load(Path(warm) / "model.mmc")
    for name in names:
        print(json.dumps(measure(parent / name)), flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure_all(Path(sys.argv[1]), sys.argv[2:])
    else:
        main()
