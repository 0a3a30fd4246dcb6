"""Every kind of feature: contender by contender, against the peers and against the lower bounds.

    python benchmarks/features.py [DATA] [--quick] [--runs N] [--only PART ...]

DATA is the folder of real data, by default ../shared/data beside the checkout. In each section the
contenders run in turn, round by round; figures are medians. All of it is done ``--runs`` times, and
the ratio of each run is shown. Each part is written, as it ends, to
benchmarks/results/features_PART.md, unless the run was a quick one.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
from pathlib import Path

from _interleaved import runs_to_markdown
from _mfeat import ROOT, write_result

PARTS = ("image", "audio", "text", "conv", "backbone", "store", "table")


def part_text(part: str, data: Path, quick: bool, n_runs: int) -> str:
    """The tables of one part, made by the script of its name."""
    sections = importlib.import_module(f"_features_{part}").sections
    runs = [list(sections(data, quick)) for _ in range(n_runs)]
    more = "" if n_runs == 1 else f" --runs {n_runs}"
    text = [
        f"# Features, {part}: cost per item",
        f"Made by `python benchmarks/features.py --only {part}{more}` on {os.cpu_count()} cores "
        f"({platform.machine()}, Python {platform.python_version()}). The last column says how "
        "many times slower a contender is than ours, in each run; below 1 it is faster, as lower "
        "bounds are.",
    ]
    for same in zip(*runs, strict=True):
        comparisons, names = zip(*same, strict=True)
        text.append(runs_to_markdown(comparisons, names[0]))
    return "\n\n".join(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = ROOT.parent / "shared" / "data"
    parser.add_argument("data", nargs="?", type=Path, default=default)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller tables")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="all of it N times (1)")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="some parts")
    arguments = parser.parse_args()
    for part in arguments.only:
        text = part_text(part, arguments.data, arguments.quick, arguments.runs)
        if arguments.quick:
            print(text)
        else:
            write_result(f"features_{part}", text)


if __name__ == "__main__":
    main()
