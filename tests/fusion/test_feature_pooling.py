"""Feature pooling: two blocks by hand, scikit-learn's canonical variates, weights and gaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.cross_decomposition import CCA
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BlockScaler,
    DataQualityWarning,
    FeaturePooling,
    LateFusionClassifier,
    UnreadableCellsError,
    load,
    save,
    simplex_grid,
)
from mmclassic.fusion._projections import canonical_projections, principal_projection
from mmclassic.fusion._separation import learn_weights, pool, separation
from tests.fusion.examples import LEFT, RIGHT, NumberVectorizer, make_cells, make_table

BLOCKS = [("left", "passthrough", LEFT), ("right", "passthrough", RIGHT)]
X, Y = load_iris(return_X_y=True)


def correlated(n_rows=80, seed=0):
    """Two blocks that share two directions, and a third of noise."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n_rows, 2))
    noise = [rng.normal(size=(n_rows, width)) for width in (5, 4, 3)]
    return [
        shared @ rng.normal(size=(2, 5)) + noise[0],
        shared @ rng.normal(size=(2, 4)) + noise[1],
        noise[2],
    ]


# By hand


def test_two_blocks_by_hand():
    """A block of one column has one component: the column, standardised."""
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0, 6.0], "b": [40.0, 20.0, 30.0, 10.0]})
    blocks = [("a", "passthrough", ["a"]), ("b", "passthrough", ["b"])]
    pooling = FeaturePooling(blocks, projection="pca", width=1, weights=[1, 3])
    a = (np.array([1, 2, 3, 6]) - 3) / np.sqrt(14 / 3)
    b = (np.array([40, 20, 30, 10]) - 25) / np.sqrt(500 / 3)
    np.testing.assert_allclose(pooling.fit_transform(table)[:, 0], 0.25 * a + 0.75 * b)
    table.loc[1, "a"] = np.nan
    np.testing.assert_allclose(pooling.transform(table)[1, 0], b[1])
    table.loc[1, "b"] = np.nan
    assert pooling.transform(table)[1, 0] == 0


def test_pooling_shares_out_the_weight_of_what_is_absent():
    components = np.array([[[1.0], [np.nan], [4.0]], [[np.nan], [np.nan], [np.nan]]])
    np.testing.assert_allclose(pool(components, np.array([0.2, 0.5, 0.3])), [[0.5 * 2 + 1.8], [0]])
    assert pool(components, np.array([0.0, 1.0, 0.0])).tolist() == [[0.0], [0.0]]


# The projections


def test_canonical_variates_are_those_of_scikit_learn():
    first, second, _ = correlated()
    projections = canonical_projections([first, second], 4, 0.0)
    ours = [projections[0](first), projections[1](second)]
    theirs = CCA(4, max_iter=5000, tol=1e-12).fit(first, second).transform(first, second)
    for own, other in zip(ours, theirs, strict=True):
        agreement = [abs(np.corrcoef(own[:, i], other[:, i])[0, 1]) for i in range(4)]
        np.testing.assert_allclose(agreement, 1, atol=1e-5)
        np.testing.assert_allclose(own.std(axis=0, ddof=1), 1)
    found = [np.corrcoef(ours[0][:, i], ours[1][:, i])[0, 1] for i in range(4)]
    assert found == sorted(found, reverse=True)
    assert min(found) > -1e-9


def test_variates_of_several_blocks_do_not_hang_on_their_order():
    blocks = correlated()
    there = canonical_projections(blocks, 3, 0.5)
    back = canonical_projections(blocks[::-1], 3, 0.5)[::-1]
    for one, other, block in zip(there, back, blocks, strict=True):
        np.testing.assert_allclose(np.abs(one(block)), np.abs(other(block)), atol=1e-8)


def test_a_narrow_block_adds_nothing_to_the_last_components():
    block = np.random.default_rng(0).normal(size=(30, 2))
    projected = principal_projection(block, 4)(block)
    np.testing.assert_allclose(projected[:, 2:], 0)
    np.testing.assert_allclose(projected[:, :2].std(axis=0, ddof=1), 1)
    constant = np.ones((30, 3))
    for projection in canonical_projections([block, constant], 4, 1.0)[1:]:
        np.testing.assert_allclose(projection(constant), 0)
    assert principal_projection(constant, 2)(constant).tolist() == np.zeros((30, 2)).tolist()


def test_regularization_is_a_ridge():
    """With much of it variates are the directions of greatest covariance."""
    first, second, _ = correlated()
    ours = canonical_projections([first, second], 1, 1e6)[0](first)[:, 0]
    a, b = first - first.mean(axis=0), second - second.mean(axis=0)
    joined = np.hstack([a / np.linalg.norm(a), b / np.linalg.norm(b)])
    theirs = a @ np.linalg.eigh(joined.T @ joined)[1][:5, -1]
    assert abs(np.corrcoef(ours, theirs)[0, 1]) > 0.98


# Weights


def test_separation_is_the_sum_of_squared_canonical_correlations():
    targets = np.eye(3)[Y] - np.eye(3)[Y].mean(axis=0)
    basis = np.linalg.svd(targets, full_matrices=False)[0][:, :2]
    found = separation(X, basis)
    discriminant = LinearDiscriminantAnalysis().fit(X, Y).transform(X)
    between = sum(
        np.var(np.array([column[k == Y].mean() for k in range(3)])[Y]) / np.var(column)
        for column in discriminant.T
    )
    np.testing.assert_allclose(found, between, rtol=1e-5)


def test_learned_weights_are_the_best_on_a_grid():
    rng = np.random.default_rng(0)
    y = np.arange(200) % 3
    good = np.eye(3)[y] + rng.normal(size=(200, 3)) * 0.5
    components = np.stack([rng.normal(size=(200, 3)), good, good + rng.normal(size=(200, 3))], 1)
    weights = learn_weights(components, np.eye(3)[y])
    basis = np.linalg.svd(np.eye(3)[y] - 1 / 3, full_matrices=False)[0][:, :2]
    best = separation(pool(components, weights), basis)
    grid = [separation(pool(components, np.array(w)), basis) for w in simplex_grid(3, step=0.05)]
    assert best >= max(grid) - 1e-6
    assert weights.argmax() == 1
    np.testing.assert_allclose(weights.sum(), 1)


def test_weights_by_hand_by_name_and_learned():
    table, y = make_table()
    named = FeaturePooling(BLOCKS, weights={"right": 3, "left": 1}).fit(table)
    np.testing.assert_allclose(named.weights_, [0.25, 0.75])
    np.testing.assert_allclose(FeaturePooling(BLOCKS).fit(table).weights_, [0.5, 0.5])
    learned = FeaturePooling(BLOCKS, projection="pca", width=2, weights="learned").fit(table, y)
    assert learned.weights_[1] > learned.weights_[0] > 0  # the right one is made better
    number = table["a"] + 0.1 * table["b"]
    left = learned.fit(table, number).weights_
    assert left[0] > 0.9


def test_weights_are_tuned_by_a_grid_search():
    table, y = make_table()
    grid = {"featurepooling__weights": simplex_grid(2, step=0.5)}
    model = make_pipeline(FeaturePooling(BLOCKS, width=2), LogisticRegression())
    search = GridSearchCV(model, grid, cv=3, error_score="raise", scoring="neg_log_loss")
    search.fit(table, y)
    assert search.best_params_["featurepooling__weights"] in simplex_grid(2, step=0.5)
    assert len(set(search.cv_results_["mean_test_score"])) == 3


def test_one_weight_gives_one_block():
    table, _ = make_table()
    alone = FeaturePooling(BLOCKS[:1], projection="pca", width=2).fit_transform(table)
    both = FeaturePooling(BLOCKS, projection="pca", width=2, weights=[1, 0]).fit_transform(table)
    np.testing.assert_allclose(both, alone)


# Invariants


@pytest.mark.parametrize("projection", ["pca", "cca"])
def test_blocks_can_be_permuted_with_their_weights(projection):
    table, _ = make_table(missing=0.1)
    options = {"projection": projection, "width": 2}
    there = FeaturePooling(BLOCKS, weights=[1, 3], **options).fit_transform(table)
    back = FeaturePooling(BLOCKS[::-1], weights=[3, 1], **options).fit_transform(table)
    np.testing.assert_allclose(np.abs(there), np.abs(back), atol=1e-9)


@pytest.mark.parametrize("projection", ["pca", "cca"])
def test_an_absent_block_changes_no_other_row(projection):
    table, _ = make_table()
    pooling = FeaturePooling(BLOCKS, projection=projection, width=2).fit(table)
    whole = pooling.transform(table)
    lacking = table.copy()
    lacking.loc[:10, LEFT] = np.nan
    found = pooling.transform(lacking)
    np.testing.assert_allclose(found[11:], whole[11:])
    alone = pooling.set_params(weights=[0, 1]).fit(table).transform(table)
    np.testing.assert_allclose(found[:11], alone[:11])


def test_a_single_missing_feature_is_at_its_mean():
    table, _ = make_table()
    pooling = FeaturePooling(BLOCKS, width=2).fit(table)
    lacking, filled = table.copy(), table.copy()
    lacking.loc[3, "a"] = np.nan
    filled.loc[3, "a"] = table["a"].mean()
    np.testing.assert_allclose(pooling.transform(lacking), pooling.transform(filled))


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_frames_arrays_and_vectorizers(library):
    table, _ = make_table()
    expected = FeaturePooling(BLOCKS, width=2).fit_transform(table)
    other = library(table[["d", "b", "a", "c"]].to_dict("list"))
    np.testing.assert_allclose(FeaturePooling(BLOCKS, width=2).fit_transform(other), expected)
    positions = [("left", "passthrough", [0, 1]), ("right", "passthrough", slice(2, 4))]
    array = table.to_numpy()
    np.testing.assert_allclose(FeaturePooling(positions, width=2).fit_transform(array), expected)
    cells, labels = make_cells(missing=[3])
    words = [
        ("x", make_pipeline(NumberVectorizer(), BlockScaler()), "x"),
        ("z", TfidfVectorizer(analyzer="char"), "z"),
    ]
    pooling = FeaturePooling(words, width=3, weights="learned").fit(library(cells), labels)
    assert np.isfinite(pooling.transform(library(cells))).all()
    assert pooling.transform(library(cells)[:0]).shape == (0, 3)


def test_it_is_an_estimator(tmp_path):
    table, y = make_table(missing=0.1)
    pooling = FeaturePooling(BLOCKS, width=2, weights="learned")
    with pytest.raises(NotFittedError):
        pooling.transform(table)
    expected = pooling.fit(table, y).transform(table)
    save(pooling, tmp_path / "pooling.mmc")
    for other in (clone(pooling).fit(table, y), load(tmp_path / "pooling.mmc")):
        np.testing.assert_array_equal(other.transform(table), expected)
    framed = pooling.set_output(transform="pandas").transform(table)
    assert framed.columns.tolist() == ["pooled0", "pooled1"]


def test_inside_a_late_fusion_nothing_is_read_twice():
    cells, y = make_cells()
    numbers = [(name, make_pipeline(NumberVectorizer(), BlockScaler()), name) for name in "xz"]
    pooled = make_pipeline(FeaturePooling(numbers, width=2), LogisticRegression())
    alone = make_pipeline(NumberVectorizer(), BlockScaler(), LogisticRegression())
    model = LateFusionClassifier([("x", alone, "x"), ("pooled", pooled, ["x", "z"])], cv=3)
    scores = model.fit(cells, y).score_table(cells)
    assert len(NumberVectorizer.decoded) == 4 * 60
    expected = clone(pooled).fit(cells, y).predict_proba(cells)
    np.testing.assert_allclose(scores[:, 1], expected, atol=1e-9)


def test_unreadable_cells():
    cells, y = make_cells(broken=[7])
    numbers = [(name, make_pipeline(NumberVectorizer(), BlockScaler()), name) for name in "xz"]
    pooling = FeaturePooling(numbers, width=2)
    with pytest.raises(UnreadableCellsError, match="1 of 120 cells"):
        pooling.fit(cells, y)
    with pytest.warns(DataQualityWarning, match="1 of 120 cells"):
        pooling.set_params(on_unreadable="missing").fit(cells, y)
    assert [error.row for error in pooling.unreadable_cells_] == [7]


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"weights": [1, 2, 3]}, r"weights has shape \(3,\) for 2 modalities"),
        ({"weights": [1, -1]}, "weight of modality 'right' is -1"),
        ({"weights": "tuned"}, "'weights' parameter"),
        ({"weights": "learned"}, "needs y"),
        ({"projection": "lda"}, "'projection' parameter"),
        ({"width": 0}, "'width' parameter"),
        ({"modalities": []}, "no modality to fuse"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        FeaturePooling(BLOCKS).set_params(**parameters).fit(make_table()[0])


def test_rows_that_do_not_suffice():
    table, y = make_table()
    with pytest.raises(ValueError, match="X has 90 rows, y has 80"):
        FeaturePooling(BLOCKS, weights="learned").fit(table, y[:80])
    table.loc[:44, LEFT] = np.nan
    table.loc[45:, RIGHT] = np.nan
    with pytest.warns(DataQualityWarning, match='of 90 there are 0: "pca" is used') as caught:
        found = FeaturePooling(BLOCKS).fit_transform(table)
    assert len(caught) == 1
    expected = FeaturePooling(BLOCKS, projection="pca").fit_transform(table)
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(ValueError, match="two rows or more, got n_samples=1"):
        FeaturePooling(BLOCKS).fit(make_table()[0][:1])
    table[LEFT] = np.nan
    with pytest.raises(ValueError, match="Modality 'left' has no row to fit on"):
        FeaturePooling(BLOCKS, projection="pca").fit(table)


def test_weights_that_make_no_difference_are_equal():
    flowers = [("sepal", "passthrough", [0, 1]), ("petal", "passthrough", [2, 3])]
    wide = FeaturePooling(flowers, weights="learned").fit(X, Y)
    assert wide.weights_.tolist() == [0.5, 0.5]
    assert FeaturePooling(flowers, weights="learned", width=2).fit(X, Y).weights_[1] > 0.9


def test_wide_variates_hold_all_that_the_blocks_hold():
    """Variates of a block are mixtures of its few features, but all blocks together are there."""
    flowers = [("sepal", "passthrough", [0, 1]), ("petal", "passthrough", [2, 3])]
    pooled = FeaturePooling(flowers).fit_transform(X)
    assert np.linalg.matrix_rank(pooled[:, :4]) == 4
    assert not pooled[:, 4:].any()


@pytest.mark.parametrize("missing", [np.nan, None])
def test_weights_are_not_learned_from_a_y_that_does_not_suffice(missing):
    table, y = make_table()
    pooling = FeaturePooling(BLOCKS, width=2, weights="learned")
    for constant, shown in ((np.full(90, 7.0), "7.0"), (["a"] * 90, "'a'")):
        with pytest.raises(ValueError, match=f"needs a y that varies: it is {shown} in all rows"):
            pooling.fit(table, constant)
    holes = np.asarray(y, dtype=object)
    holes[[3, 8]] = missing
    for labels in (holes, pd.Series(holes), list(holes)):
        with pytest.raises(ValueError, match=r"y is missing in 2 rows, the first: \[3, 8\]"):
            pooling.fit(table, labels)
