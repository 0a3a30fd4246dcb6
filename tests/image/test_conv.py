"""The learned convolution: one picture by loops, and what a fitted vectorizer promises."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from mmclassic import UnreadableCellsError
from mmclassic.image import ConvVectorizer

SMALL = {"size": 12, "patch_size": 4, "n_filters": 6, "n_patches": 400}


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 256, (30, 14, 10, 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def fitted(pictures):
    return ConvVectorizer(**SMALL).fit(pictures)


def features_by_loops(vectorizer, image):
    """Coates, Ng & Lee step by step, one patch and one filter at a time."""
    side, size = vectorizer.patch_size, vectorizer.size
    n_places = size - side + 1
    half = -(-n_places // 2)
    sums = np.zeros((2, 2, len(vectorizer.filters_)))
    for top in range(n_places):
        for left in range(n_places):
            patch = image[top : top + side, left : left + side].ravel().astype(float)
            patch = (patch - patch.mean()) / np.sqrt(patch.var() + vectorizer.contrast_epsilon)
            patch = vectorizer.whitening_.T @ (patch - vectorizer.mean_)
            distances = [np.sqrt(((patch - center) ** 2).sum()) for center in vectorizer.filters_]
            for k, distance in enumerate(distances):
                gain = max(0.0, np.mean(distances) - distance)
                sums[int(top >= half), int(left >= half), k] += gain
    return sums.ravel()


def test_equals_the_paper_by_loops(fitted, pictures):
    (image,), _ = fitted.read_cells(pictures[:1])
    found = fitted.transform(pictures[:1])[0]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, features_by_loops(fitted, image), rtol=1e-4, atol=1e-3)


def test_decoded_cells_are_as_good_as_the_cells(fitted, pictures):
    decoded, errors = ConvVectorizer(**SMALL).read_cells([*pictures, None])
    assert not errors
    assert decoded.dtype == object
    assert decoded[-1] is None
    assert all(image.shape == (12, 12, 3) and image.dtype == np.uint8 for image in decoded[:-1])
    other = ConvVectorizer(**SMALL).fit(decoded)
    np.testing.assert_array_equal(other.filters_, fitted.filters_)
    np.testing.assert_array_equal(other.transform(decoded[:-1]), fitted.transform(pictures))


def test_a_store_changes_nothing(fitted, pictures, tmp_path):
    for _ in range(2):
        stored = ConvVectorizer(**SMALL, cache=tmp_path / "store").fit(pictures)
        np.testing.assert_array_equal(stored.transform(pictures), fitted.transform(pictures))


def test_the_store_knows_the_size(pictures, tmp_path):
    for size in (12, 16):
        vectorizer = ConvVectorizer(size=size, patch_size=4, cache=tmp_path / "store")
        images, _ = vectorizer.read_cells(pictures[:2])
        assert images[0].shape == (size, size, 3)


def test_same_seed_same_filters_other_seed_others(fitted, pictures):
    again = clone(fitted).fit(pictures)
    np.testing.assert_array_equal(again.filters_, fitted.filters_)
    other = clone(fitted).set_params(random_state=1).fit(pictures)
    assert not np.array_equal(other.filters_, fitted.filters_)


def test_features_do_not_depend_on_the_other_rows(fitted, pictures):
    whole = fitted.transform(pictures)
    order = [7, 3, 21]
    np.testing.assert_array_equal(fitted.transform([pictures[i] for i in order]), whole[order])


def test_fit_transform_is_fit_then_transform(fitted, pictures):
    features = clone(fitted).fit_transform(pictures)
    np.testing.assert_array_equal(features, fitted.transform(pictures))


@pytest.mark.parametrize("pooling", ["quadrants", "whole"])
@pytest.mark.parametrize("activation", ["triangle", "hard"])
def test_names_fit_the_columns(pictures, pooling, activation):
    vectorizer = ConvVectorizer(**SMALL, pooling=pooling, activation=activation)
    features = vectorizer.fit_transform(pictures)
    names = vectorizer.get_feature_names_out()
    assert features.shape == (30, len(set(names)))
    if activation == "hard":  # every place votes once
        np.testing.assert_array_equal(features.sum(axis=1), 81)


def test_it_learns_the_patterns_that_there_are():
    rng = np.random.default_rng(0)
    upright = np.zeros((40, 12, 12, 3), dtype=np.uint8)
    upright[:, :, ::2] = 200
    lying = upright.transpose(0, 2, 1, 3)
    pictures = np.concatenate([upright, lying]) + rng.integers(0, 30, (80, 12, 12, 3))
    features = ConvVectorizer(**SMALL).fit_transform(list(pictures.astype(np.uint8)))
    between = np.linalg.norm(features[:40].mean(axis=0) - features[40:].mean(axis=0))
    assert between > 5 * features[:40].std(axis=0).max()


def test_flat_pictures_give_finite_features():
    flat = [np.full((8, 8), value, np.uint8) for value in range(10)]
    features = ConvVectorizer(**SMALL).fit_transform(flat)
    assert np.isfinite(features).all()


def test_unfitted():
    vectorizer = ConvVectorizer()
    with pytest.raises(NotFittedError):
        vectorizer.transform([np.zeros((9, 9), np.uint8)])
    with pytest.raises(NotFittedError):
        vectorizer.get_feature_names_out()


def test_nothing_to_learn_from():
    with pytest.raises(ValueError, match="all 2 cells are missing"):
        ConvVectorizer(**SMALL).fit([None, ""])
    with pytest.raises(UnreadableCellsError, match="Not one cell could be read"):
        ConvVectorizer(**SMALL, on_unreadable="missing").fit([b"no picture", None])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": 3}, "'size' parameter"),
        ({"patch_size": 12}, "patch_size=12 must be smaller than size=12"),
        ({"n_filters": 0}, "'n_filters' parameter"),
        ({"n_patches": 5}, "n_patches=5 must be at least n_filters=6"),
        ({"whitening_epsilon": 0.0}, "'whitening_epsilon' parameter"),
        ({"contrast_epsilon": -1.0}, "'contrast_epsilon' parameter"),
        ({"activation": "relu"}, "'activation' parameter"),
        ({"pooling": "max"}, "'pooling' parameter"),
    ],
)
def test_bad_parameters(pictures, parameters, message):
    with pytest.raises(ValueError, match=message):
        ConvVectorizer(**{**SMALL, **parameters}).fit(pictures)


def test_handwritten_digits(shared_data):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    folder = shared_data / "digits" / "images"
    files = [f"{digit}_{i:03}.png" for digit in range(10) for i in range(40)]
    labels = np.repeat(np.arange(10), 40)
    vectorizer = ConvVectorizer(size=28, n_filters=30, n_patches=4000, root=folder)
    model = make_pipeline(vectorizer, StandardScaler(), LogisticRegression(max_iter=500))
    train = np.arange(400) % 2 == 0
    model.fit(np.array(files)[train], labels[train])
    assert model.score(np.array(files)[~train], labels[~train]) > 0.82  # raw pixels: .70
