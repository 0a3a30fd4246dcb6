"""The figures of reliability, which three scripts measure, on one page."""

from __future__ import annotations

from _mfeat import ROOT, write_result

PARTS = ("media", "models", "faults")
RESULTS = ROOT / "benchmarks" / "results"


def write_part(part: str, text: str) -> None:
    """Write what one script measured, and the page of all three anew.

    Parameters
    ----------
    part : {"media", "models", "faults"}
    text : str
        Markdown; its title becomes a section of the page.
    """
    write_result(f"reliability_{part}", text)
    sections = []
    for name in PARTS:
        path = RESULTS / f"reliability_{name}.md"
        if path.exists():
            lines = path.read_text(encoding="utf-8").strip().splitlines()
            sections.append(
                "\n".join(f"#{line}" if line.startswith("#") else line for line in lines)
            )
    head = (
        "# Reliability\n\nGoals, what was measured, and the commands; made by "
        + ", ".join(f"`reliability_{name}.py`" for name in PARTS)
        + ", each of which renews its section."
    )
    write_result("reliability", "\n\n".join([head, *sections]) + "\n")
