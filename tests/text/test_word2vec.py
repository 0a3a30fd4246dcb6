"""Pooled word vectors against gensim and a calculation by hand, and the contract of cells."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from gensim.models import KeyedVectors
from gensim.utils import simple_preprocess
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from mmclassic._errors import DataQualityWarning, UnreadableCellsError
from mmclassic.text import Word2VecVectorizer, tokenize

TEXTS = [
    f"The {pet} eats {food}, and the {pet} sleeps {place}."
    for pet, food in [("cat", "fish"), ("dog", "bones"), ("mouse", "cheese")]
    for place in ("outside", "in the house", "all day", "here")
]
POOLINGS = ["mean", "tfidf", "sif", "max"]
SMALL = {"vector_size": 6, "epochs": 2}


@pytest.fixture(scope="module")
def keyed():
    words = sorted({word for text in TEXTS for word in tokenize(text)} - {"cheese"})
    vectors = KeyedVectors(5)
    matrix = np.random.default_rng(0).normal(size=(len(words), 5)).astype(np.float32) + 0.3
    vectors.add_vectors(words, matrix)
    return vectors


def _known(text, keyed):
    return [word for word in tokenize(text) if word in keyed]


def test_mean_equals_gensim(keyed):
    features = Word2VecVectorizer(vectors=keyed).fit_transform(TEXTS)
    oracle = [keyed.get_mean_vector(_known(text, keyed), pre_normalize=False) for text in TEXTS]
    assert features.dtype == np.float32
    assert_allclose(features, oracle, atol=1e-6)


def test_equals_the_tutorial(shared_data):
    """simple_preprocess, then the mean of what is known: with real vectors and real texts."""
    vectors = KeyedVectors.load_word2vec_format(shared_data / "vectors/glove_twitter25d_12k.txt")
    questions = pd.read_csv(shared_data / "questions" / "questions.csv", nrows=500)["text"]
    texts = [*questions, "_so_ 7up Straße pneumonoultramicroscopic", "ok"]
    known = [[word for word in simple_preprocess(text) if word in vectors] for text in texts]
    oracle = [np.mean([vectors[word] for word in words], axis=0) for words in known]
    features = Word2VecVectorizer(vectors=vectors, tokenizer="gensim").fit_transform(texts)
    assert_allclose(features, oracle, atol=1e-5)


def test_a_damaged_vocabulary_is_refused(keyed):
    vectorizer = Word2VecVectorizer(vectors=keyed).fit(TEXTS)
    vectorizer.vocabulary_["cat"] = 10**9  # as a crafted file could have it
    with pytest.raises(ValueError, match="vocabulary_ must number the rows"):
        pickle.loads(pickle.dumps(vectorizer)).transform(TEXTS)


def test_tfidf_by_hand(keyed):
    features = Word2VecVectorizer(vectors=keyed, pooling="tfidf").fit_transform(TEXTS)
    documents = [_known(text, keyed) for text in TEXTS]

    def idf(word):
        return np.log((1 + len(TEXTS)) / (1 + sum(word in words for words in documents))) + 1

    for row, words in zip(features, documents, strict=True):
        weights = [idf(word) for word in words]
        assert_allclose(row, np.average([keyed[w] for w in words], axis=0, weights=weights),
                        atol=1e-6)  # fmt: skip


@pytest.mark.parametrize("alpha", [1e-3, 0.1])
def test_sif_by_hand(keyed, alpha):
    """Algorithm 1 of Arora, Liang & Ma (2017)."""
    vectorizer = Word2VecVectorizer(vectors=keyed, pooling="sif", sif_alpha=alpha)
    features = vectorizer.fit_transform(TEXTS)
    documents = [_known(text, keyed) for text in TEXTS]
    everything = [word for words in documents for word in words]
    sums = np.array(
        [
            sum(alpha / (alpha + everything.count(w) / len(everything)) * keyed[w] for w in words)
            / len(words)
            for words in documents
        ]
    )
    direction = np.linalg.svd(sums, full_matrices=False)[2][0]
    assert_allclose(features, sums - np.outer(sums @ direction, direction), atol=1e-5)
    # New texts lose the direction of the training texts, not their own.
    word = alpha / (alpha + everything.count("cat") / len(everything)) * keyed["cat"]
    expected = word - (word @ direction) * direction
    assert_allclose(vectorizer.transform(["cat"])[0], expected, atol=1e-5)


def test_max_by_hand(keyed):
    features = Word2VecVectorizer(vectors=keyed, pooling="max").fit_transform(TEXTS)
    oracle = [np.max([keyed[w] for w in _known(text, keyed)], axis=0) for text in TEXTS]
    assert_array_equal(features, oracle)


def test_training_gives_plain_arrays():
    vectorizer = Word2VecVectorizer(**SMALL).fit(TEXTS)
    assert type(vectorizer.vectors_) is np.ndarray
    assert vectorizer.vectors_.dtype == np.float32
    assert vectorizer.vectors_.shape == (len(vectorizer.vocabulary_), 6)
    assert type(vectorizer.vocabulary_) is dict
    assert next(iter(vectorizer.vocabulary_)) == "the"  # the most frequent word
    assert not [v for v in vars(vectorizer).values() if type(v).__module__.startswith("gensim")]


def test_words_below_min_count_are_unknown():
    vectorizer = Word2VecVectorizer(**SMALL).fit([*TEXTS, "zebra"])
    assert "zebra" not in vectorizer.vocabulary_
    assert_array_equal(vectorizer.transform(["zebra"]), np.zeros((1, 6)))


def test_related_words_come_close(shared_data):
    """Skip-gram learns: words of one class of questions are nearer than those of two."""
    questions = pd.read_csv(shared_data / "questions" / "questions.csv", nrows=1500)
    vectorizer = Word2VecVectorizer(vector_size=20, epochs=10).fit(questions["text"])

    def vector(word):
        found = vectorizer.vectors_[vectorizer.vocabulary_[word]]
        return found / np.linalg.norm(found)

    assert vector("country") @ vector("city") > vector("country") @ vector("stand")


# --- out of vocabulary, missing, unreadable


@pytest.mark.parametrize("pooling", POOLINGS)
def test_unknown_and_missing_texts(keyed, pooling):
    cells = [*TEXTS, "cheese", "!!!", None, " ", float("nan")]
    vectorizer = Word2VecVectorizer(vectors=keyed, pooling=pooling)
    features = vectorizer.fit_transform(cells)
    assert_array_equal(features[-5:-3], np.zeros((2, 5)))
    assert np.isnan(features[-3:]).all()
    assert np.isfinite(features[:-3]).all()
    assert vectorizer.n_out_of_vocabulary_ == 2


def test_missing_texts_do_not_count(keyed):
    vectorizer = Word2VecVectorizer(vectors=keyed, pooling="tfidf")
    whole = vectorizer.fit_transform([None, *TEXTS, None])
    assert_array_equal(whole[1:-1], clone(vectorizer).fit_transform(TEXTS))


def test_unreadable_cells(keyed):
    cells = [TEXTS[0], 3, b"\xff"]
    with pytest.raises(UnreadableCellsError, match="2 of 3 cells"):
        Word2VecVectorizer(vectors=keyed).fit(cells)
    vectorizer = Word2VecVectorizer(vectors=keyed, on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match="1 decode, 1 type"):
        features = vectorizer.fit_transform(cells)
    assert_array_equal(np.isnan(features).all(axis=1), [False, True, True])
    with pytest.raises(UnreadableCellsError, match="Not one cell"):
        vectorizer.fit([3, 4])


def test_read_cells_gives_what_fit_takes():
    cells = [*TEXTS, None, b"the cat", 3, b""]
    vectorizer = Word2VecVectorizer(**SMALL, on_unreadable="missing")
    values, errors = vectorizer.read_cells(cells)
    assert [error.row for error in errors] == [len(TEXTS) + 2]
    assert list(values[-4:]) == [None, "the cat", None, None]
    with pytest.warns(DataQualityWarning):
        direct = vectorizer.fit_transform(cells)
    assert_array_equal(clone(vectorizer).fit_transform(values), direct)


# --- messages

UNUSABLE = {
    "missing": ({}, [None, ""], "All 2 texts are missing or blank"),
    "rare": ({}, ["a cat", "the dog"], "No word occurs min_count=2 times in the 2 texts"),
    "punctuation": ({}, ["!!!"], "hold 0 words"),
    "other language": (
        {"vectors": (["Katze", "Hund"], np.eye(2))},
        ["a cat", "the dog"],
        "None of the 2 texts has a word that the pretrained vectors know.*'Katze'",
    ),
}


@pytest.mark.parametrize(("options", "texts", "message"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_nothing_to_learn_from(options, texts, message):
    with pytest.raises(ValueError, match=message):
        Word2VecVectorizer(**options).fit(texts)


BAD = [
    ({"vector_size": 0}, "'vector_size' parameter"),
    ({"window": 0}, "'window' parameter"),
    ({"min_count": 0}, "'min_count' parameter"),
    ({"epochs": 1.5}, "'epochs' parameter"),
    ({"negative": 0}, "'negative' parameter"),
    ({"pooling": "median"}, "'pooling' parameter"),
    ({"sif_alpha": 0}, "'sif_alpha' parameter"),
    ({"tokenizer": "nltk"}, "'tokenizer' parameter"),
    ({"encoding": 8}, "'encoding' parameter"),
    ({"encoding": "nope"}, "There is no encoding='nope'"),
    ({"random_state": "x"}, "'random_state' parameter"),
]


@pytest.mark.parametrize(("options", "message"), BAD, ids=str)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        Word2VecVectorizer(**options).fit(TEXTS)


# --- scikit-learn's contract


@pytest.mark.parametrize("pooling", POOLINGS)
def test_fitting_twice_or_in_two_steps_changes_nothing(pooling):
    vectorizer = Word2VecVectorizer(**SMALL, pooling=pooling)
    together = vectorizer.fit_transform(TEXTS)
    assert_array_equal(clone(vectorizer).fit(TEXTS).transform(TEXTS), together)
    assert_array_equal(vectorizer.fit_transform(TEXTS), together)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_rows_stand_alone(keyed, pooling):
    vectorizer = Word2VecVectorizer(vectors=keyed, pooling=pooling).fit(TEXTS)
    whole = vectorizer.transform(TEXTS)
    assert_array_equal(vectorizer.transform(TEXTS[::-1]), whole[::-1])
    for row, text in enumerate(TEXTS):
        assert_array_equal(vectorizer.transform([text]), whole[[row]])


def test_random_state():
    first = Word2VecVectorizer(**SMALL, random_state=1).fit_transform(TEXTS)
    second = Word2VecVectorizer(**SMALL, random_state=2).fit_transform(TEXTS)
    generator = Word2VecVectorizer(**SMALL, random_state=np.random.RandomState(1))
    assert not np.array_equal(first, second)
    assert_array_equal(generator.fit_transform(TEXTS), first)


@pytest.mark.parametrize("library", [pd, pl], ids=["pandas", "polars"])
def test_frames_in_and_out(keyed, library):
    vectorizer = Word2VecVectorizer(vectors=keyed)
    expected = vectorizer.fit_transform(TEXTS)
    vectorizer.set_output(transform=library.__name__)
    frame = vectorizer.fit_transform(library.DataFrame({"text": TEXTS}))
    assert isinstance(frame, library.DataFrame)
    assert list(frame.columns) == ["w2v_0", "w2v_1", "w2v_2", "w2v_3", "w2v_4"]
    assert_array_equal(frame.to_numpy(), expected)
    assert list(vectorizer.feature_names_in_) == ["text"]


def test_no_rows(keyed):
    assert Word2VecVectorizer(vectors=keyed).fit(TEXTS).transform([]).shape == (0, 5)


def test_unfitted():
    with pytest.raises(NotFittedError):
        Word2VecVectorizer().transform(TEXTS)
    with pytest.raises(NotFittedError):
        Word2VecVectorizer().get_feature_names_out()


def test_clone_and_parameters():
    vectorizer = Word2VecVectorizer(vector_size=7, pooling="max")
    assert clone(vectorizer).get_params() == vectorizer.get_params()


@pytest.mark.parametrize("pooling", ["mean", "sif"])
def test_saved_and_loaded(keyed, pooling):
    vectorizer = Word2VecVectorizer(vectors=keyed, pooling=pooling).fit(TEXTS)
    expected = vectorizer.transform(TEXTS)
    assert_array_equal(pickle.loads(pickle.dumps(vectorizer)).transform(TEXTS), expected)
    vectorizer._to_portable()
    data = skops.io.dumps(vectorizer)
    untrusted = skops.io.get_untrusted_types(data=data)
    assert untrusted == ["mmclassic.text._word2vec.Word2VecVectorizer"]
    loaded = skops.io.loads(data, trusted=untrusted)
    assert_array_equal(loaded.transform(TEXTS), expected)
    assert loaded.vocabulary_ == vectorizer.vocabulary_
    assert_array_equal(clone(loaded).fit_transform(TEXTS), expected)  # it can be refitted


def test_trained_vectors_stay_trainable_when_saved():
    vectorizer = Word2VecVectorizer(**SMALL).fit(TEXTS)
    vectorizer._to_portable()
    assert vectorizer.vectors is None
