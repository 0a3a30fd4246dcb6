"""Redaction finds the ordinary forms, changes nothing twice, and takes linear time."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mmclassic import BagOfWordsVectorizer, Limits, Word2VecVectorizer, redact
from mmclassic.text._redact import KINDS, LONGEST, PLACEHOLDERS
from mmclassic.text._tokenizers import TOKENIZERS

URL, EMAIL, PHONE, NUMBER = (PLACEHOLDERS[kind] for kind in ("url", "email", "phone", "number"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing to hide", "nothing to hide"),
        ("", ""),
        ("see https://a.example/x?y=1#z now", f"see {URL} now"),
        ("HTTP://A.EXAMPLE", URL),
        ("www.example.org/a", URL),
        ("(http://a.example)", f"( {URL}"),
        ("请看http://a.example谢谢", f"请看 {URL} 谢谢"),
        ("ann@example.org", EMAIL),
        ("<ann+x@mail.example.org>, bob", f"< {EMAIL} >, bob"),
        ("mailto:ann@example.org", f"mailto: {EMAIL}"),
        ("joséphine@société.example!", EMAIL),
        ("ann＠example.org", EMAIL),
        ("@ann wrote, ann@ too", "@ann wrote, ann@ too"),
        ("+49 30 123456", PHONE),
        ("(030) 12 34 56 7", PHONE),
        ("call 555-123-4567.", f"call {PHONE} ."),
        ("٠١٢٣٤٥٦٧٨", PHONE),
        ("on 2026-01-31", f"on {NUMBER}"),
        ("31.1.2026", NUMBER),
        ("at 12:30 for 1,000.50", f"at {NUMBER} for {NUMBER}"),
        ("room 7b", f"room {NUMBER} b"),
        ("1234567890123456", NUMBER),  # too long for a phone
        ("bare example.org stays", "bare example.org stays"),
    ],
)
def test_what_is_found(text, expected):
    assert redact(text) == expected


def test_kinds_can_be_chosen():
    text = "3 from ann@example.org, +49 30 123456, on 2026-01-31 at www.example.org"
    assert redact(text, ["phone"]) == text.replace("+49 30 123456", f"{PHONE} ")
    assert redact(text, ("email",)) == text.replace("ann@example.org", f"{EMAIL} ")
    assert redact(text, ["url"]) == text.replace("www.example.org", URL)
    assert redact(text, False) == redact(text, []) == text
    assert redact(text, KINDS[::-1]) == redact(text) == redact(text, True)


@pytest.mark.parametrize("kinds", ["email", ["e-mail"], ["email", "name"]])
def test_a_kind_that_does_not_exist_is_refused(kinds):
    with pytest.raises(ValueError, match=r"some of 'url', 'email', 'phone', 'number'; got"):
        redact("text", kinds)
    with pytest.raises(ValueError, match=r"redact"):
        BagOfWordsVectorizer(redact=kinds).fit(["a text"])


PIECES = [
    "a@b",
    "@",
    "1",
    "12.",
    "+(",
    "www.",
    "http://",
    " ",
    "x",
    "日",
    "+49 30 1234567",
    "\u00ad",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))
SOME_KINDS = st.sets(st.sampled_from(KINDS)).map(tuple)


@settings(max_examples=400, deadline=None)
@given(TEXTS, SOME_KINDS)
@example("5551234567www.x.example", KINDS)
@example("a@b.c+x@d.e", ("email",))
@example("\ud800@\ud800 1", KINDS)
def test_a_second_time_changes_nothing(text, kinds):
    once = redact(text, kinds)
    assert redact(once, kinds) == once
    assert len(once) <= LONGEST * len(text)
    if "number" in kinds:
        assert not any(character.isdecimal() for character in once)
    if not kinds:
        assert once == text


@pytest.mark.parametrize("name", TOKENIZERS)
def test_placeholders_are_words_of_every_tokenizer(name):
    words = TOKENIZERS[name].split(" ".join(PLACEHOLDERS.values()))
    assert words == list(PLACEHOLDERS.values())
    assert len(" redactednumber ") == LONGEST


MEGABYTE = 2**20
ADVERSARIAL = [
    "a", "@", "a@", "1", "1 ", "+(", "w", "www.", "http://", "1.", "1--", "1   ", "9@", ".a@",
    "+", "(1", "\u00ad@", "12:", "x ", "://",
]  # fmt: skip


@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_time_grows_with_the_length_alone(piece):
    """Backtracking over a megabyte would take hours; half a second is the longest of these."""
    text = piece * (MEGABYTE // len(piece)) + "@1"
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 5


# In the vectorizers

PRIVATE = [
    "write to ann@example.org about the cat",
    "call +49 30 123456 about the dog",
    "the cat of 42 is at www.ann.example",
    None,
]


@pytest.mark.parametrize("kinds", [True, ["email", "number"]])
def test_a_vectorizer_learns_redacted_texts(kinds):
    replaced = [text and redact(text, kinds) for text in PRIVATE]
    options = {"random_state": 0, "min_count": 1, "vector_size": 4, "epochs": 1}
    for own, plain in [
        (BagOfWordsVectorizer(redact=kinds), BagOfWordsVectorizer()),
        (Word2VecVectorizer(redact=kinds, **options), Word2VecVectorizer(**options)),
    ]:
        assert_same(own.fit_transform(PRIVATE), plain.fit_transform(replaced))
        assert_same(own.transform(PRIVATE), plain.transform(replaced))
        read, errors = own.read_cells(PRIVATE)
        assert errors == []
        assert_same(own.transform(read), own.transform(PRIVATE))


def assert_same(first, second):
    first, second = (x.toarray() if hasattr(x, "toarray") else x for x in (first, second))
    np.testing.assert_array_equal(first, second)


def test_the_limit_holds_for_the_text_as_it_was():
    """Placeholders are longer than numbers; what was read once can be read again."""
    vectorizer = BagOfWordsVectorizer(redact=True, limits=Limits(max_characters=10))
    cells, _ = vectorizer.read_cells(["1 2 3 4 5"])
    assert vectorizer.fit(cells).get_feature_names_out()[0] == f"word__{NUMBER}"
