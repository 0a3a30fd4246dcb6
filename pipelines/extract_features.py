"""Features of a table that does not fit into memory, and a fusion of them with its texts.

    python pipelines/extract_features.py

``extract`` writes them part by part; interrupt it, run it again: it goes on. With a cluster, put
``with joblib.parallel_config("dask"):`` around it (``pip install "mmclassic[dask]"``).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BagOfWordsVectorizer,
    BlockScaler,
    HOGVectorizer,
    LateFusionClassifier,
    MFCCVectorizer,
    extract,
    load_demo,
)


def main(n_rows: int = 600) -> float:
    table = load_demo(n_samples=n_rows)  # yours is the path of a CSV or Parquet file
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "features"
        members = {"image": HOGVectorizer(size=(32, 32)), "audio": MFCCVectorizer()}
        extract(members, table, out, keep=["text", "label"], rows_per_part=100)
        print(f"{len(list(out.glob('*.parquet')))} parts in {out}")
        features = pd.read_parquet(out)  # columns= reads some of them only

    def of(medium):
        return [name for name in features if name.startswith(f"{medium}__")]

    def linear():
        return make_pipeline(BlockScaler(), LogisticRegression(C=3, max_iter=1000))

    words = make_pipeline(BagOfWordsVectorizer(), LogisticRegression(C=10))
    modalities = [
        ("text", words, "text"),
        ("image", linear(), of("image")),  # a row of NaN is a missing picture
        ("audio", linear(), of("audio")),
    ]
    train, test = features[: 2 * n_rows // 3], features[2 * n_rows // 3 :]
    model = LateFusionClassifier(modalities).fit(train, train["label"])
    accuracy = model.score(test, test["label"])
    print(f"accuracy of the fusion: {accuracy:.2f}")
    return accuracy


if __name__ == "__main__":
    main()
