"""Compiled loops from bytes to tokens, and from tokens to n-grams.

A *span* is a pair of positions in an array of bytes. Tokens lie one after the other with one
space between them, so that an n-gram of words, too, is a span.
"""

from __future__ import annotations

import numpy as np

from mmclassic._jit import compiled_for, inlined
from mmclassic.text._tokenizers import APOSTROPHE, DIGIT, LETTER, POINT, SEPARATOR
from mmclassic.text._types_kernel import (
    BYTES,
    ENDS,
    FLAGS,
    INT,
    OUT_BYTES,
    OUT_ENDS,
    OUT_SPANS,
    SPANS,
)

_SPACE = 32
_NEWLINE = 10


@inlined
def _character(data, position):
    """Code point and number of bytes of a character in valid UTF-8."""
    byte = np.int64(data[position])
    if byte < 0x80:
        return byte, 1
    code = np.int64(data[position + 1]) & 63
    if byte < 0xE0:
        return ((byte & 31) << 6) | code, 2
    code = (code << 6) | (np.int64(data[position + 2]) & 63)
    if byte < 0xF0:
        return ((byte & 15) << 12) | code, 3
    return ((byte & 7) << 18) | (code << 6) | (np.int64(data[position + 3]) & 63), 4


@inlined
def _joins(kind, previous, data, position, classes):
    """Whether an apostrophe or a decimal point is part of the word around it."""
    following = classes[_character(data, position)[0]]
    if kind == APOSTROPHE:
        return following in (LETTER, DIGIT)
    return previous == DIGIT and following == DIGIT


@compiled_for(INT, BYTES, FLAGS, BYTES, INT, INT, INT, OUT_BYTES, OUT_SPANS, OUT_ENDS)
def scan_tokens(data, verbatim, classes, shortest, longest, banned, tokens, spans, row_ends):
    """Tokens of every row of a text.

    Parameters
    ----------
    data : uint8 array, UTF-8
        Rows, each ended by a newline.
    verbatim : bool array of shape (n_rows,)
        Rows that are tokens already, with a space between them.
    classes : uint8 array
        Class of each code point; of 128 where ``data`` is ASCII, else of all.
    shortest, longest : int
        Characters of a token.
    banned : int
        No token begins with this byte; -1 for any.
    tokens, spans, row_ends : arrays, filled
        Of len(data) bytes; of shape (len(data) // 2 + 1, 2); of shape (n_rows + 1,).

    Returns
    -------
    n_tokens : int
    """
    position = start = stop = length = row = n_tokens = 0
    previous = SEPARATOR
    row_ends[0] = 0
    while position < len(data):
        code, width = _character(data, position)
        if verbatim[row]:
            kind = SEPARATOR if code in (_SPACE, _NEWLINE) else LETTER
        else:
            kind = classes[code]
        if kind in (APOSTROPHE, POINT):
            joins = length > 0 and _joins(kind, previous, data, position + 1, classes)
            kind = LETTER if joins else SEPARATOR
        if kind != SEPARATOR:
            for i in range(width):
                tokens[stop + i] = data[position + i]
            stop += width
            length += 1
        elif length:
            if shortest <= length <= longest and tokens[start] != banned:
                spans[n_tokens, 0] = start
                spans[n_tokens, 1] = stop
                n_tokens += 1
                tokens[stop] = _SPACE
                start = stop + 1
            stop = start
            length = 0
        if code == _NEWLINE:
            row += 1
            row_ends[row] = n_tokens
        previous = kind
        position += width
    return n_tokens


@compiled_for(INT, OUT_BYTES, OUT_SPANS, OUT_ENDS, FLAGS)
def drop_tokens(tokens, spans, row_ends, dropped):
    """Take tokens out, and move the others together, in place; returns how many are left."""
    n_tokens = stop = first = 0
    for row in range(len(row_ends) - 1):
        for i in range(first, row_ends[row + 1]):
            if dropped[i]:
                continue
            length = spans[i, 1] - spans[i, 0]
            for position in range(length):
                tokens[stop + position] = tokens[spans[i, 0] + position]
            tokens[stop + length] = _SPACE
            spans[n_tokens, 0] = stop
            spans[n_tokens, 1] = stop + length
            stop += length + 1
            n_tokens += 1
        first = row_ends[row + 1]
        row_ends[row + 1] = n_tokens
    return n_tokens


@compiled_for(INT, SPANS, ENDS, INT, INT, OUT_SPANS, OUT_ENDS)
def word_ngrams(spans, row_ends, shortest, longest, grams, gram_ends):
    """Spans of the n-grams of the words of each row; returns their number."""
    n_grams = 0
    gram_ends[0] = 0
    for row in range(len(row_ends) - 1):
        stop = row_ends[row + 1]
        for first in range(row_ends[row], stop):
            for last in range(first + shortest - 1, min(first + longest, stop)):
                grams[n_grams, 0] = spans[first, 0]
                grams[n_grams, 1] = spans[last, 1]
                n_grams += 1
        gram_ends[row + 1] = n_grams
    return n_grams


@compiled_for(INT, BYTES, SPANS, INT, INT, OUT_ENDS, OUT_SPANS, OUT_ENDS)
def character_ngrams(padded, spans, shortest, longest, starts, grams, gram_ends):
    """Spans of the n-grams of the characters of each word; returns their number.

    Parameters
    ----------
    padded : uint8 array, UTF-8
    spans : int64 array of shape (n_words, 2)
        Words in ``padded``, with the blank before and after them.
    shortest, longest : int
    starts : int64 array, scratch
        Longer by one than the longest word.
    grams, gram_ends : arrays, filled
        As scikit-learn's ``char_wb``: a word shorter than n counts once, as it is.
    """
    n_grams = 0
    gram_ends[0] = 0
    for word in range(len(spans)):
        length = 0
        position = spans[word, 0]
        while position < spans[word, 1]:
            starts[length] = position
            length += 1
            position += 1
            while position < spans[word, 1] and padded[position] & 0xC0 == 0x80:
                position += 1
        starts[length] = position
        for n in range(shortest, longest + 1):
            for first in range(max(1, length - n + 1)):
                grams[n_grams, 0] = starts[first]
                grams[n_grams, 1] = starts[min(first + n, length)]
                n_grams += 1
            if length <= n:
                break
        gram_ends[word + 1] = n_grams
    return n_grams
