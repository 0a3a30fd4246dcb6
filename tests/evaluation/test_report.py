"""The page: well-formed, self-contained, accessible, and inert whatever the labels are."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest

from mmclassic.evaluation._figures import confusion_map, most_confused, score_bars
from mmclassic.evaluation._report import render_report
from mmclassic.evaluation._report_facts import facts_of, installed_versions, modalities_of
from mmclassic.evaluation._sources import Sources
from mmclassic.evaluation._svg import shown_text
from mmclassic.evaluation._views import view_of

VOID = {"meta", "br", "link", "img", "input", "hr"}
NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "$x^2$ & 'y' {{ 7*7 }}",
    "你好 😀",
    "tab\tand\x07bell",
    "]]><svg onload=alert(3)>",
]
ABOUT = {
    "target": "mood",
    "n_rows": 120,
    "modalities": ["text", "image"],
    "columns": {"text": ["caption"], "image": ["photo"]},
    "splitter": "StratifiedKFold(3)",
    "missing": {"text": 4, "image": 0},
    "unreadable": {"text": 0, "image": 2},
    "random_state": 7,
    "reproduce": "benchmark(table, target='mood')",
}


class Page(HTMLParser):
    """A strict reader: every element is closed by its own tag; remembers what it saw."""

    def __init__(self, markup: str):
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.text: list[str] = []
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def page(make_result) -> Page:
    return Page(render_report(make_result(about=ABOUT, notes=["look at row 3"])))


@pytest.fixture(scope="module")
def demo_page(demo_result) -> str:
    """The whole page, as text."""
    return render_report(demo_result)


def test_nothing_is_loaded_and_one_known_script_runs(demo_page):
    markup, page = demo_page, Page(demo_page)
    addresses = set(re.findall(r"https?://[^\s\"'<]+", markup))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name of XML, not loaded
    assert not {"link", "iframe", "object", "base"} & {tag for tag, _ in page.elements}
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name == "action" for name in attributes)
        assert attributes.get("href", "#").startswith("#")
        source = attributes.get("src", "data:image/jpeg;")
        assert source.startswith(("data:image/jpeg;", "data:audio/wav;"))
    assert "@import" not in markup
    assert not re.search(r"url\((?!#)", markup)
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    (script,) = re.findall(r"<script>(.*?)</script>", markup, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy


def test_page_says_what_it_should(page, make_result):
    text = " ".join(" ".join(page.text).split())
    result = make_result(about=ABOUT)
    for expected in (
        result.verdict,
        "Predicting mood",
        "StratifiedKFold(3)",
        "look at row 3",
        "benchmark(table, target='mood')",
        "scikit-learn 1.",
        "3, with 30 test rows each",
        "Random state 7",
    ):
        assert expected in text


def test_page_is_accessible(page):
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert len(page.all("caption")) == len(page.all("table")) == 2
    assert all(cell.get("scope") in ("row", "col", "colgroup") for cell in page.all("th"))
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    pictures = page.all("svg")
    assert len(pictures) == 5
    for picture in pictures:
        assert picture["role"] == "img"
        assert set(picture["aria-labelledby"].split()) <= ids


def test_what_evidence_tells_is_accessible_too(demo_page):
    page = Page(demo_page)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert len(page.all("caption")) == len(page.all("table")) == 5
    assert len(page.all("img")) == len(page.all("audio")) == 20
    assert all(picture["alt"].startswith("Row ") for picture in page.all("img"))
    assert all(player["aria-label"].startswith("Row ") for player in page.all("audio"))
    assert all("controls" in player for player in page.all("audio"))
    assert len(page.all("article")) == 20
    for _, attributes in page.elements:
        assert set(attributes.get("aria-labelledby", "").split()) <= set(ids)
        assert attributes.get("href", "#scores")[1:] in ids
    (sorted_head,) = [cell for cell in page.all("th") if "aria-sort" in cell]
    assert sorted_head["aria-sort"] == "descending"


def test_sections_show_the_frames(demo_result, demo_page):
    text = " ".join(" ".join(Page(demo_page).text).split())
    best = demo_result.contributions.iloc[0]
    assert f"{best['accuracy_alone']:.3f}" in text
    assert f"{100 * best['accuracy_shapley']:+.1f}" in text
    assert f"{demo_result.overlap['oracle'].iloc[0]:.3f}" in text
    assert f"{demo_result.weights['mean'].iloc[0]:.2f} ±" in text
    lead = demo_result.comparisons.iloc[0]
    assert f"{100 * lead['gain']:+.1f} [{100 * lead['low']:+.1f}" in text
    for row in demo_result.rows_to_look_at["row"]:
        assert f"Row {row} " in text
    assert 'result = benchmark(table, "label", text="text"' in text


def test_what_a_result_by_hand_cannot_tell_is_left_out(page):
    ids = {attributes.get("id") for _, attributes in page.elements}
    assert not {"contributions", "weights", "overlap", "rows", "robustness"} & ids
    assert {"scores", "calibration", "errors", "data", "quality", "again"} <= ids


def test_robustness_is_shown_where_it_is_given(demo_result, tmp_path):
    levels = [
        ("text", kind, "share", level, 0.1 * level, "accuracy", 0.9 - 0.1 * level, 0.6)
        for kind in ("typing_errors", "dropped_words")
        for level in range(4)
    ]
    names = ["modality", "kind", "unit", "level", "severity", "metric", "value", "without"]
    curve = pd.DataFrame(levels, columns=names)
    path = demo_result.to_html(tmp_path / "report.html", robustness=curve)
    page = Page(path.read_text(encoding="utf-8"))
    assert "robustness" in {attributes.get("id") for _, attributes in page.elements}
    assert "typing errors" in " ".join(page.text)


def test_a_page_stays_small(demo_page):
    assert len(demo_page.encode()) < 3_000_000


def test_cells_are_inert(demo_result):
    """Texts with markup, in a column and under a label with markup, show as text."""
    result = copy.copy(demo_result)
    for made in ("rows_to_look_at", "data_quality"):
        result.__dict__.pop(made, None)
    table = demo_result.sources.table.copy()
    table["text"] = [NASTY[row % len(NASTY)] for row in range(len(table))]
    result.sources = Sources(table, demo_result.sources.columns, {})
    result.classes = np.array([*NASTY, *"abcd"])
    result._view = view_of("classification", result.y, result.classes)
    page = Page(render_report(result))
    assert len(page.all("script")) == 1
    assert len(page.all("img")) == 20
    assert not any(name.startswith("on") for _, found in page.elements for name in found)
    assert any(NASTY[0] in words for words in page.text)
    shown = {picture["alt"].partition("labelled ")[2] for picture in page.all("img")}
    assert {label for label in shown if "<" in label} <= set(NASTY)
    assert any("<" in label for label in shown)


def test_hidden_text_scrolls_with_its_table(make_result):
    """It is placed absolutely: without a place of reference it makes the whole page wider."""
    rules = dict(re.findall(r"^\.(hidden|scroll) \{(.*?)\}", render_report(make_result()), re.M))
    assert "position: absolute;" in rules["hidden"]
    assert "position: relative;" in rules["scroll"]


def test_no_two_elements_share_an_id(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_every_reference_is_to_an_id_of_the_page(page):
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    values = [value or "" for _, attributes in page.elements for value in attributes.values()]
    for value in values:
        for reference in re.findall(r"url\(#([^)]+)\)|^#(.+)$", value):
            assert set(reference) - {""} <= ids


def test_default_is_highlighted_and_the_best_is_bold(page, make_result):
    assert [row.get("class") for row in page.all("tr")].count("default") == 1
    assert "badge" in [span.get("class") for span in page.all("span")]
    assert len(page.all("strong")) >= 10


def test_nasty_names_are_inert_everywhere(make_result):
    models = (*((name, "modality", 1.0) for name in NASTY), ("log_pool", "late", 2.0))
    about = {
        **ABOUT,
        "target": NASTY[0],
        "modalities": NASTY,
        "columns": {name: [name] for name in NASTY},
        "missing": dict.fromkeys(NASTY, 1),
        "reproduce": NASTY[1],
        "extra <b>": {NASTY[0]: NASTY[1:]},
    }
    result = make_result(labels=NASTY, models=models, about=about, notes=NASTY)
    page = Page(render_report(result))
    assert not {"img", "b"} & {tag for tag, _ in page.elements}
    assert len(page.all("script")) == 1
    assert not any(name.startswith("on") for _, found in page.elements for name in found)
    assert len(page.all("svg")) == 5
    text = " ".join(page.text)
    assert NASTY[0] in text
    assert "{{ 7*7 }}" in text
    assert "你好 😀" in text


@pytest.mark.parametrize("n_labels", [2, 16, 50])
def test_any_number_of_classes(make_result, n_labels):
    labels = [f"a rather long label, number {code:02d}" for code in range(n_labels)]
    result = make_result(labels=labels, n_rows=4 * n_labels, metric="log_loss")
    markup = confusion_map(result.confusion(), "log_pool")
    texts = [element.text for element in ElementTree.fromstring(markup).iter() if element.text]
    assert sum("number 00" in text for text in texts) >= 2  # on both axes
    assert any("predictions are right" in text for text in texts)
    assert len(markup) < 300_000


def test_report_is_the_same_each_time(make_result):
    assert render_report(make_result(about=ABOUT)) == render_report(make_result(about=ABOUT))


def test_drawing_leaves_matplotlib_as_it_was(make_result):
    with matplotlib.rc_context({"text.usetex": True, "axes.facecolor": "red"}):
        before = dict(matplotlib.rcParams)
        markup = score_bars(make_result().frame, "accuracy")
        assert dict(matplotlib.rcParams) == before
    assert "#ff0000" not in markup
    assert matplotlib._pylab_helpers.Gcf.figs == {}  # no figure was registered


def test_bars_take_their_lengths_from_the_frame(make_result):
    frame = make_result().frame
    root = ElementTree.fromstring(score_bars(frame, "accuracy"))
    lengths = []
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        if re.search(r"fill: var\(--(prior|modality|early|late)", path.get("style", "")):
            xs = [float(x) for x in re.findall(r"[ML] (\S+) ", path.get("d"))]
            lengths.append(max(xs) - min(xs))
    assert len(lengths) == len(frame)
    means = frame["accuracy_mean"].to_numpy()
    np.testing.assert_allclose(np.array(lengths) / lengths[0], means / means[0], rtol=1e-4)


def test_colours_come_from_the_page(make_result):
    markup = score_bars(make_result().frame, "accuracy")
    assert "var(--late, #" in markup
    assert not re.findall(r"(?<!, )#[0-9a-f]{6}", markup)


def test_one_fold_and_no_notes(make_result):
    text = " ".join(Page(render_report(make_result(n_folds=1))).text)
    assert "One test fold." in text
    assert "±" not in text
    assert "Notes" not in text


def test_written_file_is_the_page(make_result, tmp_path):
    result = make_result(about=ABOUT)
    path = result.to_html(tmp_path / "report.html")
    assert path == tmp_path / "report.html"
    assert path.read_text(encoding="utf-8") == render_report(result)


def test_most_confused_counts_only_errors():
    matrix = pd.DataFrame([[5, 0], [3, 2]], index=["a", "b"], columns=["a", "b"])
    assert most_confused(matrix) == ["b taken for a (3 of 5)"]
    assert most_confused(pd.DataFrame(np.eye(2, dtype=int), index=[1, 2], columns=[1, 2])) == []


def test_facts_and_modalities(make_result):
    facts = dict(facts_of(make_result(about=ABOUT)))
    assert facts["Rows"] == "120"
    assert facts["Classes"] == "3, with 40 rows each"
    assert modalities_of(ABOUT)[1] == {
        "name": "image",
        "columns": "photo",
        "missing": "0",
        "unreadable": "2",
    }
    assert modalities_of({}) == []


def test_versions_and_shown_text():
    assert {"Python", "numpy", "scikit-learn"} <= set(installed_versions())
    assert shown_text("a\nb\x00c") == "a b c"
    assert len(shown_text("x" * 100, 22)) == 22
