"""Hashed terms: the numbers of scikit-learn's HashingVectorizer, and no words."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from mmclassic import BagOfWordsVectorizer, tokenize
from mmclassic.text._hashed_terms import HashedTerms, hash_terms
from mmclassic.text._terms import Terms

TEXTS = [
    "The Cat sat on the mat, didn't it?",
    "a dog and a cat",
    "Dogs chase cats; cats chase mice.",
    "I paid 1,000.50 for 2 cats",
]
UNSEEN = ["a cat, a bird, and 日本", "zebras quack", "the mat"]


def oracle(texts, fitted, *, words, n_columns, **tfidf):
    """What scikit-learn gives in the columns that the fitted texts have."""
    options = {"n_features": n_columns, "alternate_sign": False, "norm": None}
    if words:
        options |= {"tokenizer": tokenize, "token_pattern": None, "ngram_range": (1, 2)}
    else:
        options |= {"analyzer": "char_wb", "ngram_range": (2, 5)}
    counts = HashingVectorizer(**options)
    train = counts.transform(fitted)
    kept = np.flatnonzero(train.getnnz(axis=0))
    weights = TfidfTransformer(**tfidf).fit(train[:, kept])
    return weights.transform(counts.transform(texts)[:, kept]), kept


@pytest.mark.parametrize("n_columns", [7, 64, 2**18])
@pytest.mark.parametrize("sublinear_tf", [True, False])
def test_equals_the_hashing_vectorizer(n_columns, sublinear_tf):
    vectorizer = BagOfWordsVectorizer(hashed=True, n_columns=n_columns, sublinear_tf=sublinear_tf)
    fitted = vectorizer.fit_transform(TEXTS).toarray()
    names = []
    for texts, features in [(TEXTS, fitted), (UNSEEN, vectorizer.transform(UNSEEN).toarray())]:
        blocks = [
            oracle(texts, TEXTS, words=words, n_columns=n_columns, sublinear_tf=sublinear_tf)
            for words in (True, False)
        ]
        expected = sparse.hstack([block for block, _ in blocks]).toarray()
        assert_allclose(features, expected, rtol=1e-5, atol=1e-7)
        names = [
            f"{prefix}__hashed_{column}"
            for prefix, (_, kept) in zip(("word", "char"), blocks, strict=True)
            for column in kept
        ]
    assert vectorizer.get_feature_names_out().tolist() == names


def test_where_no_columns_collide_it_is_the_plain_bag_of_words():
    plain, hashed = (BagOfWordsVectorizer(hashed=h, n_columns=2**30) for h in (False, True))
    first, second = plain.fit_transform(TEXTS), hashed.fit_transform(TEXTS)
    numbers = hash_terms(plain.terms_["word"], 2**30)
    order = np.argsort(numbers)
    n_words = len(order)
    assert_array_equal(first[:, :n_words].toarray()[:, order], second[:, :n_words].toarray())


@pytest.mark.parametrize("weighting", ["count", "binary"])
def test_counts_of_terms_that_share_a_column_add_up(weighting):
    vectorizer = BagOfWordsVectorizer(
        hashed=True, n_columns=2, weighting=weighting, words=(1, 1), characters=None
    )
    counts = vectorizer.fit_transform(["a b c d e a", "", "a"]).toarray()
    assert counts.sum(axis=1).tolist() == ([6, 0, 1] if weighting == "count" else [2, 0, 1])


def test_rare_and_surplus_columns_are_left_out():
    options = {"hashed": True, "words": (1, 1), "characters": None}
    rare = BagOfWordsVectorizer(min_df=2, **options).fit(["a b", "a c", "a b"])
    assert len(rare.get_feature_names_out()) == 2
    few = BagOfWordsVectorizer(max_features=1, **options).fit(["a b", "a c", "a b"])
    assert few.terms_["word"].columns.tolist() == hash_terms(Terms.from_strings(["a"]), 2**18)


def test_the_fitted_model_holds_no_term():
    vectorizer = BagOfWordsVectorizer(hashed=True).fit(TEXTS)
    for terms in vectorizer.terms_.values():
        assert type(terms) is HashedTerms
        assert vars(terms).keys() == {"columns", "n_columns"}
        assert terms.columns.dtype == np.int32


def test_no_text_and_no_known_column_give_zero_rows():
    vectorizer = BagOfWordsVectorizer(hashed=True).fit(TEXTS)
    assert vectorizer.transform([None, "!!!"]).nnz == 0
    assert vectorizer.transform([]).shape == (0, len(vectorizer.get_feature_names_out()))
    with pytest.raises(ValueError, match="hold no word at all"):
        BagOfWordsVectorizer(hashed=True).fit(["!!!"])


def test_a_hash_without_an_absolute_value(monkeypatch):
    """-2**31 has none in 32 bits; scikit-learn gives it (2**31 - 1 - (n - 1)) mod n."""
    monkeypatch.setattr("mmclassic.text._hashed_terms.murmurhash3_32", lambda *_: -(2**31))
    assert hash_terms(Terms.from_strings(["a"]), 7).tolist() == [(2**31 - 1 - 6) % 7]
