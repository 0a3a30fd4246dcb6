"""Find pictures by a sentence; measure it, and sentences by a picture.

    python pipelines/search_across_modalities.py [ROWS]

Change the columns and the vectorizers to yours. Without labels, take method="cca": it learns from
which text goes with which picture alone.
"""

from __future__ import annotations

import sys

import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BagOfWordsVectorizer,
    BlockScaler,
    CrossModalRetriever,
    HOGVectorizer,
    load_demo,
)


def make_retriever() -> CrossModalRetriever:
    return CrossModalRetriever(
        [
            ("text", BagOfWordsVectorizer(), "text"),
            ("image", make_pipeline(HOGVectorizer(), BlockScaler()), "image"),
        ],
        method="semantic",
    )


def main(n_rows: int = 600) -> pd.DataFrame:
    table = load_demo(n_samples=n_rows)
    train, test = train_test_split(table, stratify=table["label"], random_state=0)
    retriever = make_retriever().fit(train, train["label"])
    measures = retriever.evaluate(test, test["label"])
    print(measures.round(3).to_string())

    retriever.index(test)  # search the other rows: their labels are not looked at
    sentences = test["text"].dropna().tolist()[:3]
    rows, similarities = retriever.search(sentences, k=3, by="text")
    for sentence, found, alike in zip(sentences, rows, similarities, strict=True):
        print(f"pictures for {sentence!r}:")
        for row, similarity in zip(found, alike, strict=True):
            label = test["label"].iloc[row]
            print(f"  row {test.index[row]}, a {label}, similarity {similarity:.2f}")
    return measures


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
