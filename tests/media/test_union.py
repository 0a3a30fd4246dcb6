"""Several vectorizers side by side that share one decoding."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

import mmclassic.image._reading as reading
from mmclassic import DataQualityWarning, Limits, UnreadableCellsError
from mmclassic.audio import MFCCVectorizer
from mmclassic.image import ColorHistogramVectorizer, ConvVectorizer, HOGVectorizer
from mmclassic.media import CellUnion


def members():
    return [
        ("shape", HOGVectorizer(size=(32, 32))),
        ("fine", HOGVectorizer(size=(64, 48), color=True)),
        ("color", ColorHistogramVectorizer()),
    ]


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (20 + i, 30 - i, 3), dtype=np.uint8) for i in range(9)]


@pytest.fixture
def decoded(monkeypatch):
    """Cells that were decoded, in order."""
    seen = []

    def counted(cell, **options):
        seen.append((cell, options))
        return decode_image(cell, **options)

    decode_image = reading.decode_image
    monkeypatch.setattr(reading, "decode_image", counted)
    return seen


def test_equals_its_members_side_by_side(pictures):
    union = CellUnion(members())
    found = union.fit_transform(pictures)
    expected = np.hstack([member.fit_transform(pictures) for _, member in members()])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    names = [
        f"{name}__{feature}"
        for name, member in members()
        for feature in member.get_feature_names_out()
    ]
    assert list(union.get_feature_names_out()) == names


def test_every_cell_is_decoded_once(pictures, decoded):
    CellUnion(members(), n_jobs=2).fit_transform([*pictures, None])
    assert len(decoded) == len(pictures)


def test_the_settings_of_the_union_hold(pictures, decoded, tmp_path):
    limits = Limits(max_pixels=123_456)
    shape = HOGVectorizer(root="/elsewhere", limits=Limits(max_pixels=1), allow_paths=False)
    union = CellUnion([("shape", shape)], root=tmp_path, limits=limits)
    union.fit_transform(pictures[:1])
    options = decoded[0][1]
    assert {name: options[name] for name in ("root", "limits", "allow_paths")} == {
        "root": tmp_path,
        "limits": limits,
        "allow_paths": True,
    }
    assert shape.root == "/elsewhere"


@pytest.mark.parametrize(
    ("members", "grey", "at_least"),
    [
        ([HOGVectorizer(size=(32, 64))], True, (64, 128)),
        ([HOGVectorizer(size=(32, 64)), HOGVectorizer(size=(48, 16))], True, (96, 128)),
        ([HOGVectorizer(size=(32, 64)), HOGVectorizer(color=True)], False, (256, 256)),
        ([HOGVectorizer(), ColorHistogramVectorizer(size=(300, 9))], False, (300, 256)),
        ([HOGVectorizer(), ColorHistogramVectorizer(size=None)], False, None),
    ],
)
def test_cells_are_decoded_to_what_serves_all_members(members, grey, at_least, pictures, decoded):
    union = CellUnion([(f"m{i}", member) for i, member in enumerate(members)])
    for _ in range(2):  # and nothing sticks to a member
        union.fit_transform(pictures[:1])
        assert decoded[-1][1]["grey"] is grey
        assert decoded[-1][1]["at_least"] == at_least
    members[0].fit_transform(pictures[:1])
    assert decoded[-1][1]["grey"] is not members[0].color


def test_features_of_photographs_are_nearly_those_of_the_members_alone(shared_data):
    """In a union the luma is computed from colours; alone, it is taken as the JPEG stores it."""
    paths = sorted((shared_data / "products" / "images").glob("*.jpg"))[:10]
    shape, color = HOGVectorizer(), ColorHistogramVectorizer()
    found = CellUnion([("shape", shape), ("color", color)]).fit_transform(list(map(str, paths)))
    alone = [member.fit_transform(list(map(str, paths))) for member in (shape, color)]
    n_features = alone[0].shape[1]
    distances = np.linalg.norm(found[:, :n_features] - alone[0], axis=1)
    # Flat areas, whose gradients are nothing but rounding, count for most of it.
    assert (distances < 0.4 * np.linalg.norm(alone[0], axis=1)).all()
    np.testing.assert_array_equal(found[:, n_features:], alone[1])


def test_missing_and_unreadable(pictures):
    union = CellUnion(members())
    cells = pd.Series([pictures[0], None, b"not a picture"], name="photo")
    with pytest.raises(UnreadableCellsError, match="row 2, column 'photo'"):
        union.fit_transform(cells)
    with pytest.warns(DataQualityWarning, match="1 of 3 cells"):
        features = union.set_params(on_unreadable="missing").fit_transform(cells)
    assert np.isnan(features).all(axis=1).tolist() == [False, True, True]


def test_parameters_of_members():
    union = CellUnion(members())
    parameters = union.get_params()
    assert parameters["shape__size"] == (32, 32)
    assert parameters["color"] is union.named_transformers["color"]
    assert "shape" not in union.get_params(deep=False)
    union.set_params(shape__size=(16, 16), color=HOGVectorizer(size=(16, 16)), n_jobs=2)
    assert union.transformers[0][1].size == (16, 16)
    assert union.transformers[2][1].size == (16, 16)
    assert union.n_jobs == 2


def test_clone_pickle_and_set_output(pictures):
    union = CellUnion(members())
    features = union.fit_transform(pictures)
    copied = clone(union)
    assert copied.transformers[0][1] is not union.transformers[0][1]
    np.testing.assert_array_equal(copied.fit_transform(pictures), features)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(union)).transform(pictures), features)
    frame = clone(union).set_output(transform="pandas").fit_transform(pictures)
    assert list(frame.columns) == list(union.get_feature_names_out())


def test_store(pictures, decoded, tmp_path):
    expected = CellUnion(members()).fit_transform(pictures)
    decoded.clear()
    for _ in range(2):
        union = CellUnion(members(), cache=tmp_path / "store")
        np.testing.assert_array_equal(union.fit_transform(pictures), expected)
    assert len(decoded) == len(pictures)
    changed = CellUnion(members(), cache=tmp_path / "store").set_params(color__bins=(2, 2, 2))
    assert changed.fit_transform(pictures).shape[1] == expected.shape[1] - 128 + 8


def test_settings_are_those_that_change_the_result():
    def settings(**parameters):
        union = CellUnion(members()).set_params(**parameters)
        union._start()
        return json.dumps(union._settings(), sort_keys=True)

    assert settings() == settings(n_jobs=2, on_unreadable="missing")
    assert settings() != settings(limits=Limits(max_pixels=5))
    assert settings() != settings(shape__orientations=5)


def test_portable_forgets_all_stores(tmp_path):
    union = CellUnion(members(), cache=tmp_path).set_params(shape__cache=tmp_path)
    union._to_portable()
    assert union.cache is None
    assert union.transformers[0][1].cache is None


def test_union_of_recordings():
    rng = np.random.default_rng(0)
    cells = [rng.normal(size=4000).astype(np.float32) * 0.1 for _ in range(3)]
    first, second = (
        MFCCVectorizer(sampling_rate=8000, n_fft=256, hop_length=128, n_mels=20, n_mfcc=n)
        for n in (13, 13)
    )
    union = CellUnion([("a", first), ("b", second)])
    alone = first.fit_transform(cells)
    np.testing.assert_array_equal(union.fit_transform(cells), np.hstack([alone, alone]))


@pytest.mark.parametrize(
    ("transformers", "message"),
    [
        ([], r"list of \(name, vectorizer\) pairs"),
        ([HOGVectorizer()], r"list of \(name, vectorizer\) pairs"),
        (HOGVectorizer(), "'transformers' parameter"),
        ([("a", HOGVectorizer()), ("a", HOGVectorizer())], "not unique"),
        ([("a__b", HOGVectorizer())], "must not contain __"),
        ([("root", HOGVectorizer())], "conflict with constructor arguments"),
        ([("a", CellUnion([("b", HOGVectorizer())]))], "'a' is a union itself: list its"),
        ([("a", StandardScaler())], "'a' must be a vectorizer that learns nothing"),
        ([("a", ConvVectorizer())], "'a' must be a vectorizer that learns nothing"),
        ([("a", HOGVectorizer(orientations=0))], "'orientations' parameter"),
        ([("a", HOGVectorizer()), ("b", MFCCVectorizer())], "'a' .* and 'b' .* do not decode"),
        (
            [("a", MFCCVectorizer()), ("b", MFCCVectorizer(sampling_rate=8000, fmax=None))],
            "'a' and 'b' differ in .*sampling_rate .*22050 and 8000",
        ),
    ],
)
def test_bad_members(transformers, message):
    with pytest.raises(ValueError, match=message):
        CellUnion(transformers).fit([None])
