"""Documents as pooled word vectors."""

from __future__ import annotations

from contextlib import suppress
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn.base import _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from mmclassic.text._count import renumbered
from mmclassic.text._encode import encode
from mmclassic.text._encoded import Encoded, WordPlan
from mmclassic.text._pool_encoded import Pooling, n_without_terms
from mmclassic.text._reader import TEXT_CONSTRAINTS, TextReader
from mmclassic.text._terms import Terms
from mmclassic.text._tokenizers import TOKENIZERS
from mmclassic.text._word_vectors import as_word_vectors, train_word_vectors


class Word2VecVectorizer(TextReader):
    """Mean, or another summary, of the vectors of the words of a text.

    The vectors are learned from the fitted texts, or taken from ``vectors``. The defaults suit
    tables of hundreds to thousands of texts; gensim's own (5 epochs, continuous bag of words)
    are made for much larger corpora.

    Parameters
    ----------
    vector_size : int, default=100
        Number of features; with pretrained vectors it is theirs.
    window : int, default=5
        Words on either side that a word is trained to predict.
    min_count : int, default=2
        Words that occur less often are left out of the training, and of the vocabulary.
    epochs : int, default=30
        Passes over the texts.
    skip_gram : bool, default=True
        Skip-gram, else continuous bag of words.
    negative : int, default=5
        Negative samples per word.
    vectors : KeyedVectors, path or (words, matrix), optional
        Pretrained vectors, by gensim, in a file in word2vec or GloVe text format, or as arrays;
        then nothing is trained and the parameters above do not matter. Where their words have
        capital letters, pass ``lowercase=False``.
    pooling : {"mean", "tfidf", "sif", "max"}, default="mean"
        Mean of the vectors; mean weighted by idf; mean weighted by smooth inverse frequency,
        without the direction that the training texts have in common [2]_; maximum.
    sif_alpha : float, default=1e-3
        Weight of a word that makes the share p of all words: ``sif_alpha / (sif_alpha + p)``.
    tokenizer : {"unicode", "scikit-learn", "gensim"}, default="unicode"
        How words are found: as by :func:`tokenize`, for any script and for emoji; as scikit-learn
        does, two or more letters, digits and underscores in a row; as gensim's
        ``simple_preprocess`` does, 2 to 15 letters in a row.
    lowercase : bool, default=True
        Whether capital letters count as small ones.
    redact : bool or list of str, default=False
        What :func:`redact` replaces in every text first; True for all that it knows.
    encoding : str, default="utf-8"
        Of cells that are bytes.
    limits : Limits, optional
        How large a cell may be.
    on_unreadable : {"raise", "missing"}, default="raise"
        What happens to cells that cannot be read.
    random_state : int, RandomState or None, default=0
        The same int and texts give the same vectors, bit by bit.

    Attributes
    ----------
    vectors_ : ndarray of shape (n_words, n_features), float32
        One row per known word.
    vocabulary_ : dict of str to int
        Row of each word in ``vectors_``.
    word_weights_ : ndarray of shape (n_words,), float32, or None
        Weight of each word under ``"tfidf"`` and ``"sif"`` pooling.
    common_component_ : ndarray of shape (n_features,), float64, or None
        The direction that ``"sif"`` pooling removes.
    n_out_of_vocabulary_ : int
        How many of the fitted texts have no known word.
    n_features_in_ : int
        Always 1.
    feature_names_in_ : ndarray of shape (1,)
        Name of the column, where it was a frame.

    See Also
    --------
    BagOfWordsVectorizer : Usually stronger where there are only some thousand texts.

    Notes
    -----
    A missing text gives a NaN row; a text without a known word gives a zero row. With the default
    tokenizer, vectors of Chinese, Japanese or Thai *words* find no match.

    References
    ----------
    .. [1] Mikolov, Sutskever, Chen, Corrado & Dean, "Distributed representations of words and
       phrases and their compositionality", NIPS 2013.
    .. [2] Arora, Liang & Ma, "A simple but tough-to-beat baseline for sentence embeddings",
       ICLR 2017.

    Examples
    --------
    >>> pretrained = (["cat", "dog"], [[1.0, 0.0], [0.0, 2.0]])
    >>> vectorizer = Word2VecVectorizer(vectors=pretrained)
    >>> vectorizer.fit_transform(["A cat, a dog", None, "a bird"])
    array([[0.5, 1. ],
           [nan, nan],
           [0. , 0. ]], dtype=float32)
    >>> vectorizer.n_out_of_vocabulary_
    1
    """

    _parameter_constraints: ClassVar[dict] = {
        "vector_size": [Interval(Integral, 1, None, closed="left")],
        "window": [Interval(Integral, 1, None, closed="left")],
        "min_count": [Interval(Integral, 1, None, closed="left")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "skip_gram": ["boolean"],
        "negative": [Interval(Integral, 1, None, closed="left")],
        "vectors": "no_validation",  # as_word_vectors checks it
        "pooling": [StrOptions({"mean", "tfidf", "sif", "max"})],
        "sif_alpha": [Interval(Real, 0, None, closed="neither")],
        "random_state": ["random_state"],
        **TEXT_CONSTRAINTS,
    }

    def __init__(
        self,
        *,
        vector_size=100,
        window=5,
        min_count=2,
        epochs=30,
        skip_gram=True,
        negative=5,
        vectors=None,
        pooling="mean",
        sif_alpha=1e-3,
        tokenizer="unicode",
        lowercase=True,
        redact=False,
        encoding="utf-8",
        limits=None,
        on_unreadable="raise",
        random_state=0,
    ):
        self.vector_size = vector_size
        self.window = window
        self.min_count = min_count
        self.epochs = epochs
        self.skip_gram = skip_gram
        self.negative = negative
        self.vectors = vectors
        self.pooling = pooling
        self.sif_alpha = sif_alpha
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.redact = redact
        self.encoding = encoding
        self.limits = limits
        self.on_unreadable = on_unreadable
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None):
        """Train or take over the word vectors, and learn the weights of the words.

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
            If no word is frequent enough to be trained, no text has a word that the pretrained
            vectors know, or their file is damaged.
        """
        self._learn(X)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X, y=None):
        """The same as ``fit(X).transform(X)``, but every text is tokenised once."""
        return self._features(*self._learn(X))

    def transform(self, X):
        """One vector per text.

        Parameters
        ----------
        X : column of n texts

        Returns
        -------
        features : ndarray of shape (n, n_features), float32
            NaN rows for missing texts, and for unreadable ones with
            ``on_unreadable="missing"``; zero rows for texts without a known word.

        Raises
        ------
        UnreadableCellsError
            With ``on_unreadable="raise"``, after all cells were tried.
        """
        check_is_fitted(self)
        texts, present = self._documents_to_transform(X)
        encoded = encode(texts, self._plan(), self._known_terms())
        return self._features(encoded, present)

    def get_feature_names_out(self, input_features=None):
        """Names of the output features, an object array: ``w2v_0``, ``w2v_1``, …"""
        check_is_fitted(self)
        return np.array([f"w2v_{i}" for i in range(self.vectors_.shape[1])], dtype=object)

    def _plan(self) -> WordPlan:
        return WordPlan(TOKENIZERS[self.tokenizer], self.lowercase)

    def _learn(self, X):
        """Fit; the known words of the texts, and which rows these are."""
        pretrained = None if self.vectors is None else as_word_vectors(self.vectors)
        texts, present = self._documents_to_fit(X)
        if pretrained is None:
            encoded = encode(texts, self._plan())
            words, self.vectors_ = self._train(encoded)
            encoded = renumbered(encoded, _rows_of(encoded.terms.strings(), words))
        else:
            words, self.vectors_ = pretrained
            encoded = encode(texts, self._plan(), Terms.from_strings(words))
        self.vocabulary_ = {word: row for row, word in enumerate(words)}
        self._terms = None
        self.n_out_of_vocabulary_ = n_without_terms(encoded)
        if self.n_out_of_vocabulary_ == len(texts):
            raise ValueError(
                f"None of the {len(texts)} texts has a word that the pretrained vectors know "
                f"(the first word is {words[0]!r}): check language, lowercase= and encoding."
            )
        pooling = Pooling(self.pooling, self.vectors_)
        pooling.learn(encoded, self.sif_alpha)
        self.word_weights_, self.common_component_ = pooling.weights, pooling.component
        return encoded, present

    def _train(self, encoded: Encoded):
        return train_word_vectors(
            encoded.terms.strings(),
            encoded.parts,
            encoded.part_ends,
            vector_size=self.vector_size,
            window=self.window,
            min_count=self.min_count,
            epochs=self.epochs,
            skip_gram=self.skip_gram,
            negative=self.negative,
            seed=int(check_random_state(self.random_state).randint(2**31 - 1)),
        )

    def _known_terms(self) -> Terms:
        """The vocabulary in the form in which it is looked up; made once, and not saved."""
        if getattr(self, "_terms", None) is None:
            if list(self.vocabulary_.values()) != list(range(len(self.vectors_))):
                raise ValueError("vocabulary_ must number the rows of vectors_ in their order.")
            self._terms = Terms.from_strings(list(self.vocabulary_))
        return self._terms

    def _features(self, encoded: Encoded, present: np.ndarray) -> np.ndarray:
        features = np.full((len(present), self.vectors_.shape[1]), np.nan, dtype=np.float32)
        # Of a million texts, numbers of rows are megabytes: half of them in int32, none in a range.
        all_rows = range(len(present))
        rows = all_rows if present.all() else np.flatnonzero(present).astype(np.int32)
        first = 0
        pooling = Pooling(self.pooling, self.vectors_, self.word_weights_, self.common_component_)
        for pooled in pooling.batches(encoded):
            features[rows[first : first + len(pooled)]] = pooled
            first += len(pooled)
        return features

    def __getstate__(self):
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_terms"}

    def _to_portable(self) -> None:
        """Pretrained vectors as arrays: no path, no gensim object."""
        if self.vectors is None:
            return
        if hasattr(self, "vectors_"):
            self.vectors = (list(self.vocabulary_), self.vectors_)
            return
        # The template of a fitted copy may outlive its file: then its path has to do.
        with suppress(FileNotFoundError):
            self.vectors = as_word_vectors(self.vectors)


def _rows_of(terms: list[str], words: list[str]) -> np.ndarray:
    """Row of each term among the words, an int32 array; -1 where it is not one of them.

    >>> _rows_of(["a", "b", "c"], ["c", "a"])
    array([ 1, -1,  0], dtype=int32)
    """
    rows = {word: row for row, word in enumerate(words)}
    return np.fromiter((rows.get(term, -1) for term in terms), dtype=np.int32, count=len(terms))
