"""What every vectorizer of pictures promises."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.utils import get_tags

from mmclassic import DataQualityWarning, UnreadableCellsError
from mmclassic.image import (
    BackboneVectorizer,
    ColorHistogramVectorizer,
    ConvVectorizer,
    HOGVectorizer,
    LBPVectorizer,
)

VECTORIZERS = {
    "hog": lambda model: HOGVectorizer(size=(32, 32)),
    "hog in colour": lambda model: HOGVectorizer(size=(32, 32), color=True),
    "colours": lambda model: ColorHistogramVectorizer(),
    "patterns": lambda model: LBPVectorizer(size=(32, 32), grid=(2, 1)),
    "convolution": lambda model: ConvVectorizer(size=12, patch_size=4, n_filters=5, n_patches=300),
    "backbone": lambda model: BackboneVectorizer(model, size=(6, 5), layer="relu"),
    "backbone in OpenCV": lambda model: BackboneVectorizer(
        model, size=(6, 5), layer="relu", runtime="opencv"
    ),
}


def encoded(pixels):
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """Forty pictures of different sizes and kinds: arrays, grey, bytes, paths."""
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("pictures")
    column = []
    for i in range(40):
        shape = rng.integers(4, 60, size=2)
        pixels = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
        kind = i % 4
        if kind == 1:
            pixels = pixels[:, :, 0]
        elif kind == 2:
            pixels = encoded(pixels)
        elif kind == 3:
            (folder / f"{i}.png").write_bytes(encoded(pixels))
            pixels = str(folder / f"{i}.png")
        column.append(pixels)
    return column


@pytest.fixture(params=list(VECTORIZERS))
def vectorizer(request):
    wants_model = request.param.startswith("backbone")
    model = request.getfixturevalue("tiny_network")()[0] if wants_model else None
    return VECTORIZERS[request.param](model)


def test_features_names_and_types(vectorizer, cells):
    features = vectorizer.fit_transform(cells)
    names = vectorizer.get_feature_names_out()
    assert features.dtype == np.float32
    assert features.shape == (40, len(names))
    assert len(set(names)) == len(names)
    assert np.isfinite(features).all()
    assert len(np.unique(features, axis=0)) == 40
    np.testing.assert_array_equal(vectorizer.transform(cells), features)


def test_clone_and_pickle_give_the_same(vectorizer, cells):
    features = vectorizer.fit_transform(cells)
    np.testing.assert_array_equal(clone(vectorizer).fit_transform(cells), features)
    revived = pickle.loads(pickle.dumps(vectorizer))
    np.testing.assert_array_equal(revived.transform(cells), features)


def test_parameters_are_stored_as_given(vectorizer):
    for name, value in vectorizer.get_params().items():
        assert getattr(vectorizer, name) is value
    assert vectorizer.set_params(n_jobs=2).n_jobs == 2


def test_rows_do_not_depend_on_each_other_or_on_threads(vectorizer, cells):
    features = vectorizer.fit_transform(cells)
    order = [31, 2, 2, 17]
    subset = vectorizer.transform([cells[i] for i in order])
    np.testing.assert_array_equal(subset, features[order])
    np.testing.assert_array_equal(vectorizer.set_params(n_jobs=2).transform(cells), features)


def test_pictures_may_come_from_a_generator(vectorizer, cells):
    features = vectorizer.fit_transform(cells)
    np.testing.assert_array_equal(vectorizer.fit_transform(cell for cell in cells), features)


@pytest.mark.parametrize("wrap", ["series", "object array", "frame"])
def test_columns_of_all_kinds(vectorizer, cells, wrap):
    expected = vectorizer.fit_transform(cells)
    series = pd.Series(cells, name="photo", index=range(100, 140))
    column = {"series": series, "frame": series.to_frame(), "object array": series.to_numpy()}[wrap]
    np.testing.assert_array_equal(vectorizer.fit(column).transform(column), expected)
    assert vectorizer.n_features_in_ == 1
    assert hasattr(vectorizer, "feature_names_in_") == (wrap == "frame")


def test_set_output(vectorizer, cells):
    expected = vectorizer.fit_transform(cells)
    frame = vectorizer.set_output(transform="pandas").fit_transform(pd.Series(cells, name="photo"))
    assert list(frame.columns) == list(vectorizer.get_feature_names_out())
    np.testing.assert_array_equal(frame.to_numpy(), expected)


def test_missing_cells_give_nan_rows(vectorizer, cells):
    expected = vectorizer.fit_transform(cells)
    holes = vectorizer.transform([None, cells[0], float("nan"), "", pd.NA, cells[5]])
    assert np.isnan(holes[[0, 2, 3, 4]]).all()
    np.testing.assert_array_equal(holes[[1, 5]], expected[[0, 5]])
    assert np.isnan(vectorizer.transform([None])).all()


def test_no_rows(vectorizer, cells):
    width = vectorizer.fit_transform(cells).shape[1]
    assert vectorizer.transform([]).shape == (0, width)


def test_unreadable_cells(vectorizer, cells):
    expected = vectorizer.fit_transform(cells)
    broken = pd.Series([cells[0], b"not a picture", None, "absent.jpg"], name="photo")
    with pytest.raises(UnreadableCellsError, match="2 of 4 cells cannot be read") as caught:
        vectorizer.transform(broken)
    assert [(error.row, error.column) for error in caught.value.errors] == [
        (1, "photo"),
        (3, "photo"),
    ]
    vectorizer.set_params(on_unreadable="missing")
    with pytest.warns(DataQualityWarning, match="2 of 4 cells cannot be read"):
        features = vectorizer.transform(broken)
    np.testing.assert_array_equal(features[0], expected[0])
    assert np.isnan(features[1:]).all()
    with pytest.raises(UnreadableCellsError, match="Not one cell could be read"):
        clone(vectorizer).fit_transform([b"not a picture", None])


def test_read_cells_neither_raises_nor_warns(vectorizer, cells):
    values, errors = vectorizer.read_cells([cells[0], b"not a picture", None])
    assert [error.row for error in errors] == [1]
    assert len(values) == 3
    if get_tags(vectorizer).requires_fit:
        assert values.dtype == object
        assert values[1] is None
    else:
        np.testing.assert_array_equal(values[:1], vectorizer.fit_transform(cells[:1]))
        assert np.isnan(values[1:]).all()


def test_paths_can_be_forbidden_and_confined(vectorizer, cells):
    vectorizer.fit(cells).set_params(allow_paths=False)
    with pytest.raises(UnreadableCellsError, match="unsafe_path"):
        vectorizer.transform(cells)


def test_tags(vectorizer):
    tags = get_tags(vectorizer)
    assert tags.requires_fit == isinstance(vectorizer, ConvVectorizer)
    assert not tags.input_tags.two_d_array


def test_portable_forgets_the_store(vectorizer, tmp_path):
    vectorizer.set_params(cache=tmp_path / "store")
    vectorizer._to_portable()
    assert vectorizer.cache is None


def test_real_pictures(vectorizer, shared_data):
    folder = shared_data / "products"
    table = pd.read_csv(folder / "products.csv").iloc[:60:3]
    features = vectorizer.set_params(root=folder).fit_transform(table["image"])
    assert np.isnan(features).all(axis=1).tolist() == table["image"].isna().tolist()


def test_importing_the_folder_stays_light():
    import subprocess
    import sys

    program = (
        "import sys, mmclassic.image; "
        "print([m for m in ('cv2', 'onnx', 'onnxruntime', 'sklearn.cluster') if m in sys.modules])"
    )
    found = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert found.strip() == "[]"
