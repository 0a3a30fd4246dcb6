"""Bags of words and of character n-grams."""

from __future__ import annotations

from numbers import Integral
from typing import ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import _fit_context
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic.text._encoded import CharacterPlan, WordPlan
from mmclassic.text._plans import plans_of
from mmclassic.text._reader import TEXT_CONSTRAINTS, TextReader
from mmclassic.text._term_block import Selection, expand_rows, fit_block, transform_block
from mmclassic.text._term_weights import inverse_document_frequencies, weigh_terms
from mmclassic.text._tokenizers import TOKENIZERS

# Up to so many texts characters="auto" counts characters too.
AUTO_ROWS = 20_000


class BagOfWordsVectorizer(TextReader):
    """How often each word and each character n-gram occurs in a text.

    A column of texts becomes a sparse matrix of two blocks, words and characters, each with the
    numbers that scikit-learn's ``TfidfVectorizer`` or ``CountVectorizer`` gives these terms.
    Unlike there, texts are composed first (NFC), and but for words of the tokenizers
    "scikit-learn" and "gensim", typographic apostrophes become plain, soft hyphens are dropped
    and İ becomes i. Character n-grams stay within words (``analyzer="char_wb"``), which makes
    the features robust to inflection and typing errors.

    Parameters
    ----------
    weighting : {"tfidf", "count", "binary"}, default="tfidf"
        What a feature says: tf-idf weight, number of occurrences, or 0 / 1.
    words : (int, int) or None, default=(1, 2)
        Shortest and longest word n-gram; None for no words.
    characters : (int, int), "auto" or None, default=(2, 5)
        Shortest and longest character n-gram; None for no characters; "auto" means (2, 5) for up
        to 20 000 texts in ``fit`` and None beyond, where words alone are enough.
    min_df, max_df : float or int, default=1 and 1.0
        Terms in fewer, or more, texts are left out; a float is a share of the texts that are
        not missing.
    max_features : int, optional
        Keep at most so many of the most frequent terms, in each block; among equally frequent
        ones the first in alphabetical order.
    stop_words : "english" or list of str, optional
        Words that are left out of the word block.
    tokenizer : {"unicode", "scikit-learn", "gensim"}, default="unicode"
        How words are found: as by :func:`tokenize`, for any script and for emoji; as scikit-learn
        does, two or more letters, digits and underscores in a row; as gensim's
        ``simple_preprocess`` does, 2 to 15 letters in a row.
    lowercase : bool, default=True
        Whether capital letters count as small ones.
    sublinear_tf : bool, default=True
        Use 1 + log(tf) for tf; only with ``weighting="tfidf"``.
    norm : {"l2", "l1"} or None, default="l2"
        Norm of each row of each block; only with ``weighting="tfidf"``.
    hashed : bool, default=False
        Keep no term, only the number of the column that each is hashed into, so that neither the
        model nor its file holds words (but see the notes).
    n_columns : int, default=2**18
        Columns that the terms of each block are hashed into; only with ``hashed=True``. Fewer make
        more terms share one, and columns that no fitted text has are left out.
    redact : bool or list of str, default=False
        What :func:`redact` replaces in every text first: some of "url", "email", "phone" and
        "number"; True for all.
    encoding : str, default="utf-8"
        Of cells that are bytes.
    limits : Limits, optional
        How large a cell may be.
    on_unreadable : {"raise", "missing"}, default="raise"
        What happens to cells that cannot be read.

    Attributes
    ----------
    terms_ : dict of str to Terms, or to HashedTerms
        The terms of each block, by its prefix, ``"word"`` and ``"char"``; they are listed by
        ``terms_["word"].strings()``. With ``hashed=True`` only numbers of columns.
    idf_ : dict of str to ndarray of shape (n_terms,), float32
        Inverse document frequencies of each block, by its prefix; empty but for
        ``weighting="tfidf"``.
    n_features_in_ : int
        Always 1.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, where it was a frame.

    See Also
    --------
    Word2VecVectorizer : Dense features from word vectors.
    sklearn.feature_extraction.text.TfidfVectorizer : Each block by itself, more slowly.

    Notes
    -----
    A missing text gives a zero row and does not count in document frequencies. The output is
    sparse, so ``set_output(transform="pandas")`` is refused, as by its OneHotEncoder.

    With ``hashed=True`` the numbers are those of scikit-learn's ``HashingVectorizer`` (without
    alternating signs) and ``TfidfTransformer``, in the columns that the fitted texts have; as
    ever, other terms do not count. Hashing is not anonymisation: who guesses a word can
    hash it, too, and see whether its column is there and what it weighs.

    Examples
    --------
    >>> vectorizer = BagOfWordsVectorizer(weighting="count", words=(1, 1), characters=None)
    >>> vectorizer.fit_transform(["a cat and a dog", None, "a dog"]).toarray()
    array([[2., 1., 1., 1.],
           [0., 0., 0., 0.],
           [1., 0., 0., 1.]], dtype=float32)
    >>> vectorizer.get_feature_names_out()
    array(['word__a', 'word__and', 'word__cat', 'word__dog'], dtype=object)
    """

    _parameter_constraints: ClassVar[dict] = {
        "weighting": [StrOptions({"tfidf", "count", "binary"})],
        "words": [tuple, list, None],
        "characters": [tuple, list, StrOptions({"auto"}), None],
        "min_df": [
            Interval(RealNotInt, 0, 1, closed="both"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "max_df": [
            Interval(RealNotInt, 0, 1, closed="both"),
            Interval(Integral, 1, None, closed="left"),
        ],
        "max_features": [Interval(Integral, 1, None, closed="left"), None],
        "stop_words": [StrOptions({"english"}), list, None],
        "sublinear_tf": ["boolean"],
        "norm": [StrOptions({"l1", "l2"}), None],
        "hashed": ["boolean"],
        "n_columns": [Interval(Integral, 2, 2**31 - 1, closed="both")],
        **TEXT_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        weighting="tfidf",
        words=(1, 2),
        characters=(2, 5),
        min_df=1,
        max_df=1.0,
        max_features=None,
        stop_words=None,
        tokenizer="unicode",
        lowercase=True,
        sublinear_tf=True,
        norm="l2",
        hashed=False,
        n_columns=2**18,
        redact=False,
        encoding="utf-8",
        limits=None,
        on_unreadable="raise",
    ):
        self.weighting = weighting
        self.words = words
        self.characters = characters
        self.min_df = min_df
        self.max_df = max_df
        self.max_features = max_features
        self.stop_words = stop_words
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.sublinear_tf = sublinear_tf
        self.norm = norm
        self.hashed = hashed
        self.n_columns = n_columns
        self.redact = redact
        self.encoding = encoding
        self.limits = limits
        self.on_unreadable = on_unreadable

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Learn vocabulary and document frequencies.

        Parameters
        ----------
        X : column of texts
        y : ignored

        Returns
        -------
        self : object

        Raises
        ------
        UnreadableCellsError
            With ``on_unreadable="raise"``, or if not one cell can be read.
        ValueError
            If nothing is left to be counted; the message says why.
        """
        self._learn(X)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X, y=None):
        """Fit, then transform, at the price of one.

        Parameters
        ----------
        X : column of n texts
        y : ignored

        Returns
        -------
        features : CSR of shape (n, n_features), float32
        """
        return self._learn(X)

    def transform(self, X):
        """Terms of every text.

        Parameters
        ----------
        X : column of n texts

        Returns
        -------
        features : CSR of shape (n, n_features), float32
            Zero rows for missing texts, for unreadable ones with ``on_unreadable="missing"``,
            and for texts without a known term.

        Raises
        ------
        UnreadableCellsError
            With ``on_unreadable="raise"``, after all cells were tried.
        """
        check_is_fitted(self)
        texts, present = self._documents_to_transform(X)
        plans = self._plans()
        blocks = [
            self._weigh(transform_block(texts, plans[prefix], terms, binary=self._binary), prefix)
            for prefix, terms in self.terms_.items()
        ]
        return expand_rows(_side_by_side(blocks), present)

    def get_feature_names_out(self, input_features=None):
        """Names of the terms: ``word__…`` and ``char__…``; ``word__hashed_17`` where hashed.

        Parameters
        ----------
        input_features : ignored, or the name of the column

        Returns
        -------
        names : ndarray of str objects, shape (n_features,)
        """
        check_is_fitted(self)
        names = [
            f"{prefix}__{term}" for prefix, terms in self.terms_.items() for term in terms.strings()
        ]
        return np.asarray(names, dtype=object)

    @property
    def _binary(self) -> bool:
        return self.weighting == "binary"

    def _learn(self, X):
        """Fit; the features are a by-product."""
        texts, present = self._documents_to_fit(X)
        hashed_into = self.n_columns if self.hashed else None
        limits = (self.min_df, self.max_df, self.max_features)
        selection = Selection(*limits, self._binary, hashed_into)
        plans = self._plans()
        self.terms_, self.idf_, blocks = {}, {}, []
        if isinstance(self.characters, str) and len(texts) > AUTO_ROWS and self.words is not None:
            plans.pop("char")
        for prefix, plan in plans.items():
            counts, self.terms_[prefix], frequencies = fit_block(texts, plan, selection)
            if self.weighting == "tfidf":
                self.idf_[prefix] = inverse_document_frequencies(frequencies, len(texts))
            blocks.append(self._weigh(counts, prefix))
        return expand_rows(_side_by_side(blocks), present)

    def _weigh(self, counts, prefix: str):
        if self.weighting != "tfidf":
            return counts
        return weigh_terms(
            counts, self.idf_[prefix], sublinear_tf=self.sublinear_tf, norm=self.norm
        )

    def _plans(self) -> dict[str, WordPlan | CharacterPlan]:
        return plans_of(
            self.words,
            self.characters,
            tokenizer=TOKENIZERS[self.tokenizer],
            lowercase=self.lowercase,
            stop_words=self.stop_words,
        )


def _side_by_side(blocks):
    """One matrix of all blocks."""
    return blocks[0] if len(blocks) == 1 else sparse.hstack(blocks, format="csr")
