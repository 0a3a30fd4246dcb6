"""The ways to find words that can be chosen by name, each as a function and as a table.

The function is Python's and the reference. The table gives every character a class, by which
a compiled loop finds the same tokens in all texts at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from mmclassic.text._tokenize import irregular_characters, normalise_text, split_tokens

# Classes of characters. Apostrophes belong to a word between two letters or digits, points
# between two digits.
# Compiled loops on disk know these numbers: whoever changes them edits _scan_kernel.py as well.
SEPARATOR, LETTER, DIGIT, APOSTROPHE, POINT = range(5)

_N_CODE_POINTS = 0x110000
_ALPHANUMERIC_RUNS = re.compile(r"\w\w+")
_ALPHABETIC_RUNS = re.compile(r"[^\W\d]+")


@dataclass(frozen=True)
class Tokenizer:
    """How a text becomes tokens.

    Attributes
    ----------
    normalise : callable
        From a text, and ``lowercase=``, to the spelling that is split. It treats every line by
        itself and keeps the newlines.
    split : callable
        From a normalised text to its tokens, none of which holds a blank.
    letters : str
        Pattern of the characters that tokens consist of.
    joined : bool
        Whether apostrophes, and points between digits, can be part of a token.
    shortest, longest : int
        Characters of a token.
    banned : str
        No token begins with it.
    irregular : callable
        A pattern of characters that the table has no class for: texts with them are split by
        the function.
    """

    normalise: Callable[..., str]
    split: Callable[[str], list[str]]
    letters: str
    joined: bool = False
    shortest: int = 1
    longest: int = 2**62
    banned: str = ""
    irregular: Callable[[], re.Pattern] | None = None


def _change_case(text: str, *, lowercase: bool = True) -> str:
    return text.lower() if lowercase else text


def _split_like_gensim(text: str) -> list[str]:
    """As ``gensim.utils.simple_preprocess``.

    >>> _split_like_gensim("_so_ 7up is a nice drink")
    ['up', 'is', 'nice', 'drink']
    """
    found = _ALPHABETIC_RUNS.findall(text)
    return [token for token in found if 2 <= len(token) <= 15 and token[0] != "_"]


TOKENIZERS = {
    "unicode": Tokenizer(
        normalise_text, split_tokens, r"[^\W_]", joined=True, irregular=irregular_characters
    ),
    "scikit-learn": Tokenizer(_change_case, _ALPHANUMERIC_RUNS.findall, r"\w", shortest=2),
    "gensim": Tokenizer(
        _change_case, _split_like_gensim, r"[^\W\d]", shortest=2, longest=15, banned="_"
    ),
}

# What character n-grams within words call a word.
BLANK_SEPARATED = Tokenizer(normalise_text, str.split, r"\S")


@cache
def character_classes(letters: str, joined: bool, only_ascii: bool) -> np.ndarray:
    """Class of each code point, a uint8 array: of the first 128, or (in 0.1 s) of all.

    Examples
    --------
    >>> character_classes("[^\\\\W_]", True, True)[[ord(c) for c in "a7'._ "]]
    array([1, 2, 3, 4, 0, 0], dtype=uint8)
    """
    every = "".join(map(chr, range(128 if only_ascii else _N_CODE_POINTS)))
    classes = np.full(len(every), SEPARATOR, dtype=np.uint8)
    for match in re.finditer(f"(?:{letters})+", every):
        classes[match.start() : match.end()] = LETTER
    if joined:
        for match in re.finditer(r"\d+", every):
            classes[match.start() : match.end()] = DIGIT
        classes[ord("'")] = APOSTROPHE
        classes[[ord("."), ord(",")]] = POINT
    return classes
