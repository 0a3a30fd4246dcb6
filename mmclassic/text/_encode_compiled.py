"""Texts to numbers of terms by compiled loops over their bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmclassic.text._encoded import CharacterPlan, Encoded, WordPlan, chunks_of
from mmclassic.text._growing import GrowingArray, GrowingTerms
from mmclassic.text._terms import Terms
from mmclassic.text._tokenizers import BLANK_SEPARATED, Tokenizer, character_classes

_NEWLINE = "\n"
_TOKEN_END = " "


def encode_words(texts: Sequence[str], plan: WordPlan, terms: Terms | None = None) -> Encoded:
    """As :func:`mmclassic.text._encode.encode`, for words."""
    growing = GrowingTerms()
    stop_words = Terms.from_strings(sorted(plan.stop_words))
    numbers, ends = GrowingArray(np.int32), GrowingArray(np.int64)
    ends.extend([0])
    for chunk in chunks_of(texts):
        tokens, spans, row_ends = scan(chunk, plan.tokenizer, lowercase=plan.lowercase)
        if len(stop_words):
            spans = _without(stop_words, tokens, spans, row_ends)
        spans, row_ends = _word_ngrams(spans, row_ends, plan.ngram_range)
        ends.extend(row_ends[1:] + numbers.size)
        numbers.extend(growing.add(tokens, spans) if terms is None else find(terms, tokens, spans))
    found = growing.finish() if terms is None else terms
    return Encoded(numbers.finish(), ends.finish(), found)


def encode_characters(
    texts: Sequence[str], plan: CharacterPlan, terms: Terms | None = None
) -> Encoded:
    """As :func:`mmclassic.text._encode.encode`, for characters."""
    words = encode_words(texts, WordPlan(BLANK_SEPARATED, plan.lowercase))
    growing = GrowingTerms()
    parts, part_ends = GrowingArray(np.int32), GrowingArray(np.int64)
    part_ends.extend([0])
    for chunk in chunks_of(words.terms.strings()):
        padded, spans, gram_ends = _character_ngrams(chunk, plan.ngram_range)
        part_ends.extend(gram_ends[1:] + parts.size)
        parts.extend(growing.add(padded, spans) if terms is None else find(terms, padded, spans))
    found = growing.finish() if terms is None else terms
    return Encoded(parts.finish(), part_ends.finish(), found, (words.parts, words.part_ends))


def scan(
    texts: Sequence[str], tokenizer: Tokenizer, *, lowercase: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All tokens of some texts.

    Parameters
    ----------
    texts : sequence of n str
    tokenizer : Tokenizer
    lowercase : bool

    Returns
    -------
    tokens : uint8 array
        UTF-8, one space after each token.
    spans : int64 array of shape (n_tokens, 2)
        Where in ``tokens`` each begins and ends.
    row_ends : int64 array of shape (n + 1,)
        The tokens of text i are ``row_ends[i]`` up to ``row_ends[i + 1]``.

    Examples
    --------
    >>> from mmclassic.text._tokenizers import TOKENIZERS
    >>> tokens, spans, row_ends = scan(["A cat", "dog"], TOKENIZERS["unicode"], lowercase=True)
    >>> tokens.tobytes(), spans.tolist(), row_ends
    (b'a cat dog ', [[0, 1], [2, 5], [6, 9]], array([0, 2, 3]))
    """
    from mmclassic.text._scan_kernel import scan_tokens

    lines = _NEWLINE.join(texts)
    if lines.count(_NEWLINE) != len(texts) - 1:  # some have lines of their own
        lines = _NEWLINE.join([text.replace(_NEWLINE, " ") for text in texts])
    lines = tokenizer.normalise(lines, lowercase=lowercase)
    only_ascii = lines.isascii()
    lines, verbatim = _split_irregular(lines, len(texts), tokenizer)
    data = np.frombuffer(f"{lines}\n".encode("utf-8", "surrogatepass"), dtype=np.uint8)
    tokens = np.empty(len(data), dtype=np.uint8)
    spans = np.empty((len(data) // 2 + 1, 2), dtype=np.int64)
    row_ends = np.empty(len(texts) + 1, dtype=np.int64)
    n_tokens = scan_tokens(
        data,
        verbatim,
        character_classes(tokenizer.letters, tokenizer.joined, only_ascii),
        tokenizer.shortest,
        tokenizer.longest,
        ord(tokenizer.banned) if tokenizer.banned else -1,
        tokens,
        spans,
        row_ends,
    )
    spans = spans[:n_tokens]
    return tokens[: spans[-1, 1] + 1 if n_tokens else 0], spans, row_ends


def find(terms: Terms, data: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Numbers of the terms in some spans, an int32 array; -1 where they are unknown."""
    from mmclassic.text._terms_kernel import find_terms

    numbers = np.empty(len(spans), dtype=np.int32)
    find_terms(data, spans, terms.slots(), terms.text, terms.offsets, numbers)
    return numbers


def _split_irregular(lines: str, n_lines: int, tokenizer: Tokenizer) -> tuple[str, np.ndarray]:
    """Lines that the table of classes is not enough for, as tokens; and which these are."""
    verbatim = np.zeros(n_lines, dtype=bool)
    if tokenizer.irregular is None or lines.isascii():
        return lines, verbatim
    irregular = tokenizer.irregular()
    split = lines.split(_NEWLINE)
    for row, line in enumerate(split):
        if not line.isascii() and irregular.search(line):
            split[row] = _TOKEN_END.join(tokenizer.split(line))
            verbatim[row] = True
    return _NEWLINE.join(split), verbatim


def _without(stop_words: Terms, tokens, spans, row_ends) -> np.ndarray:
    """Spans without those of stop words; the arrays are changed."""
    from mmclassic.text._scan_kernel import drop_tokens

    dropped = find(stop_words, tokens, spans) >= 0
    return spans[: drop_tokens(tokens, spans, row_ends, dropped)]


def _word_ngrams(spans, row_ends, ngram_range) -> tuple[np.ndarray, np.ndarray]:
    """Spans of n-grams of words, and where those of each row end."""
    from mmclassic.text._scan_kernel import word_ngrams

    shortest, longest = ngram_range
    if longest == 1:
        return spans, row_ends
    longest = min(longest, int(np.diff(row_ends).max(initial=0)))
    grams = np.empty((len(spans) * max(0, longest - shortest + 1), 2), dtype=np.int64)
    gram_ends = np.empty_like(row_ends)
    n_grams = word_ngrams(spans, row_ends, shortest, longest, grams, gram_ends)
    return grams[:n_grams], gram_ends


def _character_ngrams(words, ngram_range) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Words between blanks as bytes, spans of their n-grams, and where those of each end."""
    from mmclassic.text._scan_kernel import character_ngrams

    shortest, longest = ngram_range
    encoded = [f" {word} ".encode("utf-8", "surrogatepass") for word in words]
    sizes = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
    stops = np.cumsum(sizes)
    padded = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    longest = max(shortest, min(longest, int(sizes.max())))
    lengths = sizes[:, None] - np.arange(shortest, longest + 1) + 1
    grams = np.empty((int(np.maximum(lengths, 1).sum()), 2), dtype=np.int64)
    starts = np.empty(int(sizes.max()) + 1, dtype=np.int64)
    gram_ends = np.empty(len(words) + 1, dtype=np.int64)
    spans = np.column_stack([stops - sizes, stops])
    n_grams = character_ngrams(padded, spans, shortest, longest, starts, grams, gram_ends)
    return padded, grams[:n_grams], gram_ends
