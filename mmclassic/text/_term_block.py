"""One block of terms: which are kept, and a place in the table for its rows."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from mmclassic.text._count import (
    count_terms,
    document_frequencies,
    renumbered,
    total_frequencies,
)
from mmclassic.text._encode import encode
from mmclassic.text._encoded import CharacterPlan, Encoded, WordPlan
from mmclassic.text._hashed_terms import HashedTerms, hash_terms
from mmclassic.text._terms import Terms
from mmclassic.text._tokenizers import TOKENIZERS


@dataclass(frozen=True)
class Selection:
    """Which terms of a block are kept; as the parameters of the bag of words."""

    min_df: float | int = 1
    max_df: float | int = 1.0
    max_features: int | None = None
    binary: bool = False
    n_columns: int | None = None  # that terms are hashed into; None: each has its own


def fit_block(texts, plan: WordPlan | CharacterPlan, selection: Selection):
    """Terms of some texts, in alphabetical order or that of hashed columns, and their counts.

    Parameters
    ----------
    texts : list of n str
    plan : WordPlan or CharacterPlan
    selection : Selection

    Returns
    -------
    counts : CSR of shape (n, n_terms), float32
    terms : Terms or HashedTerms
    frequencies : int64 array of shape (n_terms,)
        In how many texts each occurs.

    Raises
    ------
    ValueError
        If no term is left; the message says why.
    """
    encoded = encode(texts, plan)
    if selection.n_columns is not None:
        encoded = _hashed(encoded, selection.n_columns)
    frequencies = document_frequencies(encoded)
    kept = _selected(encoded, frequencies, len(texts), selection)
    if not len(kept):
        raise ValueError(_why_empty(texts, plan, selection, len(encoded.terms)))
    columns = np.full(len(encoded.terms), -1, dtype=np.int32)
    columns[kept] = np.arange(len(kept), dtype=np.int32)
    terms = encoded.terms.select(kept)
    encoded = renumbered(encoded, columns)._replace(terms=terms)
    counts = count_terms(encoded, len(kept), overwrite=isinstance(plan, WordPlan))
    return as_binary(counts, selection.binary), terms, frequencies[kept]


def transform_block(
    texts, plan: WordPlan | CharacterPlan, terms: Terms | HashedTerms, *, binary: bool
):
    """Counts of known terms, CSR of shape (n_texts, n_terms), float32."""
    if isinstance(terms, HashedTerms):
        encoded = encode(texts, plan)
        places = terms.places(hash_terms(encoded.terms, terms.n_columns))
        encoded = renumbered(encoded, places)
    else:
        encoded = encode(texts, plan, terms)
    counts = count_terms(encoded, len(terms), overwrite=isinstance(plan, WordPlan))
    return as_binary(counts, binary)


def as_binary(counts, binary: bool):
    """Counts, or 0 and 1; overwritten."""
    if binary:
        counts.data.fill(1)
    return counts


def expand_rows(matrix, present: np.ndarray):
    """A sparse matrix with zero rows put in.

    Parameters
    ----------
    matrix : CSR of shape (n_present, n_features)
    present : bool array of shape (n,)
        True, n_present times, where the rows of the matrix go.

    Returns
    -------
    expanded : CSR of shape (n, n_features)

    Examples
    --------
    >>> from scipy import sparse
    >>> expand_rows(sparse.csr_matrix([[1, 2]]), np.array([False, True])).toarray()
    array([[0, 0],
           [1, 2]])
    """
    lengths = np.zeros(len(present), dtype=matrix.indptr.dtype)
    lengths[present] = np.diff(matrix.indptr)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(matrix.indptr.dtype)
    shape = (len(present), matrix.shape[1])
    return type(matrix)((matrix.data, matrix.indices, indptr), shape=shape)


def _hashed(encoded: Encoded, n_columns: int) -> Encoded:
    """Columns that occur in the place of terms; the terms are forgotten."""
    columns, places = np.unique(hash_terms(encoded.terms, n_columns), return_inverse=True)
    terms: Any = HashedTerms(columns, n_columns)  # counted, ordered and selected like Terms
    return renumbered(encoded, places.astype(np.int32))._replace(terms=terms)


def _selected(encoded, frequencies, n_texts, selection) -> np.ndarray:
    """Numbers of the terms that are kept, in alphabetical order."""
    low, high = (
        bound if isinstance(bound, Integral) else bound * n_texts
        for bound in (selection.min_df, selection.max_df)
    )
    order = encoded.terms.order()
    order = order[(frequencies[order] >= low) & (frequencies[order] <= high)]
    if selection.max_features is None or len(order) <= selection.max_features:
        return order
    totals = frequencies if selection.binary else total_frequencies(encoded)
    # Of equally frequent terms, the first in the alphabet.
    most_frequent = np.argsort(-totals[order], kind="stable")[: selection.max_features]
    return order[np.sort(most_frequent)]


def _why_empty(texts, plan, selection, n_terms) -> str:
    """Why a block has no terms: no words, stop words, length of the n-grams, or frequency."""
    n_texts = f"{len(texts)} texts" if len(texts) != 1 else "one text"
    if n_terms:
        return (
            f"min_df={selection.min_df!r} and max_df={selection.max_df!r} leave none of the "
            f"{n_terms} different terms of the {n_texts}: lower min_df or raise max_df."
        )
    words = [word for text in texts for word in _words(text, plan)]
    if not words:
        return _why_no_words(texts, plan, n_texts)
    if all(word in plan.stop_words for word in words):
        return f"All {len(words)} words of the {n_texts} are stop words: pass stop_words=None."
    return (
        f"None of the {n_texts} has {plan.ngram_range[0]} words in a row (after removing "
        f"stop words): begin with shorter n-grams than {plan.ngram_range}."
    )


def _name_of(tokenizer) -> str:
    [name] = [name for name, known in TOKENIZERS.items() if known is tokenizer]
    return name


def _why_no_words(texts, plan, n_texts: str) -> str:
    ours, name = TOKENIZERS["unicode"], _name_of(plan.tokenizer)
    n_words = sum(len(ours.split(ours.normalise(text))) for text in texts)
    if n_words:
        return (
            f'The {n_texts} that are not missing hold no word that tokenizer="{name}" finds, '
            f'such as {texts[0][:20]!r}; it drops all {n_words} of tokenizer="unicode": '
            "pass that."
        )
    return (
        f"The {n_texts} that are not missing hold no word at all, only punctuation such as "
        f"{texts[0][:20]!r}: pass words=None, or drop the column."
    )


def _words(text: str, plan: WordPlan) -> list[str]:
    return plan.tokenizer.split(plan.tokenizer.normalise(text, lowercase=plan.lowercase))
