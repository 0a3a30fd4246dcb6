"""Words of a text, in any script.

scikit-learn's own token pattern loses what users write: emoji and one-letter words vanish,
Hindi words are cut at their vowel signs, and a Chinese or Thai sentence, written without
spaces, becomes one token. Here words follow a simplified Unicode word segmentation (UAX #29),
emoji sequences stay whole (UTS #51), and scripts without spaces give overlapping pairs of
characters, the usual choice where no dictionary is at hand.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise

# Scripts whose words are not separated by spaces: Thai, Lao, Myanmar, Khmer, Han, kana, bopomofo.
_UNSPACED_BLOCKS = [
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3041, 0x3130),
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x1B000, 0x1B16F),
    (0x20000, 0x323AF),
]
# Letters that belong to the character before them: Thai and Lao AM, halfwidth voicing marks.
_EXTENDING_LETTERS = "\u0e33\u0eb3\uff9e\uff9f"
# Myanmar virama and Khmer coeng stack the next consonant under the one before.
_STACKERS = "\u1039\u17d2"
# Zero-width joiners shape letters inside a word (Persian, Malayalam); they do not end it.
_JOINERS = "\u200c\u200d"

_PICTOGRAPHS = (
    "\u231a\u231b\u2328\u23cf\u23e9-\u23fa\u2600-\u27bf\u2b1b\u2b1c\u2b50\u2b55"
    "\U0001f000-\U0001f0ff\U0001f170\U0001f171\U0001f17e\U0001f17f\U0001f18e"
    "\U0001f191-\U0001f19a\U0001f201-\U0001f265\U0001f300-\U0001f64f\U0001f680-\U0001f6ff"
    "\U0001f7e0-\U0001f7ff\U0001f900-\U0001faff"
)
_FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"

# Letters and digits, joined by apostrophes (don't), and between digits by . and , (1,000.5).
_ASCII_WORD = re.compile(r"[^\W_]+(?:(?:'|(?<=\d)[.,](?=\d))[^\W_]+)*", re.ASCII)

# What Python makes of the Turkish capital İ.
_DOTTED_I = re.compile("i\u0307+")


def tokenize(text: str, *, lowercase: bool = True) -> list[str]:
    """Words, numbers and emoji of a text, in order.

    Parameters
    ----------
    text : str
        In any script; it is NFC-normalised first.
    lowercase : bool, default=True
        Whether capital letters count as small ones.

    Returns
    -------
    tokens : list of str
        Words with their apostrophes and combining marks, numbers with their separators, words
        of a single letter. Text without spaces between words (Chinese, Japanese, Thai, Lao,
        Khmer, Burmese) gives overlapping pairs of characters, a character being a whole
        grapheme cluster. An emoji is one token, also where it is a flag or a joined sequence;
        its presentation selectors (U+FE0E, U+FE0F) are dropped. Punctuation is left out.

    References
    ----------
    Unicode Standard Annex 29, "Unicode text segmentation"; Unicode Technical Standard 51,
    "Unicode emoji".

    Examples
    --------
    >>> tokenize("I don't owe you 1,000.50 euros!")
    ['i', "don't", 'owe', 'you', '1,000.50', 'euros']
    >>> tokenize("東京都へ行く 🇯🇵")
    ['東京', '京都', '都へ', 'へ行', '行く', '🇯🇵']
    """
    return split_tokens(normalise_text(text, lowercase=lowercase))


def normalise_text(text: str, *, lowercase: bool = True) -> str:
    """The spelling under which texts are compared.

    NFC, without soft hyphens, typographic apostrophes as plain ones, and small letters (the
    Turkish capital İ becomes a plain i, not an i and a combining dot).

    Parameters
    ----------
    text : str
    lowercase : bool, default=True

    Returns
    -------
    normalised : str

    Examples
    --------
    >>> normalise_text("İstanbul’s co\u00adoperative")
    "istanbul's cooperative"
    """
    if text.isascii():
        return text.lower() if lowercase else text
    text = text.replace("\u00ad", "").replace("\u2019", "'")
    text = unicodedata.normalize("NFC", text)
    if lowercase:
        text = unicodedata.normalize("NFC", _DOTTED_I.sub("i", text.lower()))
    return text


def split_tokens(normalised: str) -> list[str]:
    """Tokens of a text that :func:`normalise_text` has already seen.

    Parameters
    ----------
    normalised : str

    Returns
    -------
    tokens : list of str

    Examples
    --------
    >>> split_tokens("น้ำดี")
    ['น้ำดี']
    """
    if normalised.isascii():
        return _ASCII_WORD.findall(normalised)
    token, unspaced, cluster, _ = _patterns()
    tokens = token.findall(normalised)
    if "\ufe0f" in normalised or "\ufe0e" in normalised:
        plain = (found.replace("\ufe0f", "").replace("\ufe0e", "") for found in tokens)
        tokens = [found for found in plain if found]
    if unspaced.search(normalised) is None:
        return tokens
    pairs: list[str] = []
    for found in tokens:
        if unspaced.match(found):
            pairs += _overlapping_pairs(cluster.findall(found))
        else:
            pairs.append(found)
    return pairs


def _overlapping_pairs(clusters: list[str]) -> list[str]:
    """Neighbouring characters as pairs; a single character stays.

    >>> _overlapping_pairs(["a", "b", "c"]), _overlapping_pairs(["a"])
    (['ab', 'bc'], ['a'])
    """
    if len(clusters) == 1:
        return clusters
    return [first + second for first, second in pairwise(clusters)]


def irregular_characters() -> re.Pattern:
    """Pattern of the characters whose words are more than letters, digits and what joins them.

    Combining marks, emoji, and letters of the scripts without spaces.

    Examples
    --------
    >>> irregular_characters().findall("année 日 x\u0302 ☕ 1.5")
    ['日', '̂', '☕']
    """
    return _patterns()[-1]


@cache
def _patterns() -> tuple[re.Pattern, re.Pattern, re.Pattern, re.Pattern]:
    """Patterns of a token, an unspaced letter, a grapheme cluster, and what makes these needed.

    Compiled on first use: Python's ``re`` knows no Unicode categories, so they are read from
    ``unicodedata``, which takes some 20 ms.
    """
    marks = _class_of(
        lambda category: category[0] == "M",
        [(0x0300, 0x1FFFF), (0xE0100, 0xE01EF)],
    )
    marks += _JOINERS + _EXTENDING_LETTERS
    letters = _class_of(lambda category: category in {"Lo", "Lm", "Nl"}, _UNSPACED_BLOCKS)
    cluster = rf"[{letters}](?:[{_STACKERS}][{letters}]|[{marks}])*"
    # Unrolled, because a class cannot join "word characters without …" and "marks"; possessive,
    # so that no text, however odd, takes more than linear time.
    letter = rf"[^\W_{letters}]"
    part = rf"{letter}++(?:[{marks}]++{letter}*+)*+"
    word = rf"{part}(?:(?:'|(?<=\d)[.,](?=\d)){part})*"
    token = f"{_emoji_pattern()}|(?:{cluster})+|{word}"
    irregular = f"[{letters}{marks}{_PICTOGRAPHS}{_FLAG_LETTERS}]"
    compiled = re.compile
    return compiled(token), compiled(f"[{letters}]"), compiled(cluster), compiled(irregular)


def _emoji_pattern() -> str:
    """Keycaps, flags, and pictographs with modifiers, tags and joiners (UTS #51)."""
    modifiers = "[\ufe0e\ufe0f]?[\U0001f3fb-\U0001f3ff]?\ufe0f?\u20e3?[\U000e0020-\U000e007f]*"
    # Any symbol followed by U+FE0F asks to be shown as an emoji: ©️, ↔️, ‼️.
    first = rf"(?:[{_PICTOGRAPHS}]|[^\w\s](?=\ufe0f)){modifiers}"
    joined = rf"(?:\u200d[^\w\s]{modifiers})*"
    return rf"[0-9#*]\ufe0f?\u20e3|[{_FLAG_LETTERS}]{{1,2}}|{first}{joined}"


def _class_of(belongs: Callable[[str], bool], blocks: Iterable[tuple[int, int]]) -> str:
    """Inside of a character class: the characters of some blocks whose category belongs.

    >>> _class_of(lambda category: category == "Lu", [(0x41, 0x62)])
    'A-Z'
    """
    ranges: list[list[int]] = []
    for first, last in blocks:
        for code in range(first, last + 1):
            if not belongs(unicodedata.category(chr(code))):
                continue
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(chr(a) if a == b else f"{chr(a)}-{chr(b)}" for a, b in ranges)
