"""The bag of words equals a union of two of scikit-learn's, and is a transformer of cells."""

from __future__ import annotations

import pickle
import unicodedata

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from mmclassic._errors import DataQualityWarning, UnreadableCellsError
from mmclassic.media import Limits
from mmclassic.text import BagOfWordsVectorizer, tokenize

TEXTS = [
    "The Cat sat on the mat, didn't it?",
    "a dog and a cat",
    "Dogs chase cats; cats chase mice.",
    "I paid 1,000.50 for 2 cats",
    "!!!",
]


def _union(words, characters, vectorizer=TfidfVectorizer, **options):
    """The oracle: what a scikit-learn user would write."""
    members = []
    if words:
        word = vectorizer(ngram_range=words, tokenizer=tokenize, token_pattern=None, **options)
        members.append(("word", word))
    if characters:
        char = vectorizer(ngram_range=characters, analyzer="char_wb", **options)
        members.append(("char", char))
    return FeatureUnion(members)


def _dense(matrix):
    return matrix.toarray()


@pytest.mark.parametrize(
    ("words", "characters"), [((1, 2), (2, 5)), ((1, 1), None), (None, (3, 3)), ([2, 3], [1, 2])]
)
def test_equals_a_union_of_tfidf_vectorizers(words, characters):
    words, characters = words and tuple(words), characters and tuple(characters)
    oracle = _union(words, characters, sublinear_tf=True, dtype=np.float32)
    vectorizer = BagOfWordsVectorizer(words=words, characters=characters)
    features = vectorizer.fit_transform(TEXTS)
    assert features.format == "csr"
    assert features.dtype == np.float32
    assert_allclose(_dense(features), _dense(oracle.fit_transform(TEXTS)), rtol=1e-6)
    assert_array_equal(vectorizer.get_feature_names_out(), oracle.get_feature_names_out())
    unseen = ["a cat, a bird", "nothing known: ξ"]
    assert_allclose(
        _dense(vectorizer.transform(unseen)), _dense(oracle.transform(unseen)), rtol=1e-6
    )


def test_equals_the_union_on_real_questions(shared_data):
    questions = pd.read_csv(shared_data / "questions" / "questions.csv", nrows=300)["text"]
    oracle = _union((1, 2), (2, 5), sublinear_tf=True).fit(questions)
    features = BagOfWordsVectorizer().fit_transform(questions)
    np.testing.assert_allclose(_dense(features), _dense(oracle.transform(questions)), atol=1e-6)


@pytest.mark.parametrize(("weighting", "binary"), [("count", False), ("binary", True)])
def test_counts_equal_a_union_of_count_vectorizers(weighting, binary):
    oracle = _union((1, 2), (2, 5), CountVectorizer, binary=binary)
    features = BagOfWordsVectorizer(weighting=weighting).fit_transform(TEXTS)
    assert_array_equal(_dense(features), _dense(oracle.fit_transform(TEXTS)))


@pytest.mark.parametrize(
    "options",
    [
        {"sublinear_tf": False},
        {"norm": "l1"},
        {"norm": None},
        {"min_df": 2},
        {"max_df": 0.5},
        {"max_features": 5},
    ],
    ids=str,
)
def test_options_act_in_each_block(options):
    oracle = _union((1, 2), (2, 3), **{"sublinear_tf": True, "dtype": np.float32, **options})
    vectorizer = BagOfWordsVectorizer(characters=(2, 3), **options)
    features = _dense(vectorizer.fit_transform(TEXTS))
    assert_allclose(features, _dense(oracle.fit_transform(TEXTS)), rtol=1e-6)
    assert_array_equal(vectorizer.get_feature_names_out(), oracle.get_feature_names_out())


def test_stop_words_leave_the_word_block_only():
    vectorizer = BagOfWordsVectorizer(words=(1, 1), characters=(3, 3), stop_words=["THE", "a"])
    names = set(vectorizer.fit(TEXTS).get_feature_names_out())
    assert not {"word__the", "word__a"} & names
    assert {"word__cat", "char__the"} <= names
    english = BagOfWordsVectorizer(words=(1, 1), characters=None, stop_words="english").fit(TEXTS)
    assert "word__the" not in english.get_feature_names_out()


def test_lowercase_can_be_turned_off():
    vectorizer = BagOfWordsVectorizer(words=(1, 1), characters=(3, 3), lowercase=False)
    names = vectorizer.fit(["The CAT"]).get_feature_names_out()
    characters = [" CA", " Th", "AT ", "CAT", "The", "he "]
    assert list(names) == ["word__CAT", "word__The", *(f"char__{term}" for term in characters)]


def test_spellings_of_one_word_are_one_term():
    texts = ["cafe\u0301 İstanbul", "CAFÉ istanbul", "日本語"]
    features = _dense(BagOfWordsVectorizer(weighting="count").fit_transform(texts))
    assert_array_equal(features[0], features[1])


@pytest.mark.parametrize("binary", [False, True])
def test_counts_are_those_of_scikit_learn_by_default(shared_data, binary):
    questions = pd.read_csv(shared_data / "questions" / "questions.csv", nrows=500)["text"]
    products = pd.read_csv(shared_data / "products" / "products.csv")["description"].dropna()
    texts = [unicodedata.normalize("NFC", text) for text in [*questions, *products]]
    vectorizer = BagOfWordsVectorizer(
        weighting="binary" if binary else "count",
        words=(1, 1),
        characters=None,
        tokenizer="scikit-learn",
    )
    oracle = CountVectorizer(binary=binary).fit(texts[:600])
    assert (vectorizer.fit_transform(texts[:600]) != oracle.transform(texts[:600])).nnz == 0
    assert vectorizer.terms_["word"].strings() == oracle.get_feature_names_out().tolist()
    assert (vectorizer.transform(texts[600:]) != oracle.transform(texts[600:])).nnz == 0


def test_most_frequent_terms_and_ties():
    names = BagOfWordsVectorizer(words=(1, 1), characters=None, max_features=2).fit(
        ["d c b", "d a c", "a b d d"]
    )
    assert names.terms_["word"].strings() == ["a", "d"]


def test_fitted_attributes():
    vectorizer = BagOfWordsVectorizer(words=(1, 1), characters=None).fit(["b a", "b"])
    assert vectorizer.terms_["word"].strings() == ["a", "b"]
    assert_allclose(vectorizer.idf_["word"], [np.log(3 / 2) + 1, 1], rtol=1e-6)
    assert BagOfWordsVectorizer(weighting="count").fit(["a"]).idf_ == {}


# --- cells


def test_missing_texts_give_zero_rows_and_do_not_count():
    cells = ["a cat", None, "a dog", float("nan"), "  ", pd.NA, b" "]
    vectorizer = BagOfWordsVectorizer()
    features = vectorizer.fit_transform(cells)
    present = BagOfWordsVectorizer().fit_transform(["a cat", "a dog"])
    assert features.shape[0] == len(cells)
    assert_array_equal(_dense(features[[0, 2]]), _dense(present))
    assert features[[1, 3, 4, 5, 6]].nnz == 0
    assert_array_equal(_dense(vectorizer.transform(cells)), _dense(features))


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(TEXTS, index=[7] * 5),
        pd.DataFrame({"text": TEXTS}),
        pl.Series(TEXTS),
        pl.DataFrame({"text": TEXTS}),
        np.array(TEXTS),
        np.array(TEXTS, dtype=object)[:, None],
        [text.encode() for text in TEXTS],
    ],
    ids=lambda column: type(column).__module__ + "." + type(column).__name__,
)
def test_every_kind_of_column(column):
    expected = BagOfWordsVectorizer().fit_transform(TEXTS)
    vectorizer = BagOfWordsVectorizer()
    assert (vectorizer.fit_transform(column) != expected).nnz == 0
    assert hasattr(vectorizer, "feature_names_in_") == hasattr(column, "columns")


def test_unreadable_cells_are_all_named():
    with pytest.raises(UnreadableCellsError, match="2 of 4 cells") as caught:
        BagOfWordsVectorizer().fit(pd.Series(["a cat", 3, b"\xff", "b"], name="caption"))
    assert [(error.row, error.column, error.code) for error in caught.value.errors] == [
        (1, "caption", "type"),
        (2, "caption", "decode"),
    ]


def test_unreadable_cells_as_missing():
    vectorizer = BagOfWordsVectorizer(on_unreadable="missing", limits=Limits(max_characters=9))
    with pytest.warns(DataQualityWarning, match=r"2 of 4 .*\(1 limit, 1 type\)"):
        features = vectorizer.fit_transform(["a cat", 3, "a dog", "a" * 10])
    expected = BagOfWordsVectorizer().fit_transform(["a cat", None, "a dog", None])
    assert (features != expected).nnz == 0
    with pytest.warns(DataQualityWarning, match="1 of 1"):
        assert vectorizer.transform([3]).nnz == 0


def test_not_one_readable_cell_is_an_error_even_so():
    with pytest.raises(UnreadableCellsError, match="Not one cell"):
        BagOfWordsVectorizer(on_unreadable="missing").fit([1, 2, None])


def test_encoding():
    cells = ["müde".encode("latin-1")]
    names = BagOfWordsVectorizer(encoding="latin-1").fit(cells).get_feature_names_out()
    assert "word__müde" in names


def test_read_cells_gives_what_fit_takes():
    cells = ["cafe\u0301", None, b"a cat", 3, b"", "a dog"]
    vectorizer = BagOfWordsVectorizer(on_unreadable="missing")
    values, errors = vectorizer.read_cells(cells)
    assert list(values) == ["café", None, "a cat", None, None, "a dog"]
    assert [(error.row, error.code) for error in errors] == [(3, "type")]
    with pytest.warns(DataQualityWarning):
        direct = vectorizer.fit_transform(cells)
    assert (clone(vectorizer).fit_transform(values) != direct).nnz == 0


# --- messages

EMPTY = {
    "missing": ({}, [None, " "], "All 2 texts are missing or blank"),
    "punctuation": ({}, ["!!!", "...", None], r"The 2 texts .* no word at all.*'!!!'"),
    "stop words": (
        {"stop_words": "english"},
        ["the", "the and"],
        "All 3 words of the 2 texts are stop words",
    ),
    "n-grams": ({"words": (3, 3)}, ["a cat", "dog"], "None of the 2 texts has 3 words in a row"),
    "min_df": ({"min_df": 2}, ["a", "b"], r"min_df=2 and max_df=1.0 leave none of the 2 .* terms"),
    "max_df": ({"max_df": 1}, ["a", "a"], "max_df=1 leave none of the 1 different terms"),
    "min_df above the rows": ({"min_df": 5}, ["a", "a"], "min_df=5 and .* leave none"),
    "characters": ({"words": None, "min_df": 2}, ["a", "b"], "leave none of the 6 different"),
}


@pytest.mark.parametrize(("options", "texts", "message"), EMPTY.values(), ids=EMPTY.keys())
def test_why_nothing_is_left(options, texts, message):
    with pytest.raises(ValueError, match=message):
        BagOfWordsVectorizer(**options).fit(texts)


BAD = [
    ({"weighting": "bm25"}, "'weighting' parameter"),
    ({"words": (0, 1)}, r"words must be None or \(shortest, longest\).*got \(0, 1\)"),
    ({"words": (2, 1)}, "words must be None"),
    ({"words": 2}, "'words' parameter"),
    ({"characters": (1,)}, "characters must be None"),
    ({"characters": (1.0, 2)}, "characters must be None"),
    ({"words": None, "characters": None}, "both None"),
    ({"min_df": -1}, "'min_df' parameter"),
    ({"max_df": 1.5}, "'max_df' parameter"),
    ({"max_features": 0}, "'max_features' parameter"),
    ({"stop_words": "klingon"}, "'stop_words' parameter"),
    ({"norm": "max"}, "'norm' parameter"),
    ({"tokenizer": "nltk"}, "'tokenizer' parameter"),
    ({"limits": 3}, "'limits' parameter"),
    ({"on_unreadable": "skip"}, "'on_unreadable' parameter"),
]


@pytest.mark.parametrize(("options", "message"), BAD, ids=str)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        BagOfWordsVectorizer(**options).fit(TEXTS)


def test_one_text_is_no_column():
    with pytest.raises(ValueError, match="Expected a column of cells"):
        BagOfWordsVectorizer().fit("a cat")


# --- scikit-learn's contract


def test_fit_then_transform_equals_fit_transform():
    vectorizer = BagOfWordsVectorizer()
    together = vectorizer.fit_transform(TEXTS)
    apart = clone(vectorizer).fit(TEXTS).transform(TEXTS)
    assert_array_equal(_dense(together), _dense(apart))


def test_rows_stand_alone():
    vectorizer = BagOfWordsVectorizer().fit(TEXTS)
    whole = _dense(vectorizer.transform(TEXTS))
    assert_array_equal(_dense(vectorizer.transform(TEXTS[::-1])), whole[::-1])
    for row, text in enumerate(TEXTS):
        assert_array_equal(_dense(vectorizer.transform([text])), whole[[row]])


def test_no_rows():
    vectorizer = BagOfWordsVectorizer().fit(TEXTS)
    assert vectorizer.transform([]).shape == (0, len(vectorizer.get_feature_names_out()))


def test_unfitted():
    with pytest.raises(NotFittedError):
        BagOfWordsVectorizer().transform(TEXTS)
    with pytest.raises(NotFittedError):
        BagOfWordsVectorizer().get_feature_names_out()


def test_clone_and_parameters():
    vectorizer = BagOfWordsVectorizer(words=(1, 3), limits=Limits(max_characters=5))
    assert clone(vectorizer).get_params() == vectorizer.get_params()
    assert vectorizer.set_params(words=None).words is None


@pytest.mark.parametrize("weighting", ["tfidf", "count"])
def test_saved_and_loaded(weighting):
    vectorizer = BagOfWordsVectorizer(weighting=weighting).fit(TEXTS)
    expected = vectorizer.transform(TEXTS)
    pickled = pickle.loads(pickle.dumps(vectorizer))
    data = skops.io.dumps(vectorizer)
    loaded = skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    for copy in (pickled, loaded, vectorizer):  # saving leaves the original as it was
        assert (copy.transform(TEXTS) != expected).nnz == 0
        assert_array_equal(copy.get_feature_names_out(), vectorizer.get_feature_names_out())


def test_how_terms_differ_from_those_of_scikit_learn():
    """As the help says: NFC always; apostrophes, soft hyphens and İ but for foreign tokenizers."""
    odd = ["don’t co\u00adoperate in cafe\u0301s of İzmir"]
    composed = [unicodedata.normalize("NFC", odd[0])]
    plain = ["don't cooperate in cafés of izmir"]
    words = BagOfWordsVectorizer(tokenizer="scikit-learn", words=(1, 1), characters=None)
    names = words.fit(odd).get_feature_names_out()
    oracle = CountVectorizer().fit(composed)
    assert list(names) == [f"word__{term}" for term in oracle.get_feature_names_out()]
    characters = BagOfWordsVectorizer(tokenizer="scikit-learn", words=None).fit(odd)
    oracle = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).fit(plain)
    wanted = [f"char__{term}" for term in oracle.get_feature_names_out()]
    assert list(characters.get_feature_names_out()) == wanted
    words = BagOfWordsVectorizer(words=(1, 1), characters=None).fit(odd)
    assert set(words.get_feature_names_out()) == {f"word__{word}" for word in plain[0].split()}


def test_pandas_output_is_refused_as_by_scikit_learn():
    vectorizer = BagOfWordsVectorizer().set_output(transform="pandas")
    vectorizer.fit(TEXTS)  # fitting itself has no output
    with pytest.raises(ValueError, match=r"sparse matrix.*set_output\(transform='default'\)"):
        vectorizer.transform(TEXTS)
