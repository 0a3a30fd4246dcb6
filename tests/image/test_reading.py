"""How much of a picture each vectorizer asks for."""

from __future__ import annotations

import pytest

from mmclassic.image import (
    BackboneVectorizer,
    ColorHistogramVectorizer,
    ConvVectorizer,
    HOGVectorizer,
)
from mmclassic.image._reading import (
    ImageReader,
    PictureNeeds,
    check_integers,
    join_needs,
)


@pytest.mark.parametrize("values", [5, (5,), (5, 0), (5, 2.0), (5, True), "ab", None])
def test_bad_integers_are_named(values):
    with pytest.raises(ValueError, match="size must be 2 integers, each at least 1"):
        check_integers(values, "size", 2)


def test_every_vectorizer_says_how_much_of_a_picture_it_needs():
    needs = {
        HOGVectorizer(size=(16, 32)): PictureNeeds(grey=True, at_least=(32, 64)),
        HOGVectorizer(size=(16, 32), color=True): PictureNeeds(grey=False, at_least=(32, 64)),
        ColorHistogramVectorizer(): PictureNeeds(grey=False, at_least=(256, 256)),
        ColorHistogramVectorizer(size=None): PictureNeeds(grey=False, at_least=None),
    }
    for vectorizer, needed in needs.items():
        assert type(vectorizer)._decode is ImageReader._decode
        assert vectorizer._needs() == needed
    for kind in (ConvVectorizer, BackboneVectorizer):
        assert kind._decode is ImageReader._decode


def test_needs_are_joined_to_what_serves_all():
    small, tall = PictureNeeds(True, (10, 20)), PictureNeeds(True, (30, 5))
    assert join_needs([small]) == small
    assert join_needs([small, tall]) == PictureNeeds(True, (30, 20))
    assert join_needs([small, PictureNeeds(False, (1, 1))]) == PictureNeeds(False, (10, 20))
    assert join_needs([small, PictureNeeds(True, None)]) == PictureNeeds(True, None)
