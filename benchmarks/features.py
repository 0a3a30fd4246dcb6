"""Every kind of feature: contender by contender, against the peers and against the lower bounds.

    python benchmarks/features.py [DATA] [--quick] [--only PART ...]

DATA is the folder of real data, by default ../shared/data beside the checkout. In each section the
contenders run in turn, round by round; figures are medians. Writes benchmarks/results/features.md,
unless only some parts, or a quick run, were asked for.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
from collections.abc import Iterator
from pathlib import Path

from _mfeat import ROOT, write_result

PARTS = ("image", "audio", "text", "conv", "backbone", "store", "table")


def part_sections(part: str, data: Path, quick: bool) -> Iterator[str]:
    """The tables of one part, made by the script of its name."""
    for comparison, ours in importlib.import_module(f"_features_{part}").sections(data, quick):
        yield comparison.to_markdown(ours)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = ROOT.parent / "shared" / "data"
    parser.add_argument("data", nargs="?", type=Path, default=default)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, smaller tables")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="some parts")
    arguments = parser.parse_args()
    text = [
        "# Features: cost per item",
        f"Made by `python benchmarks/features.py` on {os.cpu_count()} cores "
        f"({platform.machine()}, Python {platform.python_version()}). The last column says how "
        "many times slower a contender is than ours; below 1 it is faster, as lower bounds are.",
    ]
    for part in arguments.only:
        text.append(f"## {part}\n")
        text += part_sections(part, arguments.data, arguments.quick)
    if arguments.quick or arguments.only != PARTS:
        print("\n".join(text))
    else:
        write_result("features", "\n\n".join(text))


if __name__ == "__main__":
    main()
