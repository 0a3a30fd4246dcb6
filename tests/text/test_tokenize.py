"""Tokens are what a reader of each script would call words."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mmclassic.text import tokenize
from mmclassic.text._tokenize import normalise_text, split_tokens

WORDS = {
    "plain": ("The cat sat.", ["the", "cat", "sat"]),
    "one letter": ("I saw a 7", ["i", "saw", "a", "7"]),
    "apostrophe": ("don't 'quote' the dogs'", ["don't", "quote", "the", "dogs"]),
    "typographic apostrophe": ("don’t", ["don't"]),
    "numbers": ("1,000.50 or 3.5mm, 2.", ["1,000.50", "or", "3.5mm", "2"]),
    "list of words": ("cat,dog.end", ["cat", "dog", "end"]),
    "underscores": ("_so_ a_b ____", ["so", "a", "b"]),
    "accents": ("CAFE\u0301 café", ["café", "café"]),
    "mark without composed form": ("x\u0302y", ["x\u0302y"]),
    "turkish": ("İstanbul", ["istanbul"]),
    "german": ("Straße", ["straße"]),
    "soft hyphen": ("co\u00adoperate", ["cooperate"]),
    "no-break space": ("a\u00a0b\0c", ["a", "b", "c"]),
    "hindi": ("हिन्दी में किताब", ["हिन्दी", "में", "किताब"]),
    "persian, zero-width non-joiner": ("می\u200cخواهم", ["می\u200cخواهم"]),
    "arabic numbers": ("١٢,٥", ["١٢,٥"]),
    "cyrillic": ("Ёлка и дом", ["ёлка", "и", "дом"]),
    "korean": ("한국어 단어", ["한국어", "단어"]),
    "lone surrogate": ("a \ud800 b", ["a", "b"]),
    "punctuation": ("!!! … – ©", []),
    "nothing": ("", []),
}

PAIRS = {
    "chinese": ("我爱你。", ["我爱", "爱你"]),
    "one character": ("日", ["日"]),
    "japanese": ("日本の本々", ["日本", "本の", "の本", "本々"]),
    "long vowel": ("コーヒー", ["コー", "ーヒ", "ヒー"]),
    "halfwidth voicing": ("ﾊﾟﾋﾟ", ["ﾊﾟﾋﾟ"]),
    "thai keeps vowels and tones": ("ที่นี่", ["ที่นี่"]),
    "thai am": ("น้ำดี", ["น้ำดี"]),
    "thai": ("ไทยดี", ["ไท", "ทย", "ยดี"]),
    "lao": ("ລາວ", ["ລາ", "າວ"]),
    "khmer stacks": ("ក្រុម", ["ក្រុម"]),
    "burmese": ("မြန်မာ", ["မြန်", "န်မာ"]),
    "mixed with latin": ("abc日本x9年", ["abc", "日本", "x9", "年"]),
    "beyond the first plane": ("𠮷野家", ["𠮷野", "野家"]),
}

EMOJI = {
    "plain": ("hi😀😀", ["hi", "😀", "😀"]),
    "skin tone": ("👍🏽👍", ["👍🏽", "👍"]),
    "family": ("👨\u200d👩\u200d👧x", ["👨\u200d👩\u200d👧", "x"]),
    "flags": ("🇩🇪🇫🇷", ["🇩🇪", "🇫🇷"]),
    "odd flag letter": ("🇩🇪🇫", ["🇩🇪", "🇫"]),
    "rainbow flag": ("🏳\ufe0f\u200d🌈", ["🏳\u200d🌈"]),
    "subdivision flag": (
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ["🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"],
    ),
    "keycap": ("1\ufe0f\u20e3 2", ["1\u20e3", "2"]),
    "nothing but selectors": ("a \ufe0f\ufe0e\ufe0f", ["a"]),
    "presentation selector": ("❤\ufe0f ❤ ©\ufe0f", ["❤", "❤", "©"]),
}


@pytest.mark.parametrize(("text", "tokens"), WORDS.values(), ids=WORDS.keys())
def test_words(text, tokens):
    assert tokenize(text) == tokens


@pytest.mark.parametrize(("text", "tokens"), PAIRS.values(), ids=PAIRS.keys())
def test_scripts_without_spaces_give_overlapping_pairs(text, tokens):
    assert tokenize(text) == tokens


@pytest.mark.parametrize(("text", "tokens"), EMOJI.values(), ids=EMOJI.keys())
def test_emoji(text, tokens):
    assert tokenize(text) == tokens


def test_lowercase_can_be_turned_off():
    assert tokenize("Čas A", lowercase=False) == ["Čas", "A"]


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_composed_and_decomposed_spellings_give_the_same_tokens(text):
    assert tokenize(unicodedata.normalize("NFD", text)) == tokenize(text)


@settings(deadline=None, max_examples=60)
@given(st.text())
@example("i\u0307\u0307")
@example("e\u00ad\u0301")
def test_normalising_twice_changes_nothing(text):
    once = normalise_text(text)
    assert normalise_text(once) == once


@settings(deadline=None, max_examples=60)
@given(st.text())
def test_tokens_have_no_blanks_and_lose_no_letter(text):
    normalised = normalise_text(text)
    tokens = split_tokens(normalised)
    assert all(token and not re.search(r"\s", token) for token in tokens)
    kept = set("".join(tokens))
    assert {char for char in normalised if char.isalnum()} <= kept


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(max_codepoint=127)))
def test_the_path_for_ascii_gives_what_the_general_one_gives(text):
    # A no-break space at the end forces the general path and is itself no token.
    assert tokenize(text) == tokenize(text + "\u00a0")


@pytest.mark.parametrize(
    "unit", ["a\u0301\u0302", "'a", "1,", "\u0301", "\u0e01\u0e33", "👨\u200d", "្ក"]
)
def test_odd_texts_take_linear_time(unit):
    start = time.perf_counter()
    tokenize(unit * 100_000)
    assert time.perf_counter() - start < 5
