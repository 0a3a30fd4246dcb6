"""Text: a column of strings becomes features."""

from mmclassic.text._bag_of_words import BagOfWordsVectorizer
from mmclassic.text._redact import redact
from mmclassic.text._tokenize import tokenize
from mmclassic.text._word2vec import Word2VecVectorizer

__all__ = ["BagOfWordsVectorizer", "Word2VecVectorizer", "redact", "tokenize"]
