"""The autoencoder: scikit-learn's PCA and factor analysis where nothing is absent, and gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import multivariate_normal
from sklearn.base import clone
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BlockScaler,
    DataQualityWarning,
    MultimodalAutoencoder,
    UnreadableCellsError,
    load,
    save,
)
from tests.fusion.examples import NumberVectorizer, make_cells
from tests.joint.examples import BLOCKS, LEFT, RIGHT, make_views

METHODS = pytest.mark.parametrize("method", ["pca", "factor_analysis", "mlp"])


def quick(modalities=BLOCKS, **options):
    options = {"n_components": 3, "hidden_layer_sizes": (12,), "max_iter": 60, **options}
    return MultimodalAutoencoder(modalities, random_state=0, **options)


def scaled(table):
    return np.hstack([BlockScaler().fit_transform(table[part]) for part in (LEFT, RIGHT)])


# Oracles


def test_joint_principal_components_are_those_of_scikit_learn():
    table, _ = make_views()
    features = scaled(table)
    model, reference = quick().fit(table), PCA(3).fit(features)
    theirs = reference.transform(features)
    ours = model.transform(table)
    sign = np.sign((ours * theirs).sum(axis=0))
    np.testing.assert_allclose(ours * sign, theirs, atol=1e-9)
    back = reference.inverse_transform(theirs)
    np.testing.assert_allclose(model.inverse_transform(ours), back, atol=1e-9)
    expected = reference.score_samples(features)
    np.testing.assert_allclose(model.score_samples(table), expected)
    assert model.score(table) == pytest.approx(reference.score(features))


def test_factors_are_those_of_scikit_learn():
    table, _ = make_views()
    features = scaled(table)
    model = quick(method="factor_analysis").fit(table)
    reference = FactorAnalysis(3, tol=1e-2).fit(features)
    np.testing.assert_allclose(model.transform(table), reference.transform(features), atol=1e-6)
    expected = reference.score_samples(features)
    np.testing.assert_allclose(model.score_samples(table), expected, rtol=1e-5)
    # What is there of a row is judged by its marginal density.
    lacking = table.copy()
    lacking.loc[:4, RIGHT] = np.nan
    marginal = multivariate_normal(reference.mean_[:4], reference.get_covariance()[:4, :4])
    found = model.score_samples(lacking)
    np.testing.assert_allclose(found[:5], marginal.logpdf(features[:5, :4]), rtol=1e-5)
    np.testing.assert_allclose(found[5:], expected[5:], rtol=1e-5)


def test_factors_fill_in_the_conditional_expectation():
    table, _ = make_views()
    features = scaled(table)
    model = quick(method="factor_analysis").fit(table)
    covariance = FactorAnalysis(3, tol=1e-2).fit(features).get_covariance()
    mean = features.mean(axis=0)
    gain = covariance[4:, :4] @ np.linalg.inv(covariance[:4, :4])
    expected = mean[4:] + (features[:, :4] - mean[:4]) @ gain.T
    found = model.reconstruct(table, missing="right")
    np.testing.assert_allclose(found[:, 4:], expected, atol=1e-6)
    np.testing.assert_allclose(found[:, :4], features[:, :4])


# Filling in


@METHODS
def test_what_is_absent_is_filled_in_better_than_by_the_mean(method):
    table, _ = make_views(200)
    model = quick(method=method, max_iter=150).fit(table[:150])
    features = model.reconstruct(table[150:])
    for name, part in model.block_slices_.items():
        filled = model.reconstruct(table[150:], missing=name)
        own = features[:, part]
        error = ((filled[:, part] - own) ** 2).sum()
        assert error < 0.5 * ((own - own.mean(axis=0)) ** 2).sum()
        rest = np.delete(np.arange(7), np.arange(7)[part])
        np.testing.assert_array_equal(filled[:, rest], features[:, rest])


@METHODS
def test_nan_blocks_are_as_named_ones(method):
    table, _ = make_views()
    model = quick(method=method).fit(table)
    lacking = table.copy()
    lacking[RIGHT] = np.nan
    expected = model.reconstruct(table, missing="right")
    np.testing.assert_allclose(model.reconstruct(lacking), expected)
    np.testing.assert_allclose(model.reconstruct(table, missing=["right"]), expected)
    mixed = table.copy()
    mixed.loc[:59, RIGHT] = np.nan
    code = model.transform(mixed)
    np.testing.assert_allclose(code[:60], model.transform(lacking)[:60])
    np.testing.assert_allclose(code[60:], model.transform(table)[60:])


@METHODS
def test_training_rows_may_lack_blocks(method):
    whole, _ = make_views(200)
    lacking, _ = make_views(200, missing=0.3)
    model = quick(method=method).fit(lacking)
    assert np.isfinite(model.transform(lacking)).all()
    filled = model.reconstruct(lacking)
    assert np.isfinite(filled).all()
    truth = np.hstack(
        [block.transform(whole[part]) for (_, block, _), part in zip(
            model.modalities_, (LEFT, RIGHT), strict=True)]
    )  # fmt: skip
    gaps = np.repeat(np.c_[lacking["a"].isna(), lacking["e"].isna()], [4, 3], axis=1)
    assert ((filled - truth)[gaps] ** 2).sum() < 0.5 * (truth[gaps] ** 2).sum()
    assert (filled[~gaps] == model.reconstruct(whole)[~gaps]).all()


@METHODS
def test_a_row_that_has_nothing(method):
    table, _ = make_views()
    table.loc[:4] = np.nan
    model = quick(method=method).fit(table)
    filled = model.reconstruct(table)
    assert np.isfinite(filled).all()
    np.testing.assert_allclose(filled[:5], 0, atol=0.1)
    everything = model.reconstruct(table, missing=["left", "right"])
    np.testing.assert_allclose(everything, np.tile(filled[0], (120, 1)), atol=1e-12)
    if method == "mlp":
        parts = zip(model.modalities_, (LEFT, RIGHT), strict=True)
        expected = [
            block.transform(table[part].dropna()).mean(axis=0) for (_, block, _), part in parts
        ]
        np.testing.assert_allclose(filled[0], np.concatenate(expected), atol=1e-9)
    else:
        np.testing.assert_array_equal(model.score_samples(table)[:5], 0)
    assert model.transform(table[:0]).shape == (0, 3)
    assert model.reconstruct(table[:0]).shape == (0, 7)


def test_unusual_rows_are_unlikely():
    table, _ = make_views()
    odd = table.copy()
    # Each block as ever, but of other rows: only together are they unusual.
    odd[RIGHT] = np.roll(table[RIGHT].to_numpy(), 1, axis=0)
    for method in ("pca", "factor_analysis"):
        model = quick(method=method).fit(table)
        assert np.median(model.score_samples(odd)) < np.quantile(model.score_samples(table), 0.1)


def test_a_network_has_no_likelihood():
    model = quick(method="mlp").fit(make_views()[0])
    assert not hasattr(model, "score_samples")
    for name in ("score_samples", "score"):
        with pytest.raises(AttributeError, match=f"has no {name}: its network has no density"):
            getattr(model, name)


def test_a_missing_modality_is_neither_needed_nor_read(tmp_path):
    cells, _ = make_cells(missing=[3])
    numbers = [(name, make_pipeline(NumberVectorizer(), BlockScaler()), name) for name in "xz"]
    model = quick(numbers).fit(cells)
    expected = model.reconstruct(cells, missing="z")
    dead = cells.assign(z=[str(tmp_path / "gone.wav")] * len(cells))
    NumberVectorizer.decoded.clear()
    for table in (dead, cells[["x"]], pl.DataFrame({"x": cells["x"].tolist()})):
        np.testing.assert_allclose(model.reconstruct(table, missing="z"), expected)
    assert not any(str(cell).endswith("gone.wav") for cell in NumberVectorizer.decoded)
    assert model.reconstruct(cells[[]], missing=["x", "z"]).shape == expected.shape
    with pytest.raises(ValueError, match="no column 'z'"):
        model.reconstruct(cells[["x"]])
    with pytest.raises(ValueError, match="no column 'x'"):
        model.reconstruct(cells[["z"]], missing="z")


def test_codes_of_another_width():
    model = quick().fit(make_views()[0])
    with pytest.raises(ValueError, match="X has 7 columns, the code has 3"):
        model.inverse_transform(np.zeros((1, 7)))


# The contract


@METHODS
def test_blocks_can_be_permuted(method):
    table, _ = make_views(missing=0.1)
    there = quick(method=method).fit(table)
    back = quick(BLOCKS[::-1], method=method).fit(table)
    assert list(back.block_slices_) == ["right", "left"]
    found = np.roll(back.reconstruct(table), -3, axis=1)
    gaps = table.isna().to_numpy()
    distance = np.abs(found - there.reconstruct(table))[gaps].mean()
    assert distance < (0.2 if method == "mlp" else 1e-3)


@METHODS
def test_the_same_seed_gives_the_same_code(method, tmp_path):
    table, _ = make_views(missing=0.1)
    model = quick(method=method)
    with pytest.raises(NotFittedError):
        model.transform(table)
    expected = model.fit(table).transform(table)
    np.testing.assert_array_equal(clone(model).fit(table).transform(table), expected)
    save(model, tmp_path / "code.mmc")
    loaded = load(tmp_path / "code.mmc")
    np.testing.assert_array_equal(loaded.transform(table), expected)
    np.testing.assert_array_equal(loaded.reconstruct(table), model.reconstruct(table))


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_frames_arrays_and_vectorizers(library):
    table, _ = make_views()
    expected = quick().fit_transform(table)
    other = library(table[[*RIGHT, *LEFT]].to_dict("list"))
    np.testing.assert_allclose(quick().fit_transform(other), expected, atol=1e-12)
    positions = [("left", BlockScaler(), [0, 1, 2, 3]), ("right", BlockScaler(), slice(4, 7))]
    array = table.to_numpy()
    np.testing.assert_allclose(quick(positions).fit_transform(array), expected, atol=1e-12)
    cells, _ = make_cells(missing=[3])
    words = [
        ("x", make_pipeline(NumberVectorizer(), BlockScaler()), "x"),
        ("z", TfidfVectorizer(analyzer="char"), "z"),
    ]
    for method in ("pca", "factor_analysis"):
        model = quick(words, method=method).fit(library(cells))
        assert model.block_feature_names_[:2].tolist() == ["x__number", "x__power"]
        filled = model.reconstruct(library(cells))
        assert filled.shape == (60, len(model.block_feature_names_))
        assert np.isfinite(filled).all()


def test_codes_in_a_pipeline_and_a_search():
    table, y = make_views()
    model = make_pipeline(quick(), LogisticRegression())
    assert model.fit(table, y).score(table, y) > 0.9
    search = GridSearchCV(quick(), {"n_components": [1, 3]}, cv=3, error_score="raise").fit(table)
    assert search.best_params_["n_components"] == 3  # there are three hidden directions
    framed = quick().set_output(transform="pandas").fit_transform(table)
    assert framed.columns.tolist() == ["code0", "code1", "code2"]


def test_blocks_are_brought_to_one_scale():
    table, _ = make_views()
    loud = table.assign(**(table[LEFT] * 1e6))
    plain = [(name, "passthrough", part) for name, _, part in BLOCKS]
    there, back = quick(plain).fit(table), quick(plain).fit(loud)
    np.testing.assert_allclose(
        np.abs(there.transform(table)), np.abs(back.transform(loud)), atol=1e-6
    )
    filled = back.reconstruct(loud, missing="left")[:, :4]
    np.testing.assert_allclose(filled / 1e6, there.reconstruct(table, missing="left")[:, :4])


def test_wide_blocks_are_reduced_first():
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(40, 2))
    X = np.hstack([hidden @ rng.normal(size=(2, 300)), hidden @ rng.normal(size=(2, 5))])
    X += rng.normal(size=X.shape) * 0.01
    blocks = [("wide", BlockScaler(), slice(0, 300)), ("narrow", BlockScaler(), slice(300, 305))]
    model = quick(blocks, n_components=2, width=4).fit(X)
    features = model.reconstruct(X)
    filled = model.reconstruct(X, missing="wide")
    assert filled.shape == (40, 305)
    assert ((filled - features) ** 2).sum() < 0.05 * (features[:, :300] ** 2).sum()


def test_unreadable_cells():
    cells, _ = make_cells(broken=[7])
    numbers = [(name, make_pipeline(NumberVectorizer(), BlockScaler()), name) for name in "xz"]
    with pytest.raises(UnreadableCellsError, match="1 of 120 cells"):
        quick(numbers).fit(cells)
    with pytest.warns(DataQualityWarning, match="1 of 120 cells"):
        model = quick(numbers, on_unreadable="missing").fit(cells)
    assert [error.row for error in model.unreadable_cells_] == [7]


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"method": "umap"}, "'method' parameter"),
        ({"n_components": 0}, "'n_components' parameter"),
        ({"hidden_layer_sizes": ()}, "hidden_layer_sizes must name one layer or more"),
        ({"dropout": 1.0}, "'dropout' parameter"),
        ({"modalities": []}, "no modality to fuse"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        quick().set_params(**parameters).fit(make_views()[0])


def test_what_is_not_there():
    table, _ = make_views()
    model = quick().fit(table)
    with pytest.raises(ValueError, match=r"missing='sound' is no modality: there are \['left', 'r"):
        model.reconstruct(table, missing="sound")
    table[LEFT] = np.nan
    with pytest.raises(ValueError, match="Modality 'left' has no row to fit on"):
        quick().fit(table)
