"""Accuracy of the text models on real questions (TREC question types, official split).

    python benchmarks/text_models.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Prints a table,
and writes it to benchmarks/results/text_models.md.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from mmclassic.text import BagOfWordsVectorizer, Word2VecVectorizer

ROOT = Path(__file__).resolve().parents[1]


def models(vectors: Path) -> dict:
    """Name and unfitted model of each row of the table."""

    def bag_of_words(**options):
        classifier = LogisticRegression(C=10, max_iter=2000)
        return make_pipeline(BagOfWordsVectorizer(**options), classifier)

    def word_vectors(**options):
        classifier = LogisticRegression(max_iter=2000)
        return make_pipeline(Word2VecVectorizer(**options), StandardScaler(), classifier)

    pools = ("mean", "tfidf", "sif", "max")
    return {
        "bag of words (default)": bag_of_words(),
        "bag of words, words only": bag_of_words(characters=None),
        "bag of words, characters only": bag_of_words(words=None),
        **{f"Word2Vec trained, {pool}": word_vectors(pooling=pool) for pool in pools},
        "Word2Vec trained, gensim's defaults": word_vectors(epochs=5, skip_gram=False, min_count=5),
        **{f"GloVe file, {pool}": word_vectors(vectors=vectors, pooling=pool) for pool in pools},
    }


def score(model, train: pd.DataFrame, test: pd.DataFrame) -> dict:
    """Figures of one model on the test rows."""
    start = time.perf_counter()
    model.fit(train["text"], train["label"])
    fitted = time.perf_counter()
    probabilities = model.predict_proba(test["text"])
    seconds = time.perf_counter() - fitted
    predicted = model.classes_[probabilities.argmax(axis=1)]
    return {
        "accuracy": accuracy_score(test["label"], predicted),
        "f1_macro": f1_score(test["label"], predicted, average="macro"),
        "log_loss": log_loss(test["label"], probabilities, labels=model.classes_),
        "features": len(model[0].get_feature_names_out()),
        "fit_seconds": fitted - start,
        "predict_seconds": seconds,
    }


def to_markdown(rows: list[dict]) -> str:
    """A table in Markdown, without needing a package for it."""
    lines = ["| " + " | ".join(rows[0]) + " |", "| --- " + "| ---: " * (len(rows[0]) - 1) + "|"]
    for row in rows:
        cells = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    table = pd.read_csv(data / "questions" / "questions.csv", keep_default_na=False)
    train, test = (table[table["split"] == part] for part in ("train", "test"))
    vectors = data / "vectors" / "glove_twitter25d_12k.txt"
    # On matrices this small, more BLAS threads only wait for each other: where other programs
    # run beside, the logistic regressions took fifty times as long.
    with threadpool_limits(limits=1, user_api="blas"):
        rows = [
            {"model": name, **score(model, train, test)} for name, model in models(vectors).items()
        ]
    text = (
        f"TREC question types: {len(train)} questions to train on, {len(test)} to test, "
        f"{table['label'].nunique()} classes.\n\n{to_markdown(rows)}\n\n"
        "Made by `python benchmarks/text_models.py`; one BLAS thread.\n"
    )
    print(text)
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    (results / "text_models.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
