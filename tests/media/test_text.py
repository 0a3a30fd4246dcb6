"""A text cell as one normalised string."""

from __future__ import annotations

import numpy as np
import pytest

from mmclassic._errors import UnreadableCell
from mmclassic.media import Limits, decode_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("a cat", "a cat"),
        (np.str_("a cat"), "a cat"),
        (b"a cat", "a cat"),
        ("e\u0301", "\u00e9"),
        ("\ufeffa".encode(), "a"),
        ("nul \0, space \u00a0, emoji 🧀", "nul \0, space \u00a0, emoji 🧀"),
        ("lone \ud800", "lone \ud800"),
        ("NA", "NA"),
    ],
)
def test_texts(cell, text):
    decoded = decode_text(cell)
    assert decoded == text
    assert type(decoded) is str


def test_encoding():
    assert decode_text("café".encode("latin-1"), encoding="latin-1") == "café"
    with pytest.raises(LookupError):
        decode_text(b"a", encoding="no such encoding")


@pytest.mark.parametrize(
    ("cell", "code", "match"),
    [
        (7, "type", "int: convert the column"),
        (["a", "cat"], "type", "list: join the words"),
        ({"text": "a"}, "type", "dict"),
        (b"caf\xe9", "decode", "not utf-8 at byte 3.*encoding="),
        ("x" * 11, "limit", "11 characters.*max_characters=10"),
        (b"x" * 21, "limit", "21 bytes.*max_bytes=20"),
    ],
)
def test_what_is_refused(cell, code, match):
    with pytest.raises(UnreadableCell, match=match) as caught:
        decode_text(cell, limits=Limits(max_characters=10, max_bytes=20))
    assert caught.value.code == code
