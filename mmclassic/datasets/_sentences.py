"""Sentences about a digit, noisy as people's are: the text of the demonstration table."""

from __future__ import annotations

import numpy as np

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

# Other ways to say each digit.
HINTS = (
    ("nothing at all", "a round nil", "nought"),
    ("a single stroke", "just the unit", "uno"),
    ("a pair", "a couple", "twice"),
    ("a trio", "thrice", "a triangle has as many corners"),
    ("a quartet", "as many as the seasons", "double a pair"),
    ("a handful", "the fingers of a hand", "half of ten"),
    ("half a dozen", "the legs of an insect", "a hexagon"),
    ("the days of a week", "the lucky number", "a week"),
    ("an octopus has as many arms", "an octave", "double a quartet"),
    ("a cat has as many lives", "one less than ten", "thrice a trio"),
)

CERTAIN = (
    "I would say this is {0}",
    "clearly {0}, no doubt",
    "{0}, as far as I can tell",
    "they wrote {0} here",
    "it says {0} on the form",
    "read it as {0} please",
    "the clerk noted {0} in pencil",
)
UNSURE = (
    "either {0} or {1}, hard to tell",
    "{0}? might be {1} as well",
    "looks like {0} but it could be {1}",
)
CLUELESS = (
    "no idea what this is meant to be",
    "the ink has run, cannot read it",
    "somebody please check this one again",
    "too faint to make out",
)

# Share of sentences that name the digit, say it in other words, name two digits, or none;
# the rest names a wrong one.
SHARES = (0.54, 0.22, 0.12, 0.08)
TYPING_ERROR = 0.03


def sentence(digit: int, rng: np.random.Generator) -> str:
    """A noisy sentence about a digit, which may not give it away.

    Parameters
    ----------
    digit : int
        Between 0 and 9.
    rng : numpy.random.Generator

    Examples
    --------
    >>> sentence(7, np.random.default_rng(2))
    'clearly seven, no doubt'
    """
    other = int((digit + rng.integers(1, 10)) % 10)
    kind = np.searchsorted(np.cumsum(SHARES), rng.random())
    if kind == 0:
        text = _pick(CERTAIN, rng).format(WORDS[digit])
    elif kind == 1:
        text = _pick(CERTAIN, rng).format(_pick(HINTS[digit], rng))
    elif kind == 2:
        pair = [WORDS[digit], WORDS[other]]
        text = _pick(UNSURE, rng).format(*(pair if rng.random() < 0.5 else pair[::-1]))
    elif kind == 3:
        text = _pick(CLUELESS, rng)
    else:
        text = _pick(CERTAIN, rng).format(WORDS[other])
    return mistype(text, TYPING_ERROR, rng)


def mistype(text: str, share: float, rng: np.random.Generator) -> str:
    """A text in which some letters were left out, doubled, or swapped with the next one.

    Examples
    --------
    >>> mistype("seven", 0.0, np.random.default_rng(0))
    'seven'
    """
    letters = list(text)
    position = 0
    while position < len(letters) - 1:
        if rng.random() < share:
            change = rng.integers(3)
            if change == 0:
                del letters[position]
            elif change == 1:
                letters.insert(position, letters[position])
            else:
                letters[position : position + 2] = letters[position + 1], letters[position]
            position += 1
        position += 1
    return "".join(letters)


def _pick(choices: tuple[str, ...], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
