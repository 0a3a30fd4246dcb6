"""The answer is no feature."""

from __future__ import annotations

import pytest

from mmclassic.evaluation._leaks import refuse_leaks


@pytest.mark.parametrize(
    ("columns", "roles", "match"),
    [
        ({"text": "mood"}, ("mood",), "'mood' is the target: it cannot be a feature"),
        ({"numeric": ["age", "who"]}, ("mood", "who"), "'who' is the groups: .* a feature"),
        ({"text": "part"}, ("mood", None, "part"), "'part' is the split: .* a feature"),
        ({"text": "t"}, ("mood", "mood"), "'mood' is the target: it cannot be the groups"),
        ({"text": 3}, ("mood",), "text takes a column's name or a list of names, got 3"),
    ],
)
def test_leaks(columns, roles, match):
    with pytest.raises(ValueError, match=match):
        refuse_leaks(columns, *roles)


def test_no_leak():
    refuse_leaks({"text": "caption", "image": None, "numeric": ["age"]}, "mood", "who", "part")
    refuse_leaks({"text": "caption"}, ["an", "array"], ["of", "groups"])
