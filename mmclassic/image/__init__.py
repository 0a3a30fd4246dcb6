"""Vectorizers of pictures."""

from mmclassic.image._backbone import BackboneVectorizer
from mmclassic.image._color_histogram import ColorHistogramVectorizer, color_histogram
from mmclassic.image._conv import ConvVectorizer
from mmclassic.image._hog import HOGVectorizer, hog

__all__ = [
    "HOGVectorizer",
    "ColorHistogramVectorizer",
    "ConvVectorizer",
    "BackboneVectorizer",
    "hog",
    "color_histogram",
]
