"""Which blocks of terms a bag of words has, and how the terms of each are found."""

from __future__ import annotations

from numbers import Integral

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from mmclassic.text._encoded import CharacterPlan, WordPlan
from mmclassic.text._tokenizers import Tokenizer


def plans_of(
    words, characters, *, tokenizer: Tokenizer, lowercase: bool, stop_words
) -> dict[str, WordPlan | CharacterPlan]:
    """The plan of each block, by its prefix; parameters as of the bag of words.

    Raises
    ------
    ValueError
        If there is no block, or n-grams have no sensible length.

    Examples
    --------
    >>> from mmclassic.text._tokenizers import TOKENIZERS
    >>> options = {"tokenizer": TOKENIZERS["unicode"], "lowercase": True, "stop_words": None}
    >>> plans_of(None, "auto", **options)
    {'char': CharacterPlan(lowercase=True, ngram_range=(2, 5))}
    """
    if words is None and characters is None:
        raise ValueError("words and characters are both None: at least one must be given.")
    plans: dict[str, WordPlan | CharacterPlan] = {}
    if words is not None:
        ngrams = _checked_range(words, "words")
        stopped = _stop_words(stop_words, tokenizer, lowercase)
        plans["word"] = WordPlan(tokenizer, lowercase, ngrams, stopped)
    if characters is not None:
        bounds = (2, 5) if isinstance(characters, str) else characters
        plans["char"] = CharacterPlan(lowercase, _checked_range(bounds, "characters"))
    return plans


def _stop_words(given, tokenizer: Tokenizer, lowercase: bool) -> frozenset[str]:
    if given is None:
        return frozenset()
    if isinstance(given, str):
        return ENGLISH_STOP_WORDS
    return frozenset(tokenizer.normalise(word, lowercase=lowercase) for word in given)


def _checked_range(bounds, name) -> tuple[int, int]:
    """Shortest and longest n-gram."""
    whole = len(bounds) == 2 and all(isinstance(bound, Integral) for bound in bounds)
    if not whole or not 1 <= bounds[0] <= bounds[1]:
        raise ValueError(
            f"{name} must be None or (shortest, longest), two ints with "
            f"1 <= shortest <= longest; got {bounds!r}."
        )
    return int(bounds[0]), int(bounds[1])
