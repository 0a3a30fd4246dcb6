"""Training is reproducible, and files of vectors are not trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors, Word2Vec
from numpy.testing import assert_allclose, assert_array_equal

from mmclassic.text._word_vectors import (
    GENSIM_WORDS,
    DocumentStream,
    as_word_vectors,
    read_word_vectors,
    train_word_vectors,
)

SETTINGS = {
    "vector_size": 8,
    "window": 3,
    "min_count": 1,
    "epochs": 2,
    "skip_gram": True,
    "negative": 5,
    "seed": 1,
}
DOCUMENTS = [f"the {pet} and the {food} number {i}".split() for i in range(9)
             for pet, food in [("cat", "fish"), ("dog", "bone")]]  # fmt: skip


# --- training


def _stream(documents) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Different words, and documents as their numbers, in the order of first appearance."""
    words = list(dict.fromkeys(word for words in documents for word in words))
    numbers = [words.index(word) for document in documents for word in document]
    ends = np.cumsum([0, *map(len, documents)])
    return words, np.array(numbers, dtype=np.int32), ends


def test_a_stream_gives_the_documents_on_every_pass(monkeypatch):
    monkeypatch.setattr("mmclassic.text._word_vectors._BATCH", 4)
    stream = DocumentStream(*_stream(DOCUMENTS))
    assert list(stream) == list(stream) == DOCUMENTS
    assert len(stream) == len(DOCUMENTS)


def test_equals_gensim():
    words, vectors = train_word_vectors(*_stream(DOCUMENTS), **SETTINGS)
    oracle = Word2Vec(DOCUMENTS, vector_size=8, window=3, min_count=1, epochs=2, sg=1, seed=1,
                      workers=1).wv  # fmt: skip
    assert words == oracle.index_to_key
    assert_array_equal(vectors, oracle.vectors)


def test_skip_gram_and_seed_matter():
    _, vectors = train_word_vectors(*_stream(DOCUMENTS), **SETTINGS)
    for change in ({"skip_gram": False}, {"seed": 2}):
        _, others = train_word_vectors(*_stream(DOCUMENTS), **(SETTINGS | change))
        assert not np.array_equal(vectors, others)


def test_the_same_bits_whatever_the_hash_seed():
    script = (
        "import hashlib\n"
        "from mmclassic.text import Word2VecVectorizer\n"
        "texts = [f'the {pet} eats {food} and word{i % 7}' for i in range(30)\n"
        "         for pet, food in [('cat', 'fish'), ('dog', 'bones')]]\n"
        "features = Word2VecVectorizer(vector_size=8, epochs=2).fit_transform(texts)\n"
        "print(hashlib.sha256(features.tobytes()).hexdigest())\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": root},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1")
    ]
    digests = {run.communicate()[0] for run in runs}
    assert all(run.returncode == 0 for run in runs)
    assert len(digests) == 1


def test_long_documents_are_read_to_the_end():
    long = ["filler"] * GENSIM_WORDS + ["tail", "words"] * 20
    stream = DocumentStream(*_stream([long, ["x"], []]))
    pieces = list(stream)
    assert [len(piece) for piece in pieces] == [GENSIM_WORDS, 40, 1]
    assert len(stream) == 3
    assert [word for piece in pieces for word in piece] == [*long, "x"]
    cut = [["filler"] * GENSIM_WORDS, ["tail", "words"] * 20]
    words, vectors = train_word_vectors(*_stream([long]), **(SETTINGS | {"epochs": 1}))
    _, of_pieces = train_word_vectors(*_stream(cut), **(SETTINGS | {"epochs": 1}))
    assert set(words) == {"filler", "tail", "words"}
    assert_array_equal(vectors, of_pieces)


def test_too_few_words():
    with pytest.raises(
        ValueError, match=r"No word occurs min_count=3 times in the 2 texts.* 4 words, 3"
    ):
        train_word_vectors(*_stream([["a", "b"], ["a", "c"]]), **(SETTINGS | {"min_count": 3}))
    with pytest.raises(ValueError, match="hold 0 words"):
        train_word_vectors(*_stream([[], []]), **SETTINGS)


# --- files


def _file(folder, content) -> Path:
    path = folder / "vectors.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_reads_what_gensim_writes(tmp_path):
    vectors = KeyedVectors(3)
    vectors.add_vectors(["cat", "año", "日本"], np.arange(9).reshape(3, 3) / 7)
    vectors.save_word2vec_format(str(tmp_path / "vectors.txt"))
    words, matrix = read_word_vectors(tmp_path / "vectors.txt")
    assert words == ["cat", "año", "日本"]
    assert matrix.dtype == np.float32
    assert_allclose(matrix, vectors.vectors)


def test_reads_the_real_file_as_gensim_does(shared_data):
    path = shared_data / "vectors" / "glove_twitter25d_12k.txt"
    oracle = KeyedVectors.load_word2vec_format(str(path))
    words, matrix = read_word_vectors(path)
    assert words == oracle.index_to_key
    assert_array_equal(matrix, oracle.vectors)


def test_variants(tmp_path):
    expected = np.array([[1, 2], [-0.5, 3e-2]], dtype=np.float32)
    for content in (
        "2 2\ncat 1 2\ndog -0.5 3e-2\n",
        "2 2\r\ncat 1 2 \r\ndog -0.5 3e-2",  # trailing blanks, no last line end
        "cat 1 2\ndog -0.5 3e-2\n\n",  # GloVe: no header
    ):
        words, matrix = read_word_vectors(_file(tmp_path, content))
        assert words == ["cat", "dog"]
        assert_array_equal(matrix, expected)


def test_words_with_spaces(tmp_path):
    assert read_word_vectors(_file(tmp_path, "1 2\nnew york 1 2\n"))[0] == ["new york"]


DAMAGED = {
    "lying header": ("100000000000 300\ncat 1 2\n", "promises 100000000000 words with 300"),
    "lying width": ("1 100000000000\ncat 1 2\n", "promises 1 words"),
    "no rows": ("0 5\n", "promises 0 words"),
    "cut short": ("3 1\ncat 1.23456\ndog 1.23456\n", "ends after 2 words, its header promises 3"),
    "more rows": ("1 2\ncat 1 2\ndog 3 4\n", "line 3: .* on 1 lines .too many lines"),
    "too few numbers": ("2 2\ncat 1 2\ndog 33333\n", "line 3: expected a word and 2 numbers"),
    "no number": ("2 2\ncat 1 2\ndog 1 x\n", "line 3: expected a word and 2 numbers"),
    "binary": (b"2 2\ncat \x00\x00\x80?\x00\x00\x00@dog \x00\x00\x80?", "Binary formats"),
    "empty": ("", "ends after 0 words"),
    "pickle": (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.", "line 1"),
}


@pytest.mark.parametrize(("content", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_files(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        read_word_vectors(_file(tmp_path, content))


def test_what_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.txt"):
        read_word_vectors(tmp_path / "absent.txt")
    with pytest.raises(ValueError, match="not a regular file"):
        read_word_vectors(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="not a regular file"):
        read_word_vectors(tmp_path / "pipe")


# --- other forms


def test_forms_of_vectors(tmp_path):
    keyed = KeyedVectors(2)
    keyed.add_vectors(["cat", "dog"], np.array([[1, 2], [3, 4]], dtype=np.float32))
    pair = (["cat", "dog"], [[1, 2], [3, 4]])
    path = _file(tmp_path, "2 2\ncat 1 2\ndog 3 4\n")
    for form in (keyed, pair, path, str(path)):
        words, matrix = as_word_vectors(form)
        assert words == ["cat", "dog"]
        assert matrix.dtype == np.float32
        assert_array_equal(matrix, pair[1])


def test_the_first_of_duplicates_counts():
    words, matrix = as_word_vectors((["e\u0301", "b", "\u00e9"], [[1], [2], [3]]))
    assert words == ["\u00e9", "b"]
    assert_array_equal(matrix, [[1], [2]])


BAD = [
    ({"cat": [1, 2]}, TypeError, "got dict"),
    ((["cat"], [[1], [2]]), ValueError, r"1 words and an array of shape \(2, 1\)"),
    (([], np.zeros((0, 2))), ValueError, "0 words"),
    ((["a", "b"], [[1], [np.nan]]), ValueError, "vector of 'b' is not finite"),
]


@pytest.mark.parametrize(("vectors", "error", "message"), BAD, ids=lambda value: str(value)[:20])
def test_bad_vectors(vectors, error, message):
    with pytest.raises(error, match=message):
        as_word_vectors(vectors)
