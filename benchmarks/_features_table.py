"""From files to fused probabilities: rows of a description, a photograph and a recording.

    python benchmarks/_features_table.py [DATA]

The usual stack is what tutorials put together: a loop over ``cv2.imread``, ``cv2.resize`` and
``skimage.feature.hog``; one over ``librosa.load``, ``librosa.feature.mfcc`` and its mean and
deviation; one over ``simple_preprocess`` and the mean of word vectors; then scikit-learn's
``VotingClassifier`` of three logistic regressions. Ours takes the same features of the same files
to the same classifiers and the same mean. Both sides are fitted beforehand; one core each.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from _interleaved import Comparison, Contender, compare
from _mfeat import data_folder
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mmclassic import HOGVectorizer, LateFusionClassifier, MFCCVectorizer, Word2VecVectorizer

OURS = "mmclassic"
RATE, SECONDS = 22050, 2.0


def make_table(folder: Path, data: Path, n_rows: int) -> pd.DataFrame:
    """Products: description and photograph (copied, one file a row), and a made recording."""
    import soundfile

    products = pd.read_csv(data / "products" / "products.csv")
    products = products.dropna(subset=["description", "image", "category"])
    products = products.sample(frac=1, random_state=0).reset_index(drop=True)
    codes = products["category"].astype("category").cat.codes
    rng = np.random.default_rng(0)
    time = np.arange(int(RATE * SECONDS)) / RATE
    rows = []
    for index in range(n_rows):
        product = products.iloc[index % len(products)]
        label = int(codes[index % len(products)])
        paths = folder / f"{index}.jpg", folder / f"{index}.wav"
        shutil.copyfile(data / "products" / product["image"], paths[0])
        tone = np.sin(2 * np.pi * 200 * (1 + label) * time) + rng.normal(size=len(time))
        soundfile.write(paths[1], 0.1 * tone, RATE, subtype="PCM_16")
        rows.append((product["description"], str(paths[0]), str(paths[1]), label))
    return pd.DataFrame(rows, columns=["text", "image", "audio", "label"])


def usual_features(table: pd.DataFrame, vectors) -> list[np.ndarray]:
    """Features of text, pictures and sounds, one row after the other."""
    import cv2
    import librosa
    from gensim.utils import simple_preprocess
    from skimage.feature import hog

    texts, images, sounds = [], [], []
    for row in table.itertuples():
        words = [vectors[word] for word in simple_preprocess(row.text) if word in vectors]
        texts.append(np.mean(words, axis=0) if words else np.zeros(vectors.vector_size))
        picture = cv2.resize(cv2.imread(row.image, cv2.IMREAD_GRAYSCALE), (128, 128))
        images.append(hog(picture, 9, (8, 8), (2, 2), block_norm="L2-Hys"))
        signal, rate = librosa.load(row.audio, sr=RATE)
        mfcc = librosa.feature.mfcc(y=signal, sr=rate, n_mfcc=20)
        sounds.append(np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)]))
    return [np.array(block) for block in (texts, images, sounds)]


def logistic(*steps):
    return make_pipeline(*steps, StandardScaler(), LogisticRegression(max_iter=500))


def usual_stack(train: pd.DataFrame, vectors):
    """A function from a table to fused probabilities."""
    blocks = usual_features(train, vectors)
    ends = np.cumsum([0] + [block.shape[1] for block in blocks])
    members = [
        (name, make_pipeline(ColumnTransformer([("keep", "passthrough", slice(a, b))]), logistic()))
        for name, a, b in zip(("text", "image", "audio"), ends, ends[1:], strict=False)
    ]
    voting = VotingClassifier(members, voting="soft").fit(np.hstack(blocks), train["label"])
    return lambda table: voting.predict_proba(np.hstack(usual_features(table, vectors)))


def word_vectors(vectorizer: Word2VecVectorizer):
    """The vectors of ours as gensim has them, so that both sides look up the same."""
    from gensim.models import KeyedVectors

    vectors = KeyedVectors(vectorizer.vectors_.shape[1])
    vectors.add_vectors(list(vectorizer.vocabulary_), vectorizer.vectors_)
    return vectors


def our_model(train: pd.DataFrame) -> LateFusionClassifier:
    text = Word2VecVectorizer(epochs=5, tokenizer="gensim")
    mfcc = MFCCVectorizer(deltas=0, statistics=("mean", "std"), percentiles=())
    members = [
        ("text", logistic(text), "text"),
        ("image", logistic(HOGVectorizer()), "image"),
        ("audio", logistic(mfcc), "audio"),
    ]
    return LateFusionClassifier(members, fusion="mean").fit(train, train["label"])


def sections(data: Path, quick: bool) -> Iterator[tuple[Comparison, str]]:
    """One comparison: 1 000 rows."""
    n_rows = 200 if quick else 1000
    with tempfile.TemporaryDirectory() as folder:
        table = make_table(Path(folder), data, n_rows)
        train = table[:150]
        model = our_model(train)
        usual = usual_stack(train, word_vectors(model.named_modalities_["text"][0]))
        contenders = [
            Contender("the usual stack", partial(usual, table)),
            Contender(OURS, partial(model.predict_proba, table)),
        ]
        title = f"{n_rows} rows, files to fused probabilities"
        yield compare(title, contenders, n_rows, n_rounds=3), OURS


if __name__ == "__main__":
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        for comparison, ours in sections(data_folder(__doc__.splitlines()[0]), quick=False):
            print(comparison.to_markdown(ours))
