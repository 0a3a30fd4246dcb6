"""Pooling against loops over words, written out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from mmclassic.text._pooling import (
    first_component,
    inverse_word_frequencies,
    pool_documents,
    pool_maximum,
    remove_component,
)


@pytest.fixture(scope="module")
def corpus():
    """Documents of 0 to 30 words of 50, some unknown, and vectors of the known ones."""
    rng = np.random.default_rng(0)
    documents = [
        [f"word{i}" for i in rng.integers(0, 50, size=size)] for size in rng.integers(0, 30, 40)
    ]
    vocabulary = {f"word{i}": i for i in range(45)}
    return documents, vocabulary, rng.normal(size=(45, 7)).astype(np.float32)


def count_words(documents, vocabulary):
    """How often each known word occurs in each document."""
    rows = [[words.count(word) for word in vocabulary] for words in documents]
    return sparse.csr_matrix(np.array(rows, dtype=np.float32))


def _by_hand(corpus, weight_of, divide):
    documents, vocabulary, vectors = corpus
    rows = []
    for words in documents:
        known = [vocabulary[word] for word in words if word in vocabulary]
        total = sum(weight_of(i) * vectors[i].astype(float) for i in known)
        rows.append(total / divide(known) if known else np.zeros(vectors.shape[1]))
    return np.array(rows)


def test_mean(corpus):
    documents, vocabulary, vectors = corpus
    pooled = pool_documents(count_words(documents, vocabulary), vectors)
    assert pooled.dtype == np.float32
    assert_allclose(pooled, _by_hand(corpus, lambda i: 1, len), atol=1e-6)


@pytest.mark.parametrize("divide_by", ["weights", "counts"])
def test_weighted_mean(corpus, divide_by):
    documents, vocabulary, vectors = corpus
    weights = np.linspace(0.1, 3, 45, dtype=np.float32)
    divisors = {"weights": lambda known: sum(weights[i] for i in known), "counts": len}
    counts = count_words(documents, vocabulary)
    pooled = pool_documents(counts, vectors, weights=weights, divide_by=divide_by)
    by_hand = _by_hand(corpus, lambda i: weights[i], divisors[divide_by])
    assert_allclose(pooled, by_hand, atol=1e-6)


def test_maximum(corpus):
    documents, vocabulary, vectors = corpus
    pooled = pool_maximum(count_words(documents, vocabulary), vectors)
    for row, words in zip(pooled, documents, strict=True):
        known = [vocabulary[word] for word in words if word in vocabulary]
        assert_array_equal(row, vectors[known].max(axis=0) if known else np.zeros(7))


def test_maximum_of_more_documents_than_one_batch(monkeypatch, corpus):
    documents, vocabulary, vectors = corpus
    counts = count_words(documents, vocabulary)
    whole = pool_maximum(counts, vectors)
    monkeypatch.setattr("mmclassic.text._pooling._BATCH", 3)
    assert_array_equal(pool_maximum(counts, vectors), whole)


def test_a_row_depends_on_its_document_only(corpus):
    documents, vocabulary, vectors = corpus
    weights = np.linspace(0.1, 3, 45, dtype=np.float32)

    def pool(part):
        counts = count_words(part, vocabulary)
        pooled = pool_documents(counts, vectors, weights=weights)
        return remove_component(pooled, np.full(7, 7**-0.5))

    whole = pool(documents)
    for size in (1, 3, 17):
        parts = [pool(documents[i : i + size]) for i in range(0, len(documents), size)]
        assert_array_equal(np.concatenate(parts), whole)


def test_smooth_inverse_frequencies():
    weights = inverse_word_frequencies(np.array([3, 1, 1, 0]), 0.2)
    assert_allclose(weights, [0.2 / 0.8, 0.5, 0.5, 1.0], rtol=1e-6)


def test_first_component_is_the_first_right_singular_vector():
    features = np.random.default_rng(1).normal(size=(30, 5)) + 0.5
    oracle = np.linalg.svd(features, full_matrices=False)[2][0]
    component = first_component([features[:7], features[7:]])
    assert_allclose(abs(component @ oracle), 1)
    assert_allclose(abs(component @ first_component([features])), 1)
    residuals = remove_component(features.astype(np.float32), component)
    assert_allclose(residuals @ component, 0, atol=1e-5)
    assert_allclose(residuals, features - features @ np.outer(oracle, oracle), atol=1e-5)
