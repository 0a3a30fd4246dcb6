"""Small tables, score tables, classifiers and vectorizers that the tests of fusion share."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from mmclassic._cells import object_column
from mmclassic._errors import UnreadableCell
from mmclassic.media._read import read_column
from mmclassic.media._vectorizer import READING_CONSTRAINTS, CellReader, CellVectorizer

# The two modalities of make_table: columns and a classifier for each.
LEFT, RIGHT = ["a", "b"], ["c", "d"]


def make_scores(n_rows=90, n_modalities=3, n_classes=3, *, missing=0.0, seed=0):
    """A score table, each modality better than the one before, and the classes of its rows."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_rows) % n_classes)
    logits = rng.normal(size=(n_rows, n_modalities, n_classes))
    strength = np.linspace(0.5, 2.0, n_modalities)
    logits += strength[:, None] * np.eye(n_classes)[y][:, None]
    scores = softmax(logits, axis=2)
    scores[rng.random((n_rows, n_modalities)) < missing] = np.nan
    return scores, y


def make_table(n_rows=90, n_classes=3, *, missing=0.0, seed=0):
    """A frame with the columns a, b, c, d, of which pairs can be missing, and int labels."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_rows) % n_classes)
    X = rng.normal(size=(n_rows, 4)) + np.eye(n_classes, 4)[y] * 1.5
    X[:, 3] += y * 0.7
    for pair in (slice(0, 2), slice(2, 4)):
        X[rng.random(n_rows) < missing, pair] = np.nan
    return pd.DataFrame(X, columns=list("abcd")), y


def two_modalities():
    """Modalities for the frame of make_table."""
    return [("left", GaussianNB(), LEFT), ("right", LogisticRegression(), RIGHT)]


class CountedBayes(GaussianNB):
    """Naive Bayes that notes the rows of every fit, as their values in the first column."""

    fits: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None):
        self.fits.append(np.asarray(X)[:, 0].tolist())
        return super().fit(X, y, sample_weight)


class WeightedBayes(GaussianNB):
    """Naive Bayes that notes the weights of every fit."""

    weights: ClassVar[list] = []

    def fit(self, X, y, sample_weight=None):
        self.weights.append(None if sample_weight is None else np.asarray(sample_weight))
        return super().fit(X, y, sample_weight)


class NumberVectorizer(CellVectorizer):
    """Cells such as "3.5" as the number and its square; notes every cell that it decodes."""

    _parameter_constraints: ClassVar[dict] = {**READING_CONSTRAINTS, "power": [int]}
    decoded: ClassVar[list] = []

    def __init__(
        self,
        power=2,
        *,
        root=None,
        allow_paths=True,
        limits=None,
        cache=None,
        on_unreadable="raise",
        n_jobs=None,
    ):
        self.power = power
        self.root = root
        self.allow_paths = allow_paths
        self.limits = limits
        self.cache = cache
        self.on_unreadable = on_unreadable
        self.n_jobs = n_jobs

    def _decode(self, cell):
        self.decoded.append(cell)
        return parse_number(cell)

    def _extract(self, array):
        return np.array([array, array**self.power])

    def _feature_names(self):
        return ["number", "power"]


class CentredNumber(CellReader):
    """Cells such as "3.5" as numbers minus their mean: decoding is its stateless half."""

    _parameter_constraints: ClassVar[dict] = {"on_unreadable": ["boolean", str]}
    decoded: ClassVar[list] = []

    def __init__(self, *, on_unreadable="raise"):
        self.on_unreadable = on_unreadable

    def _decode(self, cell):
        self.decoded.append(cell)
        return cell if isinstance(cell, float) else float(parse_number(cell))

    def read_cells(self, X):
        numbers, errors = read_column(X, self._decode)
        return object_column(numbers), errors

    def fit(self, X, y=None):
        self._remember_column(X)
        self.mean_ = np.mean([number for number in self._numbers(X) if number is not None])
        return self

    def transform(self, X):
        rows = [np.nan if number is None else number - self.mean_ for number in self._numbers(X)]
        return np.array(rows)[:, None]

    def _numbers(self, X):
        numbers, errors = self.read_cells(X)
        self._settle(errors, len(numbers))
        return numbers


def parse_number(cell):
    """The number of a cell; a cell such as "broken" cannot be read."""
    try:
        return np.float64(cell)
    except (TypeError, ValueError):
        raise UnreadableCell("decode", f"{cell!r} is no number") from None


def make_cells(n_rows=60, *, missing=(), broken=(), seed=0):
    """A frame with the columns x and z of cells such as "3.5", and labels "no" and "yes"."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_rows) % 2)
    table = {}
    for name in ("x", "z"):
        table[name] = [f"{value:.6f}" for value in rng.normal(size=n_rows) + 1.2 * y]
    frame = pd.DataFrame(table, dtype=object)
    for row in missing:
        frame.loc[row, "x"] = None
    for row in broken:
        frame.loc[row, "x"] = f"broken {row}"
    return frame, np.array(["no", "yes"])[y]
