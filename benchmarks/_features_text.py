"""Texts to numbers: against gensim's tutorial, CountVectorizer and TfidfVectorizer.

Run it alone with ``python benchmarks/_features_text.py [--quick]``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from _interleaved import Comparison, Contender, compare
from gensim.models import KeyedVectors, Word2Vec
from gensim.utils import simple_preprocess
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion

from mmclassic.text import BagOfWordsVectorizer, Word2VecVectorizer
from mmclassic.text._tokenize import normalise_text, split_tokens

N_ROWS = (200, 2_000, 20_000)
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
OURS = "mmclassic"
TUTORIAL = "simple_preprocess, then np.mean of the vectors"
BOUND = "characters only: lower, encode"


def sections(data: Path, quick: bool) -> Iterator[tuple[Comparison, str]]:
    """Comparisons, each with the name of our contender in it."""
    for title, texts in _columns(data, quick):
        n_rounds = 3 if quick or len(texts) > 10_000 else 7
        warm_up = texts * (1 + 1_100_000 // sum(map(len, texts)))
        BagOfWordsVectorizer(characters=None).fit(warm_up)  # loads the compiled loops
        yield _document_vectors(title, texts, _vectors(data, texts), n_rounds), OURS
        yield _own_vectors(title, texts, n_rounds), OURS
        yield _counts(title, texts, n_rounds, fit=True), OURS
        yield _counts(title, texts, n_rounds, fit=False), OURS
        yield _tfidf(title, texts, n_rounds, fit=True), OURS
        yield _tfidf(title, texts, n_rounds, fit=False), OURS


def _columns(data: Path, quick: bool) -> Iterator[tuple[str, list[str]]]:
    for n in N_ROWS[:2] if quick else N_ROWS:
        yield f"{n} generated texts", generated_texts(n)
    if (data / "questions").exists():
        yield "5 952 questions", pd.read_csv(data / "questions/questions.csv")["text"].tolist()
    if (data / "products").exists():
        products = pd.read_csv(data / "products/products.csv")["description"]
        yield "420 descriptions of products", products.fillna("").tolist()


def generated_texts(n: int, n_words: int = 50_000) -> list[str]:
    """Texts of 5 to 20 words whose frequencies fall as in natural language (Zipf)."""
    rng = np.random.default_rng(0)
    letters = np.array(list("etaoinshrdlucmfwygpbvk"))
    words = ["".join(rng.choice(letters, size)) for size in rng.integers(1, 11, n_words)]
    shares = 1 / np.arange(1, n_words + 1)
    lengths = rng.integers(5, 21, n)
    drawn = rng.choice(n_words, lengths.sum(), p=shares / shares.sum()).tolist()
    stops = np.cumsum(lengths).tolist()
    starts = [0, *stops[:-1]]
    return [
        " ".join(words[i] for i in drawn[start:stop]).capitalize() + "."
        for start, stop in zip(starts, stops, strict=True)
    ]


def _vectors(data: Path, texts: list[str]) -> KeyedVectors:
    """The pretrained ones that are there; for generated words random ones."""
    path = data / "vectors" / "glove_twitter25d_12k.txt"
    if path.exists() and not texts[0].endswith("."):
        return KeyedVectors.load_word2vec_format(str(path))
    words = sorted({word for text in texts for word in simple_preprocess(text)})
    vectors = KeyedVectors(100)
    vectors.add_vectors(words, np.random.default_rng(0).normal(size=(len(words), 100)))
    return vectors


def _tutorial(texts: list[str], vectors: KeyedVectors) -> np.ndarray:
    rows = []
    for text in texts:
        known = [vectors[word] for word in simple_preprocess(text) if word in vectors]
        rows.append(np.mean(known, axis=0) if known else np.zeros(vectors.vector_size))
    return np.array(rows)


def _document_vectors(
    title: str, texts: list[str], vectors: KeyedVectors, n_rounds: int
) -> Comparison:
    fitted = Word2VecVectorizer(vectors=vectors, tokenizer="gensim").fit(texts)
    default = Word2VecVectorizer(vectors=vectors).fit(texts)
    np.testing.assert_allclose(fitted.transform(texts), _tutorial(texts, vectors), atol=1e-5)
    contenders = [
        Contender(TUTORIAL, lambda: _tutorial(texts, vectors)),
        Contender("simple_preprocess only", lambda: list(map(simple_preprocess, texts))),
        Contender(OURS, lambda: fitted.transform(texts)),
        Contender('mmclassic, tokenizer="unicode"', lambda: default.transform(texts)),
        Contender(BOUND, lambda: "\n".join(texts).lower().encode()),
    ]
    return compare(f"{title}: document vectors", contenders, len(texts), n_rounds=n_rounds)


def _own_vectors(title: str, texts: list[str], n_rounds: int) -> Comparison:
    """Vectors learned from the texts themselves by gensim; the training is not timed."""
    options = {"vector_size": 50, "epochs": 1, "min_count": 1, "seed": 1}
    vectors = Word2Vec([simple_preprocess(text) for text in texts], **options).wv
    fitted = Word2VecVectorizer(vectors=vectors, tokenizer="gensim").fit(texts)
    np.testing.assert_allclose(fitted.transform(texts), _tutorial(texts, vectors), atol=1e-5)
    contenders = [
        Contender(TUTORIAL, lambda: _tutorial(texts, vectors)),
        Contender(OURS, lambda: fitted.transform(texts)),
    ]
    title = f"{title}: document vectors, self-trained"
    return compare(title, contenders, len(texts), n_rounds=n_rounds)


def _counts(title: str, texts: list[str], n_rounds: int, *, fit: bool) -> Comparison:
    peer = CountVectorizer()
    ours = BagOfWordsVectorizer(
        weighting="count", words=(1, 1), characters=None, tokenizer="scikit-learn"
    )
    expected = peer.fit_transform(texts)
    if (ours.fit_transform(texts) != expected).nnz:
        raise AssertionError("the counts differ from scikit-learn's")
    return _pair(f"{title}: counts of words", peer, ours, texts, n_rounds, fit)


def _tfidf(title: str, texts: list[str], n_rounds: int, *, fit: bool) -> Comparison:
    options = {"sublinear_tf": True, "dtype": np.float32, "preprocessor": normalise_text}
    words = TfidfVectorizer(
        ngram_range=(1, 2), tokenizer=split_tokens, token_pattern=None, **options
    )
    characters = TfidfVectorizer(ngram_range=(2, 5), analyzer="char_wb", **options)
    peer = FeatureUnion([("word", words), ("char", characters)])
    ours = BagOfWordsVectorizer()
    largest = abs(ours.fit_transform(texts) - peer.fit_transform(texts)).max()
    if largest > 1e-5:
        raise AssertionError(f"the weights differ from scikit-learn's by {largest}")
    return _pair(f"{title}: tf-idf of words and characters", peer, ours, texts, n_rounds, fit)


def _pair(
    title: str, peer, ours: BagOfWordsVectorizer, texts: list[str], n_rounds: int, fit: bool
) -> Comparison:
    method = "fit_transform" if fit else "transform"
    contenders = [
        Contender("scikit-learn", lambda: getattr(peer, method)(texts)),
        Contender(OURS, lambda: getattr(ours, method)(texts)),
        Contender(BOUND, lambda: "\n".join(texts).lower().encode()),
    ]
    return compare(f"{title}, {method}", contenders, len(texts), n_rounds=n_rounds)


def main() -> None:
    """Print the comparisons as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    for comparison, ours in sections(DATA, parser.parse_args().quick):
        print(comparison.to_markdown(ours), flush=True)


if __name__ == "__main__":
    main()
