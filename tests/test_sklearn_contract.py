"""The contract of scikit-learn: its own checks, and one test for all vectorizers of cells."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.utils import estimator_checks as checks
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from mmclassic import (
    BackboneVectorizer,
    BagOfWordsVectorizer,
    BlockScaler,
    CellUnion,
    ColorHistogramVectorizer,
    ConvVectorizer,
    CrossModalRetriever,
    DataQualityWarning,
    EarlyFusionClassifier,
    EarlyFusionRegressor,
    FeaturePooling,
    HOGVectorizer,
    JointClassifier,
    LateFusionClassifier,
    MFCCVectorizer,
    MultimodalAutoencoder,
    Precomputed,
    UnreadableCellsError,
    WeightedSum,
    Word2VecVectorizer,
    simplex_grid,
)
from tests.image.conftest import make_network

# Estimators of arrays: scikit-learn's own checks


def two(first=None, second=None):
    """Two modalities that exist in tables of any width, also in those of one column."""
    return [
        ("some", first or GaussianNB(), slice(0, 2)),
        ("all", second or GaussianNB(), slice(0, None)),
    ]


FUSIONS = [
    LateFusionClassifier(two(), "log_pool", cv=2),
    LateFusionClassifier(two(), "mean"),
    LateFusionClassifier(two(), "stacking", cv=2),
    LateFusionClassifier(two(LinearSVC()), "voting", cv=2, calibration="temperature"),
    LateFusionClassifier(
        two(), GridSearchCV(WeightedSum(), {"weights": simplex_grid(2, step=0.5)}, cv=2), cv=2
    ),
    LateFusionClassifier(two(), "mean", missing="fill"),
    EarlyFusionClassifier(two(BlockScaler(), BlockScaler()), Cs=[1.0, 10.0], cv=2),
    EarlyFusionRegressor(two(BlockScaler(), BlockScaler()), alphas=[1.0, 10.0], cv=2),
    BlockScaler(),
    FeaturePooling(two("passthrough", "passthrough"), projection="pca", width=2),
    JointClassifier(
        two(BlockScaler(), BlockScaler()),
        hidden_layer_sizes=(8,),
        n_networks=1,
        batch_size=100,
        learning_rate_init=0.03,
        max_iter=20,
        n_iter_no_change=2,
    ),
    MultimodalAutoencoder(two(BlockScaler(), BlockScaler())),
    MultimodalAutoencoder(
        two(BlockScaler(), BlockScaler()), method="mlp", hidden_layer_sizes=(4,), max_iter=3
    ),
    FeaturePooling(two("passthrough", "passthrough"), width=2, weights=[0.3, 0.7]),
    *(
        CrossModalRetriever(two(BlockScaler(), BlockScaler()), method, cv=2)
        for method in ("cca", "pls", "ridge", "semantic", "semantic_cca")
    ),
]


@pytest.mark.filterwarnings("ignore")  # the checks feed odd data on purpose
@parametrize_with_checks(FUSIONS)
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "check",
    [
        checks.check_estimator_cloneable,
        checks.check_estimator_tags_renamed,
        checks.check_valid_tag_types,
        checks.check_estimator_repr,
        checks.check_no_attributes_set_in_init,
        checks.check_parameters_default_constructible,
        checks.check_get_params_invariance,
        checks.check_set_params,
        checks.check_do_not_raise_errors_in_init_or_set_params,
        checks.check_param_validation,
        checks.check_mixin_order,
    ],
)
def test_precomputed_passes_the_checks_that_need_no_distributions(check):
    """The others feed features of any size; Precomputed takes class probabilities only.

    What they ask for is asked with probabilities in tests/fusion/test_precomputed.py.
    """
    check("Precomputed", Precomputed())


# Vectorizers of cells: one contract for all

SMALL = {"size": (16, 16)}
VECTORIZERS = {
    "bag of words": ("text", lambda: BagOfWordsVectorizer(characters=None)),
    "hashed words": ("text", lambda: BagOfWordsVectorizer(hashed=True, redact=True)),
    "word vectors": (
        "text",
        lambda: Word2VecVectorizer(vector_size=8, min_count=1, epochs=2, random_state=0),
    ),
    "hog": ("image", lambda: HOGVectorizer(**SMALL)),
    "colours": ("image", lambda: ColorHistogramVectorizer(bins=(4, 2, 2))),
    "convolution": (
        "image",
        lambda: ConvVectorizer(size=12, patch_size=4, n_filters=5, n_patches=300, random_state=0),
    ),
    "backbone": (
        "image",
        lambda: BackboneVectorizer(make_network()[0], size=(6, 5), layer="relu"),
    ),
    "mfcc": ("audio", lambda: MFCCVectorizer()),
    "union": (
        "image",
        lambda: CellUnion(
            [
                ("shape", HOGVectorizer(**SMALL)),
                ("colour", ColorHistogramVectorizer(bins=(4, 2, 2))),
            ]
        ),
    ),
}
BROKEN = {"text": 42, "image": b"not a picture", "audio": b"not a sound"}


def picture(rng, row):
    """Pixels, in colour, grey or as the bytes of a file."""
    from PIL import Image

    pixels = rng.integers(0, 256, (*rng.integers(8, 30, size=2), 3), dtype=np.uint8)
    if row % 3 == 1:
        return pixels[:, :, 0]
    if row % 3 == 0:
        return pixels
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return buffer.getvalue()


def cells_of(medium):
    """Twelve cells, all different."""
    rng = np.random.default_rng(0)
    words = ["red", "green", "blue", "cat", "dog", "bird", "runs", "sleeps", "sings", "today"]
    column = []
    for row in range(12):
        if medium == "text":
            column.append(" ".join([words[row % 10], *rng.choice(words, size=4)]) + "!" * row)
        elif medium == "image":
            column.append(picture(rng, row))
        else:
            column.append((rng.normal(size=4000).astype(np.float32), 8000))
    if medium == "text":
        column[-1] = "another sentence of quite other words"
    return column


@pytest.fixture(params=list(VECTORIZERS))
def example(request):
    """A vectorizer, cells for it, and a cell that it cannot read."""
    medium, make = VECTORIZERS[request.param]
    if request.param == "backbone":
        pytest.importorskip("onnxruntime", reason="onnxruntime is an optional part")
    return make(), cells_of(medium), BROKEN[medium]


def dense(features):
    return features.toarray() if sparse.issparse(features) else np.asarray(features)


def assert_same(found, expected):
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype == np.float32
    np.testing.assert_array_equal(dense(found), dense(expected))


def test_another_column_is_refused(example):
    vectorizer, cells, _ = example
    column = pd.Series(cells, dtype=object, name="a").to_frame()
    expected = vectorizer.fit(column).transform(column)
    assert_same(vectorizer.transform(cells), expected)  # a list has no name
    with pytest.raises(ValueError, match=r"feature names should match .*'b', and was 'a'"):
        vectorizer.transform(column.rename(columns={"a": "b"}))


def test_one_named_float32_row_per_cell(example):
    vectorizer, cells, _ = example
    features = vectorizer.fit_transform(cells)
    names = vectorizer.get_feature_names_out()
    assert features.dtype == np.float32
    assert features.shape == (12, len(names))
    assert names.dtype == object
    assert len(set(names)) == len(names)
    assert np.isfinite(dense(features)).all()
    assert_same(vectorizer.transform(cells), features)


def test_fit_twice_gives_the_same(example):
    vectorizer, cells, _ = example
    features = vectorizer.fit_transform(cells)
    assert vectorizer.fit(cells) is vectorizer
    assert_same(vectorizer.transform(cells), features)
    assert_same(clone(vectorizer).fit(cells).transform(cells), features)


def test_parameters(example):
    vectorizer, _, _ = example
    parameters = vectorizer.get_params(deep=False)
    for name, value in parameters.items():
        assert getattr(vectorizer, name) is value
    copy = clone(vectorizer)
    assert copy is not vectorizer
    assert copy.get_params().keys() == vectorizer.get_params().keys()
    assert vectorizer.set_params(on_unreadable="missing") is vectorizer
    assert vectorizer.get_params()["on_unreadable"] == "missing"
    assert copy.on_unreadable == "raise"
    with pytest.raises(ValueError, match="Invalid parameter 'colour_of_the_sky'"):
        vectorizer.set_params(colour_of_the_sky=1)
    assert type(vectorizer).__name__ in repr(vectorizer)


def test_parameters_are_validated_by_fit(example):
    vectorizer, cells, _ = example
    vectorizer.set_params(on_unreadable="ignore")
    with pytest.raises(ValueError, match="'on_unreadable' parameter"):
        vectorizer.fit(cells)


def test_rows_do_not_depend_on_each_other(example):
    vectorizer, cells, _ = example
    features = dense(vectorizer.fit_transform(cells))
    order = [7, 2, 2, 11]
    subset = dense(vectorizer.transform([cells[row] for row in order]))
    np.testing.assert_array_equal(subset, features[order])
    for row in (0, 5):
        np.testing.assert_array_equal(dense(vectorizer.transform([cells[row]])), features[[row]])
    assert vectorizer.transform([]).shape == (0, features.shape[1])


def test_threads_change_nothing(example):
    vectorizer, cells, _ = example
    if "n_jobs" not in vectorizer.get_params():
        assert isinstance(vectorizer, BagOfWordsVectorizer | Word2VecVectorizer)
        return
    features = vectorizer.fit_transform(cells)
    assert_same(clone(vectorizer).set_params(n_jobs=2).fit_transform(cells), features)


def test_pickle(example):
    vectorizer, cells, _ = example
    features = vectorizer.fit_transform(cells)
    revived = pickle.loads(pickle.dumps(vectorizer))
    assert_same(revived.transform(cells), features)
    np.testing.assert_array_equal(
        revived.get_feature_names_out(), vectorizer.get_feature_names_out()
    )


@pytest.mark.parametrize("kind", ["series", "polars", "object array", "frame"])
def test_every_container_of_a_column(example, kind):
    vectorizer, cells, _ = example
    features = vectorizer.fit_transform(cells)
    series = pd.Series(cells, name="cell", index=[5] * 12, dtype=object)
    column = {
        "series": series,
        "polars": pl.Series("cell", cells, dtype=pl.Object),
        "object array": series.to_numpy(),
        "frame": series.to_frame(),
    }[kind]
    assert_same(clone(vectorizer).fit_transform(column), features)
    vectorizer.fit(column)
    assert vectorizer.n_features_in_ == 1
    names = getattr(vectorizer, "feature_names_in_", np.array([])).tolist()
    assert names == (["cell"] if kind == "frame" else [])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_set_output(example, library):
    vectorizer, cells, _ = example
    features = vectorizer.fit_transform(cells)
    vectorizer.set_output(transform=library)
    if sparse.issparse(features):
        with pytest.raises(ValueError, match="sparse"):
            vectorizer.transform(cells)
        return
    frame = vectorizer.transform(pd.Series(cells, index=range(50, 62)))
    assert type(frame).__module__.startswith(library)
    assert list(frame.columns) == list(vectorizer.get_feature_names_out())
    np.testing.assert_array_equal(frame.to_numpy(), features)
    if library == "pandas":
        assert frame.index.tolist() == list(range(50, 62))


def test_what_is_fitted_says_so_until_it_is(example):
    vectorizer, cells, _ = example
    if not get_tags(vectorizer).requires_fit:
        fresh = vectorizer.transform(cells)
        assert_same(clone(vectorizer).fit(cells[:2]).transform(cells), fresh)
        return
    for call in (vectorizer.transform, vectorizer.get_feature_names_out):
        with pytest.raises(NotFittedError):
            call(cells)


def test_missing_cells(example):
    vectorizer, cells, _ = example
    features = dense(vectorizer.fit_transform(cells))
    column = [None, cells[3], float("nan"), " ", pd.NA, cells[8]]
    found = vectorizer.transform(column)
    np.testing.assert_array_equal(dense(found)[[1, 5]], features[[3, 8]])
    absent = dense(found)[[0, 2, 3, 4]]
    assert (absent == 0).all() if sparse.issparse(found) else np.isnan(absent).all()
    # In fit they do not count.
    holes = [*cells, None, pd.NA]
    np.testing.assert_array_equal(dense(clone(vectorizer).fit_transform(holes))[:12], features)


def test_unreadable_cells(example):
    vectorizer, cells, broken = example
    features = dense(vectorizer.fit_transform(cells))
    column = pd.Series([cells[0], broken, None, broken], name="post", index=[9, 9, 9, 9])
    with pytest.raises(UnreadableCellsError, match="2 of 4 cells cannot be read") as caught:
        vectorizer.transform(column)
    found = [(error.row, error.column) for error in caught.value.errors]
    assert found == [(1, "post"), (3, "post")]
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.errors == caught.value.errors
    vectorizer.set_params(on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match="2 of 4 cells cannot be read") as warned:
        lenient = vectorizer.transform(column)
    assert len(warned) == 1
    np.testing.assert_array_equal(dense(lenient)[0], features[0])
    rest = dense(lenient)[1:]
    assert (rest == 0).all() if sparse.issparse(lenient) else np.isnan(rest).all()
    with pytest.raises(UnreadableCellsError, match="Not one cell could be read"):
        clone(vectorizer).fit_transform([broken, None])


def test_read_cells_is_the_stateless_half(example):
    vectorizer, cells, broken = example
    features = vectorizer.fit_transform(cells)
    values, errors = clone(vectorizer).read_cells([cells[0], broken, None, *cells[1:]])
    assert [error.row for error in errors] == [1]
    there = [0, *range(3, 14)]
    if not get_tags(vectorizer).requires_fit:
        assert values.dtype == np.float32
        np.testing.assert_array_equal(values[there], features)
        assert np.isnan(values[[1, 2]]).all()
        return
    assert values.dtype == object
    assert values[1] is None
    assert values[2] is None
    fitted = clone(vectorizer).fit(values[there])
    assert_same(fitted.transform(values[there]), features)
    assert_same(fitted.transform(cells), features)


def test_input_is_left_as_it_is(example):
    vectorizer, cells, _ = example
    column = pd.Series(cells, dtype=object)
    before = pickle.dumps(column.tolist())
    vectorizer.fit_transform(column)
    assert pickle.dumps(column.tolist()) == before


@pytest.mark.parametrize("cell", ["a cell", b"a cell", None])
def test_a_single_cell_is_no_column(example, cell):
    with pytest.raises(ValueError, match=r"pass \[cell\] for one row"):
        example[0].fit(cell)


def test_tags(example):
    tags = get_tags(example[0])
    assert not tags.input_tags.two_d_array
    assert tags.input_tags.one_d_array
    assert tags.input_tags.allow_nan
    assert tags.target_tags.required is False
