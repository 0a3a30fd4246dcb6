"""Every kind of bad text that tables hold, one test each (53 to 67), and texts made at random."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from mmclassic import BagOfWordsVectorizer, DataQualityWarning, Limits, Word2VecVectorizer, tokenize
from mmclassic.text._word_vectors import DocumentStream, read_word_vectors

KNOWN = (["cat", "dog", "a"], [[1.0, 0.0], [0.0, 2.0], [3.0, 3.0]])
WORDS = {"words": (1, 1), "characters": None}
LONG = "cat dog bird " * 4000


def bags(texts, **options):
    """Names and dense counts of the words of some texts."""
    vectorizer = BagOfWordsVectorizer(weighting="count", **{**WORDS, **options})
    counts = vectorizer.fit_transform(texts).toarray()
    return [name.removeprefix("word__") for name in vectorizer.get_feature_names_out()], counts


def vectors(texts, **options):
    return Word2VecVectorizer(vectors=KNOWN, **options).fit_transform(texts)


def missing():
    """None, NaN and pd.NA are no words "none" and "nan"."""
    names, counts = bags(["a cat", None, float("nan"), pd.NA])
    assert names == ["a", "cat"]
    assert not counts[1:].any()
    assert np.isnan(vectors(["a cat", None, np.nan, pd.NA])[1:]).all()


def blank():
    """Empty texts are missing: zeros in a bag, NaN among vectors."""
    assert not bags(["a cat", "", " \n"])[1][1:].any()
    assert np.isnan(vectors(["a cat", "", " \n"])[1:]).all()


def nothing_to_learn():
    """The message says whether texts, words or stop words are to blame."""
    for texts, options, words in [
        ([None, ""], {}, "All 2 texts are missing or blank"),
        (["the", "and"], {"stop_words": "english"}, "All 2 words of the 2 texts are stop words"),
        (["😀", "!!"], {"tokenizer": "scikit-learn"}, 'no word that tokenizer="scikit-learn"'),
        (["a", "b c"], {"tokenizer": "gensim"}, 'no word that tokenizer="gensim"'),
        (["...", "!!"], {}, "no word at all, only punctuation"),
    ]:
        with pytest.raises(ValueError, match=words):
            bags(texts, **options)
    assert bags(["a b", "c"])[0] == ["a", "b", "c"]  # one letter is a word of ours


def unspaced_scripts():
    """Chinese, Japanese and Thai become pairs of characters; Hindi keeps its vowel signs."""
    assert tokenize("我喜欢猫") == ["我喜", "喜欢", "欢猫"]
    assert tokenize("น้ำดี") == ["น้ำดี"]  # two clusters: a pair
    assert tokenize("हिन्दी भाषा") == ["हिन्दी", "भाषा"]
    names, counts = bags(["我喜欢猫", "我喜欢狗"])
    assert counts.sum() == 6
    assert {"我喜", "喜欢"} < set(names)


def emoji():
    assert bags(["😀 👨‍👩‍👧", "🇯🇵"])[0] == sorted(["😀", "👨‍👩‍👧", "🇯🇵"])


def out_of_vocabulary():
    vectorizer = Word2VecVectorizer(vectors=KNOWN).fit(["a cat", "bird", None])
    assert vectorizer.n_out_of_vocabulary_ == 1
    np.testing.assert_array_equal(vectorizer.transform(["bird", "fish"]), np.zeros((2, 2)))


def long_document():
    """gensim ignores what is behind 10 000 words of a text: ours comes in pieces."""
    numbers = np.arange(25_000, dtype=np.int32)
    words = [str(number) for number in numbers]
    pieces = list(DocumentStream(words, numbers, np.array([0, 25_000])))
    assert [len(piece) for piece in pieces] == [10_000, 10_000, 5_000]
    assert [word for piece in pieces for word in piece] == words
    text = "a " * 12_000 + "late late"
    trained = Word2VecVectorizer(vector_size=4, epochs=1).fit([text])
    assert set(trained.vocabulary_) == {"a", "late"}
    np.testing.assert_allclose(vectors([LONG, "cat dog bird"])[0], [0.5, 1.0], rtol=1e-6)


def lists_of_words():
    """gensim would train on their characters."""
    for vectorizer in (BagOfWordsVectorizer(), Word2VecVectorizer()):
        _, errors = vectorizer.read_cells([["a", "cat"], "a cat"])
        assert [(error.row, error.code) for error in errors] == [(0, "type")]
        assert "join the words with spaces" in errors[0].reason


def generator():
    texts = ["a cat", "a dog"]
    for vectorizer in (BagOfWordsVectorizer(), Word2VecVectorizer(vectors=KNOWN)):
        found = vectorizer.fit_transform(text for text in texts)
        wanted = vectorizer.fit_transform(texts)
        assert not (abs(found - wanted) > 0).sum()


def min_count_above_all():
    with pytest.raises(ValueError, match=r"No word occurs min_count=9 times.*lower min_count"):
        Word2VecVectorizer(min_count=9).fit(["a cat", "a dog"])


def latin_1():
    cells = pd.Series(["a cat", "Müll".encode("latin-1")], name="caption")
    _, [error] = BagOfWordsVectorizer().read_cells(cells)
    assert (error.row, error.column, error.code) == (1, "caption", "decode")
    assert "encoding=" in error.reason
    assert bags(cells, encoding="latin-1")[0] == ["a", "cat", "müll"]


def odd_characters():
    """Lone surrogates and NUL are let through; spellings of one word are one."""
    names, counts = bags(["\ud800 caf\u00e9", "cafe\u0301 a\0b", "İstanbul\u00a0café"])
    assert counts[:, names.index("café")].tolist() == [1, 1, 1]
    assert "istanbul" in names
    assert np.isfinite(vectors(["\ud800 cat", "cat\0", "dog\u00a0cat"])).all()


def twenty_megabytes():
    text = "word " * 4_200_000
    _, [error] = BagOfWordsVectorizer().read_cells(["a", text])
    assert (error.row, error.code) == (1, "limit")
    assert "max_characters=1000000" in error.reason
    assert len(error.source) < 300
    longer = Limits(max_characters=1_500_000)
    assert bags([text[:1_500_000]], limits=longer)[1].tolist() == [[300_000]]


def numbers_and_other_types():
    cells = ["a cat", 3, 2.5, ["a"], {"a": 1}, True]
    with pytest.warns(DataQualityWarning, match=r"5 of 6 cells .* \(5 type\)"):
        names, counts = bags(cells, on_unreadable="missing")
    assert names == ["a", "cat"]
    assert not counts[1:].any()
    _, errors = BagOfWordsVectorizer().read_cells(cells)
    assert [re.search(r"type (\w+)", error.reason)[1] for error in errors] == [
        "int", "float", "list", "dict", "bool",
    ]  # fmt: skip


CASES = {
    53: missing, 54: blank, 55: nothing_to_learn, 56: unspaced_scripts, 57: emoji,
    58: out_of_vocabulary, 59: long_document, 60: lists_of_words, 61: generator,
    62: min_count_above_all, 63: latin_1, 64: odd_characters, 65: twenty_megabytes,
    66: numbers_and_other_types,
}  # fmt: skip


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{row} {case.__name__}") for row, case in CASES.items()]
)
def test_bad_texts(case):
    case()


def test_67_a_file_of_vectors_that_lies(tmp_path):
    """Its header promises 24 GB: nothing of that size is made."""
    path = tmp_path / "vectors.txt"
    path.write_text("100000000000 300\ncat 1 2\n")
    with pytest.raises(ValueError, match=r"promises 100000000000 words .* bytes follow"):
        read_word_vectors(path)


def test_the_table_has_every_row():
    assert set(CASES) | {67} == set(range(53, 68))


# Texts made at random: all of Unicode with lone surrogates, and gaps.

ODD = "a \u0301\ud83d\u200dน我😀'1.,\0\n"
CELLS = st.lists(
    st.none() | st.text(max_size=20) | st.text(st.sampled_from(ODD)),
    max_size=6,
)
FITTED = BagOfWordsVectorizer().fit(["a cat 1.5 我喜欢猫 😀", "a dog"])
POOLED = Word2VecVectorizer(vectors=KNOWN).fit(["a cat"])


@settings(max_examples=60, deadline=None)
@given(CELLS)
def test_any_texts_give_finite_rows_one_each(cells):
    features = FITTED.transform(cells)
    assert sparse.issparse(features)
    assert features.shape == (len(cells), len(FITTED.get_feature_names_out()))
    assert np.isfinite(features.data).all()
    texts, errors = FITTED.read_cells(cells)
    assert not errors
    pooled = POOLED.transform(cells)
    absent = np.array([text is None for text in texts], dtype=bool)
    assert np.isnan(pooled[absent]).all()
    assert np.isfinite(pooled[~absent]).all()


@settings(max_examples=40, deadline=None)
@given(CELLS, st.randoms(use_true_random=False))
def test_rows_stand_alone_in_any_order(cells, random):
    order = list(range(len(cells)))
    random.shuffle(order)
    shuffled = FITTED.transform([cells[row] for row in order])
    assert not (FITTED.transform(cells)[order] != shuffled).nnz if cells else True


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=12), max_size=6))
def test_pandas_and_polars_give_the_same(cells):
    wanted = FITTED.transform(cells)
    for column in (pd.Series(cells, dtype=object), pl.Series(cells, dtype=pl.String)):
        assert not (FITTED.transform(column) != wanted).nnz if cells else True
