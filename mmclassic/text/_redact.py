"""Texts without e-mail and web addresses, phone numbers and numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

# Letters only, so that every tokenizer keeps them whole, and no longer than gensim's 15.
PLACEHOLDERS = {
    "url": "redactedurl",
    "email": "redactedemail",
    "phone": "redactedphone",
    "number": "redactednumber",
}
KINDS = tuple(PLACEHOLDERS)
# Up to so many characters stand for one: the longest placeholder between two blanks.
LONGEST = max(map(len, PLACEHOLDERS.values())) + 2

# Chinese, Japanese, Thai and the like run on without a blank after an address.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff"
# No pattern looks at what is before or after it, and none can match a placeholder or across
# one: so that what is left has no match of its own, and a second call changes nothing. None
# has two ways to match the same characters: so that time grows with the length alone.
_URL = re.compile(rf"(?:(?:https?|ftps?)://|www\.)[^\s{_UNSPACED}]+", re.IGNORECASE)
_ADDRESS_RUN = re.compile(rf"[^\s<>()\[\]{{}}\",;:|{_UNSPACED}]+")
_ADDRESS = re.compile(r"[^@＠][@＠][^@＠]")
_PHONE_RUN = re.compile(r"\+?\(?\d(?:[ ./()\-\u00a0\u2010-\u2013]{0,2}\d)*")
_DATE = re.compile(r"\d{4}([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2(?:\d\d){1,2}")
_NUMBER = re.compile(r"\d+(?:[.,:/'’\-]\d+)*")
_DIGITS = re.compile(r"\d")
_PHONE_DIGITS = range(7, 16)  # E.164 allows 15; shorter ones are years, prices, counts


def redact(text: str, kinds: bool | Sequence[str] = True) -> str:
    """A text with placeholders for what names or counts somebody's things.

    In this order, and each by its pattern alone:

    ``"url"``
        ``http://``, ``https://``, ``ftp://``, ``ftps://`` or ``www.`` in any case and what
        follows up to a blank, as ``redactedurl``. Bare domains (example.org) stay.
    ``"email"``
        Characters without a blank, comma, semicolon, colon, quotation mark or bracket that
        have an @ between two of them, as ``redactedemail``. A name such as @ann stays.
    ``"phone"``
        7 to 15 digits with at most two blanks, points, slashes, dashes or parentheses from
        one to the next, and a leading + if any, as ``redactedphone``; but no date like
        2026-01-31 or 31.1.2026.
    ``"number"``
        Decimal digits of any script, also within words, and what joins them (1,000.50, 12:30,
        2026-01-31), as ``redactednumber``. Afterwards no decimal digit is left.

    Web and e-mail addresses also end at a letter of a script without blanks (Chinese, Thai).
    Names, places, and numbers in words stay: redaction lowers what a model can give away, and
    makes nobody anonymous.

    Parameters
    ----------
    text : str
    kinds : bool or sequence of str, default=True
        Some of "url", "email", "phone" and "number"; True for all, False for none.

    Returns
    -------
    redacted : str
        Blanks part the placeholders from other characters. Redacting it again changes
        nothing. At most 16 times as long as the text, where each character is a number.

    Raises
    ------
    ValueError
        If there is no such kind.

    Examples
    --------
    >>> redact("Mail ann@example.org or call +49 30 123456, room 7b.")
    'Mail redactedemail or call redactedphone , room redactednumber b.'
    >>> redact("3 mails to ann@example.org", kinds=["email"])
    '3 mails to redactedemail'
    """
    for kind in check_kinds(kinds):
        if _MAY_HAVE[kind](text):
            text = _STEPS[kind](text)
    return text


def check_kinds(kinds: bool | Sequence[str]) -> tuple[str, ...]:
    """The kinds in the order in which they are redacted.

    Examples
    --------
    >>> check_kinds(["number", "url"]), check_kinds(False)
    (('url', 'number'), ())
    """
    if isinstance(kinds, bool):
        return KINDS if kinds else ()
    unknown = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ValueError(
            f"redact must be True, False or a sequence of some of {', '.join(map(repr, KINDS))}; "
            f"got {kinds!r}."
        )
    return tuple(kind for kind in KINDS if kind in kinds)


def _replace(pattern: re.Pattern, kind: str, matters: Callable[[str], object] | None = None):
    """A function that puts a placeholder in the place of each match that matters."""
    word = PLACEHOLDERS[kind]

    def placed(match: re.Match) -> str:
        if matters is not None and not matters(match[0]):
            return match[0]
        text, start, stop = match.string, match.start(), match.end()
        before = "" if start == 0 or text[start - 1].isspace() else " "
        after = "" if stop == len(text) or text[stop].isspace() else " "
        return f"{before}{word}{after}"

    return lambda text: pattern.sub(placed, text)


def _is_phone(run: str) -> bool:
    return len(_DIGITS.findall(run)) in _PHONE_DIGITS and not _DATE.fullmatch(run)


_STEPS = {
    "url": _replace(_URL, "url"),
    "email": _replace(_ADDRESS_RUN, "email", _ADDRESS.search),
    "phone": _replace(_PHONE_RUN, "phone", _is_phone),
    "number": _replace(_NUMBER, "number"),
}
# Quick to ask, so that most texts are not searched.
_MAY_HAVE: dict[str, Callable[[str], object]] = {
    "url": lambda text: "://" in text or "ww" in text.lower(),
    "email": lambda text: "@" in text or "＠" in text,
    "phone": _DIGITS.search,
    "number": _DIGITS.search,
}
