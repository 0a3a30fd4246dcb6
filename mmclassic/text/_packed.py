"""Vocabularies in a form that is quick to save.

skops writes one JSON node per dictionary entry: a vocabulary of 80 000 terms takes 50 MB and
eight seconds. As one string it takes one node.
"""

from __future__ import annotations

from collections.abc import Iterable


def pack_words(words: Iterable[str]) -> str | list[str]:
    """Words as one string, one per line, or as a list where a word holds a line break.

    Examples
    --------
    >>> pack_words(["a", "b"])
    'a\\nb'
    """
    words = list(words)
    packed = "\n".join(words)
    return packed if packed.count("\n") == len(words) - 1 else words


def unpack_words(packed: str | Iterable[str]) -> list[str]:
    """Words that :func:`pack_words` has packed.

    Examples
    --------
    >>> unpack_words("a\\nb")
    ['a', 'b']
    """
    return packed.split("\n") if isinstance(packed, str) else list(packed)


def pack_vocabulary(vocabulary: dict[str, int]) -> str | list[str]:
    """A vocabulary, whose columns are 0 to n - 1, as its packed words.

    Examples
    --------
    >>> pack_vocabulary({"b": 1, "a": 0})
    'a\\nb'
    """
    return pack_words(sorted(vocabulary, key=vocabulary.__getitem__))


def unpack_vocabulary(packed: str | list[str]) -> dict[str, int]:
    """A vocabulary that :func:`pack_vocabulary` has packed.

    Examples
    --------
    >>> unpack_vocabulary("a\\nb")
    {'a': 0, 'b': 1}
    """
    return {word: column for column, word in enumerate(unpack_words(packed))}
