"""What review_sheet and agreement share: names of columns, and cells that are no formulas."""

from __future__ import annotations

from typing import Any

ROW, ANSWERS, LABEL, MODEL, CONFIDENCE = "row", "answers", "label", "model", "confidence"
RESERVED = {ROW, ANSWERS, LABEL, MODEL, CONFIDENCE, "priority", "why"}
# Before the name of a person.
JUDGEMENT = "judgement: "

# A spreadsheet runs a cell that begins with one of these.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escape(cell: Any) -> str:
    """A cell that no spreadsheet runs: an apostrophe before what might be a formula.

    References
    ----------
    OWASP: CSV injection.

    Examples
    --------
    >>> escape("=1+1"), escape("a=b"), escape(-1), escape(" =1")
    ("'=1+1", 'a=b', "'-1", "' =1")
    """
    text = str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_DANGEROUS) else text


def unescape(text: str) -> str:
    """The way back from :func:`escape`.

    Examples
    --------
    >>> unescape("'-1"), unescape("'tis")
    ('-1', "'tis")
    """
    rest = text.removeprefix("'")
    return rest if rest != text and rest.lstrip(" ").startswith(_DANGEROUS) else text
