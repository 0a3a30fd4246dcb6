"""The report: one self-contained page."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any

from mmclassic.evaluation._damage_section import robustness_section
from mmclassic.evaluation._figures import score_bars
from mmclassic.evaluation._metric_names import greater_is_better, is_share, metric_in_words
from mmclassic.evaluation._outcome import FAMILIES
from mmclassic.evaluation._report_facts import (
    cards_of,
    facts_of,
    installed_versions,
    modalities_of,
)
from mmclassic.evaluation._report_sections import (
    calibration_section,
    contributions_section,
    leads_of,
    learning_section,
    overlap_section,
    quality_section,
    rows_section,
    weights_section,
)
from mmclassic.evaluation._svg import shown_text
from mmclassic.evaluation._tables import headings_of, lines_of

if TYPE_CHECKING:
    import pandas as pd

    from mmclassic.evaluation._result import BenchmarkResult

FOLDER = "page"
# What the page may do: nothing is loaded; only the one script runs that is given by its digest.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:; "
    "media-src data:; base-uri 'none'; form-action 'none'"
)


def render_report(result: BenchmarkResult, robustness: pd.DataFrame | None = None) -> str:
    """The page as text. Everything that comes from the table is escaped.

    Parameters
    ----------
    result : BenchmarkResult
        Sections that it cannot tell about are left out.
    robustness : DataFrame, optional
        As ``robustness_curve`` gives it.

    Returns
    -------
    page : str
        HTML with inline style, script, pictures and sounds, and nothing to load.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("mmclassic.evaluation", FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _read("sort.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return environment.get_template("report.html.jinja").render(
        result=result,
        style=Markup(_read("style.css")),
        script=Markup(script),
        policy=Markup(POLICY.format(digest=digest)),
        **_models(result),
        **_insights(result, robustness),
    )


def _models(result: BenchmarkResult) -> dict[str, Any]:
    """What the page says of all models."""
    from markupsafe import Markup

    others = result._view.metrics.insights
    other = next(name for name in reversed(others) if name != result.metric)
    # The two that are drawn come first in the table too: a phone shows its left end.
    metrics = list(dict.fromkeys([result.metric, other, *result.metrics]))
    headings = headings_of(metrics, sizes="model_bytes" in result.frame)
    model = result._shown_model()
    # The SVG is made by an XML writer, which has escaped the labels in it.
    bars = [
        (metric_in_words(name), greater_is_better(name), Markup(score_bars(result.frame, name)))
        for name in (result.metric, other)
    ]
    return {
        "target": shown_text(result.about.get("target", ""), 80),
        "metric": metric_in_words(result.metric),
        "cards": cards_of(result),
        "facts": facts_of(result),
        "modalities": modalities_of(result.about),
        "n_folds": int(result.folds["fold"].nunique()),
        "headings": list(zip(headings[2:], _better_of(metrics, len(headings)), strict=True)),
        "in_points": is_share(result.metric),
        "lines": lines_of(result.frame, metrics),
        "leads": leads_of(result),
        "bars": bars,
        "families": [name for name in FAMILIES if (result.frame["family"] == name).any()],
        "model": model,
        "task": result.task,
        "prior": result._prior_name(),
        **dict.fromkeys(("confusion", "scatter", "label_lines")),
        **result._view.errors(result._outcome(model)),
        "reproduce": result.about.get("reproduce", ""),
        "versions": result.about.get("versions") or installed_versions(),
    }


def _insights(result: BenchmarkResult, robustness: pd.DataFrame | None) -> dict[str, Any]:
    """What the page says of modalities and rows; None for what is unknown."""
    known = result.evidence is not None
    return {
        "contributions": contributions_section(result) if known else None,
        "weights": weights_section(result) if known else None,
        "overlap": overlap_section(result) if known else None,
        "row_cards": rows_section(result) if known else None,
        "calibration": calibration_section(result),
        "quality": quality_section(result),
        "learning": learning_section(result),
        "robustness": None if robustness is None else _robustness(result, robustness),
    }


def _robustness(result: BenchmarkResult, frame: pd.DataFrame) -> dict[str, Any]:
    """How many rows are behind a curve is known of the result's own only."""
    own = frame is result.robustness
    return robustness_section(frame, int(result.about.get("robustness rows", 0)) if own else None)


def _read(name: str) -> str:
    return resources.files("mmclassic.evaluation").joinpath(FOLDER, name).read_text("utf-8")


def _better_of(metrics: list[str], n_headings: int) -> list[str]:
    """Which way every column of numbers is better; costs count as losses."""
    ways = ["higher" if greater_is_better(metric) else "lower" for metric in metrics]
    return ways + ["lower"] * (n_headings - 2 - len(ways))
