"""Contenders timed in turn, round by round, so that a machine that slows down slows them all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Contender:
    """One way to do a job: a name and a call that does the whole of it once."""

    name: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Comparison:
    """What a set of contenders took for the same items; ``seconds[name]`` has one per round."""

    title: str
    n_items: int
    seconds: dict[str, list[float]]

    def milliseconds(self, name: str) -> float:
        """Median time per item of a contender."""
        return 1e3 * statistics.median(self.seconds[name]) / self.n_items

    def ratio(self, slow: str, fast: str) -> float:
        """How many times ``fast`` is faster than ``slow``: the median of the rounds' ratios."""
        pairs = zip(self.seconds[slow], self.seconds[fast], strict=True)
        return statistics.median(s / f for s, f in pairs)

    def to_markdown(self, ours: str) -> str:
        """A table: milliseconds per item, and how many times ``ours`` is faster."""
        return runs_to_markdown([self], ours)


def runs_to_markdown(runs: Sequence[Comparison], ours: str) -> str:
    """The same of several runs: the median of their milliseconds, and the ratio in each."""
    lines = [
        f"### {runs[0].title}",
        "",
        f"| contender | ms per item | {ours} is faster by |",
        "| --- | ---: | ---: |",
    ]
    for name in runs[0].seconds:
        milliseconds = statistics.median(run.milliseconds(name) for run in runs)
        ratios = " / ".join(f"{run.ratio(name, ours):.3g}" for run in runs)
        lines.append(f"| {name} | {milliseconds:.4g} | {ratios} × |")
    return "\n".join(lines) + "\n"


def compare(
    title: str, contenders: Sequence[Contender], n_items: int, *, n_rounds: int = 7
) -> Comparison:
    """Run every contender once unmeasured, then all of them in turn ``n_rounds`` times."""
    for contender in contenders:
        contender.run()
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(n_rounds):
        for contender in contenders:
            start = time.perf_counter()
            contender.run()
            seconds[contender.name].append(time.perf_counter() - start)
    return Comparison(title, n_items, seconds)
