"""A matplotlib figure as SVG that can be put inside a page."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"

# What figures draw with. The page may give each its own value, for a dark screen say; the value
# here serves where it does not.
COLOURS = {
    "ink": "#1c2430",
    "muted": "#667080",
    "grid": "#dde2e9",
    "paper": "#ffffff",
    "accent": "#1b6ca8",
    "prior": "#8b93a1",
    "modality": "#3f7fc4",
    "choice": "#7a5ea8",
    "early": "#c77f14",
    "late": "#128a70",
    "joint": "#5f7d1e",
    "own": "#b0487a",
}


def svg_of(draw: Callable[[], Figure], name: str, title: str, description: str) -> str:
    """Draw a figure and give it as an ``<svg>`` element for an HTML page.

    The element is the same for the same figure, takes its colours from the page's custom
    properties (``--ink``, …) and its font from the page, scales with its box, has a title and a
    description for people who do not see it, and has no id that another figure of another name has.

    Parameters
    ----------
    draw : callable
        Makes the figure; called with matplotlib's own settings in force, not the user's.
    name : str
        Prefix of all ids; unique in the page.
    title, description : str
        The text alternative.

    Returns
    -------
    markup : str
    """
    with _plain_settings(name):
        buffer = io.BytesIO()
        figure = draw()
        metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(buffer, format="svg", transparent=True, metadata=metadata)
    root = ElementTree.fromstring(buffer.getvalue())
    _drop(root, {f"{SVG}metadata", f"{SVG}style"})
    _rename_ids(root, name)
    for element in root.iter():
        if "style" in element.attrib:
            element.set("style", _style(element.get("style", "")))
    _describe(root, name, title, description)
    ElementTree.register_namespace("", SVG[1:-1])
    # References were made plain `href`: what is left needs no prefix.
    return ElementTree.tostring(root, encoding="unicode")


def shown_text(text: object, n_characters: int = 24) -> str:
    """A label as one line without control characters, its middle left out where it is long.

    Examples
    --------
    >>> shown_text("a\\tvery long label, really", 12)
    'a very…eally'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    if len(line) <= n_characters:
        return line
    n_last = (n_characters - 1) // 2  # labels often differ at their end only
    return f"{line[: n_characters - 1 - n_last]}…{line[-n_last:]}"


@contextmanager
def _plain_settings(salt: str):
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        # The page's font draws the text, so it does not matter what matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message=r"(?s)Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": salt})
        yield


def _drop(root: ElementTree.Element, tags: set[str]) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in tags:
                parent.remove(child)


def _rename_ids(root: ElementTree.Element, name: str) -> None:
    """Keep the ids that something refers to, with the figure's name before them."""
    references: set[str] = set()
    for element in root.iter():
        if LINK in element.attrib:
            element.set("href", element.attrib.pop(LINK))
        for key, value in element.attrib.items():
            if key == "href" or value.startswith("url(#"):
                references.add(re.sub(r"^url\(#|^#|\)$", "", value))
                element.set(key, value.replace("#", f"#{name}-", 1))
    for element in root.iter():
        identity = element.attrib.pop("id", None)
        if identity in references:
            element.set("id", f"{name}-{identity}")


def _style(style: str) -> str:
    """Colours as custom properties of the page; the page's font."""
    for role, colour in COLOURS.items():
        style = style.replace(colour, f"var(--{role}, {colour})")
    return re.sub(r"font-family:[^;]*;?\s*", "", style)


def _describe(root: ElementTree.Element, name: str, title: str, description: str) -> None:
    width, height = (
        float(root.attrib.pop(side).removesuffix("pt")) for side in ("width", "height")
    )
    root.attrib.pop("version", None)
    root.set("viewBox", f"0 0 {width:g} {height:g}")
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-description")
    # Below this width its letters would be too small; its box scrolls then.
    root.set("style", f"min-width: {0.72 * width:.0f}px; max-width: {1.35 * width:.0f}px")
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        suffix = {"title": "title", "desc": "description"}[tag]
        element = ElementTree.Element(f"{SVG}{tag}", {"id": f"{name}-{suffix}"})
        element.text = shown_text(text, 2000)
        root.insert(position, element)
