"""Texts to numbers of terms in plain Python: the reference, and sooner done for few texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from mmclassic.text._encoded import CharacterPlan, Encoded, WordPlan
from mmclassic.text._terms import Terms
from mmclassic.text._tokenizers import BLANK_SEPARATED


def encode_words(texts: Sequence[str], plan: WordPlan, terms: Terms | None = None) -> Encoded:
    """As :func:`mmclassic.text._encode.encode`, for words."""
    numbers, ends, terms = _numbered((words_of(text, plan) for text in texts), terms)
    return Encoded(numbers, ends, terms)


def encode_characters(
    texts: Sequence[str], plan: CharacterPlan, terms: Terms | None = None
) -> Encoded:
    """As :func:`mmclassic.text._encode.encode`, for characters."""
    rows = (BLANK_SEPARATED.normalise(text, lowercase=plan.lowercase).split() for text in texts)
    ids, ends, words = _numbered(rows, None)
    grams = (character_ngrams(word, *plan.ngram_range) for word in words.strings())
    parts, part_ends, terms = _numbered(grams, terms)
    return Encoded(parts, part_ends, terms, (ids, ends))


def words_of(text: str, plan: WordPlan) -> list[str]:
    """N-grams of the words of a text.

    Examples
    --------
    >>> from mmclassic.text._tokenizers import TOKENIZERS
    >>> plan = WordPlan(TOKENIZERS["unicode"], ngram_range=(1, 2), stop_words=frozenset(["a"]))
    >>> words_of("A cat and a dog", plan)
    ['cat', 'cat and', 'and', 'and dog', 'dog']
    """
    words = plan.tokenizer.split(plan.tokenizer.normalise(text, lowercase=plan.lowercase))
    if plan.stop_words:
        words = [word for word in words if word not in plan.stop_words]
    shortest, longest = plan.ngram_range
    if longest == 1:
        return words
    return [
        " ".join(words[first:stop])
        for first in range(len(words))
        for stop in range(first + shortest, min(first + longest, len(words)) + 1)
    ]


def character_ngrams(word: str, shortest: int, longest: int) -> list[str]:
    """N-grams of a word between blanks, as scikit-learn's ``char_wb``.

    Examples
    --------
    >>> character_ngrams("cat", 3, 9)
    [' ca', 'cat', 'at ', ' cat', 'cat ', ' cat ']
    """
    padded = f" {word} "
    grams = []
    for n in range(shortest, longest + 1):
        grams += [padded[i : i + n] for i in range(max(1, len(padded) - n + 1))]
        if len(padded) <= n:  # a short word counts once, as it is
            break
    return grams


def _numbered(
    rows: Iterable[list[str]], terms: Terms | None
) -> tuple[np.ndarray, np.ndarray, Terms]:
    """Number of each term, where each row ends, and the terms."""
    known = {} if terms is None else terms.numbers()
    numbers: list[int] = []
    ends = [0]
    for row in rows:
        if terms is None:
            numbers += [known.setdefault(term, len(known)) for term in row]
        else:
            numbers += [known.get(term, -1) for term in row]
        ends.append(len(numbers))
    found = Terms.from_strings(list(known)) if terms is None else terms
    return np.array(numbers, dtype=np.int32), np.array(ends, dtype=np.int64), found
