"""Texts to numbers of terms, by compiled loops where they pay, else in Python."""

from __future__ import annotations

from collections.abc import Sequence

from mmclassic.text import _encode_compiled, _encode_plain
from mmclassic.text._encoded import CharacterPlan, Encoded, WordPlan, compiled_loops_pay
from mmclassic.text._terms import Terms


def encode(
    texts: Sequence[str], plan: WordPlan | CharacterPlan, terms: Terms | None = None
) -> Encoded:
    """The terms of every text, in order.

    Parameters
    ----------
    texts : sequence of n str
    plan : WordPlan or CharacterPlan
    terms : Terms, optional
        The known terms; otherwise all are, numbered as they appear first.

    Returns
    -------
    encoded : Encoded
        Of n rows.

    Examples
    --------
    >>> from mmclassic.text._tokenizers import TOKENIZERS
    >>> encoded = encode(["a cat", "a dog, a cat"], WordPlan(TOKENIZERS["unicode"]))
    >>> encoded.parts, encoded.part_ends, encoded.terms.strings()
    (array([0, 1, 0, 2, 0, 1], dtype=int32), array([0, 2, 6]), ['a', 'cat', 'dog'])
    """
    way = _encode_compiled if compiled_loops_pay(texts, terms) else _encode_plain
    if isinstance(plan, WordPlan):
        return way.encode_words(texts, plan, terms)
    return way.encode_characters(texts, plan, terms)
