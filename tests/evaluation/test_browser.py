"""The report in a real browser: Chromium without a window, asked by a page around the report."""

from __future__ import annotations

import copy
import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from mmclassic.cli import main
from mmclassic.evaluation._sources import Sources

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.extra,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # So that the page around the report may look into it.
    "--allow-file-access-from-files",
    "--enable-logging=stderr", "--v=0", "--dump-dom", "--virtual-time-budget=60000",
)  # fmt: skip
NASTY = [
    "<script>parent.harm = window.harm = 1</script>",
    '"><img src=x onerror="parent.harm=window.harm=2">',
    "'); parent.harm = 3; //",
    "<svg onload=parent.harm=4>",
    "</p></article><h1>broken out</h1>",
]
# Clicks, measures, waits for the media; what it finds is left in the page as JSON.
PROBE = """<!doctype html>
<meta charset="utf-8">
<body style="margin:0">
<iframe src="report.html" style="border:0;height:900px"></iframe>
<pre id="findings"></pre>
<script>
const frame = document.querySelector("iframe");
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
const columnOf = (table, column) =>
  Array.from(table.tBodies[0].rows, (row) => row.cells[column].textContent.trim());
async function loaded(player) {
  for (let i = 0; i < 400 && player.readyState < 1; i++) await pause();
  return {state: player.readyState, seconds: player.duration, label: player.ariaLabel};
}
frame.onload = async function () {
  const page = frame.contentDocument, found = {};
  const table = page.querySelector("table[data-sortable]");
  const heads = Array.from(table.tHead.rows[0].cells);
  found.clicks = [];
  for (const column of [0, 4, 4, 2]) {
    const button = heads[column].querySelector("button");
    button.focus();
    const focused = page.activeElement === button;
    button.click();
    found.clicks.push({column, focused, sort: heads[column].ariaSort,
      marked: heads.filter((head) => head.hasAttribute("aria-sort")).length,
      said: table.parentNode.querySelector("[role=status]").textContent,
      values: columnOf(table, column)});
  }
  found.pictures = Array.from(page.images, (picture) =>
    ({alt: picture.alt, complete: picture.complete, width: picture.naturalWidth}));
  found.drawings = Array.from(page.querySelectorAll("svg"), (svg) =>
    svg.getAttribute("aria-labelledby").split(" ").every((id) =>
      page.getElementById(id).textContent.trim().length > 0));
  found.players = await Promise.all(Array.from(page.querySelectorAll("audio"), loaded));
  found.widths = [];
  for (const width of [390, 1440]) {
    frame.style.width = width + "px";
    await pause();
    const root = page.documentElement;
    const outside = Array.from(page.querySelectorAll("main > section *")).filter((element) =>
      !element.closest(".scroll, .drawing, pre, .hidden") &&
      element.getBoundingClientRect().right > width + 1);
    found.widths.push({width, client: root.clientWidth, scroll: root.scrollWidth,
      outside: outside.length});
  }
  found.harm = [window.harm ?? null, frame.contentWindow.harm ?? null];
  found.headings = Array.from(page.querySelectorAll("h1"), (h1) => h1.textContent);
  found.scripts = page.scripts.length;
  found.handlers = page.querySelectorAll("[onload], [onerror], [onclick]").length;
  found.texts = Array.from(page.querySelectorAll(".cell"), (cell) => cell.textContent);
  document.getElementById("findings").textContent = JSON.stringify(found);
};
</script>
"""


def look_at(folder: Path) -> tuple[dict, list[str]]:
    """What the probe finds in folder/report.html, and what the browser's console says."""
    (folder / "probe.html").write_text(PROBE, encoding="utf-8")
    command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={folder / 'chromium'}"]
    done = subprocess.run(
        [*command, (folder / "probe.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=180,
        check=True,
    )
    words = re.search(r'<pre id="findings">(.*?)</pre>', done.stdout, re.S)
    assert words is not None
    assert words[1], "the probe did not end: " + done.stderr[-2000:]
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(html.unescape(words[1])), console


def check_sorting(clicks: list[dict]) -> None:
    """Model names from A, losses from the best and then from the worst, scores from the best."""
    names, losses, worst, scores = clicks
    assert names["values"] == sorted(names["values"], key=str.lower)
    numbers = [float(value.split("±")[0]) for value in losses["values"]]
    assert numbers == sorted(numbers)
    assert losses["values"] == worst["values"][::-1] or numbers[::-1] == [
        float(value.split("±")[0]) for value in worst["values"]
    ]
    numbers = [float(value.split("±")[0]) for value in scores["values"]]
    assert numbers == sorted(numbers, reverse=True)
    expected = ["ascending", "ascending", "descending", "descending"]
    assert [click["sort"] for click in clicks] == expected
    assert all(click["focused"] and click["marked"] == 1 for click in clicks)
    assert "descending" in worst["said"]


def check_page(found: dict, console: list[str]) -> None:
    assert console == []
    check_sorting(found["clicks"])
    assert all(picture["alt"] and picture["width"] > 0 for picture in found["pictures"])
    assert len(found["drawings"]) >= 6
    assert all(found["drawings"])
    assert all(player["state"] >= 1 and player["seconds"] > 0 for player in found["players"])
    assert all(player["label"] for player in found["players"])
    for width in found["widths"]:
        assert width["client"] <= width["width"]
        assert width["scroll"] <= width["client"], "the page scrolls sideways"
        assert width["outside"] == 0
    assert found["harm"] == [None, None]
    assert len(found["headings"]) == found["scripts"] == 1
    assert found["handlers"] == 0


def run(*arguments) -> None:
    assert main([str(argument) for argument in arguments]) == 0


# The tables have gaps and twins, which the command warns of.
@pytest.mark.filterwarnings("default::mmclassic.DataQualityWarning")
def test_products(shared_data, tmp_path):
    table = shared_data / "products" / "products.csv"
    columns = ["--text", "name", "--image", "image", "--numeric", "retail_price,discounted_price"]
    run("benchmark", table, "--target", "category", *columns, "--no-cache", "--out", tmp_path)
    found, console = look_at(tmp_path)
    check_page(found, console)
    assert len(found["pictures"]) >= 18  # two are missing
    assert (tmp_path / "report.html").stat().st_size < 3_000_000


@pytest.mark.filterwarnings("default::mmclassic.DataQualityWarning")
def test_digits(shared_data, tmp_path):
    table = shared_data / "digits" / "digits.csv"
    columns = ["--image", "image", "--audio", "audio", "--groups", "speaker"]
    run("benchmark", table, "--target", "label", *columns, "--no-cache", "--out", tmp_path)
    found, console = look_at(tmp_path)
    check_page(found, console)
    assert len(found["pictures"]) == len(found["players"]) == 20
    assert all(0.05 < player["seconds"] < 5.1 for player in found["players"])
    assert (tmp_path / "report.html").stat().st_size < 3_000_000


def test_markup_in_cells_and_labels_is_inert(demo_result, tmp_path):
    result = copy.copy(demo_result)
    for made in ("rows_to_look_at", "data_quality", "verdict"):
        result.__dict__.pop(made, None)
    table = demo_result.sources.table.copy()
    table["text"] = [NASTY[row % len(NASTY)] for row in range(len(table))]
    result.sources = Sources(table, demo_result.sources.columns, {})
    result.classes = np.array([*NASTY, *"abcde"])
    result.notes = NASTY
    result.about = {**demo_result.about, "target": NASTY[1]}
    result.to_html(tmp_path / "report.html")
    found, console = look_at(tmp_path)
    check_page(found, console)
    assert set(NASTY) <= set(found["texts"])


def test_the_console_is_heard(demo_result, tmp_path):
    """A script that the page does not allow is refused, and this file would see it."""
    path = demo_result.to_html(tmp_path / "report.html")
    page = path.read_text(encoding="utf-8").replace("<main>", "<main><script>harm = 1</script>")
    path.write_text(page, encoding="utf-8")
    found, console = look_at(tmp_path)
    assert found["harm"] == [None, None]
    assert any("Content Security Policy" in line for line in console)
