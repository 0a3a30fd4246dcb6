"""A late fusion of every vectorizer, under every head, predicts the same bits once loaded."""

from __future__ import annotations

from inspect import isclass

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_regressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import mmclassic
from mmclassic import (
    BackboneVectorizer,
    BagOfWordsVectorizer,
    CategoryColumns,
    CellUnion,
    ColorHistogramVectorizer,
    ConformalClassifier,
    ConvVectorizer,
    EarlyFusionClassifier,
    GatedPool,
    HOGVectorizer,
    LateFusionClassifier,
    LateFusionRegressor,
    LBPVectorizer,
    LogPool,
    MedianRegressor,
    MFCCVectorizer,
    NumberColumns,
    StackedRegressor,
    Stacking,
    Voting,
    WeightedSum,
    WeightedSumRegressor,
    Word2VecVectorizer,
)
from mmclassic.fusion._heads import HEADS as CLASSIFYING_HEADS
from mmclassic.fusion._regression_heads import REGRESSION_HEADS
from tests.persistence.test_own_models import SIZE, tiny_network

N_ROWS = 24
CODES = np.arange(N_ROWS) % 2
LABELS = np.array(["no", "yes"])[CODES]


def texts():
    return [
        f"the {'small' if code else 'big'} cat {row} a@b.example" for row, code in enumerate(CODES)
    ]


def pictures():
    rng = np.random.default_rng(0)
    return [
        rng.integers(100 * code, 100 + 100 * code, (24, 20, 3)).astype(np.uint8) for code in CODES
    ]


def sounds():
    rng = np.random.default_rng(0)
    return [(rng.normal(size=4000) * (0.1 + code) / 10).astype(np.float32) for code in CODES]


def word_vectors(**options):
    return Word2VecVectorizer(vector_size=4, min_count=1, epochs=1, **options)


VECTORIZERS = {
    "words": (texts, lambda: BagOfWordsVectorizer()),
    "hashed words": (texts, lambda: BagOfWordsVectorizer(hashed=True, redact=["email", "number"])),
    "word vectors": (texts, lambda: word_vectors()),
    "pretrained": (
        texts,
        lambda: Word2VecVectorizer(vectors=(["big", "cat"], np.eye(2)), pooling="sif", redact=True),
    ),
    "HOG": (pictures, lambda: HOGVectorizer(size=(32, 32))),
    "colours": (pictures, lambda: ColorHistogramVectorizer()),
    "patterns": (pictures, lambda: LBPVectorizer(size=(16, 16))),
    "convolution": (
        pictures,
        lambda: ConvVectorizer(n_filters=4, n_patches=100, size=16, random_state=0),
    ),
    "network": (pictures, lambda: BackboneVectorizer(tiny_network(), size=SIZE, layer="relu")),
    "union": (
        pictures,
        lambda: CellUnion([("a", HOGVectorizer()), ("b", ColorHistogramVectorizer())]),
    ),
    "MFCC": (sounds, lambda: MFCCVectorizer()),
}


def frame_of(cells):
    column = np.empty(N_ROWS, dtype=object)
    column[:] = cells
    column[3] = None
    numbers = np.random.default_rng(1).normal(size=N_ROWS) + CODES
    kinds = np.array(["a", "b", None], dtype=object)[np.arange(N_ROWS) % 3]
    return pd.DataFrame({"cell": column, "number": numbers, "kind": kinds})


def members(vectorizer, last):
    return [
        ("cell", make_pipeline(vectorizer, clone(last)), "cell"),
        ("number", make_pipeline(NumberColumns(), SimpleImputer(), clone(last)), ["number"]),
        ("kind", make_pipeline(CategoryColumns(), OneHotEncoder(), clone(last)), ["kind"]),
    ]


@pytest.mark.parametrize("name", VECTORIZERS)
@pytest.mark.parametrize("fusion", ["late", "early"])
def test_every_vectorizer(name, fusion, there_and_back):
    make_cells, make = VECTORIZERS[name]
    frame = frame_of(make_cells())
    if fusion == "late":
        model = LateFusionClassifier(members(make(), LogisticRegression(max_iter=2000)), cv=2)
    else:
        model = EarlyFusionClassifier([("cell", make(), "cell"), ("n", "passthrough", ["number"])])
        model.set_params(cv=2, n=StandardScaler())
    model.fit(frame, LABELS)
    loaded = there_and_back(model)
    np.testing.assert_array_equal(loaded.predict_proba(frame), model.predict_proba(frame))
    for parameter, value in model.get_params().items():
        if parameter.endswith(("hashed", "redact")):
            assert loaded.get_params()[parameter] == value


def test_every_vectorizer_is_tested():
    public = [getattr(mmclassic, name) for name in mmclassic._HOMES]
    readers = {one for one in public if isclass(one) and hasattr(one, "read_cells")}
    tested = {type(make()) for _, make in VECTORIZERS.values()} | {NumberColumns}
    assert readers == tested  # needs onnx


HEADS = [
    LogPool(), WeightedSum(), WeightedSum([1, 2, 3]), Stacking(), GatedPool(),
    *(Voting(rule=rule) for rule in ("soft", "hard", "max", "min", "median", "product", "entropy")),
    WeightedSumRegressor(), MedianRegressor(), StackedRegressor(),
]  # fmt: skip


@pytest.mark.parametrize("head", HEADS, ids=repr)
def test_every_head(head, there_and_back):
    frame = frame_of(texts())
    fusion, last, y = LateFusionClassifier, LogisticRegression(), LABELS
    if is_regressor(head):
        fusion, last, y = LateFusionRegressor, Ridge(), CODES + frame["number"]
    model = fusion(members(BagOfWordsVectorizer(), last), head, cv=2).fit(frame, y)
    loaded = there_and_back(model)
    np.testing.assert_array_equal(loaded.score_table(frame), model.score_table(frame))
    scores = model.score_table(frame)
    for place in range(scores.shape[1]):  # also where a modality is missing
        np.testing.assert_array_equal(loaded.fuse(scores), model.fuse(scores))
        scores[::3, place] = np.nan


def test_every_head_is_tested():
    assert {*CLASSIFYING_HEADS.values(), *REGRESSION_HEADS.values()} == {type(h) for h in HEADS}


def test_conformal_sets(there_and_back):
    frame = frame_of(texts())
    model = LateFusionClassifier(members(BagOfWordsVectorizer(), LogisticRegression()), cv=2)
    sets = ConformalClassifier(model.fit(frame, LABELS)).fit(frame, LABELS)
    loaded = there_and_back(sets)
    np.testing.assert_array_equal(loaded.predict_set(frame), sets.predict_set(frame))
