"""A late fusion put together by hand: one scikit-learn pipeline per modality.

    python pipelines/compose_pipeline.py [ROWS]

Change the vectorizers, the classifiers and the columns to yours.
"""

from __future__ import annotations

import sys

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from mmclassic import (
    BagOfWordsVectorizer,
    BlockScaler,
    HOGVectorizer,
    LateFusionClassifier,
    MFCCVectorizer,
    load_demo,
)


def make_model() -> LateFusionClassifier:
    return LateFusionClassifier(
        [
            ("text", make_pipeline(BagOfWordsVectorizer(), LogisticRegression(C=10)), "text"),
            ("image", make_pipeline(HOGVectorizer(), BlockScaler(), LogisticRegression()), "image"),
            # A support vector machine has no probabilities: the fusion softens its margins.
            ("audio", make_pipeline(MFCCVectorizer(), BlockScaler(), SVC(C=10)), "audio"),
        ]
    )


def main(n_rows: int = 600) -> float:
    table = load_demo(n_samples=n_rows)
    train, test = train_test_split(table, stratify=table["label"], random_state=0)
    model = make_model().fit(train, train["label"])
    for name, weight in zip(model.named_modalities_, model.fusion_.weights_, strict=True):
        print(f"weight of {name}: {weight:.2f}")
    accuracy = model.score(test, test["label"])
    print(f"accuracy on {len(test)} test rows: {accuracy:.3f}")
    return accuracy


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
