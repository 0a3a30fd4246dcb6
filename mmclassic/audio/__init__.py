"""Vectorizers of recordings."""

from mmclassic.audio._mfcc import MFCCVectorizer

__all__ = ["MFCCVectorizer"]
