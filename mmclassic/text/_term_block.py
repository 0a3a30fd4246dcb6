"""One block of terms, and a place in the table for its rows."""

from __future__ import annotations

import numpy as np

from mmclassic.text._tokenize import split_tokens


def fit_block(vectorizer, texts):
    """Fit a vectorizer, and say why where no term is left.

    Parameters
    ----------
    vectorizer : CountVectorizer or TfidfVectorizer
    texts : list of n str, normalised

    Returns
    -------
    features : CSR of shape (n, n_terms)

    Raises
    ------
    ValueError
        If no term is left: scikit-learn says "empty vocabulary; perhaps the documents only
        contain stop words" whatever the cause, this says which it is.
    """
    try:
        return vectorizer.fit_transform(texts)
    except ValueError as error:
        raise ValueError(_why_empty(vectorizer, texts)) from error


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


def _why_empty(vectorizer, texts) -> str:
    """Why a block has no terms: no words, stop words, length of the n-grams, or frequency."""
    n_texts = f"{len(texts)} texts" if len(texts) != 1 else "one text"
    analyse = vectorizer.build_analyzer()
    terms = set().union(*(analyse(text) for text in texts))
    if terms:
        return (
            f"min_df={vectorizer.min_df!r} and max_df={vectorizer.max_df!r} leave none of the "
            f"{len(terms)} different terms of the {n_texts}: lower min_df or raise max_df."
        )
    words = [word for text in texts for word in split_tokens(text)]
    if not words:
        return (
            f"The {n_texts} that are not missing hold no word at all, only punctuation such as "
            f"{texts[0][:20]!r}: pass words=None, or drop the column."
        )
    stop_words = vectorizer.get_stop_words() or ()
    if all(word in stop_words for word in words):
        return f"All {len(words)} words of the {n_texts} are stop words: pass stop_words=None."
    return (
        f"None of the {n_texts} has {vectorizer.ngram_range[0]} words in a row (after removing "
        f"stop words): begin with shorter n-grams than {vectorizer.ngram_range}."
    )
