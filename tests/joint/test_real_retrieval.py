"""On real tables classes beat correlations at finding what is of the same kind."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BagOfWordsVectorizer,
    BlockScaler,
    CrossModalRetriever,
    HOGVectorizer,
    MFCCVectorizer,
    read_table,
)
from mmclassic.datasets._table import resolve_paths

pytestmark = pytest.mark.extra

PICTURE = make_pipeline(HOGVectorizer(), BlockScaler())


def read_paths(folder, name, literal, paths):
    table = read_table(folder / name, literal=[*literal, *paths])
    for column in paths:
        table[column] = resolve_paths(table[column], folder)
    return table


def precisions(modalities, train, test, target, groups=None):
    """Mean average precision by method, both directions each."""
    found = {}
    for method in ("cca", "semantic"):
        model = CrossModalRetriever(modalities, method, cv=3)
        model.fit(train, train[target], groups=None if groups is None else train[groups])
        found[method] = model.evaluate(test, test[target])["map"].to_numpy()
    return found


def test_digits_of_unseen_speakers(shared_data):
    table = read_paths(
        shared_data / "digits", "digits.csv", ["label", "speaker", "split"], ["image", "audio"]
    )
    modalities = [
        ("image", PICTURE, "image"),
        ("audio", make_pipeline(MFCCVectorizer(), BlockScaler()), "audio"),
    ]
    train, test = table[table["split"] == "train"], table[table["split"] == "test"]
    found = precisions(modalities, train, test, "label", "speaker")
    assert (found["semantic"] > found["cca"]).all()
    assert (found["cca"] > 0.2).all()  # chance is about a tenth


def test_products(shared_data):
    """Two pictures are missing."""
    table = read_paths(
        shared_data / "products", "products.csv", ["description", "category"], ["image"]
    )
    modalities = [("text", BagOfWordsVectorizer(), "description"), ("image", PICTURE, "image")]
    train, test = train_test_split(table, stratify=table["category"], random_state=0)
    found = precisions(modalities, train, test, "category")
    assert (found["semantic"] > found["cca"]).all()
    assert np.all(found["cca"] > 0.25)  # chance is a seventh
