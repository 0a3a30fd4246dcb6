"""Compiled loops and plain Python find the same terms: those of scikit-learn and gensim."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from gensim.utils import simple_preprocess
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.feature_extraction.text import CountVectorizer

from mmclassic.text import _encode_compiled, _encode_plain, _encoded
from mmclassic.text._encoded import CharacterPlan, WordPlan, chunks_of
from mmclassic.text._terms import Terms
from mmclassic.text._tokenizers import TOKENIZERS

# Letters of several scripts, marks, emoji, digits and what joins or separates words.
ODD = "abZ_İΣς'’.,0٣²\n\r\0\u2028 -\t\u00ad\u0301e日本ก\u0e33🇩👍🏽\ufe0f\u200d#1\u20e3©\ud800"
texts = st.lists(st.text(ODD, max_size=12) | st.text(max_size=8), min_size=1, max_size=6)
PLANS = [
    WordPlan(TOKENIZERS["unicode"]),
    WordPlan(TOKENIZERS["unicode"], False, (1, 3), frozenset(["a", "e", "日本"])),
    WordPlan(TOKENIZERS["scikit-learn"], True, (2, 2)),
    WordPlan(TOKENIZERS["gensim"]),
    CharacterPlan(True, (2, 5)),
    CharacterPlan(False, (1, 40)),
]


def _way(module, plan):
    return module.encode_words if isinstance(plan, WordPlan) else module.encode_characters


def arrays_of(encoded):
    return [encoded.parts, encoded.part_ends, *encoded.parts_of_rows()]


@pytest.mark.parametrize("plan", PLANS, ids=range(len(PLANS)))
@settings(deadline=None, max_examples=60)
@given(texts, texts)
@example(["a\nb", "", "co\u00adop 1,5.x 'a' 1. _a"], ["b"])
@example(["日本 a", "a'b"], ["e\u0301"])
def test_both_ways_give_the_same(plan, fitted, others):
    plain, compiled = (_way(way, plan) for way in (_encode_plain, _encode_compiled))
    expected, found = plain(fitted, plan), compiled(fitted, plan)
    for first, second in zip(arrays_of(expected), arrays_of(found), strict=True):
        assert_array_equal(first, second)
    assert expected.terms.strings() == found.terms.strings()
    expected, found = plain(others, plan, expected.terms), compiled(others, plan, found.terms)
    for first, second in zip(arrays_of(expected), arrays_of(found), strict=True):
        assert_array_equal(first, second)


@settings(deadline=None, max_examples=60)
@given(texts)
def test_tokenizers_are_those_they_are_named_for(some):
    analyse = CountVectorizer().build_analyzer()
    for text in some:
        assert _encode_plain.words_of(text, WordPlan(TOKENIZERS["scikit-learn"])) == analyse(text)
        if "\ud800" not in text:  # gensim encodes
            gensims = _encode_plain.words_of(text, WordPlan(TOKENIZERS["gensim"]))
            assert gensims == simple_preprocess(text)


@settings(deadline=None, max_examples=60)
@given(texts, st.sampled_from([(1, 1), (2, 5), (3, 3), (4, 9)]))
def test_character_ngrams_are_those_of_scikit_learn(some, ngram_range):
    analyse = CountVectorizer(analyzer="char_wb", ngram_range=ngram_range, lowercase=False)
    for text in some:
        words = text.split()
        found = [gram for w in words for gram in _encode_plain.character_ngrams(w, *ngram_range)]
        assert found == analyse.build_analyzer()(text)


def test_more_texts_than_one_chunk(monkeypatch):
    several = [f"word{i} other{i % 7} é" for i in range(300)]
    plan = WordPlan(TOKENIZERS["unicode"], ngram_range=(1, 2))
    whole = _encode_compiled.encode_words(several, plan)
    monkeypatch.setattr("mmclassic.text._encoded._CHUNK", 100)
    monkeypatch.setattr("mmclassic.text._growing._FEWEST", 3)
    assert len(list(chunks_of(several))) > 10
    parts = _encode_compiled.encode_words(several, plan)
    for first, second in zip(arrays_of(whole), arrays_of(parts), strict=True):
        assert_array_equal(first, second)
    assert whole.terms.strings() == parts.terms.strings()


def test_chunks_hold_everything_once(monkeypatch):
    monkeypatch.setattr("mmclassic.text._encoded._CHUNK", 32)
    some = ["", "a" * 100, "b", "", "c" * 31, "d", ""]
    assert [text for chunk in chunks_of(some) for text in chunk] == some
    assert list(chunks_of([])) == []


def test_a_damaged_set_of_terms_is_refused():
    terms = Terms.from_strings(["a", "bc"])
    for offsets in ([0, 1, 99], [0, 2, 1], [-5, 1, 3], []):
        damaged = Terms(terms.text, np.array(offsets, dtype=np.int64))
        with pytest.raises(ValueError, match="terms are damaged"):
            damaged.slots()
    with pytest.raises(ValueError, match="terms are damaged"):
        Terms(terms.text, terms.offsets.astype(np.int32)).slots()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text("ab\0é日\ud800", max_size=20) | st.text(max_size=20), unique=True))
def test_order_is_that_of_strings(strings):
    terms = Terms.from_strings(strings)
    assert terms.strings() == strings
    assert terms.select(terms.order()).strings() == sorted(strings)


def test_without_numba():
    """The same results where numba cannot be imported, and for few texts it is not."""
    script = (
        "import sys\n"
        "from mmclassic.text import BagOfWordsVectorizer\n"
        "few = BagOfWordsVectorizer(weighting='count').fit_transform(['a cat', 'a dog'])\n"
        "assert 'numba' not in sys.modules, 'numba was loaded for two texts'\n"
        "sys.modules['numba'] = None\n"
        "many = ['a cat', 'a dog'] * 100_000\n"
        "found = BagOfWordsVectorizer(weighting='count').fit_transform(many)\n"
        "assert (found[:2] != few).nnz == 0\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_many_texts_load_the_compiled_loops(monkeypatch):
    assert _encoded.compiled_loops_pay(["a" * 1_000_000], None)
    monkeypatch.setitem(sys.modules, "mmclassic.text._terms_kernel", None)
    assert not _encoded.compiled_loops_pay(["a" * 1_000_000], None)
