"""Every vectorizer, head and fusion of the library predicts the same bits once loaded."""

from __future__ import annotations

import io
import json
import zipfile
from inspect import isclass

import numpy as np
import pandas as pd
import pytest
from gensim.models import KeyedVectors
from scipy import sparse
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import mmclassic
from mmclassic import (
    BackboneVectorizer,
    BagOfWordsVectorizer,
    BlockScaler,
    CellUnion,
    ColorHistogramVectorizer,
    ConvVectorizer,
    CrossModalRetriever,
    EarlyFusionClassifier,
    HOGVectorizer,
    JointClassifier,
    LateFusionClassifier,
    LBPVectorizer,
    Limits,
    LogPool,
    MFCCVectorizer,
    NumberColumns,
    Precomputed,
    Stacking,
    Voting,
    WeightedSum,
    Word2VecVectorizer,
    load,
    load_demo,
    make_early_fusion,
    make_joint_fusion,
    make_late_fusion,
    save,
    simplex_grid,
)

TEXTS = [f"the {size} {animal} sat" for size in ("big", "small") for animal in ("cat", "dog")]
WORDS = ["big", "small", "cat", "dog"]


SIZE = (6, 5)


def tiny_network(note=""):
    """Bytes of a network that keeps what is positive."""
    onnx = pytest.importorskip("onnx", reason="onnx makes the network of this test")
    shape = onnx.TensorProto.FLOAT, [1, 3, *SIZE]
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Relu", ["input"], ["relu"])],
        "tiny",
        [onnx.helper.make_tensor_value_info("input", *shape)],
        [onnx.helper.make_tensor_value_info("relu", *shape)],
    )
    opset = [onnx.helper.make_opsetid("", 13)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8, doc_string=note)
    return model.SerializeToString()


def text_cells():
    return [*TEXTS, None, "word"]


def picture_cells():
    rng = np.random.default_rng(0)
    return [*rng.integers(0, 256, (6, 24, 20, 3), dtype=np.uint8), None]


def sound_cells():
    return [*np.random.default_rng(0).normal(size=(3, 22050)).astype(np.float32) / 10, None]


VECTORIZERS = {
    "words": (lambda: BagOfWordsVectorizer(), text_cells),
    "words and characters": (lambda: BagOfWordsVectorizer(characters=(2, 3)), text_cells),
    "word vectors": (
        lambda: Word2VecVectorizer(vector_size=4, min_count=1, epochs=1, random_state=0),
        text_cells,
    ),
    "pretrained word vectors": (
        lambda: Word2VecVectorizer(vectors=(WORDS, np.eye(4)), pooling="sif"),
        text_cells,
    ),
    "HOG": (lambda: HOGVectorizer(size=(32, 32)), picture_cells),
    "colours": (lambda: ColorHistogramVectorizer(), picture_cells),
    "patterns": (lambda: LBPVectorizer(size=(16, 16)), picture_cells),
    "convolution": (
        lambda: ConvVectorizer(n_filters=4, n_patches=100, size=16, random_state=0),
        picture_cells,
    ),
    "network": (
        lambda: BackboneVectorizer(tiny_network(), size=SIZE, layer="relu"),
        picture_cells,
    ),
    "union": (
        lambda: CellUnion([("a", HOGVectorizer()), ("b", ColorHistogramVectorizer())]),
        picture_cells,
    ),
    "MFCC": (lambda: MFCCVectorizer(limits=Limits(max_seconds=2)), sound_cells),
    "numbers": (lambda: NumberColumns(), lambda: [[1.0, None], ["2.5", 3], [4, 5]]),
}


def dense(features):
    return features.toarray() if sparse.issparse(features) else features


@pytest.mark.parametrize("name", VECTORIZERS)
def test_a_loaded_vectorizer_gives_the_same_features(name, there_and_back, tmp_path):
    make, make_cells = VECTORIZERS[name]
    cells = make_cells()
    vectorizer = make()
    if "cache" in vectorizer.get_params():
        vectorizer.set_params(cache=tmp_path / "store")
    expected = dense(vectorizer.fit(cells).transform(cells))
    loaded = there_and_back(vectorizer)
    np.testing.assert_array_equal(dense(loaded.transform(cells)), expected)
    assert loaded.get_feature_names_out().tolist() == vectorizer.get_feature_names_out().tolist()
    assert getattr(loaded, "cache", None) is None
    clone(loaded).fit(cells)


def test_all_vectorizers_are_tested():
    public = [getattr(mmclassic, name) for name in mmclassic._HOMES]
    readers = {one for one in public if isclass(one) and hasattr(one, "read_cells")}
    assert readers == {type(make()) for make, _ in VECTORIZERS.values()}  # needs onnx


def test_a_network_file_travels_inside(tmp_path):
    (tmp_path / "network.onnx").write_bytes(tiny_network())
    (tmp_path / "network.json").write_text(json.dumps({"size": SIZE, "layer": "relu"}))
    cells = picture_cells()
    vectorizer = BackboneVectorizer(tmp_path / "network.onnx")
    expected = vectorizer.fit_transform(cells)
    save(vectorizer, tmp_path / "model.mmc")
    for name in ("network.onnx", "network.json"):
        (tmp_path / name).unlink()
    np.testing.assert_array_equal(load(tmp_path / "model.mmc").transform(cells), expected)


def test_a_network_is_in_the_file_once(tmp_path):
    """Also where an estimator and its fitted copy hold it, each after reading it."""
    network = tiny_network(np.random.default_rng(0).bytes(50_000).hex())  # packs to half of that
    (tmp_path / "network.onnx").write_bytes(network)
    cells = picture_cells()[:6]
    vectorizer = BackboneVectorizer(tmp_path / "network.onnx", size=SIZE, layer="relu")
    model = LateFusionClassifier(
        [("photo", make_pipeline(vectorizer, LogisticRegression()), 0)], "mean", cv=2
    )
    column = np.empty((6, 1), dtype=object)
    column[:, 0] = cells
    model.fit(column, [0, 1] * 3)
    save(model, tmp_path / "model.mmc")
    loaded = load(tmp_path / "model.mmc")
    assert 50_000 < (tmp_path / "model.mmc").stat().st_size < 80_000
    np.testing.assert_array_equal(loaded.predict_proba(column), model.predict_proba(column))
    [(_, unfitted, _)], [(_, fitted, _)] = loaded.modalities, loaded.modalities_
    assert unfitted[0].model is fitted[0].model


@pytest.fixture
def keyed():
    vectors = KeyedVectors(64)
    vectors.add_vectors(WORDS, np.random.default_rng(0).normal(size=(4, 64)))
    return vectors


def late_fusion_of(vectors):
    estimator = make_pipeline(Word2VecVectorizer(vectors=vectors), LogisticRegression())
    return LateFusionClassifier([("t", estimator, "t")], "mean", cv=2)


def search_over(vectors):
    estimator = make_pipeline(Word2VecVectorizer(vectors=vectors), LogisticRegression())
    return GridSearchCV(estimator, {"word2vecvectorizer__vectors": [vectors]}, cv=2)


@pytest.mark.parametrize("make", [late_fusion_of, search_over])
@pytest.mark.parametrize("as_file", [False, True])
def test_pretrained_vectors_need_no_gensim_and_no_file(
    keyed, make, as_file, there_and_back, tmp_path
):
    """Wherever they are held: in a template, in its fitted copy, among the values of a search."""
    vectors = keyed
    if as_file:
        vectors = str(tmp_path / "vectors.txt")
        keyed.save_word2vec_format(vectors)
    table, labels = pd.DataFrame({"t": TEXTS * 5}), ["a", "b", "b", "a"] * 5
    X = table if make is late_fusion_of else table["t"]
    model = make(vectors).fit(X, labels)
    loaded = there_and_back(model)
    if as_file and make is late_fusion_of:  # a path among the values of a search stays one
        (tmp_path / "vectors.txt").unlink()
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    clone(loaded).fit(X, labels)


def test_a_fitted_model_can_be_saved_after_its_vectors_are_gone(keyed, there_and_back, tmp_path):
    keyed.save_word2vec_format(tmp_path / "vectors.txt")
    table, labels = pd.DataFrame({"t": TEXTS * 5}), ["a", "b", "b", "a"] * 5
    model = late_fusion_of(str(tmp_path / "vectors.txt")).fit(table, labels)
    (tmp_path / "vectors.txt").unlink()
    loaded = there_and_back(model)
    np.testing.assert_array_equal(loaded.predict_proba(table), model.predict_proba(table))


def test_large_arrays_that_are_equal_are_written_once_and_loaded_twice(tmp_path):
    matrix = np.random.default_rng(0).normal(size=(300, 300))
    model = make_pipeline(StandardScaler(), StandardScaler()).fit([[0.0], [1.0]])
    model[0].extra, model[1].extra = matrix, matrix.copy()
    save(model, tmp_path / "model.mmc")
    assert (tmp_path / "model.mmc").stat().st_size < 1.5 * matrix.nbytes
    loaded = load(tmp_path / "model.mmc")
    for step in loaded:
        np.testing.assert_array_equal(
            step[1].extra if isinstance(step, tuple) else step.extra, matrix
        )
    loaded[0].extra[:] = 0
    np.testing.assert_array_equal(loaded[1].extra, matrix)


def test_large_arrays_of_every_type_are_told_apart(tmp_path):
    model = StandardScaler().fit([[0.0], [1.0]])
    arrays = [
        np.zeros(40_000, dtype=dtype)
        for dtype in ("i8", "f8", "M8[s]", "m8[s]", [("a", "i8")], [("z", "f8")])
    ]
    arrays += [np.zeros((200, 200)), np.asfortranarray(np.zeros((400, 100))), np.zeros((0, 9))]
    model.arrays = arrays
    save(model, tmp_path / "model.mmc")
    for found, expected in zip(load(tmp_path / "model.mmc").arrays, arrays, strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


# --- fusion -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(0)
    labels = np.array(["no", "yes", "maybe"])[rng.integers(0, 3, 90)]
    codes = np.unique(labels, return_inverse=True)[1]
    X = rng.normal(size=(90, 5))
    X[:, :3] += np.eye(3)[codes]
    X[::7, 0] = np.nan
    X[::5, 4] = np.nan
    frame = pd.DataFrame(X, columns=list("abcde"))
    return frame.assign(text=[TEXTS[code] for code in codes]), labels


HEADS = {
    "log_pool": LogPool(),
    "weighted_sum": WeightedSum(weights=[1, 2, 3]),
    "voting": Voting(),
    "stacking": Stacking(),
    "search": GridSearchCV(
        WeightedSum(), {"weights": simplex_grid(3, step=0.5)}, scoring="neg_log_loss"
    ),
}


def late_fusion(head):
    return LateFusionClassifier(
        [
            ("text", make_pipeline(BagOfWordsVectorizer(), LogisticRegression()), "text"),
            ("tree", HistGradientBoostingClassifier(max_iter=3), ["a", "e"]),
            ("line", make_pipeline(BlockScaler(), LinearSVC()), slice(1, 4)),
        ],
        fusion=head,
        cv=3,
    )


@pytest.mark.parametrize("name", HEADS)
def test_a_loaded_late_fusion_predicts_the_same_bits(name, columns, there_and_back):
    frame, labels = columns
    model = late_fusion(clone(HEADS[name])).fit(frame, labels)
    loaded = there_and_back(model)
    np.testing.assert_array_equal(loaded.predict_proba(frame), model.predict_proba(frame))
    assert loaded.predict(frame).tolist() == model.predict(frame).tolist()
    np.testing.assert_array_equal(loaded.score_table(frame), model.score_table(frame))


def test_training_scores_are_not_saved(columns, there_and_back, tmp_path):
    frame, labels = columns
    model = (
        late_fusion("log_pool")
        .set_params(memory=str(tmp_path / "memory"))
        .fit(frame[:60], labels[:60])
    )
    loaded = there_and_back(model)
    assert hasattr(model, "cross_fit_scores_")
    assert not hasattr(loaded, "cross_fit_scores_")
    assert loaded.memory is None


def test_precomputed_scores(there_and_back):
    scores = np.random.default_rng(0).dirichlet([1, 1], 20)
    model = LateFusionClassifier([("theirs", Precomputed(), [0, 1])]).fit(scores, np.arange(20) % 2)
    np.testing.assert_array_equal(
        there_and_back(model).predict_proba(scores), model.predict_proba(scores)
    )


@pytest.mark.parametrize("make", [make_late_fusion, make_early_fusion, make_joint_fusion])
def test_the_recipes_can_be_saved(make, there_and_back):
    table = load_demo(n_samples=80, random_state=0)
    features = table.drop(columns="label").assign(number=np.arange(80.0), kind=["a", "b"] * 40)
    options = {} if make is make_joint_fusion else {"cv": 3}
    media = {"text": "text", "image": "image", "audio": "audio"}
    model = make(**media, numeric=["number"], categorical=["kind"], **options)
    model.fit(features, table["label"])
    loaded = there_and_back(model)
    np.testing.assert_array_equal(
        loaded.predict_proba(features[:5]), model.predict_proba(features[:5])
    )
    assert isinstance(loaded, LateFusionClassifier | EarlyFusionClassifier | JointClassifier)


@pytest.mark.parametrize("method", ["cca", "ridge", "semantic_cca"])
def test_a_retriever_comes_back_with_its_index(columns, there_and_back, method):
    frame, labels = columns
    modalities = [
        ("words", BagOfWordsVectorizer(), "text"),
        ("line", "passthrough", ["b", "c", "d"]),
    ]
    model = CrossModalRetriever(modalities, method, cv=3).fit(frame, labels)
    loaded = there_and_back(model)
    for found, expected in zip(
        loaded.search(frame[["text"]], k=4, by="words"),
        model.search(frame[["text"]], k=4, by="words"),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(loaded.match(frame), model.match(frame))
    without = there_and_back(model.index(frame[:0]))
    assert without.n_indexed_ == 0
    np.testing.assert_array_equal(without.transform(frame), model.transform(frame))


def test_no_array_of_the_training_table_is_left(columns, tmp_path):
    frame, labels = columns
    save(late_fusion("log_pool").fit(frame, labels), tmp_path / "model.mmc")
    with zipfile.ZipFile(tmp_path / "model.mmc") as archive:
        payload = archive.read("model.skops")
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        arrays = [archive.read(name) for name in archive.namelist() if name.endswith(".npy")]
    shapes = [np.load(io.BytesIO(array)).shape for array in arrays]
    assert [shape for shape in shapes if shape and shape[0] == len(frame)] == []
