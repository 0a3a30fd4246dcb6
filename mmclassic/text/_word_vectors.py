"""Word vectors: learned from texts by gensim, or somebody else's. Never a pickle."""

from __future__ import annotations

import os
import stat
import unicodedata
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

# gensim reads this many words of a document and silently ignores the rest.
GENSIM_WORDS = 10_000
# Documents whose words are looked up together.
_BATCH = 1024
# A first line longer than this is no header and no vector.
_LONGEST_FIRST_LINE = 1 << 20


class DocumentStream:
    """Documents as lists of words, made anew on every pass, in pieces gensim reads to the end.

    Parameters
    ----------
    words : list of str
        The different words.
    numbers : int32 array
        The words of all documents, one after the other, by their place in ``words``.
    ends : int64 array of shape (n_documents + 1,)
        Where in ``numbers`` each document begins, and where the last one ends.
    longest : int
        Words of a piece.

    Examples
    --------
    >>> numbers, ends = np.array([0, 1, 2, 0], dtype=np.int32), np.array([0, 3, 4])
    >>> list(DocumentStream(["a", "b", "c"], numbers, ends, longest=2))
    [['a', 'b'], ['c'], ['a']]
    """

    def __init__(self, words, numbers, ends, longest=GENSIM_WORDS):
        self.words, self.numbers, self.ends, self.longest = words, numbers, ends, longest

    def __iter__(self) -> Iterator[list[str]]:
        for first in range(0, len(self.ends) - 1, _BATCH):
            bounds = self.ends[first : first + _BATCH + 1].tolist()
            numbers = self.numbers[bounds[0] : bounds[-1]].tolist()
            words = [self.words[number] for number in numbers]
            for start, stop in pairwise(bounds):
                for piece in range(start, stop, self.longest):
                    yield words[piece - bounds[0] : min(piece + self.longest, stop) - bounds[0]]

    def __len__(self) -> int:
        """How many pieces there are."""
        return int((-(-np.diff(self.ends) // self.longest)).sum())


def train_word_vectors(
    words: list[str],
    numbers: np.ndarray,
    ends: np.ndarray,
    *,
    vector_size: int,
    window: int,
    min_count: int,
    epochs: int,
    skip_gram: bool,
    negative: int,
    seed: int,
) -> tuple[list[str], np.ndarray]:
    """Vectors of the words of some documents, by gensim's Word2Vec.

    Parameters
    ----------
    words, numbers, ends
        The documents, as in :class:`DocumentStream`.
    vector_size, window, min_count, epochs, skip_gram, negative
        As in :class:`Word2VecVectorizer`.
    seed : int
        The same seed and documents give the same vectors, bit by bit.

    Returns
    -------
    words : list of str
        The most frequent first.
    vectors : ndarray of shape (n_words, vector_size), float32

    Raises
    ------
    ValueError
        If no word occurs ``min_count`` times.
    """
    frequencies = np.bincount(numbers, minlength=len(words))
    if max(frequencies, default=0) < min_count:
        raise ValueError(
            f"No word occurs min_count={min_count} times in the {len(ends) - 1} texts, which "
            f"hold {len(numbers)} words, {len(words)} of them different: lower min_count, "
            "or pass pretrained vectors."
        )
    from gensim.models import Word2Vec

    stream = DocumentStream(words, numbers, ends)
    model = Word2Vec(
        vector_size=vector_size,
        window=window,
        min_count=min_count,
        epochs=epochs,
        sg=int(skip_gram),
        negative=negative,
        seed=seed,
        workers=1,  # more threads race, and the vectors with them
        hashfxn=_stable_hash,
    )
    model.build_vocab_from_freq(
        dict(zip(words, frequencies.tolist(), strict=True)), corpus_count=len(stream)
    )
    model.train(stream, total_examples=len(stream), epochs=epochs)
    vectors = model.wv
    del model  # what training needed is as large again
    return list(vectors.index_to_key), np.array(vectors.vectors, dtype=np.float32)


def _stable_hash(word: str) -> int:
    """The same in every process, unlike ``hash``."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def as_word_vectors(vectors: Any) -> tuple[list[str], np.ndarray]:
    """Pretrained vectors, however they are held, as words and a matrix.

    Parameters
    ----------
    vectors : gensim KeyedVectors, path, or pair (words, matrix)
        A path names a file in word2vec or GloVe text format. Words are a list, or one string
        with a word on each line.

    Returns
    -------
    words : list of str, NFC-normalised, without duplicates (the first one counts)
    matrix : ndarray of shape (n_words, n_features), float32

    Raises
    ------
    ValueError
        If the file is damaged, or the vectors do not fit the words or are not finite.
    TypeError
        If they are nothing of these.

    Examples
    --------
    >>> as_word_vectors((["cat"], [[1, 2]]))
    (['cat'], array([[1., 2.]], dtype=float32))
    """
    if isinstance(vectors, str | os.PathLike):
        words, matrix = read_word_vectors(vectors)
    elif hasattr(vectors, "index_to_key") and hasattr(vectors, "vectors"):
        words, matrix = vectors.index_to_key, vectors.vectors
    elif isinstance(vectors, tuple | list) and len(vectors) == 2:
        words, matrix = list(vectors[0]), vectors[1]
    else:
        raise TypeError(
            "vectors must be a gensim KeyedVectors, a path, or a pair (words, matrix); "
            f"got {type(vectors).__name__}."
        )
    matrix = np.asarray(matrix, dtype=np.float32)
    if matrix.ndim != 2 or len(words) != len(matrix) or 0 in matrix.shape:
        raise ValueError(
            f"vectors must have one row per word, got {len(words)} words and an array of "
            f"shape {matrix.shape}."
        )
    finite = np.isfinite(matrix).all(axis=1)
    if not finite.all():
        raise ValueError(f"The vector of {words[int(np.argmin(finite))]!r} is not finite.")
    rows: dict[str, int] = {}
    for row, word in enumerate(words):
        rows.setdefault(unicodedata.normalize("NFC", word), row)
    return list(rows), matrix if len(rows) == len(matrix) else matrix[list(rows.values())]


def read_word_vectors(path: str | os.PathLike) -> tuple[list[str], np.ndarray]:
    """Words and vectors of a text file, without trusting its header.

    Memory is bounded by twice the size of the file.

    Parameters
    ----------
    path : str or path-like
        word2vec text format (a header ``n_words n_features``, then a word and its numbers per
        line), or GloVe's, which has no header.

    Returns
    -------
    words : list of str
    vectors : ndarray of shape (n_words, n_features), float32

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is no regular file, or its content is not as described; the line is named.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError(f"{os.fspath(path)!r} is not a regular file.")
    with open(path, "rb") as file:
        first = file.readline(_LONGEST_FIRST_LINE)
        size = os.fstat(file.fileno()).st_size
        fields = first.split()
        if len(fields) == 2 and fields[0].isdigit() and fields[1].isdigit():
            n_words, n_features, skipped = int(fields[0]), int(fields[1]), len(first)
            _check_header(n_words, n_features, size - skipped, path)
        else:
            n_features, skipped = max(1, len(fields) - 1), 0
            n_words = None
        file.seek(skipped)
        return _read_lines(file, n_words, n_features, size, path)


def _smallest_line(n_features: int) -> int:
    """Bytes of a one-letter word, and a space and a digit per number, and the line's end."""
    return 2 + 2 * n_features


def _check_header(n_words: int, n_features: int, size: int, path) -> None:
    needed = n_words * _smallest_line(n_features) - 1  # the last line may lack its end
    if n_words < 1 or n_features < 1 or needed > size:
        raise ValueError(
            f"{os.fspath(path)!r}: the header promises {n_words} words with {n_features} numbers "
            f"each, at least {needed} bytes, but {size} bytes follow. The file is damaged or cut "
            "short, or it is not in word2vec text format."
        )


def _read_lines(file, n_words, n_features, size, path) -> tuple[list[str], np.ndarray]:
    most = n_words or size // _smallest_line(n_features) + 1
    vectors = np.empty((most, n_features), dtype=np.float32)
    words: list[str] = []
    for line in file:
        if not line.strip():
            continue
        word, *numbers = line.rsplit(None, n_features)
        try:
            if len(words) == most or len(numbers) != n_features:
                raise ValueError("too many lines" if len(words) == most else "too few numbers")
            vectors[len(words)] = numbers
        except ValueError as error:
            number = len(words) + 1 + (n_words is not None)
            raise ValueError(
                f"{os.fspath(path)!r}, line {number}: expected a word and {n_features} numbers"
                f"{'' if n_words is None else f', on {n_words} lines'} ({error}). Binary formats "
                "are not read: load them with gensim and pass the KeyedVectors."
            ) from None
        words.append(word.decode("utf-8", "replace"))
    if not words or (n_words is not None and len(words) < n_words):
        raise ValueError(
            f"{os.fspath(path)!r} ends after {len(words)} words"
            f"{'' if n_words is None else f', its header promises {n_words}'}."
        )
    return words, vectors[: len(words)]
