"""Vectorizers of pictures."""

from mmclassic.image._backbone import BackboneVectorizer
from mmclassic.image._color_histogram import ColorHistogramVectorizer, color_histogram
from mmclassic.image._conv import ConvVectorizer
from mmclassic.image._hog import HOGVectorizer, hog
from mmclassic.image._lbp import LBPVectorizer

__all__ = [
    "HOGVectorizer",
    "ColorHistogramVectorizer",
    "LBPVectorizer",
    "ConvVectorizer",
    "BackboneVectorizer",
    "hog",
    "color_histogram",
]
