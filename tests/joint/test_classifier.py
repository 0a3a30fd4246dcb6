"""JointClassifier: what its networks are given, rows that lack modalities, and the contract."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

from mmclassic import (
    BlockScaler,
    DataQualityWarning,
    JointClassifier,
    LateFusionClassifier,
    UnreadableCellsError,
    load,
    save,
)
from mmclassic.joint._held_out import held_out_folds
from mmclassic.joint._network import forward, train_network
from tests.fusion.examples import NumberVectorizer, make_cells
from tests.joint.examples import BLOCKS, LEFT, RIGHT, make_views

QUICK = {"hidden_layer_sizes": (12,), "n_networks": 2, "max_iter": 25, "random_state": 0}


def quick(modalities=BLOCKS, **options):
    return JointClassifier(modalities, **{**QUICK, **options})


# The networks


def test_without_dropout_training_is_that_of_scikit_learn():
    """Epoch by epoch as a network with warm start, on the same inputs."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 3)), np.arange(60) % 2
    present = np.ones((60, 1), dtype=bool)
    options = {"hidden_layer_sizes": (5,), "random_state": 0, "max_iter": 7, "batch_size": 20}
    ours = train_network(
        MLPClassifier(**options), [X], present, y, dropout=0, rng=rng, classes=np.array([0, 1])
    )
    theirs = MLPClassifier(**options)
    for _ in range(7):
        theirs.partial_fit(np.hstack([X, present]), y, classes=np.array([0, 1]))
    for own, other in zip(ours.coefs_, theirs.coefs_, strict=True):
        np.testing.assert_array_equal(own, other)


def test_the_best_epoch_is_kept():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 2)), np.arange(40) % 2
    losses, weights = [], []

    def loss(network):
        weights.append([w.copy() for w in network.coefs_])
        losses.append([5, 4, 3, 6, 7, 8, 9, 1][len(losses)])
        return losses[-1]

    network = train_network(
        MLPClassifier((3,), random_state=0, max_iter=50), [X], np.ones((40, 1), bool), y,
        dropout=0.0, rng=rng, loss=loss, patience=4, classes=np.array([0, 1]),
    )  # fmt: skip
    assert losses == [5, 4, 3, 6, 7, 8, 9]
    for own, other in zip(network.coefs_, weights[2], strict=True):
        np.testing.assert_array_equal(own, other)


def test_going_through_all_layers_is_predicting():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 4)), np.arange(50) % 3
    network = MLPClassifier((6, 5), max_iter=5, random_state=0)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        network.fit(X, y)
    assert forward(network, X).shape == (50, 5)
    logits = forward(network, X, 0, 3)
    assert (logits.argmax(axis=1) == network.predict(X)).all()
    np.testing.assert_allclose(forward(network, forward(network, X, 0, 1), 1, 3), logits)


def test_folds_spread_classes_and_keep_groups():
    codes = np.repeat([0, 1, 2], [20, 10, 1])
    folds = held_out_folds(codes, 5, seed=0)
    assert (np.bincount(folds[:20]) == 4).all()
    assert (np.bincount(folds[20:30]) == 2).all()
    groups = np.arange(31) // 3
    grouped = held_out_folds(codes, 5, seed=0, groups=groups)
    assert all(len(set(grouped[groups == group])) == 1 for group in range(11))
    with pytest.raises(ValueError, match="single group"):
        held_out_folds(codes, 5, seed=0, groups=np.zeros(31))


# The classifier


def test_probabilities_are_the_mean_over_the_networks():
    table, y = make_views()
    model = quick().fit(table, y)
    inputs = model._inputs(table)[0]
    expected = np.mean([network.predict_proba(inputs) for network in model.networks_], axis=0)
    np.testing.assert_allclose(model.predict_proba(table), expected)
    np.testing.assert_array_equal(model.predict(table), model.classes_[expected.argmax(axis=1)])
    np.testing.assert_allclose(np.exp(model.predict_log_proba(table)), expected)
    assert np.mean(model.predict(table) == y) > 0.9


def test_the_code_is_the_last_hidden_layer():
    table, y = make_views()
    model = quick(hidden_layer_sizes=(9, 4)).fit(table, y)
    code = model.transform(table)
    assert code.shape == (120, 2 * 4)
    assert model.get_feature_names_out()[[0, 7]].tolist() == ["network0__unit0", "network1__unit3"]
    network = model.networks_[1]
    logits = code[:, 4:] @ network.coefs_[-1] + network.intercepts_[-1]
    found = network.predict_proba(model._inputs(table)[0])
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(axis=1)[:, None], found)


def test_dropout_helps_rows_that_lack_a_modality():
    table, y = make_views(300, noise=0.9)
    lacking, _ = make_views(300, noise=0.9)
    lacking.loc[200:, LEFT] = np.nan
    losses = []
    for dropout in (0.0, 0.4):
        model = quick(dropout=dropout, max_iter=60).fit(table[:200], y[:200])
        losses.append(log_loss(y[200:], model.predict_proba(lacking[200:])))
    assert losses[1] < losses[0] - 0.02


def test_rows_that_lack_a_modality_in_training_and_in_prediction():
    table, y = make_views(missing=0.3)
    model = quick().fit(table, y)
    probabilities = model.predict_proba(table)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert np.mean(model.predict(table) == y) > 0.8
    # Other rows do not matter.
    np.testing.assert_allclose(model.predict_proba(table[5:9]), probabilities[5:9], atol=1e-12)


def test_a_row_without_anything_gets_the_prior():
    table, y = make_views()
    table.loc[:9] = np.nan
    model = quick().fit(table, y)
    prior = [np.mean(y == label) for label in model.classes_]
    np.testing.assert_allclose(model.predict_proba(table)[:10], np.tile(prior, (10, 1)))
    assert model.predict_proba(table[:0]).shape == (0, 3)
    assert model.predict_proba(table[:1]).shape == (1, 3)


def test_the_same_seed_gives_the_same_model_whatever_the_jobs():
    table, y = make_views(missing=0.1)
    expected = quick().fit(table, y).predict_proba(table)
    again = quick(n_jobs=2).fit(table, y).predict_proba(table)
    np.testing.assert_array_equal(again, expected)
    other = quick(random_state=1).fit(table, y).predict_proba(table)
    assert np.abs(other - expected).max() > 1e-3


def test_blocks_can_be_permuted():
    """Other first weights, but about the same probabilities."""
    table, y = make_views(240)
    there = quick(n_networks=5, max_iter=60).fit(table, y).predict_proba(table)
    back = quick(BLOCKS[::-1], n_networks=5, max_iter=60).fit(table, y).predict_proba(table)
    assert np.abs(there - back).mean() < 0.05


def test_class_weight():
    table, y = make_views(200, noise=2.0)
    rare = np.r_[np.flatnonzero(y == "cat")[:8], np.flatnonzero(y != "cat")]
    table, y = table.iloc[rare], y[rare]
    plain = quick(max_iter=40).fit(table, y).predict_proba(table)[:, 0].mean()
    model = quick(max_iter=40, class_weight="balanced")
    assert model.fit(table, y).predict_proba(table)[:, 0].mean() > 1.5 * plain


def test_groups_are_held_out_together():
    table, y = make_views()
    plain = quick().fit(table, y).predict_proba(table)
    grouped = quick().fit(table, y, groups=np.arange(120) // 10).predict_proba(table)
    assert np.abs(plain - grouped).max() > 1e-6
    with pytest.raises(ValueError, match="groups is missing in 1 rows"):
        quick().fit(table, y, groups=[None, *range(119)])


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_frames_arrays_and_vectorizers(library):
    table, y = make_views()
    expected = quick().fit(table, y).predict_proba(table)
    other = library(table[[*RIGHT, *LEFT]].to_dict("list"))
    np.testing.assert_allclose(quick().fit(other, y).predict_proba(other), expected, atol=1e-12)
    positions = [("left", BlockScaler(), [0, 1, 2, 3]), ("right", BlockScaler(), slice(4, 7))]
    array = table.to_numpy()
    found = quick(positions).fit(array, y).predict_proba(array)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    cells, labels = make_cells(missing=[3])
    words = [
        ("x", make_pipeline(NumberVectorizer(), BlockScaler()), "x"),
        ("z", TfidfVectorizer(analyzer="char"), "z"),
    ]
    model = quick(words).fit(library(cells), labels)
    assert np.isfinite(model.predict_proba(library(cells))).all()


def test_it_is_an_estimator(tmp_path):
    table, y = make_views(missing=0.1)
    model = quick()
    with pytest.raises(NotFittedError):
        model.predict(table)
    expected = model.fit(table, y).predict_proba(table)
    save(model, tmp_path / "joint.mmc")
    loaded = load(tmp_path / "joint.mmc")
    np.testing.assert_array_equal(loaded.predict_proba(table), expected)
    np.testing.assert_array_equal(loaded.transform(table), model.transform(table))
    np.testing.assert_array_equal(clone(model).fit(table, y).predict_proba(table), expected)
    assert "BlockScaler" in model._repr_html_()
    search = GridSearchCV(quick(), {"width": [1, 3]}, cv=2, error_score="raise").fit(table, y)
    assert search.best_params_["width"] in (1, 3)


def test_as_a_member_of_a_late_fusion_it_reads_nothing_again():
    cells, y = make_cells()
    numbers = [(name, make_pipeline(NumberVectorizer(), BlockScaler()), name) for name in "xz"]
    model = LateFusionClassifier([("joint", quick(numbers), ["x", "z"])], "mean")
    scores = model.fit(cells, y).score_table(cells)
    assert len(NumberVectorizer.decoded) == 4 * 60
    expected = quick(numbers).fit(cells, y).predict_proba(cells)
    np.testing.assert_allclose(scores[:, 0], expected, atol=1e-9)


def test_unreadable_cells():
    cells, y = make_cells(broken=[7])
    numbers = [(name, make_pipeline(NumberVectorizer(), BlockScaler()), name) for name in "xz"]
    with pytest.raises(UnreadableCellsError, match="1 of 120 cells"):
        quick(numbers).fit(cells, y)
    with pytest.warns(DataQualityWarning, match="1 of 120 cells"):
        model = quick(numbers, on_unreadable="missing").fit(cells, y)
    assert [error.row for error in model.unreadable_cells_] == [7]


@pytest.mark.parametrize(
    ("parameters", "match"),
    [
        ({"hidden_layer_sizes": 3}, "'hidden_layer_sizes' parameter"),
        ({"hidden_layer_sizes": ()}, "hidden_layer_sizes must name one layer or more"),
        ({"hidden_layer_sizes": (0,)}, "hidden_layer_sizes must name one layer or more"),
        ({"hidden_layer_sizes": (10.5,)}, r"a whole number of units from 1.*got \(10.5,\)"),
        ({"hidden_layer_sizes": ("a",)}, "a whole number of units"),
        ({"dropout": 1.0}, "'dropout' parameter"),
        ({"n_networks": 0}, "'n_networks' parameter"),
        ({"width": 0}, "'width' parameter"),
        ({"modalities": []}, "no modality to fuse"),
    ],
)
def test_bad_parameters(parameters, match):
    with pytest.raises(ValueError, match=match):
        quick().set_params(**parameters).fit(*make_views())


def test_what_cannot_be_fitted():
    table, y = make_views()
    with pytest.raises(ValueError, match="X has 120 rows, y has 80"):
        quick().fit(table, y[:80])
    with pytest.raises(ValueError, match="one class only"):
        quick().fit(table, np.zeros(120))
    table[LEFT] = np.nan
    with pytest.raises(ValueError, match="Modality 'left' has no row to fit on"):
        quick().fit(table, y)
