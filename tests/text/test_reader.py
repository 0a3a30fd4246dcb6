"""A column of texts is read as its cells are, one by one, in chunks of any size."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mmclassic._errors import UnreadableCell
from mmclassic.media import Limits
from mmclassic.media._text import decode_text, decode_texts

CELLS = ["a cat", "", " ", None, np.nan, pd.NA, np.str_("x"), b"dog", b" ", "cafe\u0301", 3,
         b"\xff", "longer than that", ["a"], "end"]  # fmt: skip


@pytest.mark.parametrize("chunk", [1, 2, 512])
def test_as_one_by_one(monkeypatch, chunk):
    monkeypatch.setattr("mmclassic.media._text._CHUNK", chunk)
    limits = Limits(max_characters=10)
    texts, errors = decode_texts(CELLS, name="caption", limits=limits)
    codes = {error.row: error.code for error in errors}
    assert codes == {10: "type", 11: "decode", 12: "limit", 13: "type"}
    assert {error.column for error in errors} == {"caption"}
    for row, (cell, text) in enumerate(zip(CELLS, texts, strict=True)):
        if row in codes:
            with pytest.raises(UnreadableCell):
                decode_text(cell, limits=limits)
            assert text is None
        elif row in (1, 2, 3, 4, 5, 8):
            assert text is None
        else:
            assert text == decode_text(cell, limits=limits)
            assert type(text) is str


def test_no_cells():
    assert decode_texts([]) == ([], [])
