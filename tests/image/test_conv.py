"""The learned convolution: one picture by loops, and what a fitted vectorizer promises."""

from __future__ import annotations

import pickle
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import StratifiedKFold

from mmclassic import Limits, UnreadableCellsError
from mmclassic._cells import object_column
from mmclassic.fusion import BlockScaler
from mmclassic.image import ConvVectorizer, HOGVectorizer, _convolve

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
    side, stride, n_areas = vectorizer.patch_size, vectorizer.stride, vectorizer.pool
    places = range(0, vectorizer.size - side + 1, stride)
    sums = np.zeros((n_areas, n_areas, len(vectorizer.filters_)))
    for row, top in enumerate(places):
        for column, left in enumerate(places):
            patch = image[top : top + side, left : left + side].ravel().astype(float)
            patch = (patch - patch.mean()) / np.sqrt(patch.var() + vectorizer.contrast_epsilon)
            patch = vectorizer.whitening_.T @ (patch - vectorizer.mean_)
            distances = [np.sqrt(((patch - center) ** 2).sum()) for center in vectorizer.filters_]
            for k, distance in enumerate(distances):
                area = row * n_areas // len(places), column * n_areas // len(places)
                sums[(*area, k)] += max(0.0, np.mean(distances) - distance)
    return sums.ravel()


OPTIONS = [
    {},
    {"color": False},
    {"filters": "pca"},
    {"filters": "random", "stride": 2, "pool": 3},
    {"patch_size": 5, "n_filters": 21, "pool": 1, "stride": 3},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("compiled", [True, False])
def test_equals_the_paper_by_loops(pictures, options, compiled, monkeypatch):
    if not compiled:
        monkeypatch.setattr(_convolve, "conv_kernels", lambda: None)
    vectorizer = ConvVectorizer(**{**SMALL, **options}).fit(pictures)
    (image,), _ = vectorizer.read_cells(pictures[:1])
    found = vectorizer.transform(pictures[:1])[0]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, features_by_loops(vectorizer, image), rtol=1e-4, atol=1e-3)


def test_the_kernels_are_there():
    pytest.importorskip("numba")
    assert _convolve.conv_kernels() is not None


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


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_names_fit_the_columns(pictures, options):
    vectorizer = ConvVectorizer(**{**SMALL, **options}).fit(pictures)
    names = vectorizer.get_feature_names_out()
    assert vectorizer.transform(pictures).shape == (30, len(set(names)))
    assert names[-1] == "conv_row{0}_column{0}_filter{1}".format(
        vectorizer.pool - 1, vectorizer.n_filters - 1
    )


def test_features_do_not_depend_on_chunks_and_threads(fitted, pictures, monkeypatch):
    many = pictures * 4  # several chunks, the last one shorter
    expected = np.tile(fitted.transform(pictures), (4, 1))
    np.testing.assert_array_equal(fitted.transform(many), expected)
    twice = pickle.loads(pickle.dumps(fitted)).set_params(n_jobs=2)
    np.testing.assert_array_equal(twice.transform(many), expected)


def test_brightness_hardly_matters_and_contrast_little(fitted, pictures):
    dim = [(picture // 2 + 40).astype(np.uint8) for picture in pictures]
    np.testing.assert_allclose(fitted.transform(dim), fitted.transform(pictures), atol=1.5)


def test_transform_forgets_the_pictures():
    """Beside its output, transform holds a few chunks: 1 000 pictures cost no more than 100."""
    rng = np.random.default_rng(0)
    pictures = list(rng.integers(0, 256, (100, 64, 64, 3), dtype=np.uint8))
    vectorizer = ConvVectorizer(size=32, n_filters=2, n_patches=100).fit(pictures)
    peaks = []
    for cells in (pictures, pictures * 10):
        tracemalloc.start()
        vectorizer.transform(cells)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 500_000  # their small pictures would be 3 MB


def test_fitting_again_is_asked_for_when_the_patches_changed(pictures):
    vectorizer = ConvVectorizer(**SMALL).fit(pictures)
    with pytest.raises(ValueError, match=r"patches of 48 values, not 75 .* fit again"):
        vectorizer.set_params(patch_size=5).transform(pictures)


def test_limits_do_not_hold_for_our_own_small_pictures(pictures):
    small = ConvVectorizer(**SMALL, limits=Limits(max_pixels=140)).fit_transform(pictures)
    np.testing.assert_array_equal(small, ConvVectorizer(**SMALL).fit_transform(pictures))


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
    flat = [np.full((12, 12), 7, np.uint8)] * 3
    with pytest.raises(ValueError, match="found only 1 different patches"):
        ConvVectorizer(**SMALL, filters="random").fit(flat)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": 3}, "'size' parameter"),
        ({"patch_size": 12}, "patch_size=12 must be smaller than size=12"),
        ({"n_filters": 0}, "'n_filters' parameter"),
        ({"n_patches": 5}, "n_patches=5 must be at least n_filters=6"),
        ({"whitening_epsilon": 0.0}, "'whitening_epsilon' parameter"),
        ({"contrast_epsilon": -1.0}, "'contrast_epsilon' parameter"),
        ({"filters": "ica"}, "'filters' parameter"),
        ({"stride": 0}, "'stride' parameter"),
        ({"pool": "max"}, "'pool' parameter"),
        ({"pool": 6, "stride": 2}, "pool=6 must be at most 5"),
        (
            {"filters": "pca", "n_filters": 97},
            r"at most n_filters=\d+, not 97",
        ),
    ],
)
def test_bad_parameters(pictures, parameters, message):
    with pytest.raises(ValueError, match=message):
        ConvVectorizer(**{**SMALL, **parameters}).fit(pictures)


def linear_accuracy(vectorizer, cells, y, cv):
    """Mean accuracy of a linear support vector machine on its features, fitted in each fold."""
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    model = make_pipeline(vectorizer, BlockScaler(), LinearSVC())
    return cross_val_score(model, cells, y, cv=cv).mean()


def test_better_than_hog_on_handwritten_digits(shared_data):
    root = shared_data / "digits"
    table = pd.read_csv(root / "digits.csv")
    learned = ConvVectorizer(
        color=False, patch_size=8, pool=3, n_filters=100, n_patches=8000, root=root
    )
    images, _ = learned.read_cells(table["image"])
    hog = HOGVectorizer(size=(64, 64), root=root)
    gains = []
    for seed in range(2):
        cv = StratifiedKFold(3, shuffle=True, random_state=seed)
        other = linear_accuracy(hog, table["image"], table["label"], cv)
        gains.append(linear_accuracy(learned, images, table["label"], cv) - other)
        assert other > 0.9
    assert np.mean(gains) > 0.005


def test_scikit_learns_digits():
    digits = load_digits()
    cells = object_column(list((digits.images * (255 / 16)).round().astype(np.uint8)))
    vectorizer = ConvVectorizer(size=16, color=False, patch_size=5, n_filters=100, n_patches=8000)
    cv = StratifiedKFold(3, shuffle=True, random_state=0)
    assert linear_accuracy(vectorizer, cells, digits.target, cv) >= 0.985  # two thirds to learn
