"""What the defaults reach on real tables: a minute or two, so these run with `make test-all`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mmclassic import BagOfWordsVectorizer, BlockScaler, Word2VecVectorizer, benchmark, read_table
from mmclassic.datasets._table import resolve_paths

pytestmark = pytest.mark.extra

COLUMNS = {
    "text": "description",
    "image": "image",
    "numeric": ["retail_price", "discounted_price"],
}


def read_digits(shared_data):
    table = read_table(shared_data / "digits" / "digits.csv", literal=["image", "audio", "label"])
    for name in ("image", "audio"):
        table[name] = resolve_paths(table[name], shared_data / "digits")
    return table


def read_products(shared_data):
    literal = ["description", "image", "category"]
    table = read_table(shared_data / "products" / "products.csv", literal=literal)
    table["image"] = resolve_paths(table["image"], shared_data / "products")
    return table


def accuracy(result):
    return result.frame.set_index("model")["accuracy_mean"]


def test_digits_of_unseen_speakers(shared_data):
    table = read_digits(shared_data)
    result = benchmark(table, "label", image="image", audio="audio", groups="speaker")
    scores = accuracy(result)
    assert scores["log_pool"] > max(scores["image"], scores["audio"])


def test_products_with_gaps(shared_data):
    """Two pictures are missing, prices too; fusion does not lose to the best modality."""
    result = benchmark(read_products(shared_data), "category", **COLUMNS)
    assert result.about["missing"]["image"] == 2
    folds = result.folds.pivot(index="fold", columns="model", values="accuracy")
    best = folds[["text", "image", "numeric"]].mean().idxmax()
    gain = folds["log_pool"] - folds[best]
    assert gain.mean() >= -gain.std(ddof=1) / np.sqrt(len(gain))


def test_a_backbone_gains_ten_points_on_pictures(shared_data):
    table = read_products(shared_data)
    network = shared_data / "squeezenet" / "SqueezeNet_fp16.onnx"
    plain = benchmark(table, "category", image="image")
    with_backbone = benchmark(table, "category", image="image", backbone=network)
    assert accuracy(with_backbone)["image"] >= accuracy(plain)["image"] + 0.10


def test_questions(shared_data):
    """The official split: the default text model, Word2Vec, and a file of GloVe vectors."""
    table = pd.read_csv(shared_data / "questions" / "questions.csv", dtype=str)
    train, test = table[table["split"] == "train"], table[table["split"] == "test"]

    def score(*steps, C):
        model = make_pipeline(*steps, LogisticRegression(C=C, max_iter=1000))
        return model.fit(train["text"], train["label"]).score(test["text"], test["label"])

    assert score(BagOfWordsVectorizer(), C=10) >= 0.87
    assert score(Word2VecVectorizer(epochs=15), BlockScaler(), C=3) > 0.6
    vectors = shared_data / "vectors" / "glove_twitter25d_12k.txt"
    assert score(Word2VecVectorizer(vectors=vectors), BlockScaler(), C=3) > 0.5
