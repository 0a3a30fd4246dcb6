"""What hashed terms and redacted texts cost: real questions and product texts.

    python benchmarks/hashed_text.py [DATA]

DATA is the folder of real data, by default ../shared/data beside the checkout. Five stratified
folds of the questions' training part and of the products; the same folds for every setting.
Writes benchmarks/results/hashed_text.md.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from _mfeat import data_folder, markdown, paired, write_result
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from mmclassic import BagOfWordsVectorizer, save

SETTINGS = {
    "words kept (default)": {},
    **{f"hashed, 2^{n} columns": {"hashed": True, "n_columns": 2**n} for n in (12, 14, 16, 18, 20)},
    "redacted": {"redact": True},
    "redacted, hashed, 2^18 columns": {"redact": True, "hashed": True},
}


def tables(data: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Texts and labels of each table."""
    questions = pd.read_csv(data / "questions" / "questions.csv", keep_default_na=False)
    questions = questions[questions["split"] == "train"]
    products = pd.read_csv(data / "products" / "products.csv", keep_default_na=False)
    return {
        "questions": (questions["text"].to_numpy(), questions["label"].to_numpy()),
        "product descriptions": (
            products["description"].to_numpy(),
            products["category"].to_numpy(),
        ),
        "product names": (products["name"].to_numpy(), products["category"].to_numpy()),
    }


def judge(texts: np.ndarray, y: np.ndarray, options: dict) -> dict[str, np.ndarray]:
    """Accuracy, log-loss, columns and kilobytes of the saved model, fold by fold."""
    rows = []
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(texts, y):
        classifier = LogisticRegression(C=10, max_iter=1000)
        model = make_pipeline(BagOfWordsVectorizer(**options), classifier)
        model.fit(texts[train], y[train])
        probabilities = model.predict_proba(texts[test])
        accuracy = np.mean(model.classes_[probabilities.argmax(axis=1)] == y[test])
        loss = log_loss(y[test], probabilities, labels=model.classes_)
        with tempfile.TemporaryDirectory() as folder:
            save(model, Path(folder) / "model.mmc")
            size = (Path(folder) / "model.mmc").stat().st_size
        rows.append((accuracy, loss, classifier.n_features_in_, size / 1000))
    names = ("accuracy", "log_loss", "columns", "kilobytes")
    return dict(zip(names, np.array(rows).T, strict=True))


def table_of(texts: np.ndarray, y: np.ndarray) -> str:
    """The table of one data set."""
    rows: list[list] = []
    plain: dict[str, np.ndarray] = {}
    for name, options in SETTINGS.items():
        figures = judge(texts, y, options)
        plain = plain or figures
        differences = [paired(figures[key], plain[key]) for key in ("accuracy", "log_loss")]
        rows.append(
            [
                name,
                f"{figures['accuracy'].mean():.4f}",
                f"{figures['log_loss'].mean():.4f}",
                *(f"{mean:+.4f} ± {error:.4f}" for mean, error in differences),
                f"{figures['columns'].mean():.0f}",
                f"{figures['kilobytes'].mean():.0f}",
            ]
        )
    header = ["setting", "accuracy", "log-loss", "Δ accuracy", "Δ log-loss", "columns", "kB saved"]
    return markdown(header, rows)


def main() -> None:
    data = data_folder(__doc__.splitlines()[0])
    parts = ["Hashed and redacted texts against words kept, logistic regression (C = 10).\n"]
    with threadpool_limits(limits=1, user_api="blas"):
        for name, (texts, y) in tables(data).items():
            heading = f"{name}: {len(y)} rows, {len(np.unique(y))} classes, 5 stratified folds"
            parts.append(f"## {heading}\n\n{table_of(texts, y)}\n")
    parts.append(
        "Δ: difference from the first row, fold by fold, and its standard error.\n\n"
        "Made by `python benchmarks/hashed_text.py`; one BLAS thread.\n"
    )
    write_result("hashed_text", "\n".join(parts))


if __name__ == "__main__":
    main()
