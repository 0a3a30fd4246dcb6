"""Text made worse: typing errors, words left out, words in another order."""

from __future__ import annotations

import numpy as np


def text_typing_errors(text: str, severity: float, rng: np.random.Generator) -> str:
    """Letters swapped with the next one, left out, replaced, or with another one before them.

    Letters that come in are drawn from the text's own, so that every script stays what it is.

    Parameters
    ----------
    text : str
    severity : float
        Share of the letters with an error; each letter by chance.
    rng : Generator

    Returns
    -------
    text : str
        With at least one letter, if it had one.

    References
    ----------
    F. Damerau: A technique for computer detection and correction of spelling errors. CACM 7(3),
    1964 (the four kinds).

    Examples
    --------
    >>> text_typing_errors("a small grey cat", 0.2, np.random.default_rng(1))
    'a mall gcrey cat'
    """
    letters = sorted({letter for letter in text if letter.isalpha()})
    if not letters:
        return text
    # Drawn for all letters alike, so that what is wrong at a small share is wrong at a larger one.
    chance, kinds = rng.random(len(text)), rng.integers(4, size=len(text))
    others = rng.integers(len(letters), size=len(text))
    written = list(text)
    place = 0
    while place < len(text):
        if text[place].isalpha() and chance[place] < severity:
            other = letters[others[place]]
            if kinds[place] == 0 and place + 1 < len(text):
                written[place], written[place + 1] = text[place + 1], text[place]
                place += 1
            elif kinds[place] == 1:
                written[place] = ""
            else:
                written[place] = other if kinds[place] == 2 else other + text[place]
        place += 1
    damaged = "".join(written)
    return damaged if damaged.strip() else letters[0]


def text_dropped_words(text: str, severity: float, rng: np.random.Generator) -> str:
    """Words left out.

    Parameters
    ----------
    text : str
    severity : float
        Share of the words that are left out; each word by chance.
    rng : Generator

    Returns
    -------
    text : str
        Words joined by single spaces; one of them stays, since a text without words is missing.

    Examples
    --------
    >>> text_dropped_words("a small grey cat", 0.5, np.random.default_rng(1))
    'a small cat'
    """
    words = text.split()
    if not words:
        return text
    chance = rng.random(len(words))
    kept = (chance >= severity) | (chance == chance.max())
    return " ".join(word for word, stays in zip(words, kept, strict=True) if stays)


def text_shuffled_words(text: str, severity: float, rng: np.random.Generator) -> str:
    """Words that change places with each other.

    Parameters
    ----------
    text : str
    severity : float
        Share of the words that do; each word by chance.
    rng : Generator

    Returns
    -------
    text : str
        The same words, joined by single spaces.

    Examples
    --------
    >>> text_shuffled_words("a small grey cat", 1, np.random.default_rng(0))
    'small grey a cat'
    """
    words = np.array(text.split(), dtype=object)
    moved = np.flatnonzero(rng.random(len(words)) < severity)
    words[moved] = words[rng.permutation(moved)]
    return " ".join(words)
