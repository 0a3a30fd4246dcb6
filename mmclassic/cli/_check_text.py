"""What ``mmclassic check`` says of a table: the worst findings, and a summary."""

from __future__ import annotations

import argparse
from typing import Any

from mmclassic._cells import is_missing
from mmclassic.cli._arguments import columns_of, modalities_of

# Findings that are shown; --out keeps all of them.
N_SHOWN = 20
_WIDEST = 48
_SUMMARY = {
    "missing": ("missing", "blank"),
    "duplicates": ("duplicate",),
    "identical, but other labels": ("conflicting_labels",),
}


def check_text(table: Any, arguments: argparse.Namespace) -> tuple[str, int]:
    """The findings about a table as text, and the exit status.

    Parameters
    ----------
    table : DataFrame
        Its paths seen from its folder.
    arguments : Namespace
        Of the command.

    Returns
    -------
    text : str
    status : int
        1 if there is an error or a warning, 0 if there are notes at most.
    """
    from mmclassic.evaluation import check_table
    from mmclassic.evaluation._check import SEVERITIES

    columns = {medium: columns_of(arguments)[medium] for medium in ("text", "image", "audio")}
    findings = check_table(
        table, **columns, target=arguments.target, decode=arguments.decode, n_jobs=arguments.n_jobs
    )
    if arguments.out is not None:
        findings.to_csv(arguments.out, index=False)
    ranks = findings["severity"].map(SEVERITIES.index)
    worst = findings.iloc[ranks.argsort(kind="stable")]
    n_rows = f"{len(table):,} row{'s' if len(table) != 1 else ''}"
    head = [f"{arguments.table}: {n_rows}"]
    n_bad = int((ranks < SEVERITIES.index("note")).sum())
    parts = [head, _table_of(worst, arguments.out), _summary(table, findings, arguments)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines), int(n_bad > 0)


def _table_of(findings: Any, out: str | None) -> list[str]:
    if not len(findings):
        return []
    shown = findings.head(N_SHOWN).astype(object)
    rows = [list(shown.columns)]
    for values in shown.itertuples(index=False):
        row, *others = ["" if is_missing(value) else value for value in values]
        rows.append(["all" if row == "" else str(row), *(_shortened(str(v)) for v in others[:-1])])
        rows[-1].append(" ".join(str(others[-1]).split()))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in rows
    ]
    if len(findings) > N_SHOWN:
        where = "--out FILE writes all of them" if out is None else f"all are in {out}"
        lines.append(f"... and {len(findings) - N_SHOWN:,} more ({where})")
    return lines


def _shortened(text: str) -> str:
    """The end of a path says more than its beginning."""
    text = " ".join(text.split())
    return text if len(text) <= _WIDEST else f"...{text[3 - _WIDEST :]}"


def _summary(table: Any, findings: Any, arguments: argparse.Namespace) -> list[str]:
    lines = []
    kinds = {code: kind for kind, codes in _SUMMARY.items() for code in codes}
    is_broken = (findings["severity"] == "error") & (findings["code"] != "labels")
    kind_of = findings["code"].map(kinds).where(~is_broken, "unreadable")
    for medium, column in modalities_of(arguments):
        own = findings["column"] == column
        counts = [f"{(own & (kind_of == kind)).sum():,} {kind}" for kind in _KINDS]
        lines.append(f"{column} ({medium}): {', '.join(counts)}")
    lines += _labels(table, arguments.target)
    per_severity = findings["severity"].value_counts()
    counts = [
        f"{per_severity.get(name, 0):,} {name}{'s' if per_severity.get(name, 0) != 1 else ''}"
        for name in ("error", "warning", "note")
    ]
    return [*lines, ", ".join(counts)]


_KINDS = ("missing", "unreadable", "duplicates", "identical, but other labels")


def _labels(table: Any, target: str | None) -> list[str]:
    """How many rows each class has, or from where to where the numbers go."""
    from mmclassic.evaluation._balance import class_balance
    from mmclassic.evaluation._target import make_task

    if target is None:
        return []
    try:
        task = make_task(table.dropna(subset=[target]), target)
    except ValueError as error:
        return [f"{target}: {error}"]
    if task.kind == "regression":
        return [f"{target}: numbers from {task.y.min():g} to {task.y.max():g}."]
    balance = class_balance(task.y, task.classes)[-1]
    return [f"{target}: {len(task.classes)} classes. {balance}"]
