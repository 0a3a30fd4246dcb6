"""What people wrote, and the rows of the table, are not in the file; where they are, it is said."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mmclassic import (
    BagOfWordsVectorizer,
    LateFusionClassifier,
    Word2VecVectorizer,
    load,
    make_early_fusion,
    make_late_fusion,
    read_card,
    redact,
    save,
)

N_ROWS = 60
CODES = np.arange(N_ROWS) % 2
LABELS = np.array(["positive", "negative"])[CODES]
WORDS = ["quixotic", "zephyr", "jackdaws", "sphinx", "vexingly", "wizardry"]
PRIVATE = ["ann.secret@example.org", "www.ann-secret.example", "+49 30 7654321", "4711007"]


def texts():
    return [
        f"{WORDS[row % 6]} {WORDS[(row * 5 + code) % 6]} {PRIVATE[row % 4]} single{row}word"
        for row, code in enumerate(CODES)
    ]


def parts_of(content: bytes, name: str = "") -> dict[str, bytes]:
    """Everything in a file, unpacked as far as it goes."""
    found = {name: content}
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                found |= parts_of(archive.read(inner), f"{name}/{inner}")
    return found


def places_of(text: str, path) -> list[str]:
    """Parts of a file that hold a text, in any case and encoding that numpy or JSON may choose."""
    needles = [text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-32-le")]
    parts = parts_of(path.read_bytes())
    return [name for name, part in parts.items() if any(n in part.lower() for n in needles)]


def rows_in(path, rows: np.ndarray) -> list[str]:
    """Parts of a file that hold a row of numbers."""
    needles = [row.astype(kind).tobytes() for row in rows for kind in ("<f8", "<f4")]
    return [n for n, part in parts_of(path.read_bytes()).items() if any(x in part for x in needles)]


def saved(model, folder, **columns):
    frame = pd.DataFrame({"text": texts(), **columns})
    path = folder / "model.mmc"
    save(model.fit(frame, LABELS), path)
    np.testing.assert_array_equal(load(path).predict_proba(frame), model.predict_proba(frame))
    return path


def test_the_search_finds_what_is_there(tmp_path):
    path = saved(make_late_fusion(text="text", cv=2), tmp_path)
    assert places_of("quixotic", path)
    assert places_of("secret", path)


@pytest.mark.parametrize("make", [make_late_fusion, make_early_fusion])
def test_a_hashed_model_holds_no_word(make, tmp_path):
    path = saved(make(text="text", cv=2, hashed=True), tmp_path)
    for text in texts():
        for word in filter(lambda word: len(word) > 4, text.split()):
            assert places_of(word, path) == []
    for part in ["secret", "ann.s", "4711007", "single", "quixo", "7654321"]:
        assert places_of(part, path) == []
    assert "hashed" in str(read_card(path))


@pytest.mark.parametrize("make", [make_late_fusion, make_early_fusion])
def test_a_redacted_model_holds_no_address(make, tmp_path):
    path = saved(make(text="text", cv=2, redact=True), tmp_path)
    for private in [*PRIVATE, "secret", "4711007", "7654321", "single1word"]:
        assert places_of(private, path) == []
    assert places_of("redactedemail", path)
    assert places_of("quixotic", path)  # a word is a word
    assert "redact" in str(read_card(path))


def test_redacted_word_vectors_hold_no_address(tmp_path):
    vectors = Word2VecVectorizer(vector_size=4, min_count=1, epochs=1, redact=True)
    model = LateFusionClassifier(
        [("text", make_pipeline(vectors, LogisticRegression()), "text")], cv=2
    )
    path = saved(model, tmp_path)
    for private in [*PRIVATE, "secret", "4711007"]:
        assert places_of(private, path) == []
    assert places_of("redactedphone", path)


def test_words_beyond_the_vocabulary_are_not_kept(tmp_path):
    words = BagOfWordsVectorizer(min_df=2, characters=None)
    model = LateFusionClassifier(
        [("text", make_pipeline(words, LogisticRegression()), "text")], cv=2
    )
    path = saved(model, tmp_path)
    assert places_of("quixotic", path)
    for row in range(N_ROWS):
        assert places_of(f"single{row}word", path) == []


NUMBERS = np.random.default_rng(0).normal(size=(N_ROWS, 2)) * [1, 100] + CODES[:, None]


def number_model(estimator):
    return LateFusionClassifier([("n", estimator, ["a", "b"])], cv=2)


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        make_pipeline(StandardScaler(), LinearSVC()),
        RandomForestClassifier(5, random_state=0),
        HistGradientBoostingClassifier(max_iter=5),
    ],
    ids=["logistic", "linear SVC", "forest", "boosting"],
)
def test_no_row_and_no_score_is_kept(estimator, tmp_path):
    model = number_model(estimator)
    path = saved(model, tmp_path, a=NUMBERS[:, 0], b=NUMBERS[:, 1])
    assert rows_in(path, NUMBERS) == []
    scores = model.cross_fit_scores_[:, 0]
    assert scores.shape == (N_ROWS, 2)
    assert rows_in(path, scores.reshape(-1, 8)) == []  # four at a time: one may be 0 and 1
    assert read_card(path)["holds_training_rows"] == []


@pytest.mark.filterwarnings("ignore:The file holds rows")
def test_neighbours_are_rows(tmp_path):
    path = saved(number_model(KNeighborsClassifier()), tmp_path, a=NUMBERS[:, 0], b=NUMBERS[:, 1])
    assert rows_in(path, NUMBERS)
    assert read_card(path)["holds_training_rows"] == ["KNeighborsClassifier"]


def test_the_placeholders_are_what_redact_writes():
    assert "redactedphone" in redact(texts()[2])
